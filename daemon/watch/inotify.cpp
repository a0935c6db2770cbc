#include "watch/inotify.h"

#include <fcntl.h>
#include <fmt/core.h>

#include <array>
#include <vector>

#include "watch/limits.h"

namespace takt {

Result<Inotify> Inotify::create() {
  UniqueFd fd(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
  if (!fd.valid()) return fail_errno("create an inotify instance");
  return Inotify(std::move(fd));
}

tl::expected<int, int> Inotify::watch(std::uint64_t place, const std::string& path, std::uint32_t mask) {
  constexpr std::uint32_t always = IN_ONLYDIR | IN_EXCL_UNLINK;
  const auto refuse = [&](int error) -> tl::expected<int, int> {
    unwatch(place);
    return tl::unexpected(error);
  };
  // Through a descriptor, so that both calls are for one folder, whatever is put in its place meanwhile.
  const UniqueFd folder(::open(path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!folder.valid()) return refuse(errno);
  const std::string same = fmt::format("/proc/self/fd/{}", folder.get());
  // Which inode it is shows only when it is watched, so what others want of it must not be taken away by that.
  const int watch = ::inotify_add_watch(fd_.get(), same.c_str(), mask | always | IN_MASK_ADD);
  if (watch < 0) return refuse(errno);
  if (const auto old = watches_.find(place); old != watches_.end() && old->second != watch) unwatch(place);
  watches_[place] = watch;
  auto& wanted = places_[watch];
  wanted[place] = mask;
  if (places_.size() > limits::path_watches) return refuse(ENOSPC);
  // Again, without what nobody wants any more: it would wake us for nothing.
  std::uint32_t all = 0;
  for (const auto& [other, its_mask] : wanted) all |= its_mask;
  if (::inotify_add_watch(fd_.get(), same.c_str(), all | always) != watch)
    return refuse(ENOENT);  // no longer to be read: the folder that contains it tells
  return watch;
}

void Inotify::unwatch(std::uint64_t place) {
  const auto found = watches_.find(place);
  if (found == watches_.end()) return;
  const int watch = found->second;
  watches_.erase(found);
  auto& wanted = places_[watch];
  wanted.erase(place);
  if (!wanted.empty()) return;
  places_.erase(watch);
  ::inotify_rm_watch(fd_.get(), watch);  // fails when the folder is gone, and the watch with it
}

void Inotify::read(const Handler& handler) {
  // So many events without a name, fewer with one; at least one of any length (inotify(7)).
  alignas(inotify_event) std::array<char, limits::path_events * sizeof(inotify_event)> buffer;
  const ssize_t length = ::read(fd_.get(), buffer.data(), buffer.size());
  for (ssize_t at = 0; at < length;) {
    const auto* event = reinterpret_cast<const inotify_event*>(buffer.data() + at);
    at += static_cast<ssize_t>(sizeof *event + event->len);
    if ((event->mask & IN_Q_OVERFLOW) != 0) {
      handler(0, event->mask, "");
      continue;
    }
    const auto found = places_.find(event->wd);
    if (found == places_.end()) continue;  // of a watch that was taken back
    const std::string name = event->len > 0 ? event->name : "";
    std::vector<std::uint64_t> told;
    for (const auto& [place, mask] : found->second) {
      // What the folder itself meets is told to all, asked for or not: IN_UNMOUNT, IN_IGNORED.
      if ((event->mask & (mask | IN_UNMOUNT | IN_IGNORED)) != 0) told.push_back(place);
    }
    for (const std::uint64_t place : told) {
      const auto still = watches_.find(place);
      if (still != watches_.end() && still->second == event->wd) handler(place, event->mask, name);
    }
  }
}

}  // namespace takt
