#include "executor/direct.h"

#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>

#include "base/assert.h"
#include "base/limits.h"
#include "base/names.h"
#include "executor/launch.h"

namespace takt {
namespace {

constexpr std::chrono::milliseconds first_delay{20};  // a runner that was just started listens soon
constexpr std::chrono::milliseconds longest_delay{5000};
constexpr std::chrono::seconds start_patience{5};  // that a runner which was started may take to listen

Capture capture_of(ResultSource source) {
  switch (source) {
    case ResultSource::file:
      return Capture::file;
    case ResultSource::standard_output:
      return Capture::output;
    case ResultSource::lines:
      return Capture::lines;
    case ResultSource::none:
      return Capture::nothing;
  }
  TAKT_ASSERT(false);
}

AttemptEnded ended_of(const EndedReport& report) {
  AttemptEnded ended;
  ended.token = report.token;
  ended.exit_code = report.exit_code;
  ended.signal = report.signal;
  ended.error = report.error;
  ended.result = parse_result(report);
  ended.usage = {report.cpu_user_us, report.cpu_system_us, report.memory_peak_bytes, report.io_read_bytes,
                 report.io_write_bytes};
  ended.output_bytes = report.output_bytes;
  ended.output_cut = report.output_cut;
  ended.output_tail = report.output_tail;
  ended.ended_at = wall_from_us(report.ended_at_us);
  return ended;
}

bool is_blank(std::string_view text) {
  return text.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

// Bounded as JSON, where each line has two quotes and a comma.
Result<Value> lines_of(std::string_view text) {
  const auto count = static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n')) + 1;
  if (text.size() + 3 * count > limits::value_bytes)
    return fail(ErrorCode::invalid_input, "result: stdout: {} lines are more than {} bytes of JSON", count,
                limits::value_bytes);
  Value lines = Value::array();
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    lines.push_back(std::string(text.substr(0, end)));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

}  // namespace

Result<Value> parse_result(const EndedReport& report) {
  if (!report.result_error.empty()) return fail(ErrorCode::invalid_input, "result: {}", report.result_error);
  if (!report.result) return Value();
  const auto parsed = [&report](std::string_view place) -> Result<Value> {
    auto value = parse_value(*report.result);
    if (!value) return tl::unexpected(std::move(value).error().in(place));
    return value;
  };
  switch (report.capture) {
    case Capture::file:  // one that was only touched is as good as none
      return is_blank(*report.result) ? Value() : parsed("result: the result file");
    case Capture::output:
      return parsed("result: stdout");
    case Capture::lines:
      return lines_of(*report.result);
    case Capture::nothing:
      return Value();
  }
  TAKT_ASSERT(false);
}

DirectExecutor::DirectExecutor(Loop& loop, ExecutorEvents& events, Log& log, DirectOptions options)
    : loop_(loop), events_(events), log_(log), options_(std::move(options)), delay_(first_delay) {}

DirectExecutor::~DirectExecutor() = default;

Result<std::unique_ptr<DirectExecutor>> DirectExecutor::create(Loop& loop, ExecutorEvents& events, Log& log,
                                                               DirectOptions options) {
  if (options.socket.size() >= sizeof sockaddr_un::sun_path)
    return fail(ErrorCode::invalid_argument, "{}: the path of the runner's socket is too long", options.socket);
  std::unique_ptr<DirectExecutor> made(new DirectExecutor(loop, events, log, std::move(options)));
  made->timer_ = UniqueFd(timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK));
  if (!made->timer_.valid()) return fail_errno("timerfd_create");
  TAKT_ASSIGN(made->timer_watch_, loop.add(made->timer_.get(), EPOLLIN, [executor = made.get()](std::uint32_t) {
    std::uint64_t count = 0;
    if (read(executor->timer_.get(), &count, sizeof count) > 0) executor->connect();
  }));
  // Not here: whoever makes an executor is not ready yet for what it has to tell.
  made->connect_in(std::chrono::milliseconds(0));
  return made;
}

// ---- The connection

void DirectExecutor::connect_in(std::chrono::milliseconds delay) {
  itimerspec timer{};
  timer.it_value.tv_sec = delay.count() / 1000;
  timer.it_value.tv_nsec = std::max(delay.count() % 1000 * 1'000'000, 1L);
  timerfd_settime(timer_.get(), 0, &timer, nullptr);
}

void DirectExecutor::connect_later() {
  connect_in(delay_);
  delay_ = std::min(delay_ * 2, longest_delay);
}

void DirectExecutor::connect() {
  UniqueFd socket(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, options_.socket.data(), options_.socket.size());
  if (!socket.valid() || ::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) < 0) {
    const int error = errno;
    connect_later();
    if (!options_.program.empty() && (error == ENOENT || error == ECONNREFUSED)) start_runner();
    if (delay_ == longest_delay && !std::exchange(told_, true))
      log_.write({LogPriority::error,
                  names::id_runner_lost,
                  fmt::format("cannot reach takt-runner at {}: {}; trying on", options_.socket, errno_text(error)),
                  {}});
    return;
  }
  socket_ = std::move(socket);
  connected_at_ = std::chrono::steady_clock::now();
  auto watch = loop_.add(socket_.get(), EPOLLIN, [this](std::uint32_t events) { on_socket(events); });
  if (!watch) {
    socket_.reset();
    return connect_later();
  }
  socket_watch_ = std::move(*watch);
  flush();
}

void DirectExecutor::start_runner() {
  // A second one would find the first one's folder locked, and leave.
  const auto now = std::chrono::steady_clock::now();
  if (runner_started_ && now - *runner_started_ < start_patience) return;
  runner_started_ = now;
  std::vector<std::string> arguments = {"--socket", options_.socket, "--exit-idle"};
  arguments.insert(arguments.end(), options_.options.begin(), options_.options.end());
  const Status started = launch_detached(options_.program, arguments);
  if (!started && !std::exchange(told_, true))
    log_.write({LogPriority::error, names::id_runner_lost, started.error().message + "; trying on", {}});
}

void DirectExecutor::works() {
  delay_ = first_delay;
  told_ = false;
  runner_started_.reset();
}

void DirectExecutor::disconnect(const std::string& why) {
  if (std::chrono::steady_clock::now() - connected_at_ >= longest_delay) works();
  socket_watch_.reset();
  socket_.reset();
  auto readers = std::exchange(log_readers_, {});
  for (auto& [execution, reply] : readers) reply(fail(ErrorCode::unavailable, "takt-runner is gone"));
  if (!std::exchange(told_, true))
    log_.write({LogPriority::warning,
                names::id_runner_lost,
                fmt::format("takt-runner is gone: {}; connecting again", why),
                {}});
  connect_later();
}

void DirectExecutor::on_socket(std::uint32_t events) {
  if ((events & EPOLLOUT) != 0) flush();
  if (socket_.valid() && (events & ~static_cast<std::uint32_t>(EPOLLOUT)) != 0) receive();
}

void DirectExecutor::receive() {
  while (socket_.valid()) {
    auto packet = receive_packet(socket_.get());
    if (!packet) return disconnect(packet.error().message);
    if (!*packet) return;
    auto report = decode_report((*packet)->body);
    if (!report) return disconnect(report.error().message);
    // That it greets is no sign yet that it works.
    if (!std::holds_alternative<HelloReport>(*report)) works();
    hear(*report, std::move((*packet)->fd));
  }
}

void DirectExecutor::send(const RunnerOrder& order) {
  waiting_.push_back(Packet{encode(order), {}});
  if (socket_.valid() && waiting_.size() == 1) flush();
}

void DirectExecutor::flush() {
  while (!waiting_.empty()) {
    const auto sent = send_packet(socket_.get(), waiting_.front());
    if (!sent) {
      // It is gone, or made to be: the next turn reads what it said last, and then the end. What was not sent waits.
      shutdown(socket_.get(), SHUT_RDWR);
      return;
    }
    if (!*sent) break;
    waiting_.pop_front();
  }
  const Status modified =
      socket_watch_.modify(EPOLLIN | (waiting_.empty() ? 0u : static_cast<std::uint32_t>(EPOLLOUT)));
  TAKT_ASSERT(modified);
}

// ---- Reports

namespace {
template <class... Cases>
struct Overloaded : Cases... {
  using Cases::operator()...;
};
template <class... Cases>
Overloaded(Cases...) -> Overloaded<Cases...>;
}  // namespace

void DirectExecutor::hear(const RunnerReport& report, UniqueFd fd) {
  const Overloaded cases{
      [this](const HelloReport& hello) { events_.executor_ready(hello.runner); },
      [](const StartedReport&) {},
      [](const RunningReport&) {},
      [this](const EndedReport& ended) { events_.attempt_ended(ended_of(ended)); },
      [this](const LostReport& lost) { events_.attempt_lost({lost.token}); },
      [this, &fd](const LogReport& log) {
        const auto reader = log_readers_.find(log.execution);
        if (reader == log_readers_.end()) return;
        const auto reply = std::move(reader->second);
        log_readers_.erase(reader);
        if (log.error.empty() && fd.valid())
          reply(std::move(fd));
        else
          reply(fail(ErrorCode::no_such_execution, "{}", log.error));
      },
  };
  std::visit(cases, report);
}

// ---- Orders

void DirectExecutor::start(const AttemptSpec& spec) {
  StartOrder order;
  order.token = spec.token;
  order.execution = spec.execution;
  order.process = spec.process;
  order.step = spec.step;
  order.attempt = spec.attempt;
  order.argv = spec.argv;
  order.environment = spec.environment;
  order.user = spec.user;
  order.directory = spec.directory;
  order.standard_input = spec.standard_input;
  order.context = spec.context;
  order.capture = capture_of(spec.result);
  order.leftovers = spec.leftovers;
  order.log_bytes = spec.log_bytes;
  // The runner would close the connection over what it refuses; here it costs this attempt alone.
  if (auto accepted = decode_order(encode(RunnerOrder(order))); !accepted) {
    AttemptEnded refused;
    refused.token = spec.token;
    refused.error = accepted.error().message;
    return events_.attempt_ended(std::move(refused));
  }
  send(order);
}

void DirectExecutor::signal(const std::string& token, int signal) {
  send(SignalOrder{token, signal});
}
void DirectExecutor::freeze(const std::string& token) {
  send(FreezeOrder{token});
}
void DirectExecutor::thaw(const std::string& token) {
  send(ThawOrder{token});
}
void DirectExecutor::kill_all(const std::string& token) {
  send(KillOrder{token});
}
void DirectExecutor::acknowledge(const std::string& token) {
  send(AcknowledgeOrder{token});
}
void DirectExecutor::readopt(const std::vector<std::string>& tokens) {
  send(ListOrder{tokens});
}
void DirectExecutor::forget(ExecutionId id) {
  send(ForgetOrder{id});
}

void DirectExecutor::open_log(ExecutionId id, std::function<void(Result<UniqueFd>)> reply) {
  if (!socket_.valid()) return reply(fail(ErrorCode::unavailable, "takt-runner is not there"));
  log_readers_.emplace(id, std::move(reply));
  send(OpenLogOrder{id});
}

}  // namespace takt
