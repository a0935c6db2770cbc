#include "bus/session.h"

#include "base/limits.h"
#include "base/names.h"
#include "bus/dbus_path.h"
#include "bus/dbus_text.h"
#include "bus/definition_rows.h"

namespace takt {

namespace {

// RequestName's flag and its answers (D-Bus Specification, "org.freedesktop.DBus.RequestName").
constexpr std::uint32_t do_not_queue = 4;
constexpr std::uint32_t is_owner = 1;
constexpr std::uint32_t was_owner = 4;

// Not a match for the bus, which sends no others' calls: sd-bus runs it over what comes in, before it looks for the
// object of a call.
std::string own_calls() {
  return fmt::format("type='method_call',path_namespace='{}'", names::bus_path);
}

// A signal that cannot be sent is lost, as all are when the bus goes; the source then tells.
template <class Send>
void quietly(Send send) {
  try {
    send();
  } catch (const sdbus::Error&) {
  }
}

// What of a payload D-Bus can carry: it has no null.
Dict payload_dict(const Value& payload) {
  Dict dict;
  for (const auto& [name, value] : payload.items())
    if (auto variant = variant_from_value(value)) dict.emplace(dbus_text(name), std::move(*variant));
  return dict;
}

}  // namespace

Session::Session(Loop& loop, sdbus::IConnection& connection, Control& control, const Authority& authority,
                 const std::string& version)
    : loop_(loop),
      connection_(connection),
      control_(control),
      reply_(control),
      desk_(connection, control, authority),
      requests_(control, desk_),
      manager_(connection, control, desk_, requests_, version),
      bus_(sdbus::createProxy(connection, "org.freedesktop.DBus", "/org/freedesktop/DBus")),
      calls_(connection.addMatch(own_calls(), [this](sdbus::Message& call) { look_ahead(call); })) {
  for (const ProcessSummary& summary : control_.processes())
    processes_.emplace(summary.definition->name,
                       std::make_unique<ProcessObject>(connection_, requests_, reply_, summary));
}

Session::~Session() {
  bus_->unregister();
}

void Session::request_name(std::function<void(Status)> then) {
  bus_->callMethodAsync("RequestName")
      .onInterface("org.freedesktop.DBus")
      .withArguments(std::string(names::bus_name), do_not_queue)
      .uponReplyInvoke([then = std::move(then)](const sdbus::Error* error, std::uint32_t answer) {
        if (error != nullptr)
          return then(fail(ErrorCode::unavailable, "own {} on the bus: {}", names::bus_name, error->getMessage()));
        if (answer != is_owner && answer != was_owner)
          return then(fail(ErrorCode::already_exists, "own {} on the bus: another program does", names::bus_name));
        then({});
      });
}

// ---- Objects

void Session::look_ahead(const sdbus::Message& call) {
  reply_.begin();
  const std::string member = call.getMemberName();
  if (const auto id = execution_of_path(call.getPath())) make_execution(*id);
  // Whoever asks for what there is shall see the live executions.
  if (member == "Introspect") {
    for (const LiveExecution* live : control_.live_executions()) {
      if (executions_.size() >= limits::page_rows) break;
      make_execution(live->row.id);
    }
  }
  // The ObjectManager is of processes: executions come and go without InterfacesAdded. Their objects come back when
  // they are looked for.
  if (member == "GetManagedObjects") executions_.clear();
}

void Session::make_execution(ExecutionId id) {
  if (executions_.contains(id) || control_.live_execution(id) == nullptr) return;
  quietly([&] { executions_.emplace(id, std::make_unique<ExecutionObject>(connection_, control_, requests_, id)); });
}

// ---- Signals

struct Session::Tell {
  Session& session;
  Manager& manager = session.manager_;
  bool to_subscribers = session.desk_.has_subscribers();

