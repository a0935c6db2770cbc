// Starting takt-runner where no service manager does.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"

namespace takt {

// Starts a program that outlives this one: in a session of its own, nobody's child here, with no descriptor but
// /dev/null and this program's stderr, with an empty signal mask. Waits for the fork, not for the program.
Status launch_detached(const std::string& program, const std::vector<std::string>& arguments);

}  // namespace takt
