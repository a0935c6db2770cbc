#include "watch/path.h"

#include <fcntl.h>
#include <sys/timerfd.h>

#include <algorithm>

#include "base/assert.h"
#include "definition/definition.h"
#include "watch/path_follower.h"
#include "watch/watching.h"

namespace takt {
namespace {

// The path trigger of this key; nothing when the definition has none.
const Trigger* find_path_trigger(const ProcessDefinition& definition, const std::string& key) {
  for (const Trigger& trigger : definition.triggers)
    if (trigger.key == key && std::holds_alternative<PathTrigger>(trigger.kind)) return &trigger;
  return nullptr;
}

}  // namespace

Result<std::unique_ptr<PathWatch>> PathWatch::create(Loop& loop, const Clock& clock, Callbacks callbacks) {
  TAKT_ASSIGN(Inotify inotify, Inotify::create());
  UniqueFd timer(::timerfd_create(CLOCK_BOOTTIME, TFD_CLOEXEC | TFD_NONBLOCK));
  if (!timer.valid()) return fail_errno("create a timer on CLOCK_BOOTTIME");
  UniqueFd mounts(::open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC));
  if (!mounts.valid()) return fail_errno("open /proc/self/mountinfo");
  std::unique_ptr<PathWatch> watch(
      new PathWatch(std::move(inotify), std::move(timer), std::move(mounts), clock, std::move(callbacks)));
  PathWatch* self = watch.get();
  TAKT_ASSIGN(self->inotify_watch_, loop.add(self->inotify_.fd(), EPOLLIN, [self](std::uint32_t) {
    self->inotify_.read(
        [self](std::uint64_t place, std::uint32_t mask, const std::string& name) { self->handle(place, mask, name); });
    self->finish_turn();
  }));
  TAKT_ASSIGN(self->timer_watch_, loop.add(self->timer_.get(), EPOLLIN, [self](std::uint32_t) {
    std::uint64_t expirations = 0;
    (void)!::read(self->timer_.get(), &expirations, sizeof expirations);  // how often does not matter
    self->armed_.reset();
    self->fire_settled();
    self->finish_turn();
  }));
  // The kernel tells each change once, to whoever polls (proc_pid_mountinfo(5)); there is nothing to read.
  TAKT_ASSIGN(self->mounts_watch_, loop.add(self->mounts_.get(), EPOLLPRI, [self](std::uint32_t) {
    self->mounts_changed();
    self->finish_turn();
  }));
  return watch;
}

PathWatch::PathWatch(Inotify inotify, UniqueFd timer, UniqueFd mounts, const Clock& clock, Callbacks callbacks)
    : callbacks_(std::move(callbacks)),
      clock_(clock),
      restored_(std::in_place),
      inotify_(std::move(inotify)),
      timer_(std::move(timer)),
      mounts_(std::move(mounts)) {}

PathWatch::~PathWatch() = default;

// ---- Triggers

void PathWatch::restore(std::vector<SeenFileRow> seen) {
  for (SeenFileRow& row : seen) {
    const Names names{row.process, row.key};
    (*restored_)[names].push_back(std::move(row));
  }
}

void PathWatch::set_triggers(const std::map<std::string, Definition>& definitions) {
  std::map<Names, PathTrigger> wanted = triggers_of<PathTrigger>(definitions);
  for (auto at = followers_.begin(); at != followers_.end();) {
    Follower& follower = *at->second;
    const auto found = wanted.find(at->first);
    if (found == wanted.end()) {
      end(follower);
      at = followers_.erase(at);
      continue;
    }
    // What could not be watched is tried again.
    const bool again = follower.told.erase(Trouble::unwatched) + follower.told.erase(Trouble::watches) > 0;
    const PathTrigger old = std::exchange(follower.trigger, found->second);
    if (old.settle != follower.trigger.settle || old.batch != follower.trigger.batch) {
      // What was pending has not been dealt with: it is found again.
      const Arrival arrival = follower.taking_stock > 0 ? Arrival::before : Arrival::unknown;
      end(follower);
      follow(follower, "/", 0, arrival);
    } else if (again) {
      drop(follower, "/");
      follow(follower, "/", 0, Arrival::unknown);
    }
    wanted.erase(found);
    ++at;
  }
  for (const auto& [names, trigger] : wanted) begin(names, trigger);
  if (restored_) forget_others(definitions);
  finish_turn();
}

