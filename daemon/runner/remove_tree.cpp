#include "runner/remove_tree.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string_view>
#include <vector>

#include "base/fd.h"

namespace takt {
namespace {

constexpr std::size_t names_at_once = 10'000;

UniqueFd open_directory(int parent, const std::string& name) {
  return UniqueFd(openat(parent, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK));
}

std::vector<std::string> some_names(int directory) {
  std::vector<std::string> names;
  UniqueFd own = open_directory(directory, ".");
  DIR* stream = own.valid() ? fdopendir(own.get()) : nullptr;
  if (stream == nullptr) return names;
  static_cast<void>(own.release());  // the stream's now
  while (const dirent* entry = readdir(stream)) {
    const std::string_view name = entry->d_name;
    if (name != "." && name != "..") names.emplace_back(name);
    if (names.size() == names_at_once) break;
  }
  closedir(stream);
  return names;
}

// Its owner, if that is not root, needs write permission to move it and to empty it later. False: what follows will
// fail.
bool make_writable(int directory, const std::string& name) {
  return fchmodat(directory, name.c_str(), 0700, AT_SYMLINK_NOFOLLOW) == 0;
}

// Files go, directories are moved up into `top`: so depth costs neither stack nor descriptors. True: something changed.
bool empty_directory(int directory, int top, std::uint64_t& moved) {
  bool changed = false;
  for (const std::string& name : some_names(directory)) {
    if (unlinkat(directory, name.c_str(), 0) == 0) {
      changed = true;
      continue;
    }
    make_writable(directory, name);
    const std::string up = fmt::format(".takt-removed-{}", ++moved);
    if (renameat(directory, name.c_str(), top, up.c_str()) == 0) changed = true;
  }
  return changed;
}

bool empty_top(int top, std::uint64_t& moved) {
  bool changed = false;
  for (const std::string& name : some_names(top)) {
    if (unlinkat(top, name.c_str(), 0) == 0 || unlinkat(top, name.c_str(), AT_REMOVEDIR) == 0) {
      changed = true;
      continue;
    }
    make_writable(top, name);
    const UniqueFd below = open_directory(top, name);
    if (below.valid() && empty_directory(below.get(), top, moved)) changed = true;
    if (unlinkat(top, name.c_str(), AT_REMOVEDIR) == 0) changed = true;
  }
  return changed;
}

}  // namespace

Status remove_tree(int parent, const std::string& name) {
  if (unlinkat(parent, name.c_str(), 0) == 0 || errno == ENOENT) return {};
  if (const UniqueFd top = open_directory(parent, name); top.valid()) {
    fchmod(top.get(), 0700);
    std::uint64_t moved = 0;
    while (empty_top(top.get(), moved)) {
    }
  }
  if (unlinkat(parent, name.c_str(), AT_REMOVEDIR) < 0 && errno != ENOENT) return fail_errno("remove {}", name);
  return {};
}

}  // namespace takt
