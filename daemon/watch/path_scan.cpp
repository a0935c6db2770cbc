// What is in the folders of path triggers, compared with what each of them has seen.
#include <dirent.h>

#include <algorithm>

#include "base/text.h"
#include "watch/limits.h"
#include "watch/path_follower.h"

namespace takt {

using path_names::join;

void PathWatch::scan(std::uint64_t id, Arrival arrival) {
  const Place& place = places_.at(id);
  if (arrival == Arrival::before) ++place.follower->taking_stock;
  scans_.push_back(Scan{place.follower->names, place.path, id, arrival, {nullptr, ::closedir}, false, ""});
}

// The folder at `path` has gone, and those below it: so have the files that were seen there.
void PathWatch::scan_gone(Follower& follower, const std::string& path) {
  for (const std::string& folder : follower.seen.folders(path))
    scans_.push_back(Scan{follower.names, folder, 0, Arrival::since, {nullptr, ::closedir}, true, ""});
}

// A turn's share. A scan whose trigger has too many files that settle waits until they have.
void PathWatch::scan_on() {
  std::size_t budget = limits::path_names;
  std::size_t waiting = 0;
  while (budget > 0 && waiting < scans_.size()) {
    Scan scan = std::move(scans_.front());
    scans_.pop_front();
    const auto follower = followers_.find(scan.names);
    if (follower == followers_.end()) continue;
    if (follower->second->pending.size() >= limits::path_pending) {
      ++waiting;
      scans_.push_back(std::move(scan));
      continue;
    }
    waiting = 0;
    if (!read_on(scan, budget))
      scans_.push_front(std::move(scan));
    else if (scan.arrival == Arrival::before)
      --follower->second->taking_stock;
  }
  scans_wait_ = waiting == scans_.size();
}

// Whether it is done.
bool PathWatch::read_on(Scan& scan, std::size_t& budget) {
  Follower& follower = *followers_.at(scan.names);
  const auto room = [&] { return budget > 0 && follower.pending.size() < limits::path_pending; };
  if (scan.place != 0) {
    if (!places_.contains(scan.place)) return true;
    while (!scan.begun || scan.stream) {
      if (!room()) return false;
      if (!read_folder(scan, budget)) return true;
    }
    if (!follower.is_last(places_.at(scan.place).depth)) return true;
  }
  if (scan.arrival == Arrival::before) return true;
  while (const auto entry = follower.seen.next(scan.folder, scan.last)) {
    if (!room()) return false;
    --budget;
    scan.last = entry->name;
    missed(follower, scan, *entry);
  }
  return true;
}

// Takes its next name; false when it cannot be read.
bool PathWatch::read_folder(Scan& scan, std::size_t& budget) {
  if (!scan.begun) {
    scan.begun = true;
    scan.stream.reset(::opendir(scan.folder.c_str()));
    if (!scan.stream) {
      tell(*followers_.at(scan.names), fmt::format("read {}: {}", scan.folder, errno_text(errno)));
      return false;
    }
  }
  const dirent* entry = ::readdir(scan.stream.get());
  if (entry == nullptr) {
    scan.stream.reset();
    return true;
  }
  --budget;
  const std::string name = entry->d_name;
  if (name != "." && name != "..") found(scan, name, entry->d_type);
  return true;
}

void PathWatch::found(const Scan& scan, const std::string& name, unsigned char type) {
  const Place place = places_.at(scan.place);
  Follower& follower = *place.follower;
  const bool may_be_folder = type == DT_DIR || type == DT_LNK || type == DT_UNKNOWN;
  if (may_be_folder && follower.leads_on(place.depth, name)) descend(scan.place, name, scan.arrival);
  if (!follower.is_last(place.depth) || !path_names::matches(follower.components[place.depth], name)) return;
  if (type != DT_REG && type != DT_LNK && type != DT_UNKNOWN) return;
  if (!is_utf8(name)) return tell_bad_name(follower, place.path);
  found_file(follower, scan, join(place.path, name), place.inode);
}

void PathWatch::found_file(Follower& follower, const Scan& scan, const std::string& path, std::int64_t folder) {
  const auto identity = identify(path, folder);
  const auto pending = follower.pending.find(path);
  if (!identity || (pending != follower.pending.end() && pending->second.event != PathEvent::deleted)) return;
  stop_waiting(follower, path);  // it is there: another one, or the same again
  if (scan.arrival == Arrival::before) return remember(follower, path, identity);
  if (!follower.remembers && scan.arrival == Arrival::unknown) return;  // told when it began to forget
  const FileIdentity* seen = follower.seen.find(path);
  if (seen != nullptr && seen->inode == FileIdentity::any_inode) return remember(follower, path, identity);
  PathEvent event = PathEvent::created;
  if (seen != nullptr && seen->same_file(*identity)) {
    if (seen->modified_at == identity->modified_at) return;
    event = PathEvent::modified;
  } else if (follower.fresh.size() < limits::path_pending) {
    follower.fresh.insert(path);
  }
  // Whether it is still being written cannot be told: its closing will, or else some time without it.
  happened(follower, path, event, std::max(follower.settle(), limits::path_found_settle));
}

// A file that was seen is not there: deleted, unless it is the folder that is another one. Below a mount that is not
// there (yet) nothing is known of what it holds.
void PathWatch::missed(Follower& follower, const Scan& scan, const SeenFiles::Entry& entry) {
  const std::string path = join(scan.folder, entry.name);
  if (identify(path, 0)) return;
  if (scan.place != 0 && places_.at(scan.place).inode != entry.identity.folder) return;
  happened(follower, path, PathEvent::deleted, std::max(follower.settle(), limits::path_found_settle));
}

// ---- What is remembered

void PathWatch::remember(Follower& follower, const std::string& path, const std::optional<FileIdentity>& identity) {
  if (!follower.remembers) return;
  if (!identity) {
    if (follower.seen.erase(path)) remembered_[{follower.names, path}] = std::nullopt;
    return;
  }
  follower.seen.insert(path, *identity);
  remembered_[{follower.names, path}] = identity;
  if (follower.seen.size() > limits::path_seen) forget(follower);
}

// Half of it would be worse than nothing: what is not remembered would be found as new.
void PathWatch::forget(Follower& follower) {
  tell_once(
      follower, Trouble::seen,
      fmt::format("it matches more than {} files, too many to be remembered: what comes and goes while the daemon "
                  "is down or the queue of inotify is full is not found",
                  limits::path_seen));
  follower.remembers = false;
  follower.seen.clear();
  std::erase_if(remembered_, [&](const auto& one) { return one.first.first == follower.names; });
  forgotten_.push_back(follower.names);
}

}  // namespace takt
