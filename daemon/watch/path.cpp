#include "watch/path.h"

#include <dirent.h>
#include <fnmatch.h>
#include <sys/stat.h>
#include <sys/timerfd.h>

#include <algorithm>

#include "base/assert.h"
#include "base/limits.h"

namespace takt {
namespace {

constexpr std::uint32_t gone = IN_DELETE_SELF | IN_MOVE_SELF | IN_UNMOUNT | IN_IGNORED;
constexpr std::uint32_t names_come_and_go = IN_CREATE | IN_MOVED_TO | IN_DELETE | IN_MOVED_FROM;

std::vector<std::string> components_of(std::string_view glob) {
  std::vector<std::string> result;
  for (std::size_t at = 0; at < glob.size();) {
    const std::size_t end = std::min(glob.find('/', at), glob.size());
    if (end > at) result.emplace_back(glob.substr(at, end - at));
    at = end + 1;
  }
  return result;
}

bool is_literal(const std::string& component) {
  return component.find_first_of("*?[\\") == std::string::npos;
}

// As glob(7) has it: a name that begins with a period is matched by a period alone.
bool matches(const std::string& component, const std::string& name) {
  return ::fnmatch(component.c_str(), name.c_str(), FNM_PERIOD) == 0;
}

std::string join(const std::string& folder, const std::string& name) {
  return folder == "/" ? folder + name : folder + "/" + name;
}
std::string name_of(const std::string& path) {
  return path.substr(path.rfind('/') + 1);
}
std::string folder_of(const std::string& path) {
  return path.substr(0, std::max<std::size_t>(path.rfind('/'), 1));
}

bool is_symbolic_link(const std::string& path) {
  struct stat status {};
  return ::lstat(path.c_str(), &status) == 0 && S_ISLNK(status.st_mode);
}

// RFC 3629, as the JSON library checks it: what goes into a record must be text.
bool is_utf8(const std::string& text) {
  try {
    (void)Value(text).dump();
    return true;
  } catch (const Value::exception&) {
    return false;
  }
}

// Calls with each name in a folder and its type (DT_…); false when it cannot be read.
template <class Function>
bool for_each_name(const std::string& folder, Function function) {
  const std::unique_ptr<DIR, int (*)(DIR*)> stream(::opendir(folder.c_str()), ::closedir);
  if (!stream) return false;
  while (const dirent* entry = ::readdir(stream.get())) {
    const std::string name = entry->d_name;
    if (name != "." && name != "..") function(name, entry->d_type);
  }
  return true;
}

}  // namespace

// One trigger.
struct PathWatch::Follower {
  Names names;
  PathTrigger trigger;
  std::vector<std::string> components;          // of its glob; the last one is for files
  std::map<std::string, std::uint64_t> places;  // folders it follows, by path
  std::set<std::string> fresh;                  // files that were made and are not yet closed
  std::map<std::string, Pending> pending;       // files that are to settle
  WallTime last_nominal;

