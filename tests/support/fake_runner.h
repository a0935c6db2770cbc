// A runner without children: it says of each attempt how its child would have ended, and when. Like takt-runner it
// outlives the daemon, starts no attempt twice while it knows it, and keeps an end until it is acknowledged. It writes
// a journal of what really happened, which it never forgets.
#pragma once

#include <algorithm>
#include <csignal>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "runtime/ports.h"

namespace takt::test {

// What a child will do when it is left alone, and when it is told to end.
struct Fate {
  std::optional<Duration> lasts = Duration(0);  // nothing: it never ends by itself
  int exit_code = 0;
  std::optional<int> dies_of = std::nullopt;  // a signal, instead of exiting
  bool ignores_signals = false;
};

// The truth about one attempt.
struct Life {
  ExecutionId execution = 0;
  int starts = 0;
  Fate fate;
  bool alive = false;
  bool frozen = false;
  std::optional<int> pending_signal;  // came while it was frozen
  Duration left{0};                   // of its life, when it was last thawed
  BootTime since;                     // when that was
  std::optional<AttemptEnded> end;
  bool known = false;  // to the runner, now
  bool lost = false;   // the runner was killed before its end was acknowledged
};

using RunnerReport = std::variant<AttemptEnded, AttemptLost>;

class FakeRunner {
 public:
  explicit FakeRunner(const Clock& clock) : clock_(clock) {}

  std::map<std::string, Life> journal;  // by token
  std::function<Fate(const AttemptSpec&)> fate = [](const AttemptSpec&) { return Fate{}; };
  std::function<void(const AttemptSpec&)> starting = [](const AttemptSpec&) {};
  std::function<void(RunnerReport)> peer;  // nothing: nobody is connected

  void start(const AttemptSpec& spec) {
    Life& life = journal[spec.token];
    if (life.known) return tell(spec.token);
    starting(spec);
    life.execution = spec.execution;
    ++life.starts;
    life.fate = fate(spec);
    life.known = life.alive = true;
    alive_.insert(spec.token);
    life.left = life.fate.lasts.value_or(Duration(0));
    life.since = clock_.now().boot;
  }
  void signal(const std::string& token, int signal) {
    Life* life = living(token);
    if (life == nullptr || life->fate.ignores_signals) return;
    if (life->frozen)
      life->pending_signal = signal;
    else
      end(token, std::nullopt, signal);
  }
  void freeze(const std::string& token) {
    Life* life = living(token);
    if (life == nullptr || life->frozen) return;
    life->left -= clock_.now().boot - life->since;
    life->frozen = true;
  }
  void thaw(const std::string& token) {
    Life* life = living(token);
    if (life == nullptr || !life->frozen) return;
    life->frozen = false;
    life->since = clock_.now().boot;
    if (life->pending_signal) end(token, std::nullopt, *life->pending_signal);
  }
  void kill(const std::string& token) {
    if (living(token) != nullptr) end(token, std::nullopt, SIGKILL);
  }
  void acknowledge(const std::string& token) {
    Life& life = journal[token];
    if (life.end) life.known = false;
  }
  // Ends of others than these are let go.
  void list(const std::vector<std::string>& tokens) {
    for (auto& [token, life] : journal)
      if (life.known && life.end && std::find(tokens.begin(), tokens.end(), token) == tokens.end()) life.known = false;
    for (const std::string& token : tokens) tell(token);
  }

  // Its name, until it dies.
  [[nodiscard]] std::string name() const { return "runner " + std::to_string(deaths_); }
  // The runner is killed, and all its children with it.
  void die() {
    peer = nullptr;
    ++deaths_;
    for (auto& [token, life] : journal) {
      if (!life.known) continue;
      life.known = life.alive = false;
      life.lost = true;
    }
    alive_.clear();
  }

  // When the next child ends by itself.
  [[nodiscard]] std::optional<BootTime> next_at() const {
    std::optional<BootTime> next;
    for (const std::string& token : alive_)
      if (const auto at = ends_at(journal.at(token)); at && (!next || *at < *next)) next = at;
    return next;
  }
  // Those whose time has come end.
  void pass_time() {
    for (const std::string& token : std::set(alive_)) {
      const Life& life = journal.at(token);
      if (const auto at = ends_at(life); !at || *at > clock_.now().boot) continue;
      end(token, life.fate.dies_of ? std::nullopt : std::optional(life.fate.exit_code), life.fate.dies_of);
    }
  }
  // Attempts whose children live.
  [[nodiscard]] const std::set<std::string>& alive() const { return alive_; }

