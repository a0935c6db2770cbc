// Operating errors are values: Result<T> holds a T or an Error. Programmers' errors are TAKT_ASSERT's.
#pragma once

#include <fmt/core.h>

#include <cerrno>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <utility>

namespace takt {

// What went wrong, as a caller may act on it. bus/ maps each to one D-Bus error name (dbus_error_name).
enum class ErrorCode {
  internal,
  io,
  invalid_argument,
  invalid_input,
  invalid_definition,
  no_such_process,
  no_such_execution,
  no_such_step,
  no_such_version,
  already_exists,
  not_running,
  not_ended,
  disabled,
  limit_exceeded,
  access_denied,
  not_supported,
  unavailable,
};

// A message for the person who reads it, and the context it passed through: "what was done: what went wrong".
struct [[nodiscard]] Error {
  ErrorCode code = ErrorCode::internal;
  std::string message;

  // The same error, seen from one layer further out.
  Error in(std::string_view context) &&;
};

template <class T>
using Result = tl::expected<T, Error>;
using Status = Result<void>;

// fail(ErrorCode::io, "open {}: {}", path, reason): an Error on its way into any Result.
tl::unexpected<Error> fail_formatted(ErrorCode code, fmt::string_view format, fmt::format_args args);
template <class... Args>
tl::unexpected<Error> fail(ErrorCode code, fmt::format_string<Args...> format, Args&&... args) {
  return fail_formatted(code, format, fmt::make_format_args(args...));
}

// fail_errno("open {}", path): ErrorCode::io, with the text of errno (as it is when called) behind the message.
std::string errno_text(int error);
tl::unexpected<Error> fail_errno_formatted(int error, fmt::string_view format, fmt::format_args args);
template <class... Args>
tl::unexpected<Error> fail_errno(fmt::format_string<Args...> format, Args&&... args) {
  return fail_errno_formatted(errno, format, fmt::make_format_args(args...));
}

}  // namespace takt

// Returns from the function with the error of a Result, else goes on.
#define TAKT_TRY(expression)                                                                                           \
  do {                                                                                                                 \
    if (auto takt_try_ = (expression); !takt_try_) return tl::unexpected<::takt::Error>(std::move(takt_try_).error()); \
  } while (false)

// TAKT_ASSIGN(auto fd, open_it()): the value, or a return with the error.
#define TAKT_ASSIGN_CAT_(a, b) a##b
#define TAKT_ASSIGN_NAME_(a, b) TAKT_ASSIGN_CAT_(a, b)
#define TAKT_ASSIGN(declaration, expression) \
  TAKT_ASSIGN_(TAKT_ASSIGN_NAME_(takt_result_, __LINE__), declaration, expression)
#define TAKT_ASSIGN_(name, declaration, expression)                         \
  auto name = (expression);                                                 \
  if (!name) return tl::unexpected<::takt::Error>(std::move(name).error()); \
  declaration = std::move(name).value()
