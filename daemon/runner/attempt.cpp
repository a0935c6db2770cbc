#include "runner/attempt.h"

#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <nlohmann/json.hpp>
#include <string_view>

#include "base/assert.h"
#include "base/limits.h"
#include "base/names.h"
#include "runner/packet.h"

namespace takt {
namespace {

constexpr std::size_t read_bytes = 64 * 1024;     // of one stream in one turn: everybody gets his
constexpr std::size_t drain_bytes = 1024 * 1024;  // at the end: as much as a pipe can hold (pipe(7))
constexpr auto longest_dying = std::chrono::seconds(5);

// A pipe whose read end does not block. The write end belongs to the child's user, who may open it again by its name
// (/dev/stdout).
Result<std::pair<UniqueFd, UniqueFd>> output_pipe(const ChildUser& user) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) < 0) return fail_errno("pipe");
  std::pair<UniqueFd, UniqueFd> pipe{UniqueFd(ends[0]), UniqueFd(ends[1])};
  if (fcntl(ends[0], F_SETFL, O_NONBLOCK) < 0) return fail_errno("pipe");
  if (user.switches && fchown(ends[1], user.uid, user.gid) < 0) return fail_errno("pipe");
  return pipe;
}

Result<UniqueFd> input_file(const std::string& content) {
  if (!content.empty()) return sealed_memfd("takt-stdin", content);
  UniqueFd null(open("/dev/null", O_RDONLY | O_CLOEXEC));
  if (!null.valid()) return fail_errno("open /dev/null");
  return null;
}

std::int64_t us(const timeval& span) {
  return std::int64_t{span.tv_sec} * 1'000'000 + span.tv_usec;
}

}  // namespace

RunnerAttempt::RunnerAttempt(AttemptWorld& world, StartOrder order) : world_(world), order_(std::move(order)) {
  end_.token = order_.token;
  end_.capture = order_.capture;
}

RunnerAttempt::~RunnerAttempt() {
  close(status_);
  for (UniqueFd& stream : streams_) close(stream);
}

std::unique_ptr<RunnerAttempt> RunnerAttempt::start(AttemptWorld& world, StartOrder order) {
  std::unique_ptr<RunnerAttempt> attempt(new RunnerAttempt(world, std::move(order)));
  if (const Status spawned = attempt->spawn(); !spawned) {
    attempt->end_.error = spawned.error().message;
    attempt->end_.ended_at_us = utc_us();
    attempt->finish();
  }
  // What the child was given needs no room any more.
  attempt->order_.context.clear();
  attempt->order_.environment.clear();
  attempt->order_.standard_input.clear();
  return attempt;
}

Status RunnerAttempt::spawn() {
  TAKT_ASSIGN(const ChildUser user, find_child_user(order_.user));
  // A child of the user who gives the orders could give them too: as whom it likes.
  if (world_.peer_uid == user.uid && user.uid != ::geteuid())
    return fail(ErrorCode::access_denied, "user {}: the daemon's own user runs no steps", user.name);
  uid_ = user.uid;
  TAKT_ASSIGN(const std::string work, world_.folders.make_work(order_.execution, user));
  TAKT_TRY(world_.folders.make_attempt(order_.token, user, order_.context));
  TAKT_ASSIGN(UniqueFd file, world_.folders.append_log(order_.execution));
  const bool captures = order_.capture == Capture::output || order_.capture == Capture::lines;
  log_.emplace(OutputLabel{order_.process, order_.execution, order_.step, order_.attempt}, std::move(file),
               world_.journal, order_.log_bytes, captures);

  ChildSetup setup;
  setup.argv = order_.argv;
  setup.environment = base_environment(user);
  for (const auto& [name, value] : order_.environment) setup.environment[name] = value;
  setup.environment[std::string(names::work_directory)] = work;
  setup.environment[std::string(names::context_file)] = world_.folders.context_path(order_.token);
  setup.environment[std::string(names::result_file)] = world_.folders.result_path(order_.token);
  setup.user = user;
  setup.directory = order_.directory.empty() ? work : order_.directory;
  TAKT_ASSIGN(const UniqueFd input, input_file(order_.standard_input));
  TAKT_ASSIGN(auto output, output_pipe(user));
  TAKT_ASSIGN(auto error, output_pipe(user));
  setup.standard_input = input.get();
  setup.standard_output = output.second.get();
  setup.standard_error = error.second.get();
  setup.open_files = world_.open_files;
  UniqueFd cgroup;
  if (world_.cgroups) {
    TAKT_ASSIGN(cgroup_, world_.cgroups->make(order_.token));
    TAKT_ASSIGN(cgroup, cgroup_->open());
    setup.cgroup = cgroup.get();
  }
  TAKT_ASSIGN(Child child, spawn_child(setup));
  pid_ = leader_ = child.pid;
  status_ = std::move(child.status);
  streams_[0] = std::move(output.first);
  streams_[1] = std::move(error.first);
  watch();
  return {};
}

