#include "bus/callers.h"

#include <sdbus-c++/Error.h>
#include <sdbus-c++/Message.h>

namespace takt {

namespace {

constexpr const char* bus = "org.freedesktop.DBus";
constexpr const char* bus_object = "/org/freedesktop/DBus";
// A name without a new owner is one that is gone.
constexpr const char* departures =
    "type='signal',sender='org.freedesktop.DBus',path='/org/freedesktop/DBus',interface='org.freedesktop.DBus',"
    "member='NameOwnerChanged',arg2=''";

}  // namespace

Callers::Callers(sdbus::IConnection& connection, Left left)
    : bus_(sdbus::createProxy(connection, bus, bus_object)),
      departures_(connection.addMatch(departures, [this, left = std::move(left)](sdbus::Message& message) {
        std::string name;
        message >> name;
        if (!name.starts_with(':')) return;  // a well-known name
        known_.erase(name);
        left(name);
      })) {}

Callers::~Callers() {
  bus_->unregister();
}

void Callers::resolve(const std::string& unique_name, std::function<void(Result<Caller>)> then) {
  if (const auto found = known_.find(unique_name); found != known_.end()) return then(found->second);
  auto& waiting = asked_[unique_name];
  waiting.push_back(std::move(then));
  if (waiting.size() == 1) ask(unique_name);
}

void Callers::ask(const std::string& unique_name) {
  bus_->callMethodAsync("GetConnectionUnixUser")
      .onInterface(bus)
      .withArguments(unique_name)
      .uponReplyInvoke([this, unique_name](const sdbus::Error* error, std::uint32_t uid) {
        if (error == nullptr) {
          known_[unique_name] = Caller{uid};
          answered(unique_name, Caller{uid});
        } else {
          answered(unique_name, fail(ErrorCode::access_denied, "the bus does not tell who {} is: {}", unique_name,
                                     error->getMessage()));
        }
      });
}

void Callers::answered(const std::string& unique_name, const Result<Caller>& caller) {
  const auto waiting = asked_.extract(unique_name);
  if (waiting.empty()) return;
  for (const auto& then : waiting.mapped()) then(caller);
}

}  // namespace takt