void PathWatch::begin(const Names& names, const PathTrigger& trigger) {
  Follower& follower = *(followers_[names] = std::make_unique<Follower>());
  follower.names = names;
  follower.trigger = trigger;
  follower.components = path_names::components_of(trigger.glob);
  const auto known = restored_ ? restored_->extract(names) : std::map<Names, std::vector<SeenFileRow>>::node_type();
  if (known) {
    for (const SeenFileRow& row : known.mapped())
      if (!row.path.empty()) follower.seen.insert(row.path, {row.folder, row.inode, row.born_at, row.modified_at});
  } else {
    forgotten_.push_back(names);  // of a time when it was followed and then was not
    remembered_[{names, ""}] = FileIdentity();
  }
  if (!follower.components.empty()) follow(follower, "/", 0, known ? Arrival::unknown : Arrival::before);
}

void PathWatch::end(Follower& follower) {
  drop(follower, "/");
  std::erase_if(scans_, [&](const Scan& scan) { return scan.names == follower.names; });
  follower.taking_stock = 0;
  while (!follower.pending.empty()) stop_waiting(follower, std::string(follower.pending.begin()->first));
}

// What is remembered of triggers that no definition has any more. One that is only disabled finds it at the next start.
void PathWatch::forget_others(const std::map<std::string, Definition>& definitions) {
  for (const auto& [names, rows] : *restored_) {
    const auto definition = definitions.find(names.first);
    if (definition == definitions.end() || find_path_trigger(*definition->second, names.second) == nullptr)
      forgotten_.push_back(names);
  }
  restored_.reset();
}

// ---- The end of a turn

void PathWatch::tell(const Follower& follower, const std::string& message) {
  failures_.emplace_back(follower.names.first, about_trigger(follower.names, message));
}

void PathWatch::tell_once(Follower& follower, Trouble trouble, const std::string& message) {
  if (follower.told.insert(trouble).second) tell(follower, message);
}

void PathWatch::tell_bad_name(Follower& follower, const std::string& folder) {
  tell_once(follower, Trouble::names,
            fmt::format("{} holds a name that is not UTF-8: it and others like it do not fire", folder));
}

void PathWatch::arm_timer() {
  auto next = settling_.empty() ? std::nullopt : std::optional(std::get<BootTime>(*settling_.begin()));
  if (!scans_.empty() && !scans_wait_) next = BootTime();  // the next turn goes on with them
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

// The callbacks come last: they may set other triggers. What is remembered goes before what fires.
void PathWatch::finish_turn() {
  scan_on();
  arm_timer();
  FilesSeen seen;
  for (const Names& names : std::exchange(forgotten_, {}))
    seen.gone.push_back({names.first, names.second, std::nullopt});
  for (const auto& [key, identity] : std::exchange(remembered_, {})) {
    const auto& [names, path] = key;
    if (identity)
      seen.seen.push_back({names.first, names.second, path, identity->folder, identity->inode, identity->born_at,
                           identity->modified_at});
    else
      seen.gone.push_back({names.first, names.second, path});
  }
  for (auto& [process, message] : std::exchange(failures_, {})) callbacks_.failed(process, message);
  if (!seen.gone.empty() || !seen.seen.empty()) callbacks_.seen(std::move(seen));
  for (Firing& firing : std::exchange(firings_, {})) callbacks_.fired(std::move(firing));
}

}  // namespace takt