  [[nodiscard]] bool is_last(std::size_t depth) const { return depth + 1 == components.size(); }
  [[nodiscard]] bool wants(PathEvent event) const {
    return std::find(trigger.events.begin(), trigger.events.end(), event) != trigger.events.end();
  }
  // What it must hear of a folder. `complete`: the one name it looks for there is found, and tells itself when it goes.
  [[nodiscard]] std::uint32_t mask(std::size_t depth, bool complete) const {
    constexpr std::uint32_t itself = IN_DELETE_SELF | IN_MOVE_SELF;
    // A folder that is deleted tells so only when nobody has it open any more; the one it stood in does at once.
    if (!is_last(depth)) return itself | (complete ? IN_DELETE : names_come_and_go);
    const std::uint32_t writing = trigger.settle > Duration(0) ? IN_MODIFY : 0;
    return itself | names_come_and_go | IN_CLOSE_WRITE | writing;
  }
};

// ---- Set-up

Result<std::unique_ptr<PathWatch>> PathWatch::create(Loop& loop, const Clock& clock, Callbacks callbacks) {
  TAKT_ASSIGN(Inotify inotify, Inotify::create());
  UniqueFd timer(::timerfd_create(CLOCK_BOOTTIME, TFD_CLOEXEC | TFD_NONBLOCK));
  if (!timer.valid()) return fail_errno("create a timer on CLOCK_BOOTTIME");
  std::unique_ptr<PathWatch> watch(new PathWatch(std::move(inotify), std::move(timer), clock, std::move(callbacks)));
  PathWatch* self = watch.get();
  TAKT_ASSIGN(self->inotify_watch_, loop.add(self->inotify_.fd(), EPOLLIN, [self](std::uint32_t) {
    self->inotify_.read(
        [self](std::uint64_t place, std::uint32_t mask, const std::string& name) { self->handle(place, mask, name); });
    self->finish_turn();
  }));
  TAKT_ASSIGN(self->timer_watch_, loop.add(self->timer_.get(), EPOLLIN, [self](std::uint32_t) {
    self->fire_settled();
    self->finish_turn();
  }));
  return watch;
}

PathWatch::PathWatch(Inotify inotify, UniqueFd timer, const Clock& clock, Callbacks callbacks)
    : callbacks_(std::move(callbacks)), clock_(clock), inotify_(std::move(inotify)), timer_(std::move(timer)) {}

PathWatch::~PathWatch() = default;

void PathWatch::set_triggers(const std::map<std::string, Definition>& definitions) {
  std::map<Names, const PathTrigger*> wanted;
  for (const auto& [name, definition] : definitions) {
    if (!definition->enabled) continue;
    for (const Trigger& trigger : definition->triggers) {
      const auto* path = std::get_if<PathTrigger>(&trigger.kind);
      if (path != nullptr && trigger.enabled) wanted[{name, trigger.key}] = path;
    }
  }
  for (auto at = followers_.begin(); at != followers_.end();) {
    Follower& follower = *at->second;
    const auto found = wanted.find(at->first);
    if (found != wanted.end() && found->second->glob == follower.trigger.glob &&
        found->second->settle == follower.trigger.settle) {
      follower.trigger = *found->second;
      wanted.erase(found);
      ++at;
      continue;
    }
    drop(follower, "/");
    while (!follower.pending.empty()) stop_waiting(follower, std::string(follower.pending.begin()->first));
    at = followers_.erase(at);
  }
  for (const auto& [names, trigger] : wanted) {
    auto& follower = followers_[names] = std::make_unique<Follower>();
    follower->names = names;
    follower->trigger = *trigger;
    follower->components = components_of(trigger->glob);
    if (!follower->components.empty()) follow(*follower, "/", 0, false);
  }
  finish_turn();
}

// ---- Folders

// Watches the folder at `path`, and below it what the components name, if there is one. `appeared`: it came while
// its trigger was followed, so what it holds already has come, too.
void PathWatch::follow(Follower& follower, const std::string& path, std::size_t depth, bool appeared) {
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
    tell(follower, fmt::format("watch {}: {}", path, errno_text(error)));
    // A folder that may be passed through but not read still leads to one that may.
    if (error != EACCES || follower.is_last(depth) || !is_literal(follower.components[depth])) return;
  }
  follower.places[path] = id;
  places_[id] = Place{&follower, path, depth, watch.value_or(-1)};
  search(id, appeared);
}

