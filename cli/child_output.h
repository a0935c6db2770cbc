// What a program writes to its standard output. No shell is asked.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"

namespace takt {

struct ChildOutput {
  int exit_code = 0;  // -1: a signal ended it
  std::string text;
};

// Runs `argv`, its program looked for in $PATH, with taktctl's environment and over it `variables` ("NAME=VALUE"). What
// it writes to standard error goes nowhere. ErrorCode::not_supported when there is no such program.
Result<ChildOutput> output_of(const std::vector<std::string>& argv, const std::vector<std::string>& variables);

}  // namespace takt