void RunnerAttempt::watch() {
  if (pid_ > 0) world_.family.add_leader(pid_);
  if (status_.valid()) world_.reactor.add(status_.get(), EPOLLIN, [this](std::uint32_t) { on_status(); });
  for (const Stream stream : {Stream::out, Stream::err})
    if (const UniqueFd& fd = streams_[static_cast<std::size_t>(stream)]; fd.valid())
      world_.reactor.add(fd.get(), EPOLLIN, [this, stream](std::uint32_t) { on_output(stream); });
}

void RunnerAttempt::close(UniqueFd& fd) {
  if (!fd.valid()) return;
  world_.reactor.remove(fd.get());
  fd.reset();
}

void RunnerAttempt::on_status() {
  if (auto failure = read_start_failure(status_.get()))
    end_.error = std::move(*failure);
  else if (phase_ == Phase::running)
    world_.report(StartedReport{order_.token, pid_});
  close(status_);
}

void RunnerAttempt::on_output(Stream stream) {
  if (!drain(stream, read_bytes)) close(streams_[static_cast<std::size_t>(stream)]);
}

bool RunnerAttempt::drain(Stream stream, std::size_t budget) {
  char buffer[read_bytes];
  while (budget > 0) {
    const ssize_t got = read(streams_[static_cast<std::size_t>(stream)].get(), buffer, std::min(budget, sizeof buffer));
    if (got < 0) return errno == EAGAIN || errno == EINTR;
    if (got == 0) return false;
    log_->take(stream, {buffer, static_cast<std::size_t>(got)});
    budget -= static_cast<std::size_t>(got);
  }
  return true;
}

std::string RunnerAttempt::mark() const {
  return fmt::format("{}={}", names::result_file, world_.folders.result_path(order_.token));
}

std::vector<pid_t> RunnerAttempt::members() const {
  if (cgroup_) return cgroup_->members();
  // Once the child was reaped, its number may be that of another attempt's child.
  const bool reused = pid_ < 0 && world_.family.leads(leader_);
  return world_.family.members(reused ? 0 : leader_, mark());
}

void RunnerAttempt::signal(int number) {
  if (phase_ == Phase::ended) return;
  for (const pid_t pid : members()) {
    ::kill(pid, number);
    // One that stopped itself would never see it. One that we stopped sees it when it is thawed.
    if (!frozen_ && number != SIGSTOP) ::kill(pid, SIGCONT);
  }
}

void RunnerAttempt::freeze(bool frozen) {
  if (phase_ == Phase::ended) return;
  frozen_ = frozen;
  if (cgroup_ && cgroup_->freeze(frozen)) return;
  for (const pid_t pid : members()) ::kill(pid, frozen ? SIGSTOP : SIGCONT);
}

void RunnerAttempt::kill() {
  if (phase_ == Phase::ended) return;
  if (cgroup_ && cgroup_->kill()) return;
  for (const pid_t pid : members()) ::kill(pid, SIGKILL);
}

void RunnerAttempt::child_ended() {
  TAKT_ASSERT(phase_ == Phase::running);
  if (!order_.leftovers && (cgroup_ ? cgroup_->populated() : world_.family.has_strays())) kill();
}

void RunnerAttempt::child_reaped(int status, const rusage& usage) {
  end_.ended_at_us = utc_us();
  world_.family.remove_leader(pid_);
  pid_ = -1;
  if (status_.valid()) on_status();
  if (end_.error.empty() && WIFEXITED(status)) end_.exit_code = WEXITSTATUS(status);
  if (end_.error.empty() && WIFSIGNALED(status)) end_.signal = WTERMSIG(status);
  end_.cpu_user_us = us(usage.ru_utime);
  end_.cpu_system_us = us(usage.ru_stime);
  end_.memory_peak_bytes = std::int64_t{usage.ru_maxrss} * 1024;
  end_.io_read_bytes = std::int64_t{usage.ru_inblock} * 512;
  end_.io_write_bytes = std::int64_t{usage.ru_oublock} * 512;
  phase_ = Phase::dying;
  died_at_ = std::chrono::steady_clock::now();
  settle();
}

bool RunnerAttempt::gone() const {
  if (cgroup_) return !cgroup_->populated();
  return !world_.family.has_strays() || members().empty();
}

void RunnerAttempt::settle() {
  if (phase_ != Phase::dying) return;
  if (order_.leftovers) {
    if (frozen_) freeze(false);
    if (!cgroup_) world_.family.spare_strays();
  } else if (!gone() && std::chrono::steady_clock::now() - died_at_ < longest_dying) {
    kill();  // again: who forked just before it was killed left a child, that is the runner's now
    return;
  }
  finish();
}

