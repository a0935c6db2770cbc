// The program takt-runner(8): its options, its socket, and the re-exec in place.
#include <fcntl.h>
#include <pwd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "base/fd.h"
#include "base/result.h"
#include "runner/main/arguments.h"
#include "runner/packet.h"
#include "runner/runner.h"

namespace {

using namespace takt;

// The journal reads our stderr (JOURNAL_STREAM, systemd.exec(5)).
bool stderr_is_journal() {
  const char* stream = std::getenv("JOURNAL_STREAM");
  struct stat about {};
  if (stream == nullptr || fstat(STDERR_FILENO, &about) < 0) return false;
  return fmt::format("{}:{}", about.st_dev, about.st_ino) == stream;
}

Result<RunnerOptions> options_of(const Arguments& arguments) {
  RunnerOptions options;
  options.exit_idle = arguments.exit_idle;
  options.journal =
      arguments.journal == JournalMode::yes || (arguments.journal == JournalMode::automatic && stderr_is_journal());
  if (!arguments.peer_user.empty()) {
    const passwd* user = getpwnam(arguments.peer_user.c_str());
    if (user == nullptr) return fail(ErrorCode::invalid_argument, "user {}: no such user", arguments.peer_user);
    options.peer_uid = user->pw_uid;
  }
  return options;
}

// Whoever was here before is gone: the state folder's lock is ours.
Result<UniqueFd> listen_at(const std::string& path, std::optional<uid_t> peer) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path)
    return fail(ErrorCode::invalid_argument, "{}: the path is too long", path);
  std::memcpy(address.sun_path, path.data(), path.size());
  UniqueFd socket(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!socket.valid()) return fail_errno("socket");
  unlink(path.c_str());
  const mode_t before = umask(0177);
  const int bound = bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address);
  umask(before);
  if (bound < 0) return fail_errno("bind {}", path);
  if (peer && lchown(path.c_str(), *peer, static_cast<gid_t>(-1)) < 0) return fail_errno("chown {}", path);
  if (listen(socket.get(), 8) < 0) return fail_errno("listen at {}", path);
  return socket;
}

Result<UniqueFd> find_listener(const Arguments& arguments, std::optional<uid_t> peer) {
  const int count = sd_listen_fds(0);
  if (count <= 0 && arguments.socket.empty())
    return fail(ErrorCode::invalid_argument, "no socket was handed over, and --socket names none");
  if (count <= 0) return listen_at(arguments.socket, peer);
  if (count > 1 || sd_is_socket_unix(SD_LISTEN_FDS_START, SOCK_SEQPACKET, 1, nullptr, 0) <= 0)
    return fail(ErrorCode::invalid_argument, "what was handed over is not one listening SOCK_SEQPACKET socket");
  return UniqueFd(SD_LISTEN_FDS_START);
}

Result<std::unique_ptr<Runner>> make_runner(const Arguments& arguments) {
  TAKT_ASSIGN(const RunnerOptions options, options_of(arguments));
  if (arguments.resume >= 0) {
    const UniqueFd state(arguments.resume);
    TAKT_ASSIGN(const std::string saved, read_whole(state.get(), std::size_t{1} << 32));
    return Runner::resume(options, arguments.state, nlohmann::json::from_cbor(saved));
  }
  TAKT_ASSIGN(StateFolders folders, StateFolders::open(arguments.state, -1));
  TAKT_ASSIGN(auto cgroups, CgroupTree::open(arguments.cgroup));
  TAKT_ASSIGN(UniqueFd listener, find_listener(arguments, options.peer_uid));
  return Runner::create(options, std::move(folders), std::move(cgroups), std::move(listener));
}

// Executes the program that now stands where this one was started from. Returns only when that failed.
Error execute_again(Runner& runner, const std::string& program, const std::vector<std::string>& given) {
  std::string bytes;
  nlohmann::json::to_cbor(runner.save(), bytes);
  auto state = sealed_memfd("takt-runner-state", bytes);
  if (!state) return state.error();
  fcntl(state->get(), F_SETFD, 0);
  std::vector<std::string> words;
  for (std::size_t i = 0; i < given.size(); ++i) {
    if (given[i] == "--resume")
      ++i;  // and its value
    else
      words.push_back(given[i]);
  }
  words.insert(words.end(), {"--resume", std::to_string(state->get())});
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  execv(program.c_str(), pointers.data());
  return fail_errno("exec {}", program).value();
}

int serve(Runner& runner, const Arguments& arguments, const std::string& program,
          const std::vector<std::string>& given) {
  sd_notify(0, "READY=1");
  while (runner.run() == Runner::Leave::reexec) {
    const auto now = std::chrono::steady_clock::now().time_since_epoch();
    sd_notifyf(0, "RELOADING=1\nMONOTONIC_USEC=%lld",
               static_cast<long long>(std::chrono::duration_cast<std::chrono::microseconds>(now).count()));
    const Error error = execute_again(runner, program, given);
    runner.keep_descriptors(false);
    std::fprintf(stderr, "takt-runner: going on as it is: %s\n", error.message.c_str());
    sd_notify(0, "READY=1");
  }
  sd_notify(0, "STOPPING=1");
  if (!arguments.socket.empty() && sd_listen_fds(0) <= 0) unlink(arguments.socket.c_str());
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  Arguments arguments;
  if (const std::optional<int> status = read_arguments(argc, argv, arguments)) return *status;
  // Now: once an upgrade has replaced the file, the link no longer says where it was.
  std::error_code error;
  const std::string program = std::filesystem::read_symlink("/proc/self/exe", error);
  try {
    auto runner = make_runner(arguments);
    if (!runner) {
      std::fprintf(stderr, "takt-runner: %s\n", runner.error().message.c_str());
      return 1;
    }
    return serve(**runner, arguments, program, {argv, argv + argc});
  } catch (const nlohmann::json::exception& malformed) {  // what the program before saved
    std::fprintf(stderr, "takt-runner: %s\n", malformed.what());
    return 1;
  }
}
