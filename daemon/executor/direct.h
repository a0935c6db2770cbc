// Runs attempts through takt-runner(8): the executor `direct`.
#pragma once

#include <chrono>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/fd.h"
#include "base/result.h"
#include "loop/loop.h"
#include "runner/packet.h"
#include "runner/protocol.h"
#include "runtime/ports.h"

namespace takt {

struct DirectOptions {
  std::string socket;                // where the runner listens
  std::string program;               // takt-runner, to be started when nobody listens there; empty: systemd does that
  std::vector<std::string> options;  // for it, beside --socket and --exit-idle
};

// Owns the connection to the runner, and the orders that wait until there is one. An order is sent once, in the order
// of the calls: what a runner took with it when it died is told as lost when the runtime asks (readopt) after
// executor_ready().
//
// It never waits, never opens what a child may have made, and parses results here rather than where root runs.
class DirectExecutor : public Executor {
 public:
  // Begins to connect; executor_ready() comes once the runner has said who it is, the first time too. `events` and
  // `log` must outlive it, as must the loop.
  static Result<std::unique_ptr<DirectExecutor>> create(Loop& loop, ExecutorEvents& events, Log& log,
                                                        DirectOptions options);
  ~DirectExecutor() override;

  [[nodiscard]] bool connected() const override { return socket_.valid(); }

  void start(const AttemptSpec& spec) override;
  void signal(const std::string& token, int signal) override;
  void freeze(const std::string& token) override;
  void thaw(const std::string& token) override;
  void kill_all(const std::string& token) override;
  void acknowledge(const std::string& token) override;
  // All attempts that matter: the runner lets go of the ends of others.
  void readopt(const std::vector<std::string>& tokens) override;
  void forget(ExecutionId id) override;
  void open_log(ExecutionId id, std::function<void(Result<UniqueFd>)> reply) override;

 private:
  DirectExecutor(Loop& loop, ExecutorEvents& events, Log& log, DirectOptions options);
  void connect();
  void connect_in(std::chrono::milliseconds delay);
  void connect_later();
  void start_runner();
  void works();  // the runner does: what is wrong with it from now on is news, and soon over
  void disconnect(const std::string& why);
  void on_socket(std::uint32_t events);
  void receive();
  void flush();
  void send(const RunnerOrder& order);
  void hear(const RunnerReport& report, UniqueFd fd);

  Loop& loop_;
  ExecutorEvents& events_;
  Log& log_;
  DirectOptions options_;
  UniqueFd socket_;
  Loop::Watch socket_watch_;
  UniqueFd timer_;
  Loop::Watch timer_watch_;
  std::chrono::milliseconds delay_;                                      // to the next try
  std::optional<std::chrono::steady_clock::time_point> runner_started_;  // by us, and not heard of yet
  std::chrono::steady_clock::time_point connected_at_;
  bool told_ = false;  // that the runner is gone: once, until it speaks again
  std::deque<Packet> waiting_;
  std::multimap<ExecutionId, std::function<void(Result<UniqueFd>)>> log_readers_;
};

// The result that an attempt left, as its ResultSource says: JSON from the file or from stdout, an array of lines, or
// nothing.
Result<Value> parse_result(const EndedReport& report);

}  // namespace takt
