// The D-Bus object of one live execution (dbus/org.taktd.Takt1.Execution.xml).
#pragma once

#include "execution_adaptor.h"

#include "bus/requests.h"
#include "bus/rows.h"

namespace takt {

// Owns its place on the bus and nothing else: each property asks Control. It is made when somebody looks at its path,
// or listens, so that executions that nobody looks at cost nothing.
class ExecutionObject final : public sdbus::AdaptorInterfaces<org::taktd::Takt1::Execution_adaptor> {
 public:
  ExecutionObject(sdbus::IConnection& connection, Control& control, Requests& requests, ExecutionId id);
  ~ExecutionObject();
  ExecutionObject(const ExecutionObject&) = delete;
  ExecutionObject& operator=(const ExecutionObject&) = delete;

  // Throws sdbus::Error.
  void tell_changed();

 private:
  // Throws an sdbus::Error when it has ended, and its object is about to go.
  const LiveExecution& live();
  StepsProgress steps() { return steps_progress(live()); }

  void Pause(sdbus::Result<>&& result, Dict options) override;
  void Resume(sdbus::Result<>&& result, Dict options) override;
  void Cancel(sdbus::Result<>&& result, Dict options) override;
  void OpenLog(sdbus::Result<sdbus::UnixFd>&& result, Dict options) override;

  std::uint64_t ID() override;
  std::string Process() override;
  std::string Trigger() override;
  std::uint64_t QueuedUSec() override;
  std::uint32_t TotalSteps() override;
  std::string State() override;
  std::string Phase() override;
  std::uint64_t Parent() override;
  std::uint64_t StartedUSec() override;
  double Progress() override;
  std::string CurrentStep() override;
  std::vector<StepEntry> Steps() override;

  Control& control_;
  Requests& requests_;
  ExecutionId id_;
};

}  // namespace takt
