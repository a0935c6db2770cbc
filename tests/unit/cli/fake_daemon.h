// A daemon on a bus of the test's own, that says what the test told it to and remembers what it was asked.
#pragma once

#include <sdbus-c++/sdbus-c++.h>
#include <sys/types.h>

#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "manager_adaptor.h"
#include "process_adaptor.h"

namespace takt {

using Variants = std::map<std::string, sdbus::Variant>;
using ProcessRows = std::vector<sdbus::Struct<std::string, sdbus::ObjectPath, std::string, bool, bool, std::uint64_t,
                                              std::uint64_t, std::string, std::uint32_t, std::uint32_t, Variants>>;
using ExecutionRows = std::vector<sdbus::Struct<std::uint64_t, std::string, std::string, std::string, std::uint64_t,
                                                std::uint64_t, std::uint64_t, std::string, Variants>>;
using UpcomingRows = std::vector<sdbus::Struct<std::uint64_t, std::string, std::string, std::string, Variants>>;
using VersionRows = std::vector<sdbus::Struct<std::string, std::uint64_t, Variants>>;
using DiagnosticRows = std::vector<
    sdbus::Struct<std::string, std::string, std::uint32_t, std::uint32_t, std::string, std::string, std::string>>;

// What it knows. Set before it is asked.
struct FakeWorld {
  ProcessRows processes;
  ExecutionRows executions;
  UpcomingRows upcoming;
  DiagnosticRows diagnostics;
  std::map<std::uint64_t, Variants> descriptions;
  Variants definition;                             // what DescribeProcess gives
  Variants statistics;                             // what Statistics gives
  VersionRows versions;                            // what ListVersions gives
  std::map<std::string, std::string> definitions;  // by version; what GetDefinition gives
  std::string log;                                 // what OpenLog gives
  std::map<std::uint64_t, std::string> outcomes;   // of WaitExecution; without one it does not answer
  std::map<std::string, std::string> refusals;     // method -> error name
  bool lively = false;                             // WaitExecution is preceded by the signals of a step
};

class FakeProcess final : public sdbus::AdaptorInterfaces<org::taktd::Takt1::Process_adaptor> {
 public:
  FakeProcess(sdbus::IConnection& connection, const std::string& path);
  ~FakeProcess();

  // That it is paused now.
  void tell_paused() {
    paused_ = true;
    getObject().emitPropertiesChangedSignal(INTERFACE_NAME, {"Paused"});
  }

 private:
  bool paused_ = false;
  void Start(sdbus::Result<uint64_t, sdbus::ObjectPath>&& result, Variants, Variants) override;
  void Enable(sdbus::Result<>&& result, Variants) override { result.returnResults(); }
  void Disable(sdbus::Result<>&& result, Variants) override { result.returnResults(); }
  void Pause(sdbus::Result<>&& result, Variants) override { result.returnResults(); }
  void Resume(sdbus::Result<>&& result, Variants) override { result.returnResults(); }
  std::string Name() override { return "nightly"; }
  std::string Description() override { return "Every night"; }
  std::vector<std::string> Tags() override { return {"etl"}; }
  bool Enabled() override { return true; }
  bool Paused() override { return paused_; }
  std::string Version() override { return "0123456789abcdef"; }
  std::string Origin() override { return "/etc/takt/processes/nightly.toml"; }
  std::string User() override { return "root"; }
  std::string Overlap() override { return "skip"; }
  std::vector<std::string> Triggers() override { return {"cron 30 7 * * *"}; }
  std::vector<std::string> Steps() override { return {"fetch", "store"}; }
  std::string Pool() override { return "heavy"; }
  uint32_t Slots() override { return 2; }
  uint64_t PausedUntilUSec() override { return 0; }
  uint32_t SkipNext() override { return 3; }
  uint64_t NextUSec() override { return 0; }
  uint64_t LastExecution() override { return 12; }
  std::string LastOutcome() override { return "failed"; }
};

class FakeDaemon final : public sdbus::AdaptorInterfaces<org::taktd::Takt1::Manager_adaptor> {
 public:
  // Answers from a thread of its own, from here to its destruction, on which its connection breaks as a killed
  // daemon's.
  static std::unique_ptr<FakeDaemon> create(const std::string& address, FakeWorld world);
  ~FakeDaemon();

