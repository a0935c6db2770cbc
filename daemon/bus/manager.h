// The D-Bus object of the daemon (dbus/org.taktd.Takt1.Manager.xml).
#pragma once

#include "manager_adaptor.h"

#include <string>

#include "bus/requests.h"
#include "bus/rows.h"

namespace takt {

// Owns its place on the bus, and the ObjectManager there. Each method unpacks, calls one function of Control, packs.
class Manager final : public sdbus::AdaptorInterfaces<org::taktd::Takt1::Manager_adaptor> {
 public:
  Manager(sdbus::IConnection& connection, Control& control, Desk& desk, Requests& requests, std::string version);
  ~Manager();
  Manager(const Manager&) = delete;
  Manager& operator=(const Manager&) = delete;

 private:
  using Started = sdbus::Result<std::uint64_t, sdbus::ObjectPath>;
  using Checked = sdbus::Result<std::vector<DiagnosticEntry>>;

  void StartProcess(Started&& result, std::string name, Dict inputs, Dict options) override;
  void PauseExecution(sdbus::Result<>&& result, std::uint64_t id, Dict options) override;
  void ResumeExecution(sdbus::Result<>&& result, std::uint64_t id, Dict options) override;
  void CancelExecution(sdbus::Result<>&& result, std::uint64_t id, Dict options) override;
  void RetryExecution(sdbus::Result<>&& result, std::uint64_t id, Dict options) override;
  void RollbackExecution(sdbus::Result<>&& result, std::uint64_t id, Dict options) override;
  void Approve(sdbus::Result<>&& result, std::uint64_t id, std::string step, bool yes, std::string comment) override;
  void Emit(sdbus::Result<std::uint32_t>&& result, std::string event, Dict payload) override;
  void SkipNext(sdbus::Result<std::uint32_t>&& result, std::string name, std::uint32_t count) override;
  void ClearCache(sdbus::Result<>&& result, Dict options) override;
  void WaitExecution(sdbus::Result<std::string, std::string>&& result, std::uint64_t id) override;
  void DescribeExecution(sdbus::Result<Dict>&& result, std::uint64_t id) override;
  void OpenLog(sdbus::Result<sdbus::UnixFd>&& result, std::uint64_t id, Dict options) override;
  std::vector<ProcessEntry> ListProcesses(const Dict& filter) override;
  void ListExecutions(sdbus::Result<std::vector<ExecutionEntry>, std::string>&& result, Dict filter, std::string cursor,
                      std::uint32_t limit) override;
  std::vector<UpcomingEntry> ListUpcoming(const Dict& filter, const std::uint32_t& count) override;
  void Statistics(sdbus::Result<Dict>&& result, Dict filter) override;
  Dict DescribeProcess(const std::string& name) override;
  sdbus::ObjectPath GetProcess(const std::string& name) override;
  void GetDefinition(sdbus::Result<std::string>&& result, std::string name, std::string version) override;
  void ListVersions(sdbus::Result<std::vector<VersionEntry>>&& result, std::string name) override;
  void CheckDefinition(Checked&& result, std::string name, std::string text) override;
  void PutDefinition(Checked&& result, std::string name, std::string text, Dict options) override;
  void DeleteDefinition(sdbus::Result<>&& result, std::string name, Dict options) override;
  void EnableProcess(sdbus::Result<>&& result, std::string name, Dict options) override;
  void DisableProcess(sdbus::Result<>&& result, std::string name, Dict options) override;
  void PauseProcess(sdbus::Result<>&& result, std::string name, Dict options) override;
  void ResumeProcess(sdbus::Result<>&& result, std::string name, Dict options) override;
  void Reload(Checked&& result) override;
  void ListDiagnostics(Checked&& result) override;
  void Subscribe() override;
  void Unsubscribe() override;

  std::string Version() override;
  bool Enabled() override;
  std::uint64_t StartedUSec() override;
  std::uint32_t Running() override;
  std::uint32_t Queued() override;
  std::uint32_t Processes() override;
  std::uint32_t Refused() override;
  std::uint32_t Paused() override;
  bool RunnerConnected() override;

  Control& control_;
  Desk& desk_;
  Requests& requests_;
  std::string version_;
};

}  // namespace takt
