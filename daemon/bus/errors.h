// Errors on their way to the bus.
#pragma once

#include <sdbus-c++/Error.h>

#include <exception>
#include <string>
#include <utility>

#include "base/result.h"

namespace takt {

// The D-Bus error name of a code: org.taktd.Takt1.Error.…, or the standard name where there is one.
std::string dbus_error_name(ErrorCode code);

// The same error for the bus; its message is bounded and UTF-8.
sdbus::Error to_dbus_error(const Error& error);

// The one place where exceptions are kept from sd-bus: a handler that throws anything but an sdbus::Error breaks its
// connection. Runs `work`, which gives a Result; an error of it, or an exception, comes out as an sdbus::Error.
template <class Work>
auto value_or_throw(Work work) {
  try {
    auto result = work();
    if (!result) throw to_dbus_error(result.error());
    if constexpr (!std::is_void_v<typename decltype(result)::value_type>) return std::move(result).value();
  } catch (const sdbus::Error&) {
    throw;
  } catch (const std::exception& exception) {
    throw to_dbus_error(Error{ErrorCode::internal, exception.what()});
  }
}

// The same for work that gives a Status and is answered later: an exception becomes an error of it.
template <class Work>
Status status_of(Work work) {
  try {
    return work();
  } catch (const std::exception& exception) {
    return fail(ErrorCode::internal, "{}", exception.what());
  }
}

}  // namespace takt