// Looks for what is there already.
void PathWatch::search(std::uint64_t id, bool appeared) {
  const Place place = places_.at(id);
  Follower& follower = *place.follower;
  const std::string& component = follower.components[place.depth];
  const bool last = follower.is_last(place.depth);
  if (last && !appeared) return;
  if (!last && is_literal(component)) return descend(id, component, appeared);
  const bool read = for_each_name(place.path, [&](const std::string& name, unsigned char type) {
    if (!matches(component, name)) return;
    if (!last && (type == DT_DIR || type == DT_LNK || type == DT_UNKNOWN)) return descend(id, name, appeared);
    if (!last || (type != DT_REG && type != DT_LNK && type != DT_UNKNOWN)) return;
    // Whether it is still being written cannot be told: its closing will, or else some time without it.
    const std::string path = join(place.path, name);
    if (!is_utf8(name)) return tell(follower, fmt::format("a name in {} is not UTF-8: skipping it", place.path));
    if (type == DT_REG && follower.fresh.size() < limits::path_pending) follower.fresh.insert(path);
    happened(follower, path, PathEvent::created, std::max(follower.trigger.settle, limits::path_found_settle));
  });
  if (!read) tell(follower, fmt::format("read {}: {}", place.path, errno_text(errno)));
}

// Follows one name below a place, if it is a folder.
void PathWatch::descend(std::uint64_t id, const std::string& name, bool appeared) {
  const Place place = places_.at(id);
  Follower& follower = *place.follower;
  const std::string path = join(place.path, name);
  if (!is_utf8(name)) return tell(follower, fmt::format("a name in {} is not UTF-8: skipping it", place.path));
  const bool literal = is_literal(follower.components[place.depth]) && place.watch >= 0;
  // Names are listened for before it is looked for, so that it cannot come in between.
  if (literal && !inotify_.watch(id, place.path, follower.mask(place.depth, false))) return folder_gone(id);
  follow(follower, path, place.depth + 1, appeared);
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

void PathWatch::folder_gone(std::uint64_t id) {
  const Place place = places_.at(id);
  drop(*place.follower, place.path);
  if (place.depth == 0) return;
  const auto parent = place.follower->places.find(folder_of(place.path));
  if (parent != place.follower->places.end()) descend(parent->second, name_of(place.path), true);
}

// Events were lost, so nothing is known of what came and went.
void PathWatch::follow_all_again() {
  failures_.emplace_back("", "events of files were lost: the queue of inotify was full (fs.inotify.max_queued_events)");
  for (const auto& [names, follower] : followers_) {
    drop(*follower, "/");
    if (!follower->components.empty()) follow(*follower, "/", 0, false);
  }
}

// ---- Files

void PathWatch::handle(std::uint64_t id, std::uint32_t mask, const std::string& name) {
  if ((mask & IN_Q_OVERFLOW) != 0) return follow_all_again();
  const auto found = places_.find(id);
  TAKT_ASSERT(found != places_.end());
  const Place place = found->second;
  Follower& follower = *place.follower;
  if ((mask & gone) != 0) return folder_gone(id);
  if (!matches(follower.components[place.depth], name)) return;
  if (!follower.is_last(place.depth)) return descend(id, name, true);  // come or gone
  if ((mask & IN_ISDIR) != 0) return;
  if (!is_utf8(name)) return tell(follower, fmt::format("a name in {} is not UTF-8: skipping it", place.path));
  handle_file(follower, join(place.path, name), mask);
}

void PathWatch::handle_file(Follower& follower, const std::string& path, std::uint32_t mask) {
  const Duration settle = follower.trigger.settle;
  if ((mask & IN_CREATE) != 0) {
    handle_new_name(follower, path);
  } else if ((mask & IN_MOVED_TO) != 0) {
    follower.fresh.erase(path);
    happened(follower, path, PathEvent::created, settle);
  } else if ((mask & IN_CLOSE_WRITE) != 0) {
    const bool made = follower.fresh.erase(path) > 0;
    happened(follower, path, made ? PathEvent::created : PathEvent::modified, settle);
  } else if ((mask & (IN_DELETE | IN_MOVED_FROM)) != 0) {
    follower.fresh.erase(path);
    happened(follower, path, PathEvent::deleted, settle);
  } else if (const auto pending = follower.pending.find(path); pending != follower.pending.end()) {
    wait_for(follower, path, pending->second.event, settle);  // it is being written: not left alone
  }
}

// A link is whole from the start; a file that was made is, once it is closed.
void PathWatch::handle_new_name(Follower& follower, const std::string& path) {
  struct stat status {};
  // One that is gone again was most likely a file; what happened to it meanwhile is told next.
  const bool there = ::lstat(path.c_str(), &status) == 0;
  if (there && (S_ISLNK(status.st_mode) || (S_ISREG(status.st_mode) && status.st_nlink > 1))) {
    return happened(follower, path, PathEvent::created, follower.trigger.settle);
  }
  if (there && !S_ISREG(status.st_mode)) return;
  if (follower.fresh.size() >= limits::path_pending) {
    return tell(follower, fmt::format("more than {} files are being written: {} will count as modified",
                                      limits::path_pending, path));
  }
  follower.fresh.insert(path);
}

void PathWatch::happened(Follower& follower, const std::string& path, PathEvent event, Duration settle) {
  const auto pending = follower.pending.find(path);
  if (pending != follower.pending.end()) {
    if (event == PathEvent::modified) event = pending->second.event;
    stop_waiting(follower, path);
  }
  if (!follower.wants(event)) return;
  if (settle > Duration(0)) return wait_for(follower, path, event, settle);
  fire(follower, path, event);
}

void PathWatch::wait_for(Follower& follower, const std::string& path, PathEvent event, Duration settle) {
  stop_waiting(follower, path);
  if (follower.pending.size() >= limits::path_pending) {
    tell(follower, fmt::format("more than {} files settle at once: {} fires unsettled", limits::path_pending, path));
    return fire(follower, path, event);
  }
  const BootTime due = clock_.now().boot + settle;
  follower.pending[path] = Pending{due, event};
  settling_.emplace(due, follower.names, path);
}

void PathWatch::stop_waiting(Follower& follower, const std::string& path) {
  const auto pending = follower.pending.find(path);
  if (pending == follower.pending.end()) return;
  settling_.erase({pending->second.due, follower.names, path});
  follower.pending.erase(pending);
}

void PathWatch::fire(Follower& follower, const std::string& path, PathEvent event) {
  follower.fresh.erase(path);
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
                   {"path", path},
                   {"name", name_of(path)},
                   {"event", to_word(event)}};
  firings_.push_back(std::move(firing));
}

