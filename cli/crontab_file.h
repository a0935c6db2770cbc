// crontab(5), as Debian's cron reads it: its jobs, each with the environment that stands before it. Pure.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/result.h"

namespace takt {

struct CrontabJob {
  std::uint32_t line = 0;                          // from 1
  std::string text;                                // the line as it stands
  std::map<std::string, std::string> environment;  // what stands before it
  std::string schedule;                            // five fields, or "@daily"; not yet looked at
  std::string user;                                // of a file with users
  std::string command;                             // for the shell
  std::string input;                               // what the command reads; ends with a newline if there is any
  bool quiet = false;                              // a `-` before it asks for no line in cron's log
};

// `with_user`: the sixth field is the user, as in /etc/crontab and /etc/cron.d. ErrorCode::invalid_input with the line
// for what is neither a job nor a variable.
Result<std::vector<CrontabJob>> read_crontab(const std::string& text, bool with_user);

}  // namespace takt
