// Path triggers: files that are created, modified or deleted below a glob.
#pragma once

#include <dirent.h>

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "base/fd.h"
#include "base/result.h"
#include "definition/definition_fwd.h"
#include "definition/trigger.h"
#include "engine/engine.h"
#include "loop/loop.h"
#include "runtime/ports.h"
#include "trigger/firing.h"
#include "watch/inotify.h"
#include "watch/seen_files.h"

namespace takt {

// Follows all path triggers of the definitions in force, through one inotify instance, one timer, and the table of
// mounts.
//
//   created   closed after writing, by whoever made it; or moved in; or linked in (a hard or symbolic link)
//   modified  closed after writing, when it was there before
//   deleted   deleted, or moved out or away
//
// Directories are no files. A file that is moved onto another one is created. The names that a glob's earlier
// components match are followed as they come and go, symbolic links to folders too; where a folder is missing, the
// nearest one that exists is watched until it appears. `recursive` goes on into all folders below, but for hidden ones
// and links. A link back to a folder on the way to it leads nowhere. Not seen: a file made without a name (O_TMPFILE)
// and linked in while it is still open.
//
// What each trigger has dealt with it remembers, durably: file by file, recorded with the firing. So a folder can be
// read and compared, and what came and went while nobody listened is found: while the daemon was down, when the
// kernel's queue ran over, when a folder appeared or was replaced. What no comparison can tell: a file that came and
// went meanwhile, how often one was modified, and a modification that leaves the time of modification as it was. What
// is in a folder when a trigger is first followed is taken stock of, and does not fire.
//
// `settle` delays a firing until the file has been left alone for so long; then the last event counts, but one that was
// created and then modified is created, and one that is deleted before it settled has not been created. `batch` waits
// until all files have been, and fires once for all.
//
// It never reads a file, never waits, reads no more of folders in a turn than limits::path_names, and never loses an
// event silently: what the kernel or a limit takes away is told.
class PathWatch {
 public:
  struct Callbacks {
    // What is remembered from now on, and no longer: to be recorded in one transaction with the firings that follow in
    // the same turn.
    std::function<void(FilesSeen)> seen;
    std::function<void(Firing)> fired;  // may call set_triggers
    // Something of a process's trigger (or, without a name, of any) cannot be watched or was lost.
    std::function<void(const std::string& process, const std::string& message)> failed;
  };
  // `loop` and `clock` must outlive it.
  static Result<std::unique_ptr<PathWatch>> create(Loop& loop, const Clock& clock, Callbacks callbacks);
  ~PathWatch();

  // What an earlier life has seen, for the first set_triggers().
  void restore(std::vector<SeenFileRow> seen);
  // The triggers to follow from now on: those of enabled definitions that are enabled themselves. One that says the
  // same as before goes on undisturbed, with what it has pending. One that is left out and comes again begins anew.
  void set_triggers(const std::map<std::string, Definition>& definitions);

 private:
  using Names = std::pair<std::string, std::string>;  // process, key
  struct Follower;
  struct Place {  // a folder that a follower's first `depth` components lead to, or one below that
    Follower* follower = nullptr;
    std::string path;
    std::size_t depth = 0;
    int watch = -1;  // nothing watches it when only passing through is allowed
    std::int64_t device = 0;
    std::int64_t inode = 0;
  };
  enum class Arrival {
    before,   // what a folder holds was there before the trigger was followed
    unknown,  // some of it may have come since it was last seen
    since,    // the folder has come, and with it all that it holds
  };
  // A folder that is being read, a part in each turn: first what is there, then what is remembered and is not.
  struct Scan {
    Names names;
    std::string folder;
    std::uint64_t place = 0;  // nothing: the folder has gone, and what it held with it
    Arrival arrival = Arrival::unknown;
    std::unique_ptr<DIR, int (*)(DIR*)> stream;  // while it is being read
    bool begun = false;
    std::string last;  // the name of those remembered that was looked for
  };
  struct Pending {
    BootTime due;  // not of a batch
    PathEvent event = PathEvent::created;
  };
  enum class Trouble { watches, unwatched, names, pending, fresh, seen };  // told once