  void operator()(const ExecutionQueued& queued) const {
    const ExecutionRow& row = queued.execution;
    manager.emitExecutionQueued(row.id, row.process, row.trigger_kind);
  }
  void operator()(const ExecutionStarted& started) const {
    const ExecutionRow& row = started.execution;
    manager.emitExecutionStarted(row.id, row.process, started.total_steps);
    session.execution_changed(row.id);
  }
  void operator()(const ExecutionChanged& changed) const { session.execution_changed(changed.execution.id); }
  void operator()(const ExecutionFinished& finished) const {
    const ExecutionRow& row = finished.execution;
    manager.emitExecutionFinished(row.id, row.process, std::string(to_word(row.state)),
                                  message_text(public_reason(row)));
    if (!session.executions_.contains(row.id)) return;
    session.ended_executions_.insert(row.id);
    session.plan_flush();
  }
  void operator()(const StepStarted& started) const {
    if (!to_subscribers) return;
    const ExecutionRow& row = started.execution;
    manager.emitStepStarted(row.id, row.process, started.step.name, started.step.attempts);
    session.execution_changed(row.id);
  }
  void operator()(const StepFinished& finished) const {
    if (!to_subscribers) return;
    const ExecutionRow& row = finished.execution;
    manager.emitStepFinished(row.id, row.process, finished.step.name, std::string(to_word(finished.step.state)),
                             message_text(public_error(finished.step)));
    session.execution_changed(row.id);
  }
  void operator()(const StepWaits& waits) const {
    const ExecutionRow& row = waits.execution;
    if (session.asks_approval(waits))
      manager.emitStepWaiting(row.id, row.process, waits.step.name, message_text(waits.step.message));
    session.execution_changed(row.id);
  }
  void operator()(const Emitted& emitted) const {
    if (!to_subscribers) return;
    manager.emitEmitted(dbus_text(emitted.event, limits::name_bytes), payload_dict(emitted.payload), emitted.process,
                        emitted.execution);
  }
  void operator()(const Progress& progress) const {
    if (!to_subscribers) return;
    manager.emitProgress(progress.execution, progress.process, progress.fraction, progress.current_step, progress.done,
                         progress.total);
    session.execution_changed(progress.execution);
  }
  void operator()(const ProcessChanged& changed) const { session.process_changed(changed.process); }
  void operator()(const Reloaded& reloaded) const { manager.emitReloaded(reloaded.refused); }
};

void Session::announce(const Announcement& announcement) {
  quietly([&] { std::visit(Tell{*this}, announcement); });
}

bool Session::asks_approval(const StepWaits& waits) const {
  if (waits.step.retry_at) return false;
  if (!waits.step.message.empty()) return true;
  const LiveExecution* live = control_.live_execution(waits.execution.id);
  if (live == nullptr || waits.step.step >= live->definition->steps.size()) return false;
  const StepAction* action = action_in_use(live->definition->steps[waits.step.step], waits.step.variant);
  return action != nullptr && std::holds_alternative<ApproveAction>(*action);
}

// ---- The end of the turn

void Session::execution_changed(ExecutionId id) {
  if (!desk_.has_subscribers()) return;
  changed_executions_.insert(id);
  plan_flush();
}

void Session::process_changed(const std::string& name) {
  changed_processes_.insert(name);
  plan_flush();
}

void Session::plan_flush() {
  if (std::exchange(flush_planned_, true)) return;
  loop_.defer([this, alive = std::weak_ptr<bool>(alive_)] {
    if (!alive.expired()) flush();
  });
}

void Session::flush() {
  flush_planned_ = false;
  for (const std::string& name : std::exchange(changed_processes_, {})) {
    quietly([&] { flush_process(name); });
    quietly([&] { manager_.emitProcessChanged(name); });
  }
  for (const ExecutionId id : std::exchange(ended_executions_, {}))
    if (control_.live_execution(id) == nullptr) executions_.erase(id);  // else it was retried meanwhile
  for (const ExecutionId id : std::exchange(changed_executions_, {})) {
    make_execution(id);
    const auto object = executions_.find(id);
    if (object == executions_.end() || control_.live_execution(id) == nullptr) continue;
    reply_.begin();
    quietly([&] { object->second->tell_changed(); });
  }
}

void Session::flush_process(const std::string& name) {
  reply_.begin();
  const auto object = processes_.find(name);
  const Result<ProcessSummary> summary = control_.process(name);
  if (summary && object != processes_.end()) return object->second->update(*summary);
  if (summary) {
    const auto added =
        processes_.emplace(name, std::make_unique<ProcessObject>(connection_, requests_, reply_, *summary));
    return added.first->second->tell_added();
  }
  if (summary.error().code != ErrorCode::no_such_process || object == processes_.end()) return;
  quietly([&] { object->second->tell_removed(); });
  processes_.erase(object);
}

}  // namespace takt
