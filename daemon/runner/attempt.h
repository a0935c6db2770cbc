// One attempt, from its order to its end.
//
//   running -> dying -> ended        running: its child lives
//                                    dying:   its child has ended; what it left is killed and waited for
//                                    ended:   its report is kept until it is acknowledged
//
// A start that fails goes to ended at once.
#pragma once

#include <sys/resource.h>

#include <chrono>
#include <functional>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "base/fd.h"
#include "base/result.h"
#include "runner/cgroup.h"
#include "runner/family.h"
#include "runner/folders.h"
#include "runner/output.h"
#include "runner/protocol.h"
#include "runner/reactor.h"

namespace takt {

// What all attempts share; it outlives them.
struct AttemptWorld {
  Reactor& reactor;
  StateFolders& folders;
  Family& family;
  const std::optional<CgroupTree>& cgroups;
  bool journal = false;
  std::function<void(const RunnerReport&)> report;
  rlim_t open_files = 0;          // of the children
  std::optional<uid_t> peer_uid;  // who gives the orders, when it is neither root nor the runner itself
};

// Owns the child's pipes, its log and its private folder. Never waits, and never reaps: whoever does that tells it.
class RunnerAttempt {
 public:
  // Starts it; what goes wrong is its end.
  static std::unique_ptr<RunnerAttempt> start(AttemptWorld& world, StartOrder order);
  // After a re-exec: from what save() gave, with the same descriptors.
  static std::unique_ptr<RunnerAttempt> resume(AttemptWorld& world, const nlohmann::json& saved);
  [[nodiscard]] nlohmann::json save() const;
  // The descriptors that save() names.
  [[nodiscard]] std::vector<int> descriptors() const;
  ~RunnerAttempt();

  [[nodiscard]] const std::string& token() const { return order_.token; }
  [[nodiscard]] std::uint64_t execution() const { return order_.execution; }
  [[nodiscard]] pid_t pid() const { return pid_; }  // -1: no child any more
  [[nodiscard]] bool dying() const { return phase_ == Phase::dying; }
  [[nodiscard]] bool ended() const { return phase_ == Phase::ended; }
  // Once it has ended.
  [[nodiscard]] const EndedReport& end() const { return end_; }

  // To everybody of it. Nothing happens when there is nobody.
  void signal(int number);
  void freeze(bool frozen);
  void kill();

  // Its child has ended and is still a zombie: its number cannot be another's yet, so what it left can be killed.
  void child_ended();
  // Its child was reaped.
  void child_reaped(int status, const rusage& usage);
  // Looks whether what was killed is gone, and ends if so, or if it has taken too long.
  void settle();

 private:
  enum class Phase { running, dying, ended };

  RunnerAttempt(AttemptWorld& world, StartOrder order);
  Status spawn();
  void watch();
  void on_status();
  void on_output(Stream stream);
  // Reads what is there, at most `budget` bytes. False: the other end is closed.
  bool drain(Stream stream, std::size_t budget);
  void close(UniqueFd& fd);
  [[nodiscard]] std::vector<pid_t> members() const;
  [[nodiscard]] bool gone() const;
  [[nodiscard]] std::string mark() const;
  void finish();
  void take_result();
  void take_figures();

  AttemptWorld& world_;
  StartOrder order_;
  Phase phase_ = Phase::running;
  pid_t pid_ = -1;
  pid_t leader_ = -1;  // the same, remembered as the number of its session
  uid_t uid_ = 0;
  bool frozen_ = false;
  std::optional<Cgroup> cgroup_;
  UniqueFd status_;
  UniqueFd streams_[2];
  std::optional<OutputLog> log_;
  std::chrono::steady_clock::time_point died_at_;
  EndedReport end_;
};

}  // namespace takt