void RunnerAttempt::finish() {
  for (const Stream stream : {Stream::out, Stream::err}) {
    UniqueFd& fd = streams_[static_cast<std::size_t>(stream)];
    if (fd.valid()) drain(stream, drain_bytes);
    close(fd);
  }
  if (log_) {
    log_->finish();
    end_.output_bytes = log_->bytes();
    end_.output_cut = log_->cut();
    end_.output_tail = log_->tail();
    if (end_.error.empty()) take_result();
    log_.reset();
  }
  world_.folders.remove_attempt(order_.token);
  if (cgroup_) {
    take_figures();
    world_.cgroups->leave_behind(*cgroup_);
  }
  phase_ = Phase::ended;
  world_.report(end_);
}

void RunnerAttempt::take_result() {
  switch (order_.capture) {
    case Capture::nothing:
      return;
    case Capture::output:
    case Capture::lines:
      if (log_->captured().size() > limits::value_bytes)
        end_.result_error = fmt::format("stdout: more than {} bytes", limits::value_bytes);
      else
        end_.result = log_->captured();
      return;
    case Capture::file:
      auto content = world_.folders.read_result(order_.token, uid_);
      if (content)
        end_.result = std::move(*content);
      else
        end_.result_error = content.error().message;
      return;
  }
}

// The cgroup knows of all that ran in it; wait4(2) only of those that somebody waited for.
void RunnerAttempt::take_figures() {
  const CgroupFigures figures = cgroup_->figures();
  end_.cpu_user_us = figures.cpu_user_us.value_or(end_.cpu_user_us);
  end_.cpu_system_us = figures.cpu_system_us.value_or(end_.cpu_system_us);
  end_.memory_peak_bytes = figures.memory_peak_bytes.value_or(end_.memory_peak_bytes);
  end_.io_read_bytes = figures.io_read_bytes.value_or(end_.io_read_bytes);
  end_.io_write_bytes = figures.io_write_bytes.value_or(end_.io_write_bytes);
}

std::vector<int> RunnerAttempt::descriptors() const {
  std::vector<int> all;
  for (const int fd : {status_.get(), streams_[0].get(), streams_[1].get(), log_ ? log_->file() : -1})
    if (fd >= 0) all.push_back(fd);
  return all;
}

nlohmann::json RunnerAttempt::save() const {
  return {{"order", encode(RunnerOrder(order_))},
          {"end", encode(RunnerReport(end_))},
          {"phase", static_cast<int>(phase_)},
          {"pid", pid_},
          {"leader", leader_},
          {"uid", uid_},
          {"frozen", frozen_},
          {"cgroup", cgroup_ ? cgroup_->path() : ""},
          {"status", status_.get()},
          {"stdout", streams_[0].get()},
          {"stderr", streams_[1].get()},
          {"log", log_ ? log_->save() : nlohmann::json()}};
}

std::unique_ptr<RunnerAttempt> RunnerAttempt::resume(AttemptWorld& world, const nlohmann::json& saved) {
  auto end = decode_report(saved.at("end").get<std::string>());
  TAKT_ASSERT(end);
  StartOrder order;
  order.token = std::get<EndedReport>(*end).token;
  if (auto decoded = decode_order(saved.at("order").get<std::string>())) order = std::get<StartOrder>(*decoded);
  std::unique_ptr<RunnerAttempt> attempt(new RunnerAttempt(world, std::move(order)));
  attempt->end_ = std::get<EndedReport>(*end);
  attempt->phase_ = static_cast<Phase>(saved.at("phase").get<int>());
  attempt->pid_ = saved.at("pid");
  attempt->leader_ = saved.at("leader");
  attempt->uid_ = saved.at("uid");
  attempt->frozen_ = saved.at("frozen");
  if (const std::string path = saved.at("cgroup"); !path.empty()) attempt->cgroup_.emplace(path);
  attempt->status_ = UniqueFd(saved.at("status"));
  attempt->streams_[0] = UniqueFd(saved.at("stdout"));
  attempt->streams_[1] = UniqueFd(saved.at("stderr"));
  attempt->died_at_ = std::chrono::steady_clock::now();
  if (const auto& log = saved.at("log"); !log.is_null()) {
    const StartOrder& known = attempt->order_;
    const bool captures = known.capture == Capture::output || known.capture == Capture::lines;
    attempt->log_.emplace(OutputLabel{known.process, known.execution, known.step, known.attempt},
                          UniqueFd(log.at("file")), world.journal, known.log_bytes, captures);
    attempt->log_->resume(log);
  }
  attempt->watch();
  return attempt;
}

}  // namespace takt
