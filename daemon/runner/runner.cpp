#include "runner/runner.h"

#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <nlohmann/json.hpp>
#include <set>

#include "base/assert.h"
#include "runner/limits.h"

namespace takt {
namespace {

using Clock = std::chrono::steady_clock;

constexpr auto look_again = std::chrono::milliseconds(50);  // at attempts that die, beside SIGCHLD
constexpr std::chrono::milliseconds idle_grace = std::chrono::seconds(5);
constexpr auto stop_grace = std::chrono::seconds(5);  // between SIGTERM and SIGKILL when the runner is stopped

sigset_t handled_signals() {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : {SIGCHLD, SIGHUP, SIGTERM, SIGINT}) sigaddset(&set, signal);
  return set;
}

std::string new_name() {
  std::uint64_t number = 0;
  while (getrandom(&number, sizeof number, 0) < 0) continue;  // EINTR alone, getrandom(2)
  return fmt::format("{:016x}", number);
}

void set_close_on_exec(int fd, bool on) {
  fcntl(fd, F_SETFD, on ? FD_CLOEXEC : 0);
}

}  // namespace

Runner::Runner(RunnerOptions options, StateFolders folders, std::optional<CgroupTree> cgroups, UniqueFd listener,
               std::unique_ptr<Reactor> reactor)
    : options_(options),
      name_(new_name()),
      folders_(std::move(folders)),
      cgroups_(std::move(cgroups)),
      reactor_(std::move(reactor)),
      listener_(std::move(listener)),
      world_{*reactor_, folders_,        family_,
             cgroups_,  options.journal, [this](const RunnerReport& one) { report(one); },
             0,         options.peer_uid} {}

Result<std::unique_ptr<Runner>> Runner::create(RunnerOptions options, StateFolders folders,
                                               std::optional<CgroupTree> cgroups, UniqueFd listener) {
  TAKT_ASSIGN(auto reactor, Reactor::create());
  std::unique_ptr<Runner> runner(
      new Runner(options, std::move(folders), std::move(cgroups), std::move(listener), std::move(reactor)));
  TAKT_TRY(runner->begin());
  return runner;
}

// Each attempt has three, and limits::runner_attempts may run; children keep what the runner was started with.
Status Runner::raise_descriptors() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) < 0) return fail_errno("getrlimit");
  if (options_.open_files == 0) options_.open_files = limit.rlim_cur;
  world_.open_files = options_.open_files;
  limit.rlim_cur = limit.rlim_max;
  if (setrlimit(RLIMIT_NOFILE, &limit) < 0) return fail_errno("setrlimit");
  return {};
}

Status Runner::begin() {
  TAKT_TRY(raise_descriptors());
  const sigset_t handled = handled_signals();
  if (sigprocmask(SIG_BLOCK, &handled, nullptr) < 0) return fail_errno("sigprocmask");
  signal(SIGPIPE, SIG_IGN);
  if (prctl(PR_SET_CHILD_SUBREAPER, 1) < 0) return fail_errno("prctl");
  signals_ = UniqueFd(signalfd(-1, &handled, SFD_CLOEXEC | SFD_NONBLOCK));
  if (!signals_.valid()) return fail_errno("signalfd");
  tick_ = UniqueFd(timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK));
  if (!tick_.valid()) return fail_errno("timerfd_create");
  if (fcntl(listener_.get(), F_SETFL, O_NONBLOCK) < 0) return fail_errno("the socket");
  reactor_->add(listener_.get(), EPOLLIN, [this](std::uint32_t) { on_connection(); });
  reactor_->add(signals_.get(), EPOLLIN, [this](std::uint32_t) { on_signal(); });
  reactor_->add(tick_.get(), EPOLLIN, [this](std::uint32_t) { on_tick(); });
  return {};
}

Runner::Leave Runner::run() {
  reap();  // a SIGCHLD may have come to the program that was here before
  while (!leave_) {
    if (peer_gone_) peer_.reset();
    peer_gone_ = false;
    arm();
    reactor_->turn();
  }
  if (*leave_ == Leave::ended && cgroups_) cgroups_->leave();
  return *std::exchange(leave_, std::nullopt);
}

// ---- The peer

