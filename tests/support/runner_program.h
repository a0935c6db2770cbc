// The real takt-runner in a folder of its own, and a peer that speaks to it.
#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/fd.h"
#include "runner/packet.h"
#include "runner/protocol.h"
#include "support/patience.h"
#include "support/temp_folder.h"

namespace takt::test {

// Looks until the machine is in the state that is waited for. False: it never was.
inline bool reaches(const std::function<bool()>& state) {
  const auto deadline = std::chrono::steady_clock::now() + patience;
  while (!state()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  return true;
}

inline std::string file_text(const std::string& path) {
  const UniqueFd file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  return file.valid() ? read_whole(file.get(), std::size_t{1} << 30).value_or("") : "";
}

// 'R', 'S', 'T', 'Z'…; ' ': there is no such process.
inline char process_state(pid_t pid) {
  const std::string stat = file_text("/proc/" + std::to_string(pid) + "/stat");
  const auto at = stat.rfind(')');
  return at == std::string::npos ? ' ' : stat[at + 2];
}
inline bool is_alive(pid_t pid) {
  const char state = process_state(pid);
  return state != ' ' && state != 'Z' && state != 'X';
}

// A connection to the runner.
class RunnerClient {
 public:
  explicit RunnerClient(const std::string& path) {
    socket_ = UniqueFd(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
    EXPECT_EQ(connect(socket_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0)
        << strerror(errno);
  }

  void send(const RunnerOrder& order) {
    const auto sent = send_packet(socket_.get(), Packet{encode(order), {}});
    ASSERT_TRUE(sent) << sent.error().message;
    ASSERT_TRUE(*sent);
  }

  // The next report of this kind that `wanted` takes; what comes before it is dropped.
  template <class Kind>
  Kind next(const std::function<bool(const Kind&)>& wanted, UniqueFd* fd = nullptr) {
    const auto deadline = std::chrono::steady_clock::now() + patience;
    while (true) {
      pollfd one{socket_.get(), POLLIN, 0};
      const auto left =
          std::chrono::duration_cast<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
      if (left.count() <= 0 || poll(&one, 1, static_cast<int>(left.count())) <= 0)
        throw std::runtime_error("no report");
      auto packet = receive_packet(socket_.get());
      if (!packet) throw std::runtime_error(packet.error().message);
      if (!*packet) continue;
      auto report = decode_report((*packet)->body);
      if (!report) throw std::runtime_error(report.error().message);
      if (fd != nullptr) *fd = std::move((*packet)->fd);
      if (const Kind* kind = std::get_if<Kind>(&*report); kind != nullptr && wanted(*kind)) return *kind;
    }
  }
  template <class Kind>
  Kind next(const std::string& token) {
    return next<Kind>([&token](const Kind& kind) { return kind.token == token; });
  }

  // True once the runner has closed the connection.
  bool closed() {
    pollfd one{socket_.get(), POLLIN, 0};
    while (poll(&one, 1, static_cast<int>(std::chrono::milliseconds(patience).count())) > 0) {
      auto packet = receive_packet(socket_.get());
      if (!packet) return true;
    }
    return false;
  }

 private:
  UniqueFd socket_;
};

// Started as systemd starts it: the socket is handed over, so whoever connects need not wait for it.
class RunnerProgram {
 public:
  explicit RunnerProgram(std::vector<std::string> options = {}, uid_t uid = 0) : uid_(uid) {
    EXPECT_EQ(chown(folder_.path().c_str(), uid_, static_cast<gid_t>(-1)), 0);
    const UniqueFd listener(::socket(AF_UNIX, SOCK_SEQPACKET, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, socket_path().c_str(), sizeof address.sun_path - 1);
    EXPECT_EQ(bind(listener.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    EXPECT_EQ(listen(listener.get(), 8), 0);
    std::vector<std::string> words = {"takt-runner", "--state", state_path()};
    words.insert(words.end(), options.begin(), options.end());
    pid_ = fork();
    if (pid_ == 0) execute(listener.get(), words);
  }
  ~RunnerProgram() {
    if (pid_ > 0) {
      ::kill(pid_, SIGTERM);
      exit_status();
    }
  }
  RunnerProgram(const RunnerProgram&) = delete;
  RunnerProgram& operator=(const RunnerProgram&) = delete;

  [[nodiscard]] pid_t pid() const { return pid_; }
  [[nodiscard]] const std::string& folder() const { return folder_.path(); }
  [[nodiscard]] std::string socket_path() const { return folder_.path() + "/socket"; }
  [[nodiscard]] std::string state_path() const { return folder_.path() + "/state"; }
  [[nodiscard]] std::string work_path(std::uint64_t execution) const {
    return state_path() + "/work/" + std::to_string(execution);
  }
  [[nodiscard]] std::string log(std::uint64_t execution) const {
    return file_text(state_path() + "/log/" + std::to_string(execution) + ".log");
  }
  // Waits for it to leave.
  int exit_status() {
    int status = 0;
    EXPECT_EQ(waitpid(std::exchange(pid_, -1), &status, 0) > 0, true);
    return status;
  }

 private:
  [[noreturn]] void execute(int listener, std::vector<std::string> words) const {
    const int program = open(TAKT_BINARY_DIR "/takt-runner", O_PATH);
    dup2(listener, 3);
    setenv("LISTEN_FDS", "1", 1);
    setenv("LISTEN_PID", std::to_string(getpid()).c_str(), 1);
    if (uid_ != 0 && (setgid(uid_) != 0 || setuid(uid_) != 0)) _exit(126);
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    std::vector<char*> pointers;
    for (std::string& word : words) pointers.push_back(word.data());
    pointers.push_back(nullptr);
    fexecve(program, pointers.data(), environ);
    _exit(126);
  }

  TempFolder folder_;
  uid_t uid_;
  pid_t pid_ = -1;
};

// An order for a shell script, as the step "work" of execution 7.
inline StartOrder shell(const std::string& token, const std::string& script) {
  StartOrder order;
  order.token = token;
  order.execution = 7;
  order.process = "nightly";
  order.step = "work";
  order.argv = {"/bin/sh", "-c", script};
  order.context = R"({"inputs":{}})";
  order.capture = Capture::file;
  order.log_bytes = 1 << 20;
  return order;
}

}  // namespace takt::test
