#include "cli/manager_events.h"

#include <cstdint>

#include "base/names.h"
#include "cli/documents.h"

namespace takt {

std::string_view to_word(EventKind kind) {
  switch (kind) {
    case EventKind::execution_queued:
      return "execution-queued";
    case EventKind::execution_started:
      return "execution-started";
    case EventKind::execution_finished:
      return "execution-finished";
    case EventKind::step_started:
      return "step-started";
    case EventKind::step_finished:
      return "step-finished";
    case EventKind::progress:
      return "progress";
    case EventKind::process_changed:
      return "process-changed";
    case EventKind::reloaded:
      return "reloaded";
    case EventKind::daemon_came:
      return "daemon-came";
    case EventKind::daemon_left:
      return "daemon-left";
    case EventKind::wait_answered:
      return "wait-answered";
    case EventKind::wait_refused:
      return "wait-refused";
  }
  return "";
}

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
  registerProxy();
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
  queue_.push_back({EventKind::execution_finished,
                    {{"id", id}, {"process", process}, {"outcome", outcome}, {"reason", text_or_null(reason)}}});
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
