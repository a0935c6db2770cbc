// The daemon's signals as events.
#pragma once

#include <sdbus-c++/sdbus-c++.h>

#include <memory>
#include <set>
#include <string>

#include "cli/bus_event.h"
#include "manager_proxy.h"

namespace takt {

// The Manager's proxy. It calls without more; once listen() was called, its signals go into the queue, which must
// outlive it.
class ManagerProxy final : public sdbus::ProxyInterfaces<org::taktd::Takt1::Manager_proxy> {
 public:
  ManagerProxy(sdbus::IConnection& connection, EventQueue& queue);
  ~ManagerProxy();

  // Throws sdbus::Error, as all calls of a proxy do.
  void listen();
  // The answer, which has no time-out, comes as wait_answered or wait_refused.
  void begin_wait(std::uint64_t id);

 private:
  void onExecutionQueued(const uint64_t& id, const std::string& process, const std::string& trigger) override;
  void onExecutionStarted(const uint64_t& id, const std::string& process, const uint32_t& total_steps) override;
  void onExecutionFinished(const uint64_t& id, const std::string& process, const std::string& outcome,
                           const std::string& reason) override;
  void onStepStarted(const uint64_t& id, const std::string& process, const std::string& step,
                     const uint32_t& attempt) override;
  void onStepFinished(const uint64_t& id, const std::string& process, const std::string& step,
                      const std::string& outcome, const std::string& error) override;
  void onProgress(const uint64_t& id, const std::string& process, const double& fraction,
                  const std::string& current_step, const uint32_t& done, const uint32_t& total) override;
  void onStepWaiting(const uint64_t& id, const std::string& process, const std::string& step,
                     const std::string& message) override;
  void onEmitted(const std::string& event, const std::map<std::string, sdbus::Variant>& payload,
                 const std::string& process, const uint64_t& execution) override;
  void onProcessChanged(const std::string& name) override;
  void onReloaded(const uint32_t& refused) override;

  void watch_properties();
  void on_properties_changed(sdbus::Message& message);

  EventQueue& queue_;
  std::set<std::uint64_t> paused_;      // executions that were seen to be
  std::unique_ptr<sdbus::IProxy> bus_;  // for NameOwnerChanged, once it listens
  sdbus::Slot properties_;
  sdbus::IConnection& connection_;
};

}  // namespace takt
