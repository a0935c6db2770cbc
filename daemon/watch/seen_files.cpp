#include "watch/seen_files.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "watch/path_names.h"

namespace takt {
namespace {

WallTime wall_of(const statx_timestamp& at) {
  return wall_from_us(at.tv_sec * 1'000'000 + at.tv_nsec / 1'000);
}

}  // namespace

std::optional<FileIdentity> identify(const std::string& path, std::int64_t folder) {
  struct statx status {};
  constexpr unsigned wanted = STATX_TYPE | STATX_INO | STATX_MTIME | STATX_BTIME;
  if (::statx(AT_FDCWD, path.c_str(), AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT, wanted, &status) != 0) return std::nullopt;
  if (!S_ISREG(status.stx_mode) && !S_ISLNK(status.stx_mode)) return std::nullopt;
  const WallTime born_at = (status.stx_mask & STATX_BTIME) != 0 ? wall_of(status.stx_btime) : WallTime();
  return FileIdentity{folder, static_cast<std::int64_t>(status.stx_ino), born_at, wall_of(status.stx_mtime)};
}

const FileIdentity* SeenFiles::find(const std::string& path) const {
  const auto folder = folders_.find(path_names::folder_of(path));
  if (folder == folders_.end()) return nullptr;
  const auto file = folder->second.find(path_names::name_of(path));
  return file == folder->second.end() ? nullptr : &file->second;
}

void SeenFiles::insert(const std::string& path, const FileIdentity& identity) {
  auto& files = folders_[path_names::folder_of(path)];
  if (files.insert_or_assign(path_names::name_of(path), identity).second) ++size_;
}

bool SeenFiles::erase(const std::string& path) {
  const auto folder = folders_.find(path_names::folder_of(path));
  if (folder == folders_.end() || folder->second.erase(path_names::name_of(path)) == 0) return false;
  if (folder->second.empty()) folders_.erase(folder);
  --size_;
  return true;
}

void SeenFiles::clear() {
  folders_.clear();
  size_ = 0;
}

std::optional<SeenFiles::Entry> SeenFiles::next(const std::string& folder, const std::string& name) const {
  const auto found = folders_.find(folder);
  if (found == folders_.end()) return std::nullopt;
  const auto file = found->second.upper_bound(name);
  if (file == found->second.end()) return std::nullopt;
  return Entry{file->first, file->second};
}

std::vector<std::string> SeenFiles::folders(const std::string& path) const {
  std::vector<std::string> result;
  for (auto at = folders_.lower_bound(path); at != folders_.end() && at->first.starts_with(path); ++at)
    if (path_names::is_within(at->first, path)) result.push_back(at->first);
  return result;
}

}  // namespace takt
