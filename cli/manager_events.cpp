#include "cli/manager_events.h"

#include <fmt/core.h>

#include <charconv>
#include <cstdint>
#include <optional>

#include "base/names.h"
#include "cli/bus_values.h"
#include "cli/documents.h"

namespace takt {
namespace {

std::optional<std::uint64_t> to_number(const std::string& text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size() ? std::optional(number) : std::nullopt;
}

// "a_2db" is "a-b", as systemd escapes what D-Bus's paths may not hold.
std::string process_of_path_element(const std::string& element) {
  std::string name;
  for (std::size_t i = 0; i < element.size(); ++i) {
    unsigned code = 0;
    const char* digits = element.data() + i + 1;
    const bool escaped =
        element[i] == '_' && i + 2 < element.size() && std::from_chars(digits, digits + 2, code, 16).ptr == digits + 2;
    name += escaped ? static_cast<char>(code) : element[i];
    if (escaped) i += 2;
  }
  return name;
}

}  // namespace

ManagerProxy::ManagerProxy(sdbus::IConnection& connection, EventQueue& queue)
    : ProxyInterfaces(connection, names::bus_name, names::bus_path), queue_(queue), connection_(connection) {}

ManagerProxy::~ManagerProxy() {
  unregisterProxy();
}

void ManagerProxy::listen() {
  if (bus_) return;
  bus_ = sdbus::createProxy(connection_, "org.freedesktop.DBus", "/org/freedesktop/DBus");
  bus_->uponSignal("NameOwnerChanged")
      .onInterface("org.freedesktop.DBus")
      .call([this](const std::string& name, const std::string& before, const std::string& after) {
        if (name != names::bus_name) return;
        if (!before.empty()) queue_.push_back({EventKind::daemon_left, Value::object()});
        if (!after.empty()) queue_.push_back({EventKind::daemon_came, Value::object()});
      });
  bus_->finishRegistration();
  watch_properties();
  registerProxy();
}

// Objects come and go, so that not each is watched but the path above them all.
void ManagerProxy::watch_properties() {
  properties_ = connection_.addMatch(
      fmt::format("type='signal',sender='{}',interface='org.freedesktop.DBus.Properties',member='PropertiesChanged',"
                  "path_namespace='{}'",
                  names::bus_name, names::bus_path),
      [this](sdbus::Message& message) {
        try {
          on_properties_changed(message);
        } catch (const sdbus::Error&) {
          // Not the shape that D-Bus's specification gives it: nothing of the daemon's.
        }
      });
}

void ManagerProxy::on_properties_changed(sdbus::Message& message) {
  std::string interface;
  VariantMap changed;
  message >> interface >> changed;
  const std::string path = message.getPath();
  const std::string last = path.substr(path.rfind('/') + 1);
  const auto state = changed.find("State");
  if (interface == names::execution_interface && state != changed.end()) {
    const auto id = to_number(last);
    if (!id) return;
    const bool paused = to_value(state->second) == "paused";
    if (paused ? !paused_.insert(*id).second : paused_.erase(*id) == 0) return;
    if (!paused && to_value(state->second) != "running") return;
    queue_.push_back({paused ? EventKind::execution_paused : EventKind::execution_resumed, {{"id", *id}}});
  }
  const auto held = changed.find("Paused");
  if (interface == names::process_interface && held != changed.end()) {
    const bool paused = to_value(held->second) == true;
    queue_.push_back({paused ? EventKind::process_paused : EventKind::process_resumed,
                      {{"process", process_of_path_element(last)}}});
  }
}

void ManagerProxy::begin_wait(std::uint64_t id) {
  getProxy()
      .callMethodAsync("WaitExecution")
      .onInterface(names::manager_interface)
      .withTimeout(UINT64_MAX)
      .withArguments(id)
      .uponReplyInvoke([this, id](const sdbus::Error* error, const std::string& outcome, const std::string& result) {
        if (error != nullptr) {
          queue_.push_back(
              {EventKind::wait_refused, {{"id", id}, {"error", error->getName()}, {"message", error->getMessage()}}});
        } else {
          const Value value = result.empty() ? Value() : parse_value(result).value_or(Value(result));
          queue_.push_back({EventKind::wait_answered, {{"id", id}, {"outcome", outcome}, {"result", value}}});
        }
      });
}

void ManagerProxy::onExecutionQueued(const uint64_t& id, const std::string& process, const std::string& trigger) {
  queue_.push_back({EventKind::execution_queued, {{"id", id}, {"process", process}, {"trigger_kind", trigger}}});
}

void ManagerProxy::onExecutionStarted(const uint64_t& id, const std::string& process, const uint32_t& total_steps) {
  queue_.push_back({EventKind::execution_started, {{"id", id}, {"process", process}, {"total_steps", total_steps}}});
}

void ManagerProxy::onExecutionFinished(const uint64_t& id, const std::string& process, const std::string& outcome,
                                       const std::string& reason) {
  paused_.erase(id);
  queue_.push_back({EventKind::execution_finished,
                    {{"id", id}, {"process", process}, {"outcome", outcome}, {"reason", text_or_null(reason)}}});
}

void ManagerProxy::onStepWaiting(const uint64_t& id, const std::string& process, const std::string& step,
                                 const std::string& message) {
  queue_.push_back({EventKind::step_waiting,
                    {{"id", id}, {"process", process}, {"step", step}, {"message", text_or_null(message)}}});
}

void ManagerProxy::onEmitted(const std::string& event, const VariantMap& payload, const std::string& process,
                             const uint64_t& execution) {
  Value members = Value::object();
  for (const auto& [key, value] : payload) members[key] = to_value(value);
  queue_.push_back({EventKind::emitted,
                    {{"name", event},
                     {"payload", std::move(members)},
                     {"process", text_or_null(process)},
                     {"id", execution == 0 ? Value() : Value(execution)}}});
}

void ManagerProxy::onStepStarted(const uint64_t& id, const std::string& process, const std::string& step,
                                 const uint32_t& attempt) {
  queue_.push_back({EventKind::step_started, {{"id", id}, {"process", process}, {"step", step}, {"attempt", attempt}}});
}

void ManagerProxy::onStepFinished(const uint64_t& id, const std::string& process, const std::string& step,
                                  const std::string& outcome, const std::string& error) {
  queue_.push_back(
      {EventKind::step_finished,
       {{"id", id}, {"process", process}, {"step", step}, {"outcome", outcome}, {"error", text_or_null(error)}}});
}

void ManagerProxy::onProgress(const uint64_t& id, const std::string& process, const double& fraction,
                              const std::string& current_step, const uint32_t& done, const uint32_t& total) {
  queue_.push_back({EventKind::progress,
                    {{"id", id},
                     {"process", process},
                     {"progress", fraction},
                     {"current_step", text_or_null(current_step)},
                     {"done_steps", done},
                     {"total_steps", total}}});
}

void ManagerProxy::onProcessChanged(const std::string& name) {
  queue_.push_back({EventKind::process_changed, {{"process", name}}});
}

void ManagerProxy::onReloaded(const uint32_t& refused) {
  queue_.push_back({EventKind::reloaded, {{"refused", refused}}});
}

}  // namespace takt
