#include "base/result.h"

#include <system_error>

namespace takt {

std::string errno_text(int error) {
  return std::generic_category().message(error);
}

}  // namespace takt
