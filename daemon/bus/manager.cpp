#include "bus/manager.h"

#include "base/limits.h"
#include "base/names.h"
#include "bus/dbus_path.h"
#include "bus/dbus_text.h"
#include "bus/definition_rows.h"
#include "bus/lists.h"
#include "bus/options.h"
#include "definition/definition.h"
#include "definition/limits.h"

namespace takt {

namespace {

Authority::Subject process_subject(const std::string& name) {
  return {name, "", 0};
}

// A definition that was not taken: all that is wrong with it, as text.
Error refused(const Diagnostics& diagnostics) {
  std::string message;
  for (const Diagnostic& diagnostic : diagnostics) message += to_text(diagnostic);
  return {ErrorCode::invalid_definition, std::move(message)};
}

ExecutionSurroundings surroundings(Control& control, const ExecutionRow& row) {
  ExecutionSurroundings around;
  around.live = control.live_execution(row.id);
  if (around.live == nullptr) {
    const auto process = control.process(row.process);
    if (process && process->definition->version == row.version) around.definition = process->definition;
    return around;
  }
  around.definition = around.live->definition;
  for (const LiveExecution* other : control.live_executions())
    if (other->row.parent == row.id) around.children.push_back(other->row.id);
  return around;
}

Status check_size(const std::string& text) {
  if (text.size() <= limits::definition_bytes) return {};
  return fail(ErrorCode::limit_exceeded, "a definition of {} bytes; at most {} are taken", text.size(),
              limits::definition_bytes);
}

}  // namespace

Manager::Manager(sdbus::IConnection& connection, Control& control, Desk& desk, Requests& requests, std::string version)
    : AdaptorInterfaces(connection, names::bus_path),
      control_(control),
      desk_(desk),
      requests_(requests),
      version_(std::move(version)) {
  registerAdaptor();
  getObject().addObjectManager();
}

Manager::~Manager() {
  unregisterAdaptor();
}

// ---- Executions

void Manager::StartProcess(Started&& result, std::string name, Dict inputs, Dict options) {
  requests_.start(getObject(), std::move(result), name, std::move(inputs), std::move(options));
}
void Manager::PauseExecution(sdbus::Result<>&& result, std::uint64_t id, Dict options) {
  requests_.control(getObject(), std::move(result), ExecutionVerb::pause, id, std::move(options));
}
void Manager::ResumeExecution(sdbus::Result<>&& result, std::uint64_t id, Dict options) {
  requests_.control(getObject(), std::move(result), ExecutionVerb::resume, id, std::move(options));
}
void Manager::CancelExecution(sdbus::Result<>&& result, std::uint64_t id, Dict options) {
  requests_.control(getObject(), std::move(result), ExecutionVerb::cancel, id, std::move(options));
}

void Manager::RetryExecution(sdbus::Result<>&& result, std::uint64_t id, Dict options) {
  desk_.serve(getObject(), std::move(result), Deed::control, {"", "", id},
              [this, id, options = std::move(options)](const Peer& peer, const auto& answer) -> Status {
                Options given(options);
                RetryOptions retry;
                TAKT_ASSIGN(retry.step, given.take_text("step", limits::name_bytes));
                TAKT_ASSIGN(retry.item, given.take<std::uint32_t>("item"));
                TAKT_ASSIGN(const auto current, given.take<bool>("current"));
                TAKT_ASSIGN(const auto reason, given.take<std::string>("reason"));
                TAKT_TRY(given.finish());
                retry.current = current.value_or(false);
                retry.reason = reason.value_or("");
                control_.retry(peer.caller, id, retry,
                               answer.template when<ExecutionId>([](const auto& to, ExecutionId) { to.give(); }));
                return {};
              });
}

void Manager::RollbackExecution(sdbus::Result<>&& result, std::uint64_t id, Dict options) {
  desk_.serve(getObject(), std::move(result), Deed::control, {"", "", id},
              [this, id, options = std::move(options)](const Peer& peer, const auto& answer) -> Status {
                Options given(options);
                TAKT_ASSIGN(const std::string to_step, given.take_text("to", limits::name_bytes));
                TAKT_TRY(given.finish());
                control_.rollback(peer.caller, id, to_step,
                                  answer.template when<ExecutionId>([](const auto& to, ExecutionId) { to.give(); }));
                return {};
              });
}

void Manager::Approve(sdbus::Result<>&& result, std::uint64_t id, std::string step, bool yes, std::string comment) {
  requests_.approve(getObject(), std::move(result), id, step, yes, comment);
}
void Manager::Emit(sdbus::Result<std::uint32_t>&& result, std::string event, Dict payload) {
  requests_.emit(getObject(), std::move(result), event, std::move(payload));
}
void Manager::ClearCache(sdbus::Result<>&& result, Dict options) {
  requests_.clear_cache(getObject(), std::move(result), std::move(options));
}
void Manager::SkipNext(sdbus::Result<std::uint32_t>&& result, std::string name, std::uint32_t count) {
  desk_.serve(getObject(), std::move(result), Deed::control, process_subject(name),
              [this, name, count](const Peer& peer, const auto& answer) -> Status {
                control_.skip_next(peer.caller, name, count,
                                   answer.template when<ExecutionId>([](const auto& to, ExecutionId remaining) {
                                     to.give(static_cast<std::uint32_t>(remaining));
                                   }));
                return {};
              });
}

void Manager::WaitExecution(sdbus::Result<std::string, std::string>&& result, std::uint64_t id) {
  desk_.serve_all(getObject(), std::move(result), [this, id](const Peer& peer, const auto& answer) -> Status {
    desk_.wait(peer, id, answer);
    return {};
  });
}

void Manager::DescribeExecution(sdbus::Result<Dict>&& result, std::uint64_t id) {
  desk_.serve_all(getObject(), std::move(result), [this, id](const Peer& peer, const auto& answer) -> Status {
    TAKT_ASSIGN(const ExecutionHistory history, control_.describe(id));
    answer.give(describe_execution(history, surroundings(control_, history.execution), desk_.shows_private(peer)));
    return {};
  });
}

void Manager::OpenLog(sdbus::Result<sdbus::UnixFd>&& result, std::uint64_t id, Dict options) {
  requests_.open_log(getObject(), std::move(result), id, std::move(options));
}

// ---- Lists

std::vector<ProcessEntry> Manager::ListProcesses(const Dict& filter) {
  return value_or_throw([&] { return list_processes(control_, filter); });
}
void Manager::ListExecutions(sdbus::Result<std::vector<ExecutionEntry>, std::string>&& result, Dict filter,
                             std::string cursor, std::uint32_t limit) {
  desk_.serve_all(getObject(), std::move(result),
                  [this, filter = std::move(filter), cursor = std::move(cursor), limit](const Peer& peer,
                                                                                        const auto& answer) -> Status {
                    TAKT_ASSIGN(const auto page,
                                list_executions(control_, filter, cursor, limit, desk_.shows_private(peer)));
                    answer.give(std::get<0>(page), std::get<1>(page));
                    return {};
                  });
}
std::vector<UpcomingEntry> Manager::ListUpcoming(const Dict& filter, const std::uint32_t& count) {
  return value_or_throw([&] { return list_upcoming(control_, filter, count); });
}
void Manager::Statistics(sdbus::Result<Dict>&& result, Dict filter) {
  desk_.serve_all(getObject(), std::move(result),
                  [this, filter = std::move(filter)](const Peer&, const auto& answer) -> Status {
                    TAKT_ASSIGN(const Dict statistics, count_statistics(control_, filter));
                    answer.give(statistics);
                    return {};
                  });
}
Dict Manager::DescribeProcess(const std::string& name) {
  return describe_process(*value_or_throw([&] { return control_.process(name); }).definition);
}
sdbus::ObjectPath Manager::GetProcess(const std::string& name) {
  value_or_throw([&] { return control_.process(name); });
  return sdbus::ObjectPath(process_path(name));
}

// ---- Definitions

void Manager::GetDefinition(sdbus::Result<std::string>&& result, std::string name, std::string version) {
  desk_.serve(getObject(), std::move(result), Deed::read_private, process_subject(name),
              [this, name, version](const Peer&, const auto& answer) -> Status {
                TAKT_ASSIGN(const std::string text, control_.definition_text(name, version));
                answer.give(dbus_text(text, limits::page_bytes));
                return {};
              });
}

void Manager::ListVersions(sdbus::Result<std::vector<VersionEntry>>&& result, std::string name) {
  desk_.serve_all(getObject(), std::move(result), [this, name](const Peer&, const auto& answer) -> Status {
    TAKT_ASSIGN(const auto versions, list_versions(control_, name));
    answer.give(versions);
    return {};
  });
}

// Not for everybody: what is told of ${env.NAME} in a trigger shows the daemon's environment.
void Manager::CheckDefinition(Checked&& result, std::string name, std::string text) {
  desk_.serve(getObject(), std::move(result), Deed::read_private, process_subject(name),
              [this, name, text = std::move(text)](const Peer&, const auto& answer) -> Status {
                TAKT_TRY(check_size(text));
                answer.give(diagnostic_entries(control_.check_definition(name, text)));
                return {};
              });
}

void Manager::PutDefinition(Checked&& result, std::string name, std::string text, Dict options) {
  desk_.serve(getObject(), std::move(result), Deed::define, process_subject(name),
              [this, name, text = std::move(text), options = std::move(options)](const Peer& peer,
                                                                                 const auto& answer) -> Status {
                Options given(options);
                TAKT_ASSIGN(const auto transient, given.take<bool>("transient"));
                TAKT_TRY(given.finish());
                TAKT_TRY(check_size(text));
                control_.put_definition(
                    peer.caller, name, text, transient.value_or(false),
                    answer.template when<Diagnostics>([](const auto& to, const Diagnostics& diagnostics) {
                      if (has_errors(diagnostics)) return to.refuse(refused(diagnostics));
                      to.give(diagnostic_entries(diagnostics));
                    }));
                return {};
              });
}

void Manager::DeleteDefinition(sdbus::Result<>&& result, std::string name, Dict options) {
  desk_.serve(getObject(), std::move(result), Deed::define, process_subject(name),
              [this, name, options = std::move(options)](const Peer& peer, const auto& answer) -> Status {
                TAKT_TRY(Options(options).finish());
                control_.delete_definition(
                    peer.caller, name,
                    answer.template when<Diagnostics>([](const auto& to, const Diagnostics&) { to.give(); }));
                return {};
              });
}

void Manager::EnableProcess(sdbus::Result<>&& result, std::string name, Dict options) {
  requests_.set_enabled(getObject(), std::move(result), name, true, std::move(options));
}
void Manager::DisableProcess(sdbus::Result<>&& result, std::string name, Dict options) {
  requests_.set_enabled(getObject(), std::move(result), name, false, std::move(options));
}
void Manager::PauseProcess(sdbus::Result<>&& result, std::string name, Dict options) {
  requests_.set_paused(getObject(), std::move(result), name, true, std::move(options));
}
void Manager::ResumeProcess(sdbus::Result<>&& result, std::string name, Dict options) {
  requests_.set_paused(getObject(), std::move(result), name, false, std::move(options));
}

void Manager::Reload(Checked&& result) {
  desk_.serve(getObject(), std::move(result), Deed::define, {}, [this](const Peer& peer, const auto& answer) -> Status {
    control_.reload(peer.caller, answer.template when<Diagnostics>([](const auto& to, const Diagnostics& diagnostics) {
      to.give(diagnostic_entries(diagnostics));
    }));
    return {};
  });
}

void Manager::ListDiagnostics(Checked&& result) {
  desk_.serve_all(getObject(), std::move(result), [this](const Peer& peer, const auto& answer) -> Status {
    Diagnostics diagnostics = control_.diagnostics();
    if (!desk_.shows_private(peer))
      for (Diagnostic& diagnostic : diagnostics) {  // both may show what ${env.NAME} became
        diagnostic.excerpt.clear();
        diagnostic.message = "refused; root is told why";
      }
    answer.give(diagnostic_entries(diagnostics));
    return {};
  });
}

// ---- Listeners

void Manager::Subscribe() {
  value_or_throw([&] { return desk_.subscribe(getObject().getCurrentlyProcessedMessage()->getSender()); });
}
void Manager::Unsubscribe() {
  desk_.unsubscribe(getObject().getCurrentlyProcessedMessage()->getSender());
}

// ---- Properties

std::string Manager::Version() {
  return version_;
}
bool Manager::Enabled() {
  return control_.totals().enabled;
}
std::uint64_t Manager::StartedUSec() {
  return usec(control_.totals().started_at);
}
std::uint32_t Manager::Running() {
  return control_.totals().running;
}
std::uint32_t Manager::Queued() {
  return control_.totals().queued;
}
std::uint32_t Manager::Processes() {
  return control_.totals().processes;
}
std::uint32_t Manager::Refused() {
  return control_.totals().refused;
}
std::uint32_t Manager::Paused() {
  return control_.totals().paused;
}
bool Manager::RunnerConnected() {
  return control_.totals().runner_connected;
}

}  // namespace takt
