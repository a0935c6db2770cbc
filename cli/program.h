// taktctl from its command line to its exit code.
#pragma once

#include <cstdio>

namespace takt {

int run_taktctl(int argc, const char* const* argv, std::FILE* out, std::FILE* error);

}  // namespace takt
