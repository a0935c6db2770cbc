// The command lines of services: systemd.service(5), COMMAND LINES. Pure.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace takt {

struct UnitCommand {
  std::vector<std::string> argv;
  bool may_fail = false;           // `-`
  bool as_root = false;            // `+`
  bool other_name = false;         // `@`: it was to see another name of itself, which is not in argv
  bool some_privileges = false;    // `!`, `!!`
  std::vector<std::string> empty;  // variables that nobody set: nothing stands for them
};

// The words of a text in systemd's quoting, quotes and C escapes resolved. ErrorCode::invalid_input for a quote that
// does not end or an escape that is none.
Result<std::vector<std::string>> unit_words(std::string_view text);

// The commands of one ExecStart= or its like, divided by `;`. Each word goes through `expand`, then variables are put
// in, which are those of Environment=.
Result<std::vector<UnitCommand>> unit_commands(std::string_view text,
                                               const std::map<std::string, std::string>& variables,
                                               const std::function<std::string(std::string_view)>& expand);

}  // namespace takt