 private:
  static std::optional<BootTime> ends_at(const Life& life) {
    if (!life.alive || life.frozen || !life.fate.lasts) return std::nullopt;
    return life.since + life.left;
  }
  Life* living(const std::string& token) {
    const auto at = journal.find(token);
    return at != journal.end() && at->second.alive ? &at->second : nullptr;
  }
  void end(const std::string& token, std::optional<int> exit_code, std::optional<int> signal) {
    Life& life = journal.at(token);
    life.alive = life.frozen = false;
    alive_.erase(token);
    AttemptEnded ended;
    ended.token = token;
    ended.exit_code = exit_code;
    ended.signal = signal;
    ended.output_tail = "the last words of " + token;
    ended.ended_at = clock_.now().wall;
    life.end = std::move(ended);
    tell(token);
  }
  void tell(const std::string& token) {
    if (!peer) return;
    const auto at = journal.find(token);
    if (at == journal.end() || !at->second.known)
      peer(AttemptLost{token});
    else if (at->second.end)
      peer(*at->second.end);
  }

  const Clock& clock_;
  std::set<std::string> alive_;
  int deaths_ = 0;
};

// One daemon's connection to the runner: orders that find it broken wait until it is there again, and what the runner
// says waits until the test delivers it.
class FakeExecutor final : public Executor {
 public:
  explicit FakeExecutor(FakeRunner& runner) : runner_(runner) {}
  ~FakeExecutor() override { disconnect(); }
  FakeExecutor(const FakeExecutor&) = delete;
  FakeExecutor& operator=(const FakeExecutor&) = delete;

  std::vector<std::string> orders;                                               // "start 1.1.0.1", "forget 7"
  std::function<void(const std::string&)> ordering = [](const std::string&) {};  // before each of them
  std::function<void()> reported = [] {};                                        // something waits for deliver()

  void connect(ExecutorEvents& events) {
    connected_ = true;
    runner_.peer = [this](RunnerReport report) {
      inbox_.push_back(std::move(report));
      reported();
    };
    for (const auto& order : std::exchange(waiting_, {})) order();
    events.executor_ready(runner_.name());
  }
  // What was said and not delivered is lost.
  void disconnect() {
    if (!connected_) return;
    connected_ = false;
    runner_.peer = nullptr;
    inbox_.clear();
  }
  [[nodiscard]] bool has_report() const { return !inbox_.empty(); }
  void deliver(ExecutorEvents& events) {
    const RunnerReport report = std::move(inbox_.front());
    inbox_.pop_front();
    if (const auto* ended = std::get_if<AttemptEnded>(&report))
      events.attempt_ended(*ended);
    else
      events.attempt_lost(std::get<AttemptLost>(report));
  }

  [[nodiscard]] bool connected() const override { return connected_; }
  void start(const AttemptSpec& spec) override {
    order("start " + spec.token, [this, spec] { runner_.start(spec); });
  }
  void signal(const std::string& token, int signal) override {
    order("signal " + token, [this, token, signal] { runner_.signal(token, signal); });
  }
  void freeze(const std::string& token) override {
    order("freeze " + token, [this, token] { runner_.freeze(token); });
  }
  void thaw(const std::string& token) override {
    order("thaw " + token, [this, token] { runner_.thaw(token); });
  }
  void kill_all(const std::string& token) override {
    order("kill " + token, [this, token] { runner_.kill(token); });
  }
  void acknowledge(const std::string& token) override {
    order("acknowledge " + token, [this, token] { runner_.acknowledge(token); });
  }
  void readopt(const std::vector<std::string>& tokens) override {
    std::string line = "readopt";
    for (const std::string& token : tokens) line += " " + token;
    order(line, [this, tokens] { runner_.list(tokens); });
  }
  void forget(ExecutionId id) override {
    order("forget " + std::to_string(id), [] {});
  }
  void open_log(ExecutionId, std::function<void(Result<UniqueFd>)> reply) override {
    reply(fail(ErrorCode::unavailable, "there is no log here"));
  }

 private:
  void order(std::string line, std::function<void()> act) {
    ordering(line);
    orders.push_back(std::move(line));
    if (connected_)
      act();
    else
      waiting_.push_back(std::move(act));
  }

  FakeRunner& runner_;
  bool connected_ = false;
  std::vector<std::function<void()>> waiting_;
  std::deque<RunnerReport> inbox_;
};

}  // namespace takt::test
