// Path triggers: files that are created, modified or deleted below a glob.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "base/fd.h"
#include "base/result.h"
#include "definition/definition.h"
#include "loop/loop.h"
#include "runtime/ports.h"
#include "trigger/firing.h"
#include "watch/inotify.h"

namespace takt {

// Follows all path triggers of the definitions in force, through one inotify instance and one timer.
//
//   created   closed after writing, by whoever made it; or moved in; or linked in (a hard or symbolic link)
//   modified  closed after writing, when it was there before
//   deleted   deleted, or moved out or away
//
// Directories are no files. A file that is moved onto another one is created. What is in a folder when a trigger begins
// does not fire; what is in a folder that appears later does, as created. The names that a glob's earlier components
// match are followed as they come and go, symbolic links to folders too; where a folder is missing, the nearest one
// that exists is watched until it appears. Not seen: the files of a folder that is moved away as a whole, as deleted; a
// file made without a name (O_TMPFILE) and linked in while it is still open.
//
// `settle` delays a firing until the file has been left alone for so long; then the last event counts, but one that was
// created and then modified is created, and one that is deleted before it settled has not been created.
//
// It never reads a file, never blocks, and never loses an event silently: what the kernel or a limit takes away is
// told.
class PathWatch {
 public:
  struct Callbacks {
    std::function<void(Firing)> fired;  // may call set_triggers
    // Something of a process's trigger (or, without a name, of any) cannot be watched or was lost.
    std::function<void(const std::string& process, const std::string& message)> failed;
  };
  // `loop` and `clock` must outlive it.
  static Result<std::unique_ptr<PathWatch>> create(Loop& loop, const Clock& clock, Callbacks callbacks);
  ~PathWatch();

  // The triggers to follow from now on: those of enabled definitions that are enabled themselves. One that says the
  // same as before goes on undisturbed, with what it has pending.
  void set_triggers(const std::map<std::string, Definition>& definitions);

 private:
  struct Follower;
  struct Place {  // a folder that a follower's first `depth` components lead to
    Follower* follower = nullptr;
    std::string path;
    std::size_t depth = 0;
    int watch = -1;  // nothing watches it when only passing through is allowed
  };
  struct Pending {
    BootTime due;
    PathEvent event = PathEvent::created;
  };
  using Names = std::pair<std::string, std::string>;  // process, key

  PathWatch(Inotify inotify, UniqueFd timer, const Clock& clock, Callbacks callbacks);

  // Folders
  void follow(Follower& follower, const std::string& path, std::size_t depth, bool appeared);
  void descend(std::uint64_t place, const std::string& name, bool appeared);
  void search(std::uint64_t place, bool appeared);
  void drop(Follower& follower, const std::string& path);
  void folder_gone(std::uint64_t place);
  void follow_all_again();

  // Files
  void handle(std::uint64_t place, std::uint32_t mask, const std::string& name);
  void handle_file(Follower& follower, const std::string& path, std::uint32_t mask);
  void handle_new_name(Follower& follower, const std::string& path);
  void happened(Follower& follower, const std::string& path, PathEvent event, Duration settle);
  void wait_for(Follower& follower, const std::string& path, PathEvent event, Duration settle);
  void stop_waiting(Follower& follower, const std::string& path);
  void fire(Follower& follower, const std::string& path, PathEvent event);
  void fire_settled();

  void tell(const Follower& follower, const std::string& message);
  void arm_timer();
  void finish_turn();

  Callbacks callbacks_;
  const Clock& clock_;
  std::map<Names, std::unique_ptr<Follower>> followers_;
  std::map<std::uint64_t, Place> places_;
  std::uint64_t last_place_ = 0;
  std::set<std::tuple<BootTime, Names, std::string>> settling_;  // all that is pending, the earliest first
  std::optional<BootTime> armed_;
  std::vector<Firing> firings_;  // of this turn, told when its events are worked through
  std::vector<std::pair<std::string, std::string>> failures_;

  Inotify inotify_;
  UniqueFd timer_;
  Loop::Watch inotify_watch_;
  Loop::Watch timer_watch_;
};

}  // namespace takt
