#include "runner/cgroup.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <vector>

#include "base/limits.h"

namespace takt {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view attempt_prefix = "attempt-";

// Of a group that has gone: nothing.
std::string read_text(const std::string& path) {
  const UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  return file.valid() ? read_whole(file.get(), limits::log_bytes).value_or("") : "";
}

Status write_text(const std::string& path, std::string_view text) {
  const UniqueFd file(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
  if (!file.valid()) return fail_errno("open {}", path);
  if (write(file.get(), text.data(), text.size()) < 0) return fail_errno("write to {}", path);
  return {};
}

// The value behind a word, in files of "word value" lines.
std::optional<std::int64_t> keyed(const std::string& text, std::string_view key) {
  std::istringstream words(text);
  std::string word;
  std::int64_t value = 0;
  while (words >> word >> value)
    if (word == key) return value;
  return std::nullopt;
}

// The sum of all "word=value" of io.stat, one line a device.
std::optional<std::int64_t> summed(const std::string& text, std::string_view key) {
  std::istringstream words(text);
  std::optional<std::int64_t> sum;
  for (std::string word; words >> word;)
    if (word.starts_with(key) && word.size() > key.size() && word[key.size()] == '=')
      sum = sum.value_or(0) + std::atoll(word.c_str() + key.size() + 1);
  return sum;
}

// Where cgroup2 is mounted, and which part of it (proc(5), mountinfo); also beside version 1, as hybrid systems do.
std::optional<std::pair<std::string, std::string>> cgroup2_mount() {
  std::ifstream mounts("/proc/self/mountinfo");
  for (std::string line; std::getline(mounts, line);) {
    const auto dash = line.find(" - cgroup2 ");
    if (dash == std::string::npos) continue;
    std::istringstream words(line);
    std::string id, parent, device, root, point;
    words >> id >> parent >> device >> root >> point;
    return std::pair(point, root);
  }
  return std::nullopt;
}

// The directory of the cgroup that this program is in.
Result<std::string> own_cgroup() {
  const auto mount = cgroup2_mount();
  if (!mount) return fail(ErrorCode::not_supported, "no cgroup2 is mounted");
  std::ifstream groups("/proc/self/cgroup");
  for (std::string line; std::getline(groups, line);) {
    if (!line.starts_with("0::")) continue;
    std::string path = line.substr(3);
    if (mount->second != "/" && path.starts_with(mount->second)) path.erase(0, mount->second.size());
    return path == "/" ? mount->first : mount->first + path;
  }
  return fail(ErrorCode::not_supported, "this program is in no cgroup of version 2");
}

bool delegated(const std::string& path) {
  for (const char* name : {"user.delegate", "trusted.delegate"}) {
    char value = 0;
    if (getxattr(path.c_str(), name, &value, 1) == 1 && value == '1') return true;
  }
  return false;
}

// Figures of memory and I/O are welcome, not needed: a controller that cannot be had is done without.
void enable_controllers(const std::string& path) {
  std::istringstream available(read_text(path + "/cgroup.controllers"));
  for (std::string name; available >> name;)
    if (name == "cpu" || name == "memory" || name == "io" || name == "pids")
      static_cast<void>(write_text(path + "/cgroup.subtree_control", "+" + name));
}

// The groups right below. A group that goes meanwhile is no error, as it is to the ++ of a range's loop.
std::vector<fs::path> groups_below(const std::string& path) {
  std::vector<fs::path> all;
  std::error_code error;
  for (fs::directory_iterator entry(path, error), end; entry != end; entry.increment(error))
    if (entry->is_directory(error)) all.push_back(entry->path());
  return all;
}

void end_strays(const std::string& path) {
  for (const fs::path& group : groups_below(path)) {
    if (!group.filename().string().starts_with(attempt_prefix)) continue;
    const Cgroup stray(group);
    static_cast<void>(stray.kill());
    static_cast<void>(stray.remove());  // or the next start does, once they are gone
  }
}

}  // namespace

Result<UniqueFd> Cgroup::open() const {
  UniqueFd directory(::open(path_.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!directory.valid()) return fail_errno("open {}", path_);
  return directory;
}

bool Cgroup::populated() const {
  return keyed(read_text(path_ + "/cgroup.events"), "populated").value_or(0) != 0;
}

std::vector<pid_t> Cgroup::members() const {
  std::vector<pid_t> all;
  const auto gather = [&all](const std::string& directory) {
    std::istringstream pids(read_text(directory + "/cgroup.procs"));
    for (pid_t pid = 0; pids >> pid;) all.push_back(pid);
  };
  gather(path_);
  std::error_code error;
  for (auto entry = fs::recursive_directory_iterator(path_, error); entry != fs::recursive_directory_iterator();
       entry.increment(error))
    if (entry->is_directory(error)) gather(entry->path());
  return all;
}

CgroupFigures Cgroup::figures() const {
  const std::string cpu = read_text(path_ + "/cpu.stat");
  const std::string io = read_text(path_ + "/io.stat");
  CgroupFigures figures;
  figures.cpu_user_us = keyed(cpu, "user_usec");
  figures.cpu_system_us = keyed(cpu, "system_usec");
  figures.io_read_bytes = summed(io, "rbytes");
  figures.io_write_bytes = summed(io, "wbytes");
  std::istringstream peak(read_text(path_ + "/memory.peak"));
  if (std::int64_t bytes = 0; peak >> bytes) figures.memory_peak_bytes = bytes;
  return figures;
}

Status Cgroup::freeze(bool frozen) const {
  return write_text(path_ + "/cgroup.freeze", frozen ? "1" : "0");
}

Status Cgroup::kill() const {
  return write_text(path_ + "/cgroup.kill", "1");
}

Status Cgroup::remove() const {
  for (const fs::path& group : groups_below(path_)) TAKT_TRY(Cgroup(group).remove());
  if (rmdir(path_.c_str()) < 0 && errno != ENOENT) return fail_errno("rmdir {}", path_);
  return {};
}

Result<std::optional<CgroupTree>> CgroupTree::open(CgroupMode mode) {
  if (mode == CgroupMode::no) return std::optional<CgroupTree>();
  auto found = own_cgroup();
  if (!found && mode == CgroupMode::automatic) return std::optional<CgroupTree>();
  TAKT_ASSIGN(const std::string path, std::move(found));
  const bool ours = delegated(path);
  if (!ours && mode == CgroupMode::automatic) return std::optional<CgroupTree>();

  if (!ours) {
    const std::string beside = fmt::format("{}/takt-runner-{}", path, getpid());
    if (mkdir(beside.c_str(), 0755) < 0 && errno != EEXIST) return fail_errno("mkdir {}", beside);
    enable_controllers(beside);
    return std::optional(CgroupTree(beside, true));
  }
  const std::string leaf = path + "/runner";
  if (mkdir(leaf.c_str(), 0755) < 0 && errno != EEXIST) return fail_errno("mkdir {}", leaf);
  TAKT_TRY(write_text(leaf + "/cgroup.procs", "0"));
  end_strays(path);
  enable_controllers(path);
  return std::optional(CgroupTree(path, false));
}

Cgroup CgroupTree::at(const std::string& token) const {
  return Cgroup(fmt::format("{}/{}{}", path_, attempt_prefix, token));
}

Result<Cgroup> CgroupTree::make(const std::string& token) const {
  Cgroup group = at(token);
  if (mkdir(group.path().c_str(), 0755) < 0) return fail_errno("mkdir {}", group.path());
  return group;
}

void CgroupTree::leave_behind(const Cgroup& group) const {
  if (group.remove()) return;
  const std::string leftovers = path_ + "/leftovers";
  mkdir(leftovers.c_str(), 0755);
  // Who forks meanwhile is found in the next round; the group of one who forks without end stays.
  for (int round = 0; round < 3 && group.populated(); ++round)
    for (const pid_t pid : group.members())
      static_cast<void>(write_text(leftovers + "/cgroup.procs", std::to_string(pid)));
  static_cast<void>(group.remove());
}

void CgroupTree::leave() const {
  if (own_) static_cast<void>(Cgroup(path_).remove());
}

}  // namespace takt
