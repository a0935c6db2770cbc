#include "cli/bus_choice.h"

#include <array>
#include <string_view>
#include <utility>

#include "base/names.h"

namespace takt {
namespace {

constexpr std::array<std::pair<std::string_view, ErrorCode>, 15> daemon_errors{{
    {"NoSuchProcess", ErrorCode::no_such_process},
    {"NoSuchExecution", ErrorCode::no_such_execution},
    {"NoSuchStep", ErrorCode::no_such_step},
    {"NoSuchVersion", ErrorCode::no_such_version},
    {"InvalidInput", ErrorCode::invalid_input},
    {"InvalidDefinition", ErrorCode::invalid_definition},
    {"AlreadyExists", ErrorCode::already_exists},
    {"NotRunning", ErrorCode::not_running},
    {"NotEnded", ErrorCode::not_ended},
    {"Disabled", ErrorCode::disabled},
    {"LimitExceeded", ErrorCode::limit_exceeded},
    {"NotSupported", ErrorCode::not_supported},
    {"Unavailable", ErrorCode::unavailable},
    {"IO", ErrorCode::io},
    {"Internal", ErrorCode::internal},
}};

Error not_running(const BusChoice& choice) {
  const char* start = "";
  switch (choice.kind) {
    case BusPlace::system:
      start = "; start it with 'systemctl start taktd', or name another bus with --user or --bus";
      break;
    case BusPlace::user:
      start = "; start it with 'systemctl --user start taktd', or name another bus with --system or --bus";
      break;
    case BusPlace::address:
      break;
  }
  return {ErrorCode::unavailable, fmt::format("taktd is not running on {}{}", to_text(choice), start)};
}

}  // namespace

std::string to_text(const BusChoice& choice) {
  switch (choice.kind) {
    case BusPlace::system:
      return "the system bus";
    case BusPlace::user:
      return "the user's bus";
    case BusPlace::address:
      return "the bus at " + choice.address;
  }
  return {};
}

Error from_bus_error(const std::string& name, const std::string& message, const BusChoice& choice) {
  const std::string_view view = name;
  if (view.starts_with(names::error_prefix)) {
    const std::string_view last = view.substr(names::error_prefix.size());
    for (const auto& [word, code] : daemon_errors) {
      if (last == word) return {code, message};
    }
    return {ErrorCode::internal, message};
  }
  constexpr std::string_view standard = "org.freedesktop.DBus.Error.";
  const std::string_view last = view.starts_with(standard) ? view.substr(standard.size()) : std::string_view();
  if (last == "ServiceUnknown" || last == "NameHasNoOwner" || last == "Disconnected") return not_running(choice);
  if (last == "AccessDenied" || last == "AuthFailed" || last == "InteractiveAuthorizationRequired") {
    // The bus's own words tell of its match rules, not of what was asked.
    const bool policy = message.empty() || message.starts_with("Rejected send message");
    return {ErrorCode::access_denied, policy ? "not permitted by the policy of " + to_text(choice) : message};
  }
  if (last == "InvalidArgs") return {ErrorCode::invalid_argument, message};
  if (last == "NoReply" || last == "Timeout" || last == "TimedOut") {
    return {ErrorCode::unavailable, fmt::format("taktd on {} did not answer: it stopped, or is too busy; see "
                                                "'systemctl status taktd'",
                                                to_text(choice))};
  }
  if (last == "UnknownMethod" || last == "UnknownInterface" || last == "UnknownObject" || last == "UnknownProperty") {
    return {ErrorCode::not_supported,
            fmt::format("the taktd on {} is of another version than this taktctl, and cannot do this: {}",
                        to_text(choice), message)};
  }
  if (last.starts_with("Spawn.") || last == "TimedOut") {
    return {ErrorCode::unavailable, fmt::format("taktd could not be started over {}: {}", to_text(choice), message)};
  }
  return {ErrorCode::io, fmt::format("{}: {}", to_text(choice), message.empty() ? name : message)};
}

}  // namespace takt
