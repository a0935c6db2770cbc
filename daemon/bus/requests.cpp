#include "bus/requests.h"

#include <algorithm>

#include "base/limits.h"
#include "bus/dbus_path.h"
#include "bus/definition_rows.h"
#include "bus/options.h"
#include "definition/definition.h"
#include "engine/limits.h"

namespace takt {

void Requests::start(const sdbus::IObject& object, sdbus::Result<std::uint64_t, sdbus::ObjectPath>&& result,
                     const std::string& process, Dict inputs, Dict options) {
  desk_.serve(object, std::move(result), Deed::start, {process, "", 0},
              [this, process, inputs = std::move(inputs), options = std::move(options)](const Peer& peer,
                                                                                        const auto& answer) -> Status {
                Options given(options);
                StartOptions start;
                TAKT_ASSIGN(start.priority, given.take<std::int32_t>("priority"));
                TAKT_ASSIGN(start.version, given.take_text("version", limits::name_bytes));
                TAKT_ASSIGN(start.at, given.take_instant("at_usec"));
                TAKT_ASSIGN(start.idempotency_key, given.take_text("idempotency_key", limits::key_bytes));
                TAKT_TRY(given.finish());
                TAKT_ASSIGN(const Value values, value_from_dict(inputs));
                control_.start(peer.caller, process, values, start,
                               answer.template when<ExecutionId>([](const auto& to, ExecutionId id) {
                                 to.give(id, sdbus::ObjectPath(execution_path(id)));
                               }));
                return {};
              });
}

void Requests::control(const sdbus::IObject& object, sdbus::Result<>&& result, ExecutionVerb verb, ExecutionId id,
                       Dict options) {
  desk_.serve(object, std::move(result), Deed::control, subject_of(id),
              [this, verb, id, options = std::move(options)](const Peer& peer, const auto& answer) -> Status {
                Options given(options);
                TAKT_ASSIGN(const auto reason, given.take<std::string>("reason"));
                std::optional<bool> undo;
                if (verb == ExecutionVerb::cancel) {
                  TAKT_ASSIGN(undo, given.take<bool>("undo"));
                }
                TAKT_TRY(given.finish());
                control_.control(peer.caller, verb, id, reason.value_or(""), undo.value_or(true),
                                 answer.template when<ExecutionId>([](const auto& to, ExecutionId) { to.give(); }));
                return {};
              });
}

void Requests::open_log(const sdbus::IObject& object, sdbus::Result<sdbus::UnixFd>&& result, ExecutionId id,
                        Dict options) {
  desk_.serve(object, std::move(result), Deed::read_private, subject_of(id),
              [this, id, options = std::move(options)](const Peer&, const auto& answer) -> Status {
                TAKT_TRY(Options(options).finish());
                control_.open_log(id, answer.template when<UniqueFd>([](const auto& to, UniqueFd log) {
                  to.give(sdbus::UnixFd(log.release(), sdbus::adopt_fd));
                }));
                return {};
              });
}

void Requests::approve(const sdbus::IObject& object, sdbus::Result<>&& result, ExecutionId id, const std::string& step,
                       bool yes, const std::string& comment) {
  desk_.serve(object, std::move(result), Deed::control, approval_of(id, step),
              [this, id, step, yes, comment](const Peer& peer, const auto& answer) -> Status {
                if (comment.size() > limits::message_bytes)
                  return fail(ErrorCode::limit_exceeded, "a comment of {} bytes; at most {} are taken", comment.size(),
                              limits::message_bytes);
                control_.approve(peer.caller, id, step, yes, comment,
                                 answer.template when<ExecutionId>([](const auto& to, ExecutionId) { to.give(); }));
                return {};
              });
}

void Requests::emit(const sdbus::IObject& object, sdbus::Result<std::uint32_t>&& result, const std::string& event,
                    Dict payload) {
  Authority::Subject subject;
  subject.event = event;
  desk_.serve(object, std::move(result), Deed::start, std::move(subject),
              [this, event, payload = std::move(payload)](const Peer& peer, const auto& answer) -> Status {
                if (event.empty() || event.size() > limits::name_bytes)
                  return fail(ErrorCode::invalid_argument, "an event's name has 1 to {} bytes, not {}",
                              limits::name_bytes, event.size());
                TAKT_ASSIGN(const Value value, value_from_dict(payload));
                control_.emit(peer.caller, event, value,
                              answer.template when<ExecutionId>([](const auto& to, ExecutionId woken) {
                                to.give(static_cast<std::uint32_t>(woken));
                              }));
                return {};
              });
}

void Requests::clear_cache(const sdbus::IObject& object, sdbus::Result<>&& result, Dict options) {
  Authority::Subject subject;
  if (const auto process = options.find("process");
      process != options.end() && process->second.containsValueOfType<std::string>())
    subject.process = process->second.get<std::string>();
  desk_.serve(object, std::move(result), Deed::control, std::move(subject),
              [this, options = std::move(options)](const Peer& peer, const auto& answer) -> Status {
                Options given(options);
                ForgetCache what;
                TAKT_ASSIGN(what.process, given.take_text("process", limits::name_bytes));
                TAKT_ASSIGN(what.step, given.take_text("step", limits::name_bytes));
                TAKT_ASSIGN(what.key, given.take<std::string>("key"));
                TAKT_TRY(given.finish());
                if (!what.step.empty() && what.process.empty())
                  return fail(ErrorCode::invalid_argument, "option step needs process");
                if (what.key && what.step.empty()) return fail(ErrorCode::invalid_argument, "option key needs step");
                control_.clear_cache(peer.caller, what,
                                     answer.template when<ExecutionId>([](const auto& to, ExecutionId) { to.give(); }));
                return {};
              });
}

void Requests::set_enabled(const sdbus::IObject& object, sdbus::Result<>&& result, const std::string& process,
                           bool enabled, Dict options) {
  desk_.serve(object, std::move(result), Deed::define, {process, "", 0},
              [this, process, enabled, options = std::move(options)](const Peer& peer, const auto& answer) -> Status {
                TAKT_TRY(Options(options).finish());
                control_.enable_process(
                    peer.caller, process, enabled,
                    answer.template when<Diagnostics>([](const auto& to, const Diagnostics&) { to.give(); }));
                return {};
              });
}

void Requests::set_paused(const sdbus::IObject& object, sdbus::Result<>&& result, const std::string& process,
                          bool paused, Dict options) {
  desk_.serve(object, std::move(result), Deed::control, {process, "", 0},
              [this, process, paused, options = std::move(options)](const Peer& peer, const auto& answer) -> Status {
                Options given(options);
                std::optional<WallTime> until;
                if (paused) {
                  TAKT_ASSIGN(until, given.take_instant("until_usec"));
                }
                TAKT_TRY(given.finish());
                control_.pause_process(
                    peer.caller, process, paused, until,
                    answer.template when<ExecutionId>([](const auto& to, ExecutionId) { to.give(); }));
                return {};
              });
}

Authority::Subject Requests::subject_of(ExecutionId id) const {
  Authority::Subject subject;
  subject.execution = id;
  if (const LiveExecution* live = control_.live_execution(id)) subject.process = live->row.process;
  return subject;
}

Authority::Subject Requests::approval_of(ExecutionId id, const std::string& step) const {
  Authority::Subject subject = subject_of(id);
  const LiveExecution* live = control_.live_execution(id);
  if (live == nullptr) return subject;
  const auto row =
      std::find_if(live->steps.begin(), live->steps.end(), [&step](const StepRow& one) { return one.name == step; });
  if (row == live->steps.end() || row->step >= live->definition->steps.size()) return subject;
  const StepAction* action = action_in_use(live->definition->steps[row->step], row->variant);
  if (action == nullptr) return subject;
  if (const auto* approve = std::get_if<ApproveAction>(action)) {
    subject.users = approve->users;
    subject.groups = approve->groups;
  }
  return subject;
}

}  // namespace takt