void PathWatch::fire_settled() {
  std::uint64_t expirations = 0;
  (void)!::read(timer_.get(), &expirations, sizeof expirations);  // how often does not matter
  armed_.reset();
  const BootTime now = clock_.now().boot;
  while (!settling_.empty() && std::get<BootTime>(*settling_.begin()) <= now) {
    const auto [due, names, path] = *settling_.begin();
    Follower& follower = *followers_.at(names);
    const PathEvent event = follower.pending.at(path).event;
    stop_waiting(follower, path);
    fire(follower, path, event);
  }
}

// ---- The end of a turn

void PathWatch::tell(const Follower& follower, const std::string& message) {
  failures_.emplace_back(follower.names.first, fmt::format("{}: {}", follower.names.second, message));
}

void PathWatch::arm_timer() {
  const auto next = settling_.empty() ? std::nullopt : std::optional(std::get<BootTime>(*settling_.begin()));
  if (next == armed_) return;
  armed_ = next;
  itimerspec spec{};  // all zero: not armed
  if (next) {
    const std::int64_t us = std::max<std::int64_t>(to_us(*next), 1);
    spec.it_value.tv_sec = us / 1'000'000;
    spec.it_value.tv_nsec = us % 1'000'000 * 1'000;
  }
  TAKT_ASSERT(::timerfd_settime(timer_.get(), TFD_TIMER_ABSTIME, &spec, nullptr) == 0);
}

// The callbacks come last: they may set other triggers.
void PathWatch::finish_turn() {
  arm_timer();
  for (auto& [process, message] : std::exchange(failures_, {})) callbacks_.failed(process, message);
  for (Firing& firing : std::exchange(firings_, {})) callbacks_.fired(std::move(firing));
}

}  // namespace takt
