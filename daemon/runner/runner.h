// takt-runner: it makes children as it is told, watches them, and tells how they ended. It decides nothing.
//
// An end is kept until it is acknowledged, also while nobody is connected. One peer at a time. SIGCHLD reaps; SIGHUP
// re-executes the program in place, its children kept; SIGTERM and SIGINT end all attempts, and then the program.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

#include "base/fd.h"
#include "base/result.h"
#include "runner/attempt.h"
#include "runner/cgroup.h"
#include "runner/family.h"
#include "runner/folders.h"
#include "runner/peer.h"
#include "runner/reactor.h"

namespace takt {

struct RunnerOptions {
  bool journal = false;
  bool exit_idle = false;  // leave when there is neither an attempt nor a peer
  std::optional<uid_t> peer_uid;
  rlim_t open_files = 0;  // soft limit of the children's descriptors; 0: what the runner was started with
};

// Owns the socket, the peer, the attempts and the folders. Everything happens in run(), in one thread.
class Runner {
 public:
  // Blocks the signals it handles, becomes a subreaper. `listener` is a listening SOCK_SEQPACKET socket.
  static Result<std::unique_ptr<Runner>> create(RunnerOptions options, StateFolders folders,
                                                std::optional<CgroupTree> cgroups, UniqueFd listener);
  // From what save() gave, in the program that was executed in place.
  static Result<std::unique_ptr<Runner>> resume(RunnerOptions options, const std::string& state_path,
                                                const nlohmann::json& saved);

  enum class Leave { ended, reexec };
  Leave run();

  // All that the next program needs; its descriptors stay open through an exec, until keep_descriptors(false).
  nlohmann::json save();
  void keep_descriptors(bool keep);

 private:
  Runner(RunnerOptions options, StateFolders folders, std::optional<CgroupTree> cgroups, UniqueFd listener,
         std::unique_ptr<Reactor> reactor);
  Status begin();
  Status raise_descriptors();
  void adopt_peer(UniqueFd socket);
  void on_connection();
  void on_signal();
  void on_tick();
  void reap();
  void stop();
  void arm();

  void obey(StartOrder order);
  void obey(const SignalOrder& order);
  void obey(const FreezeOrder& order);
  void obey(const ThawOrder& order);
  void obey(const KillOrder& order);
  void obey(const ListOrder& order);
  void obey(const AcknowledgeOrder& order);
  void obey(const ForgetOrder& order);
  void obey(const OpenLogOrder& order);
  RunnerAttempt* find(const std::string& token);
  void tell_state(const RunnerAttempt& attempt);
  void report(const RunnerReport& report, UniqueFd fd = {});

  RunnerOptions options_;
  std::string name_;  // HelloReport::runner
  StateFolders folders_;
  std::optional<CgroupTree> cgroups_;
  std::unique_ptr<Reactor> reactor_;
  UniqueFd listener_;
  UniqueFd signals_;
  UniqueFd tick_;
  Family family_;
  AttemptWorld world_;
  std::map<std::string, std::unique_ptr<RunnerAttempt>> attempts_;  // by token
  std::unique_ptr<RunnerPeer> peer_;
  bool peer_gone_ = false;  // to be let go at the end of the turn
  std::optional<Leave> leave_;
  std::chrono::milliseconds armed_{0};  // what the timer was set to and has not reached; 0: it rests
  std::optional<std::chrono::steady_clock::time_point> stopping_since_;
};

}  // namespace takt