  [[nodiscard]] std::vector<std::string> calls() const;
  // Returns when it was asked; fails the test when it never is.
  void await_call(const std::string& call) const;

 private:
  FakeDaemon(std::unique_ptr<sdbus::IConnection> connection, FakeWorld world);
  // Throws the refusal of the method, if it has one.
  void note(const std::string& method, const std::string& arguments = "");
  template <class... Results>
  void answer(sdbus::Result<Results...>& result, const std::string& method, const std::string& arguments,
              const Results&... results);

  void StartProcess(sdbus::Result<uint64_t, sdbus::ObjectPath>&& result, std::string name, Variants inputs,
                    Variants options) override;
  void PauseExecution(sdbus::Result<>&& result, uint64_t id, Variants options) override;
  void ResumeExecution(sdbus::Result<>&& result, uint64_t id, Variants options) override;
  void CancelExecution(sdbus::Result<>&& result, uint64_t id, Variants options) override;
  void RetryExecution(sdbus::Result<>&& result, uint64_t id, Variants options) override;
  void RollbackExecution(sdbus::Result<>&& result, uint64_t id, Variants options) override;
  void Approve(sdbus::Result<>&& result, uint64_t id, std::string step, bool yes, std::string comment) override;
  void Emit(sdbus::Result<uint32_t>&& result, std::string event, Variants payload) override;
  void SkipNext(sdbus::Result<uint32_t>&& result, std::string name, uint32_t count) override;
  void ClearCache(sdbus::Result<>&& result, Variants options) override;
  void Statistics(sdbus::Result<Variants>&& result, Variants filter) override;
  Variants DescribeProcess(const std::string& name) override;
  void ListVersions(sdbus::Result<VersionRows>&& result, std::string name) override;
  void WaitExecution(sdbus::Result<std::string, std::string>&& result, uint64_t id) override;
  void DescribeExecution(sdbus::Result<Variants>&& result, uint64_t id) override;
  void OpenLog(sdbus::Result<sdbus::UnixFd>&& result, uint64_t id, Variants options) override;
  ProcessRows ListProcesses(const Variants& filter) override;
  void ListExecutions(sdbus::Result<ExecutionRows, std::string>&& result, Variants filter, std::string cursor,
                      uint32_t limit) override;
  UpcomingRows ListUpcoming(const Variants& filter, const uint32_t& count) override;
  sdbus::ObjectPath GetProcess(const std::string& name) override;
  void GetDefinition(sdbus::Result<std::string>&& result, std::string name, std::string version) override;
  void CheckDefinition(sdbus::Result<DiagnosticRows>&& result, std::string name, std::string text) override;
  void PutDefinition(sdbus::Result<DiagnosticRows>&& result, std::string name, std::string text,
                     Variants options) override;
  void DeleteDefinition(sdbus::Result<>&& result, std::string name, Variants options) override;
  void EnableProcess(sdbus::Result<>&& result, std::string name, Variants options) override;
  void DisableProcess(sdbus::Result<>&& result, std::string name, Variants options) override;
  void PauseProcess(sdbus::Result<>&& result, std::string name, Variants options) override;
  void ResumeProcess(sdbus::Result<>&& result, std::string name, Variants options) override;
  void Reload(sdbus::Result<DiagnosticRows>&& result) override;
  void ListDiagnostics(sdbus::Result<DiagnosticRows>&& result) override { result.returnResults(world_.diagnostics); }
  void Subscribe() override { note("Subscribe"); }
  void Unsubscribe() override {}
  std::string Version() override { return "9.8"; }
  bool Enabled() override { return true; }
  uint64_t StartedUSec() override { return 1'797'000'000'000'000; }
  uint32_t Running() override { return 1; }
  uint32_t Queued() override { return 0; }
  uint32_t Processes() override { return static_cast<uint32_t>(world_.processes.size()); }
  uint32_t Refused() override { return static_cast<uint32_t>(world_.diagnostics.size()); }
  uint32_t Paused() override { return 0; }
  bool RunnerConnected() override { return true; }

  std::unique_ptr<sdbus::IConnection> connection_;
  FakeWorld world_;
  std::unique_ptr<FakeProcess> process_;
  std::vector<sdbus::Result<std::string, std::string>> waiting_;
  mutable std::mutex mutex_;  // of calls_, which both threads see
  mutable std::condition_variable called_;
  std::vector<std::string> calls_;
};

}  // namespace takt
