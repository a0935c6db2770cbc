#include <clocale>
#include <cstdio>
#include <exception>

#include "cli/exit_code.h"
#include "cli/program.h"

int main(int argc, char** argv) {
  std::setlocale(LC_CTYPE, "");
  try {
    return takt::run_taktctl(argc, argv, stdout, stderr);
  } catch (const std::exception& caught) {
    std::fprintf(stderr, "taktctl: unexpected error: %s\n", caught.what());
    return static_cast<int>(takt::ExitCode::failed);
  }
}
