#include "bus/requests.h"

#include "bus/dbus_path.h"
#include "bus/options.h"

namespace takt {

void Requests::start(const sdbus::IObject& object, sdbus::Result<std::uint64_t, sdbus::ObjectPath>&& result,
                     const std::string& process, Dict inputs, Dict options) {
  desk_.serve(object, std::move(result), Deed::start, {process, "", 0},
              [this, process, inputs = std::move(inputs), options = std::move(options)](const Peer& peer,
                                                                                        const auto& answer) -> Status {
                Options given(options);
                TAKT_ASSIGN(const auto priority, given.take<std::int32_t>("priority"));
                TAKT_TRY(given.finish());
                TAKT_ASSIGN(const Value values, value_from_dict(inputs));
                control_.start(peer.caller, process, values, StartOptions{priority},
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
                TAKT_TRY(given.finish());
                control_.control(peer.caller, verb, id, reason.value_or(""),
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
                TAKT_TRY(Options(options).finish());
                control_.pause_process(
                    peer.caller, process, paused,
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

}  // namespace takt
