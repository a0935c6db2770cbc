// What happens to files, until a path trigger fires.
#include <sys/stat.h>

#include <cerrno>

#include "trigger/limits.h"
#include "watch/limits.h"
#include "watch/path_follower.h"

namespace takt {

void PathWatch::handle_file(Follower& follower, const std::string& path, std::uint32_t mask) {
  const auto happens = [&](PathEvent event) {
    if (!was_dealt_with(follower, path, event)) happened(follower, path, event, follower.settle());
  };
  if ((mask & IN_CREATE) != 0) {
    handle_new_name(follower, path);
  } else if ((mask & IN_MOVED_TO) != 0) {
    follower.fresh.erase(path);
    happens(PathEvent::created);
  } else if ((mask & IN_CLOSE_WRITE) != 0) {
    const bool made = follower.fresh.erase(path) > 0 ||
                      (follower.told.contains(Trouble::fresh) && follower.remembers && !follower.seen.find(path));
    happens(made ? PathEvent::created : PathEvent::modified);
  } else if ((mask & (IN_DELETE | IN_MOVED_FROM)) != 0) {
    happens(PathEvent::deleted);
    follower.fresh.erase(path);
  } else if (const auto pending = follower.pending.find(path); pending != follower.pending.end()) {
    wait_for(follower, path, pending->second.event, follower.settle());  // it is being written: not left alone
  }
}

// A folder that is compared is ahead of the events that the kernel still has queued: those tell of it a second time.
bool PathWatch::was_dealt_with(const Follower& follower, const std::string& path, PathEvent event) {
  if (!follower.remembers || follower.taking_stock > 0 || follower.pending.contains(path)) return false;
  const FileIdentity* seen = follower.seen.find(path);
  switch (event) {
    case PathEvent::created: {
      const auto there = seen != nullptr ? identify(path, seen->folder) : std::nullopt;
      return there && there->same_file(*seen) && there->modified_at == seen->modified_at;
    }
    case PathEvent::modified:
      return false;  // the time of modification is too coarse to tell two of them apart
    case PathEvent::deleted:
      return seen == nullptr && !follower.fresh.contains(path);
  }
  return false;
}

// A link is whole from the start; a file that was made is, once it is closed.
void PathWatch::handle_new_name(Follower& follower, const std::string& path) {
  struct stat status {};
  // One that is gone again was most likely a file; what happened to it meanwhile is told next.
  const bool there = ::lstat(path.c_str(), &status) == 0;
  if (there && (S_ISLNK(status.st_mode) || (S_ISREG(status.st_mode) && status.st_nlink > 1))) {
    if (was_dealt_with(follower, path, PathEvent::created)) return;
    return happened(follower, path, PathEvent::created, follower.settle());
  }
  if (there && !S_ISREG(status.st_mode)) return;
  if (follower.fresh.size() >= limits::path_pending) {
    return tell_once(follower, Trouble::fresh,
                     fmt::format("more than {} files are being written at once: one that is not remembered may count "
                                 "as modified when it was created",
                                 limits::path_pending));
  }
  follower.fresh.insert(path);
}

void PathWatch::happened(Follower& follower, const std::string& path, PathEvent event, Duration settle) {
  const auto pending = follower.pending.find(path);
  if (pending != follower.pending.end()) {
    if (event == PathEvent::modified) event = pending->second.event;
    stop_waiting(follower, path);
  }
  if (!follower.wants(event)) return dealt_with(follower, path, event);
  if (settle > Duration(0)) return wait_for(follower, path, event, settle);
  fire(follower, {path}, event);
}

void PathWatch::wait_for(Follower& follower, const std::string& path, PathEvent event, Duration settle) {
  stop_waiting(follower, path);
  if (follower.pending.size() >= limits::path_pending) {
    tell_once(follower, Trouble::pending,
              fmt::format("more than {} files settle at once: some fire before they have, {} the first of them",
                          limits::path_pending, path));
    if (!follower.trigger.batch) return fire(follower, {path}, event);
    fire_batch(follower);
  }
  const BootTime due = clock_.now().boot + settle;
  follower.pending[path] = Pending{due, event};
  if (!follower.trigger.batch) {
    settling_.emplace(due, follower.names, path);
    return;
  }
  if (follower.batch_due) settling_.erase({*follower.batch_due, follower.names, ""});
  follower.batch_due = std::max(due, follower.batch_due.value_or(due));
  settling_.emplace(*follower.batch_due, follower.names, "");
}

void PathWatch::stop_waiting(Follower& follower, const std::string& path) {
  const auto pending = follower.pending.find(path);
  if (pending == follower.pending.end()) return;
  settling_.erase({pending->second.due, follower.names, path});
  follower.pending.erase(pending);
  if (!follower.pending.empty() || !follower.batch_due) return;
  settling_.erase({*follower.batch_due, follower.names, ""});
  follower.batch_due.reset();
}

// What is due, but no more in a turn than it takes of events.
void PathWatch::fire_settled() {
  const BootTime now = clock_.now().boot;
  for (std::size_t count = 0; count < limits::path_events && !settling_.empty(); ++count) {
    const auto [due, names, path] = *settling_.begin();
    if (due > now) return;
    Follower& follower = *followers_.at(names);
    if (follower.trigger.batch) {
      fire_batch(follower);
      continue;
    }
    const PathEvent event = follower.pending.at(path).event;
    stop_waiting(follower, path);
    fire(follower, {path}, event);
  }
}

// All files of a burst: a firing for each event that they met, or for as many files as one may have.
void PathWatch::fire_batch(Follower& follower) {
  std::map<PathEvent, std::vector<std::string>> files;
  for (const auto& [path, pending] : follower.pending) files[pending.event].push_back(path);
  while (!follower.pending.empty()) stop_waiting(follower, std::string(follower.pending.begin()->first));
  for (const auto& [event, all] : files) {
    std::vector<std::string> paths;
    std::size_t bytes = 0;
    for (const std::string& path : all) {
      if (paths.size() >= limits::path_batch || (!paths.empty() && bytes + path.size() > limits::path_batch_bytes)) {
        fire(follower, std::exchange(paths, {}), event);
        bytes = 0;
      }
      paths.push_back(path);
      bytes += path.size();
    }
    fire(follower, paths, event);
  }
}

void PathWatch::fire(Follower& follower, const std::vector<std::string>& paths, PathEvent event) {
  for (const std::string& path : paths) dealt_with(follower, path, event);
  // Files may come faster than the clock ticks, and the clock may be set back; each firing has an instant of its own.
  WallTime nominal = clock_.now().wall;
  if (nominal <= follower.last_nominal && follower.last_nominal - nominal <= limits::clock_set_back) {
    nominal = follower.last_nominal + Duration(1);
  }
  follower.last_nominal = nominal;
  Firing firing;
  firing.process = follower.names.first;
  firing.key = follower.names.second;
  firing.nominal = nominal;
  firing.fields = {{"kind", "path"},
                   {"at", format_utc(nominal)},
                   {"path", paths.front()},
                   {"name", path_names::name_of(paths.front())},
                   {"event", to_word(event)}};
  if (follower.trigger.batch) firing.fields["paths"] = paths;
  firings_.push_back(std::move(firing));
}

// It has fired, or has no need to: a later look at its folder finds it as it is now. One that is gone already is
// remembered as well, until its deletion is told; one in a folder that may not be looked into any more, as whatever is
// found there next.
void PathWatch::dealt_with(Follower& follower, const std::string& path, PathEvent event) {
  follower.fresh.erase(path);
  if (event == PathEvent::deleted) return remember(follower, path, std::nullopt);
  const auto place = follower.places.find(path_names::folder_of(path));
  const std::int64_t folder = place == follower.places.end() ? 0 : places_.at(place->second).inode;
  errno = 0;
  const auto identity = identify(path, folder);
  const std::int64_t inode = errno == EACCES ? FileIdentity::any_inode : 0;
  remember(follower, path, identity.value_or(FileIdentity{folder, inode, WallTime(), WallTime()}));
}

}  // namespace takt
