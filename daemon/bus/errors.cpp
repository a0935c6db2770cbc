#include "bus/errors.h"

#include "base/assert.h"
#include "base/names.h"
#include "bus/dbus_text.h"
#include "bus/limits.h"

namespace takt {

namespace {

std::string own(std::string_view name) {
  return std::string(names::error_prefix).append(name);
}

}  // namespace

std::string dbus_error_name(ErrorCode code) {
  switch (code) {
    case ErrorCode::internal:
      return own("Internal");
    case ErrorCode::io:
      return own("IO");
    case ErrorCode::invalid_argument:
      return "org.freedesktop.DBus.Error.InvalidArgs";
    case ErrorCode::invalid_input:
      return own("InvalidInput");
    case ErrorCode::invalid_definition:
      return own("InvalidDefinition");
    case ErrorCode::no_such_process:
      return own("NoSuchProcess");
    case ErrorCode::no_such_execution:
      return own("NoSuchExecution");
    case ErrorCode::no_such_step:
      return own("NoSuchStep");
    case ErrorCode::no_such_version:
      return own("NoSuchVersion");
    case ErrorCode::already_exists:
      return own("AlreadyExists");
    case ErrorCode::not_running:
      return own("NotRunning");
    case ErrorCode::not_ended:
      return own("NotEnded");
    case ErrorCode::disabled:
      return own("Disabled");
    case ErrorCode::limit_exceeded:
      return own("LimitExceeded");
    case ErrorCode::access_denied:
      return "org.freedesktop.DBus.Error.AccessDenied";
    case ErrorCode::not_supported:
      return own("NotSupported");
    case ErrorCode::unavailable:
      return own("Unavailable");
  }
  TAKT_ASSERT(false);
}

sdbus::Error to_dbus_error(const Error& error) {
  return sdbus::Error(dbus_error_name(error.code), dbus_text(error.message, limits::error_bytes));
}

}  // namespace takt