  PathWatch(Inotify inotify, UniqueFd timer, UniqueFd mounts, const Clock& clock, Callbacks callbacks);

  // path.cpp: triggers and turns
  void begin(const Names& names, const PathTrigger& trigger);
  void end(Follower& follower);
  void forget_others(const std::map<std::string, Definition>& definitions);
  void tell(const Follower& follower, const std::string& message);
  void tell_once(Follower& follower, Trouble trouble, const std::string& message);
  void tell_bad_name(Follower& follower, const std::string& folder);
  void arm_timer();
  void finish_turn();

  // path_folders.cpp: which folders are followed
  void handle(std::uint64_t place, std::uint32_t mask, const std::string& name);
  void follow(Follower& follower, const std::string& path, std::size_t depth, Arrival arrival);
  void descend(std::uint64_t place, const std::string& name, Arrival arrival);
  void tell_too_many(Follower& follower, const std::string& path);
  [[nodiscard]] bool leads_back(const Follower& follower, const std::string& path,
                                std::pair<std::int64_t, std::int64_t> folder) const;
  void drop(Follower& follower, const std::string& path);
  void replaced(std::uint64_t place, Arrival arrival);
  void compare_all();
  void mounts_changed();

  // path_scan.cpp: what is in them
  void scan(std::uint64_t place, Arrival arrival);
  void scan_gone(Follower& follower, const std::string& path);
  void scan_on();
  bool read_on(Scan& scan, std::size_t& budget);
  bool read_folder(Scan& scan, std::size_t& budget);
  void found(const Scan& scan, const std::string& name, unsigned char type);
  void found_file(Follower& follower, const Scan& scan, const std::string& path, std::int64_t folder);
  void missed(Follower& follower, const Scan& scan, const SeenFiles::Entry& entry);
  void remember(Follower& follower, const std::string& path, const std::optional<FileIdentity>& identity);
  void forget(Follower& follower);

  // path_files.cpp: what happened to files, until it fires
  void handle_file(Follower& follower, const std::string& path, std::uint32_t mask);
  void handle_new_name(Follower& follower, const std::string& path);
  void happened(Follower& follower, const std::string& path, PathEvent event, Duration settle);
  void wait_for(Follower& follower, const std::string& path, PathEvent event, Duration settle);
  void stop_waiting(Follower& follower, const std::string& path);
  void fire_settled();
  void fire_batch(Follower& follower);
  void fire(Follower& follower, const std::vector<std::string>& paths, PathEvent event);
  void dealt_with(Follower& follower, const std::string& path, PathEvent event);
  [[nodiscard]] static bool was_dealt_with(const Follower& follower, const std::string& path, PathEvent event);

  Callbacks callbacks_;
  const Clock& clock_;
  std::optional<std::map<Names, std::vector<SeenFileRow>>> restored_;  // until the first set_triggers()
  std::map<Names, std::unique_ptr<Follower>> followers_;
  std::map<std::uint64_t, Place> places_;
  std::uint64_t last_place_ = 0;
  std::deque<Scan> scans_;
  bool scans_wait_ = false;  // all of them, until something has settled
  std::set<std::tuple<BootTime, Names, std::string>>
      settling_;  // all that is pending, the earliest first; batches as ""
  std::optional<BootTime> armed_;

  // Of this turn, told when its events are worked through.
  std::vector<Firing> firings_;
  std::vector<Names> forgotten_;
  std::map<std::pair<Names, std::string>, std::optional<FileIdentity>> remembered_;  // nothing: it is gone
  std::vector<std::pair<std::string, std::string>> failures_;

  Inotify inotify_;
  UniqueFd timer_;
  UniqueFd mounts_;
  Loop::Watch inotify_watch_;
  Loop::Watch timer_watch_;
  Loop::Watch mounts_watch_;
};

}  // namespace takt
