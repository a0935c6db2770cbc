// Which folders a path trigger follows, as they come, go and are replaced.
#include <sys/stat.h>

#include "base/assert.h"
#include "base/text.h"
#include "watch/limits.h"
#include "watch/path_follower.h"

namespace takt {

using path_names::is_literal;
using path_names::join;

namespace {

bool is_symbolic_link(const std::string& path) {
  struct stat status {};
  return ::lstat(path.c_str(), &status) == 0 && S_ISLNK(status.st_mode);
}

// What is at a path, by its device and inode; nothing when there is nothing.
std::optional<std::pair<std::int64_t, std::int64_t>> folder_at(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return std::nullopt;
  return std::pair(static_cast<std::int64_t>(status.st_dev), static_cast<std::int64_t>(status.st_ino));
}

}  // namespace

void PathWatch::handle(std::uint64_t id, std::uint32_t mask, const std::string& name) {
  if ((mask & IN_Q_OVERFLOW) != 0) return compare_all();
  const auto found = places_.find(id);
  TAKT_ASSERT(found != places_.end());
  const Place place = found->second;
  Follower& follower = *place.follower;
  if ((mask & (IN_DELETE_SELF | IN_MOVE_SELF)) != 0) {
    scan_gone(follower, place.path);
    return replaced(id, Arrival::since);
  }
  if ((mask & (IN_UNMOUNT | IN_IGNORED)) != 0) return replaced(id, Arrival::unknown);
  const bool last = follower.is_last(place.depth);
  if (!last || (mask & IN_ISDIR) != 0) {
    if (!follower.leads_on(place.depth, name)) return;
    const std::string path = join(place.path, name);
    if (follower.places.contains(path)) scan_gone(follower, path);  // what was there under this name is there no more
    return descend(id, name, Arrival::since);
  }
  if (!path_names::matches(follower.components[place.depth], name)) return;
  if (!is_utf8(name)) return tell_bad_name(follower, place.path);
  handle_file(follower, join(place.path, name), mask);
}

void PathWatch::tell_too_many(Follower& follower, const std::string& path) {
  tell_once(follower, Trouble::watches,
            fmt::format("{} and perhaps others are not followed: there are more folders than can be watched ({} of all "
                        "triggers, and the kernel's fs.inotify.max_user_watches)",
                        path, limits::path_watches));
}

// Whether the folder at `path` is one of those that the path leads through: a link to "." would lead on for ever.
bool PathWatch::leads_back(const Follower& follower, const std::string& path,
                           std::pair<std::int64_t, std::int64_t> folder) const {
  for (std::string above = path; above != "/";) {
    above = path_names::folder_of(above);
    const auto place = follower.places.find(above);
    if (place == follower.places.end()) continue;
    const Place& one = places_.at(place->second);
    if (one.inode != 0 && std::pair(one.device, one.inode) == folder) return true;
  }
  return false;
}

// Watches the folder at `path`, and below it what the components name, if there is one.
void PathWatch::follow(Follower& follower, const std::string& path, std::size_t depth, Arrival arrival) {
  const std::uint64_t id = ++last_place_;
  const auto watch = inotify_.watch(id, path, follower.mask(depth, false));
  const auto known = follower.places.find(path);
  if (watch && known != follower.places.end() && places_.at(known->second).watch == *watch) {
    inotify_.unwatch(id);
    return;  // the same folder as before, told of twice
  }
  drop(follower, path);  // the one that was here before, with all below it
  if (!watch) {
    const int error = watch.error();
    if (error == ENOENT || error == ENOTDIR || error == ELOOP) return;
    if (error == ENOSPC) return tell_too_many(follower, path);
    tell_once(follower, Trouble::unwatched,
              fmt::format("watch {}: {}; neither it nor others like it fire", path, errno_text(error)));
    // A folder that may be passed through but not read still leads to one that may.
    if (error != EACCES || follower.is_last(depth) || !is_literal(follower.components[depth])) return;
  }
  const auto [device, inode] = folder_at(path).value_or(std::pair<std::int64_t, std::int64_t>());
  if (places_.size() >= limits::path_watches || leads_back(follower, path, {device, inode})) {
    inotify_.unwatch(id);
    if (places_.size() >= limits::path_watches) tell_too_many(follower, path);
    return;
  }
  follower.places[path] = id;
  places_[id] = Place{&follower, path, depth, watch.value_or(-1), device, inode};
  if (!follower.is_last(depth) && is_literal(follower.components[depth]))
    descend(id, follower.components[depth], arrival);
  else
    scan(id, arrival);
}

// Follows one name below a place, if it is a folder.
void PathWatch::descend(std::uint64_t id, const std::string& name, Arrival arrival) {
  const Place place = places_.at(id);
  Follower& follower = *place.follower;
  const std::string path = join(place.path, name);
  if (!is_utf8(name)) return tell_bad_name(follower, place.path);
  if (follower.is_last(place.depth)) {
    // Links are not followed any deeper: they may lead in circles.
    if (!is_symbolic_link(path)) follow(follower, path, place.depth, arrival);
    return;
  }
  const bool literal = is_literal(follower.components[place.depth]) && place.watch >= 0;
  // Names are listened for before it is looked for, so that it cannot come in between.
  if (literal && !inotify_.watch(id, place.path, follower.mask(place.depth, false)))
    return replaced(id, Arrival::unknown);
  follow(follower, path, place.depth + 1, arrival);
  // A link that is made to lead elsewhere does not tell of itself.
  if (!literal || !follower.places.contains(path) || is_symbolic_link(path)) return;
  if (places_.contains(id)) (void)inotify_.watch(id, place.path, follower.mask(place.depth, true));
}

// Follows a folder no longer, nor what is below it.
void PathWatch::drop(Follower& follower, const std::string& path) {
  const std::string below = join(path, "");
  for (auto at = follower.places.lower_bound(path); at != follower.places.end();) {
    if (at->first != path && !at->first.starts_with(below)) {
      if (at->first > below) break;
      ++at;  // "a-b" stands between "a" and "a/b"
      continue;
    }
    inotify_.unwatch(at->second);
    places_.erase(at->second);
    at = follower.places.erase(at);
  }
}

// Another folder is there now, or none.
void PathWatch::replaced(std::uint64_t id, Arrival arrival) {
  const Place place = places_.at(id);
  drop(*place.follower, place.path);
  if (place.path == "/") return;
  const auto parent = place.follower->places.find(path_names::folder_of(place.path));
  if (parent != place.follower->places.end()) descend(parent->second, path_names::name_of(place.path), arrival);
}

// Events were lost, of folders and of files: all is looked at again.
void PathWatch::compare_all() {
  failures_.emplace_back("",
                         "events of files were lost, since the queue of inotify was full "
                         "(fs.inotify.max_queued_events): comparing the folders with what was seen in them");
  for (const auto& [names, follower] : followers_) {
    drop(*follower, "/");
    if (!follower->components.empty()) follow(*follower, "/", 0, Arrival::unknown);
    for (const std::string& folder : follower->seen.folders("/"))
      if (!folder_at(folder)) scan_gone(*follower, folder);
  }
}

// A mount over a folder, or its end, tells the folder nothing.
void PathWatch::mounts_changed() {
  std::vector<std::uint64_t> ids;
  for (const auto& [id, place] : places_) {
    const auto there = folder_at(place.path);
    if (there != std::pair(place.device, place.inode)) ids.push_back(id);
  }
  for (const std::uint64_t id : ids)
    if (places_.contains(id)) replaced(id, Arrival::unknown);
}

}  // namespace takt
