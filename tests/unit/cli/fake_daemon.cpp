#include "fake_daemon.h"

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>

#include "base/names.h"
#include "base/value.h"
#include "cli/bus_values.h"
#include "support/patience.h"

namespace takt {
namespace {

constexpr const char* process_path = "/org/taktd/Takt1/process/nightly";

// "name=value …", each value with its D-Bus type.
std::string told(const Variants& variants) {
  std::string text;
  for (const auto& [name, variant] : variants) {
    text += " " + name + "=" + variant.peekValueType() + ":" + value_text(to_value(variant));
  }
  return text;
}

}  // namespace

FakeProcess::FakeProcess(sdbus::IConnection& connection, const std::string& path)
    : AdaptorInterfaces(connection, path) {
  registerAdaptor();
}

FakeProcess::~FakeProcess() {
  unregisterAdaptor();
}

void FakeProcess::Start(sdbus::Result<uint64_t, sdbus::ObjectPath>&& result, Variants, Variants) {
  result.returnResults(1, sdbus::ObjectPath("/"));
}

std::unique_ptr<FakeDaemon> FakeDaemon::create(const std::string& address, FakeWorld world) {
  return std::unique_ptr<FakeDaemon>(
      new FakeDaemon(sdbus::createSessionBusConnectionWithAddress(address), std::move(world)));
}

FakeDaemon::FakeDaemon(std::unique_ptr<sdbus::IConnection> connection, FakeWorld world)
    : AdaptorInterfaces(*connection, names::bus_path), connection_(std::move(connection)), world_(std::move(world)) {
  registerAdaptor();
  process_ = std::make_unique<FakeProcess>(*connection_, process_path);
  connection_->requestName(names::bus_name);
  connection_->enterEventLoopAsync();
}

FakeDaemon::~FakeDaemon() {
  connection_->leaveEventLoop();
  waiting_.clear();
  process_.reset();
  unregisterAdaptor();
}

std::vector<std::string> FakeDaemon::calls() const {
  const std::lock_guard lock(mutex_);
  return calls_;
}

void FakeDaemon::await_call(const std::string& call) const {
  std::unique_lock lock(mutex_);
  const auto asked = [&] { return std::find(calls_.begin(), calls_.end(), call) != calls_.end(); };
  EXPECT_TRUE(called_.wait_for(lock, test::patience, asked)) << call;
}

void FakeDaemon::note(const std::string& method, const std::string& arguments) {
  {
    const std::lock_guard lock(mutex_);
    calls_.push_back(method + arguments);
  }
  called_.notify_all();
  const auto refusal = world_.refusals.find(method);
  if (refusal != world_.refusals.end()) throw sdbus::Error(refusal->second, "refused " + method);
}

template <class... Results>
void FakeDaemon::answer(sdbus::Result<Results...>& result, const std::string& method, const std::string& arguments,
                        const Results&... results) {
  try {
    note(method, arguments);
    result.returnResults(results...);
  } catch (const sdbus::Error& error) {
    result.returnError(error);
  }
}

void FakeDaemon::StartProcess(sdbus::Result<uint64_t, sdbus::ObjectPath>&& result, std::string name, Variants inputs,
                              Variants options) {
  answer<uint64_t, sdbus::ObjectPath>(result, "StartProcess", " " + name + told(inputs) + told(options), 12,
                                      sdbus::ObjectPath("/org/taktd/Takt1/execution/12"));
}

void FakeDaemon::PauseExecution(sdbus::Result<>&& result, uint64_t id, Variants options) {
  answer(result, "PauseExecution", " " + std::to_string(id) + told(options));
}
void FakeDaemon::ResumeExecution(sdbus::Result<>&& result, uint64_t id, Variants options) {
  answer(result, "ResumeExecution", " " + std::to_string(id) + told(options));
}
void FakeDaemon::CancelExecution(sdbus::Result<>&& result, uint64_t id, Variants options) {
  answer(result, "CancelExecution", " " + std::to_string(id) + told(options));
}
void FakeDaemon::RetryExecution(sdbus::Result<>&& result, uint64_t id, Variants options) {
  answer(result, "RetryExecution", " " + std::to_string(id) + told(options));
}

void FakeDaemon::RollbackExecution(sdbus::Result<>&& result, uint64_t id, Variants options) {
  answer(result, "RollbackExecution", " " + std::to_string(id) + told(options));
}
void FakeDaemon::Approve(sdbus::Result<>&& result, uint64_t id, std::string step, bool yes, std::string comment) {
  answer(result, "Approve", " " + std::to_string(id) + " " + step + (yes ? " yes " : " no ") + comment);
}
void FakeDaemon::Emit(sdbus::Result<uint32_t>&& result, std::string event, Variants payload) {
  answer<uint32_t>(result, "Emit", " " + event + told(payload), 2);
}
void FakeDaemon::SkipNext(sdbus::Result<uint32_t>&& result, std::string name, uint32_t count) {
  answer<uint32_t>(result, "SkipNext", " " + name + " " + std::to_string(count), count);
}
void FakeDaemon::ClearCache(sdbus::Result<>&& result, Variants options) {
  answer(result, "ClearCache", told(options));
}
void FakeDaemon::Statistics(sdbus::Result<Variants>&& result, Variants filter) {
  answer(result, "Statistics", told(filter), world_.statistics);
}
Variants FakeDaemon::DescribeProcess(const std::string& name) {
  note("DescribeProcess", " " + name);
  if (name != "nightly") throw sdbus::Error("org.taktd.Takt1.Error.NoSuchProcess", "no process " + name);
  return world_.definition;
}
void FakeDaemon::ListVersions(sdbus::Result<VersionRows>&& result, std::string name) {
  answer(result, "ListVersions", " " + name, world_.versions);
}

void FakeDaemon::WaitExecution(sdbus::Result<std::string, std::string>&& result, uint64_t id) {
  const auto outcome = world_.outcomes.find(id);
  if (outcome == world_.outcomes.end()) {
    waiting_.push_back(std::move(result));
    note("WaitExecution", " " + std::to_string(id));
    return;
  }
  if (world_.lively) {
    emitExecutionStarted(id, "nightly", 2);
    emitStepStarted(id, "nightly", "fetch", 1);
    emitStepStarted(99, "another", "unrelated", 1);
    emitStepFinished(id, "nightly", "fetch", outcome->second, "exit code 7");
    emitStepWaiting(id, "nightly", "release", "Ship it?");
    emitEmitted("shipped", {{"to", sdbus::Variant(std::string("eu"))}}, "nightly", id);
    process_->tell_paused();
    emitProgress(id, "nightly", 0.5, "store", 1, 2);
    emitExecutionFinished(id, "nightly", outcome->second, "exit code 7");
  }
  answer<std::string, std::string>(result, "WaitExecution", " " + std::to_string(id), outcome->second, "{\"n\":1}");
}

void FakeDaemon::DescribeExecution(sdbus::Result<Variants>&& result, uint64_t id) {
  const auto found = world_.descriptions.find(id);
  if (found == world_.descriptions.end()) {
    result.returnError(sdbus::Error("org.taktd.Takt1.Error.NoSuchExecution", "no execution " + std::to_string(id)));
  } else {
    answer(result, "DescribeExecution", " " + std::to_string(id), found->second);
  }
}

void FakeDaemon::OpenLog(sdbus::Result<sdbus::UnixFd>&& result, uint64_t id, Variants) {
  const int file = ::memfd_create("log", MFD_CLOEXEC);
  EXPECT_EQ(::pwrite(file, world_.log.data(), world_.log.size(), 0), static_cast<ssize_t>(world_.log.size()));
  answer(result, "OpenLog", " " + std::to_string(id), sdbus::UnixFd(file, sdbus::adopt_fd));
}

ProcessRows FakeDaemon::ListProcesses(const Variants& filter) {
  note("ListProcesses", told(filter));
  return world_.processes;
}

void FakeDaemon::ListExecutions(sdbus::Result<ExecutionRows, std::string>&& result, Variants filter, std::string cursor,
                                uint32_t limit) {
  // One row a page, so that whoever wants more has to come again.
  const std::size_t at = cursor.empty() ? 0 : std::stoul(cursor);
  ExecutionRows page;
  if (at < world_.executions.size()) page.push_back(world_.executions[at]);
  answer<ExecutionRows, std::string>(result, "ListExecutions",
                                     " " + cursor + "/" + std::to_string(limit) + told(filter), page,
                                     at + 1 < world_.executions.size() ? std::to_string(at + 1) : "");
}

UpcomingRows FakeDaemon::ListUpcoming(const Variants& filter, const uint32_t& count) {
  note("ListUpcoming", " " + std::to_string(count) + told(filter));
  return world_.upcoming;
}

sdbus::ObjectPath FakeDaemon::GetProcess(const std::string& name) {
  if (name == "nightly") return sdbus::ObjectPath(process_path);
  throw sdbus::Error("org.taktd.Takt1.Error.NoSuchProcess", "no process " + name);
}

void FakeDaemon::GetDefinition(sdbus::Result<std::string>&& result, std::string name, std::string version) {
  const auto found = world_.definitions.find(version);
  answer(result, "GetDefinition", " " + name + " " + version,
         found == world_.definitions.end() ? std::string("[[step]]\nname = \"fetch\"\n") : found->second);
}

void FakeDaemon::CheckDefinition(sdbus::Result<DiagnosticRows>&& result, std::string name, std::string) {
  answer(result, "CheckDefinition", " " + name, DiagnosticRows());
}

void FakeDaemon::PutDefinition(sdbus::Result<DiagnosticRows>&& result, std::string name, std::string text,
                               Variants options) {
  answer(result, "PutDefinition", " " + name + told(options) + " " + text, world_.diagnostics);
}
void FakeDaemon::DeleteDefinition(sdbus::Result<>&& result, std::string name, Variants) {
  answer(result, "DeleteDefinition", " " + name);
}
void FakeDaemon::EnableProcess(sdbus::Result<>&& result, std::string name, Variants) {
  answer(result, "EnableProcess", " " + name);
}
void FakeDaemon::DisableProcess(sdbus::Result<>&& result, std::string name, Variants) {
  answer(result, "DisableProcess", " " + name);
}
void FakeDaemon::PauseProcess(sdbus::Result<>&& result, std::string name, Variants options) {
  answer(result, "PauseProcess", " " + name + told(options));
}
void FakeDaemon::ResumeProcess(sdbus::Result<>&& result, std::string name, Variants) {
  answer(result, "ResumeProcess", " " + name);
}
void FakeDaemon::Reload(sdbus::Result<DiagnosticRows>&& result) {
  answer(result, "Reload", "", world_.diagnostics);
}

}  // namespace takt