void Runner::on_connection() {
  UniqueFd socket(accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
  if (!socket.valid()) return;
  // The one before may have gone in this very turn: what it sent last is done first.
  if (peer_ && peer_->hung_up()) peer_->receive();
  const bool taken = peer_ && !peer_gone_;
  if (taken || stopping_since_ || !may_give_orders(socket.get(), options_.peer_uid)) return;
  adopt_peer(std::move(socket));
  report(HelloReport{name_});
}

void Runner::adopt_peer(UniqueFd socket) {
  peer_gone_ = false;
  peer_ = std::make_unique<RunnerPeer>(
      *reactor_, std::move(socket),
      [this](RunnerOrder order) { std::visit([this](auto& one) { obey(std::move(one)); }, order); },
      [this] { peer_gone_ = true; });
}

void Runner::report(const RunnerReport& report, UniqueFd fd) {
  if (peer_) peer_->send(report, std::move(fd));
}

// ---- Orders

RunnerAttempt* Runner::find(const std::string& token) {
  const auto found = attempts_.find(token);
  return found == attempts_.end() ? nullptr : found->second.get();
}

void Runner::tell_state(const RunnerAttempt& attempt) {
  if (attempt.ended())
    report(attempt.end());
  else
    report(RunningReport{attempt.token(), attempt.pid()});
}

void Runner::obey(StartOrder order) {
  if (const RunnerAttempt* known = find(order.token)) {
    tell_state(*known);
    return;
  }
  const std::string token = order.token;
  if (attempts_.size() >= limits::runner_attempts) {
    EndedReport refused;
    refused.token = token;
    refused.error = fmt::format("the runner knows {} attempts already, and takes no more", attempts_.size());
    report(refused);
    return;
  }
  attempts_[token] = RunnerAttempt::start(world_, std::move(order));
}

void Runner::obey(const SignalOrder& order) {
  if (RunnerAttempt* attempt = find(order.token)) attempt->signal(order.signal);
}
void Runner::obey(const FreezeOrder& order) {
  if (RunnerAttempt* attempt = find(order.token)) attempt->freeze(true);
}
void Runner::obey(const ThawOrder& order) {
  if (RunnerAttempt* attempt = find(order.token)) attempt->freeze(false);
}
void Runner::obey(const KillOrder& order) {
  if (RunnerAttempt* attempt = find(order.token)) attempt->kill();
}

void Runner::obey(const ListOrder& order) {
  const std::set<std::string> asked(order.tokens.begin(), order.tokens.end());
  std::erase_if(attempts_, [&](const auto& one) { return one.second->ended() && !asked.contains(one.first); });
  for (const std::string& token : order.tokens) {
    if (const RunnerAttempt* attempt = find(token))
      tell_state(*attempt);
    else
      report(LostReport{token});
  }
}

void Runner::obey(const AcknowledgeOrder& order) {
  if (const RunnerAttempt* attempt = find(order.token); attempt != nullptr && attempt->ended())
    attempts_.erase(order.token);
}

void Runner::obey(const ForgetOrder& order) {
  const bool in_use = std::any_of(attempts_.begin(), attempts_.end(), [&](const auto& one) {
    return one.second->execution() == order.execution && !one.second->ended();
  });
  if (!in_use) folders_.forget(order.execution);
}

void Runner::obey(const OpenLogOrder& order) {
  auto log = folders_.read_log(order.execution);
  if (log)
    report(LogReport{order.execution, ""}, std::move(*log));
  else
    report(LogReport{order.execution, log.error().message});
}

// ---- Signals and time

void Runner::on_signal() {
  signalfd_siginfo info{};
  while (read(signals_.get(), &info, sizeof info) == sizeof info) {
    if (info.ssi_signo == SIGHUP)
      leave_ = Leave::reexec;
    else if (info.ssi_signo == SIGTERM || info.ssi_signo == SIGINT)
      stop();
  }
  reap();
}

// Each child is looked at while it is a zombie, and reaped after: until then its number, and that of its session, is
// nobody else's.
void Runner::reap() {
  siginfo_t info{};
  while (info.si_pid = 0, waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid != 0) {
    const pid_t pid = info.si_pid;
    const auto found =
        std::find_if(attempts_.begin(), attempts_.end(), [pid](const auto& one) { return one.second->pid() == pid; });
    if (found != attempts_.end()) found->second->child_ended();
    int status = 0;
    rusage usage{};
    wait4(pid, &status, 0, &usage);
    if (found != attempts_.end()) found->second->child_reaped(status, usage);
  }
  for (const auto& [token, attempt] : attempts_) attempt->settle();
}

void Runner::on_tick() {
  std::uint64_t count = 0;
  if (read(tick_.get(), &count, sizeof count) < 0) return;
  armed_ = {};
  for (const auto& [token, attempt] : attempts_) {
    attempt->settle();
    if (stopping_since_ && Clock::now() - *stopping_since_ >= stop_grace) attempt->kill();
  }
  const bool over =
      std::all_of(attempts_.begin(), attempts_.end(), [](const auto& one) { return one.second->ended(); });
  const bool idle = attempts_.empty() && !peer_;
  if (stopping_since_ ? over : options_.exit_idle && idle) leave_ = Leave::ended;
}

// The peer is let go first: what it did not hear of is lost to it, and so `interrupted`. Nothing of it has failed.
void Runner::stop() {
  if (stopping_since_) return;
  stopping_since_ = Clock::now();
  peer_gone_ = true;
  for (const auto& [token, attempt] : attempts_) {
    attempt->freeze(false);
    attempt->signal(SIGTERM);
  }
}

// The one timer: often while something dies, once when there is nothing left to do, else never.
void Runner::arm() {
  const bool dying =
      std::any_of(attempts_.begin(), attempts_.end(), [](const auto& one) { return one.second->dying(); });
  std::chrono::milliseconds delay{0};
  if (dying || stopping_since_)
    delay = look_again;
  else if (options_.exit_idle && attempts_.empty() && !peer_)
    delay = idle_grace;
  if (delay == armed_) return;  // setting it anew in each turn would put it off for ever
  armed_ = delay;
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(delay);
  itimerspec timer{};
  timer.it_value.tv_sec = seconds.count();
  timer.it_value.tv_nsec = std::chrono::nanoseconds(delay - seconds).count();
  timerfd_settime(tick_.get(), 0, &timer, nullptr);
}

// ---- Re-exec

void Runner::keep_descriptors(bool keep) {
  set_close_on_exec(listener_.get(), !keep);
  set_close_on_exec(folders_.lock(), !keep);
  if (peer_) set_close_on_exec(peer_->socket(), !keep);
  for (const auto& [token, attempt] : attempts_)
    for (const int fd : attempt->descriptors()) set_close_on_exec(fd, !keep);
}

nlohmann::json Runner::save() {
  if (peer_gone_) peer_.reset();
  nlohmann::json attempts = nlohmann::json::array();
  for (const auto& [token, attempt] : attempts_) attempts.push_back(attempt->save());
  keep_descriptors(true);
  return {{"name", name_},
          {"listener", listener_.get()},
          {"peer", peer_ ? peer_->socket() : -1},
          {"lock", folders_.lock()},
          {"cgroup", cgroups_ ? cgroups_->path() : ""},
          {"own_cgroup", cgroups_ && cgroups_->own()},
          {"spared", family_.spared()},
          {"open_files", options_.open_files},
          {"attempts", std::move(attempts)}};
}

Result<std::unique_ptr<Runner>> Runner::resume(RunnerOptions options, const std::string& state_path,
                                               const nlohmann::json& saved) {
  TAKT_ASSIGN(StateFolders folders, StateFolders::open(state_path, saved.at("lock")));
  std::optional<CgroupTree> cgroups;
  if (const std::string path = saved.at("cgroup"); !path.empty())
    cgroups = CgroupTree::resume(path, saved.at("own_cgroup"));
  options.open_files = saved.value("open_files", rlim_t{0});
  TAKT_ASSIGN(auto runner,
              create(options, std::move(folders), std::move(cgroups), UniqueFd(saved.at("listener").get<int>())));
  runner->name_ = saved.value("name", runner->name_);
  runner->family_.resume(saved.at("spared").get<Family::Spared>());
  if (const int peer = saved.at("peer"); peer >= 0) runner->adopt_peer(UniqueFd(peer));
  for (const nlohmann::json& one : saved.at("attempts")) {
    auto attempt = RunnerAttempt::resume(runner->world_, one);
    const std::string token = attempt->token();
    runner->attempts_[token] = std::move(attempt);
  }
  runner->keep_descriptors(false);
  // Reports that waited in the program before are said again; to hear of an end twice does no harm.
  for (const auto& [token, attempt] : runner->attempts_)
    if (attempt->ended()) runner->tell_state(*attempt);
  return runner;
}

}  // namespace takt
