#include "base/result.h"

#include <system_error>

namespace takt {

Error Error::in(std::string_view context) && {
  return {code, fmt::format("{}: {}", context, message)};
}

tl::unexpected<Error> fail_formatted(ErrorCode code, fmt::string_view format, fmt::format_args args) {
  return tl::unexpected<Error>(Error{code, fmt::vformat(format, args)});
}

tl::unexpected<Error> fail_errno_formatted(int error, fmt::string_view format, fmt::format_args args) {
  return tl::unexpected<Error>(
      Error{ErrorCode::io, fmt::format("{}: {}", fmt::vformat(format, args), errno_text(error))});
}

std::string errno_text(int error) {
  return std::generic_category().message(error);
}

}  // namespace takt
