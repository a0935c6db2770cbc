// What a verb works with: the options that all verbs share, the output, the daemon.
#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "base/time.h"
#include "calendar/zone.h"
#include "cli/bus_choice.h"
#include "cli/client.h"
#include "cli/exit_code.h"
#include "cli/output.h"
#include "cli/time_text.h"

namespace takt {

WallTime wall_now();

// Owns the connection, which is made when a verb first asks for it.
class Session {
 public:
  Session(BusChoice choice, Output& output) : choice_(std::move(choice)), output_(output) {}

  Result<Client*> client();
  [[nodiscard]] const BusChoice& bus() const { return choice_; }
  Output& output() { return output_; }
  [[nodiscard]] const Look& look() const { return output_.look(); }
  [[nodiscard]] const Zone& zone() const { return zone_; }

 private:
  BusChoice choice_;
  Output& output_;
  Zone zone_ = local_zone();
  std::unique_ptr<Client> client_;
};

// A word that names an execution is its id, in digits; any other one is a process's name.
std::optional<std::uint64_t> to_execution_id(std::string_view word);
// ErrorCode::invalid_argument when it is none.
Result<std::uint64_t> parse_execution_id(const std::string& word);

// The live executions of a process, or of all with an empty name; newest first. A name that is not known is an error.
Result<Value> live_executions(Client& client, const std::string& process);
// Their descriptions, of at most so many.
Result<Value> describe_live(Client& client, const std::string& process, std::size_t most);

}  // namespace takt
