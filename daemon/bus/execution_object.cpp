#include "bus/execution_object.h"

#include "bus/dbus_path.h"
#include "bus/errors.h"

namespace takt {

ExecutionObject::ExecutionObject(sdbus::IConnection& connection, Control& control, Requests& requests, ExecutionId id)
    : AdaptorInterfaces(connection, execution_path(id)), control_(control), requests_(requests), id_(id) {
  registerAdaptor();
}

ExecutionObject::~ExecutionObject() {
  unregisterAdaptor();
}

void ExecutionObject::tell_changed() {
  getObject().emitPropertiesChangedSignal(
      INTERFACE_NAME, {"TotalSteps", "State", "Phase", "StartedUSec", "Progress", "CurrentStep", "Steps"});
}

const LiveExecution& ExecutionObject::live() {
  const LiveExecution* live = control_.live_execution(id_);
  if (live == nullptr) throw to_dbus_error(Error{ErrorCode::not_running, fmt::format("execution {} has ended", id_)});
  return *live;
}

void ExecutionObject::Pause(sdbus::Result<>&& result, Dict options) {
  requests_.control(getObject(), std::move(result), ExecutionVerb::pause, id_, std::move(options));
}
void ExecutionObject::Resume(sdbus::Result<>&& result, Dict options) {
  requests_.control(getObject(), std::move(result), ExecutionVerb::resume, id_, std::move(options));
}
void ExecutionObject::Cancel(sdbus::Result<>&& result, Dict options) {
  requests_.control(getObject(), std::move(result), ExecutionVerb::cancel, id_, std::move(options));
}
void ExecutionObject::OpenLog(sdbus::Result<sdbus::UnixFd>&& result, Dict options) {
  requests_.open_log(getObject(), std::move(result), id_, std::move(options));
}

std::uint64_t ExecutionObject::ID() {
  return id_;
}
std::string ExecutionObject::Process() {
  return live().row.process;
}
std::string ExecutionObject::Trigger() {
  return live().row.trigger_kind;
}
std::uint64_t ExecutionObject::QueuedUSec() {
  return usec(live().row.queued_at);
}
std::uint32_t ExecutionObject::TotalSteps() {
  return steps().total;
}
std::string ExecutionObject::State() {
  return std::string(to_word(live().row.state));
}
std::string ExecutionObject::Phase() {
  return std::string(to_word(live().row.phase));
}
std::uint64_t ExecutionObject::Parent() {
  return live().row.parent.value_or(0);
}
std::uint64_t ExecutionObject::StartedUSec() {
  return usec(live().row.started_at);
}
double ExecutionObject::Progress() {
  return steps().fraction();
}
std::string ExecutionObject::CurrentStep() {
  return steps().current;
}
std::vector<StepEntry> ExecutionObject::Steps() {
  return step_entries(live());
}

}  // namespace takt
