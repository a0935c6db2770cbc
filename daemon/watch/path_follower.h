// One path trigger, and where it stands. Only the parts of PathWatch know it.
#pragma once

#include <algorithm>

#include "watch/limits.h"
#include "watch/path.h"
#include "watch/path_names.h"

namespace takt {

struct PathWatch::Follower {
  Names names;
  PathTrigger trigger;
  std::vector<std::string> components;          // of its glob; the last one is for files
  std::map<std::string, std::uint64_t> places;  // folders it follows, by path
  std::set<std::string> fresh;                  // files that were made and are not yet closed
  std::map<std::string, Pending> pending;       // files that are to settle
  std::optional<BootTime> batch_due;            // when all of them have, in a batch
  SeenFiles seen;                               // what it has dealt with
  std::size_t taking_stock = 0;                 // folders of which it is not known yet what was in them
  bool remembers = true;                        // false: it saw more than limits::path_seen
  std::set<Trouble> told;
  WallTime last_nominal;

  [[nodiscard]] bool is_last(std::size_t depth) const { return depth + 1 == components.size(); }
  [[nodiscard]] bool wants(PathEvent event) const {
    return std::find(trigger.events.begin(), trigger.events.end(), event) != trigger.events.end();
  }
  [[nodiscard]] Duration settle() const {
    return trigger.batch && trigger.settle == Duration(0) ? limits::path_batch_settle : trigger.settle;
  }
  // Whether a folder of this name, in one of this depth, is followed too.
  [[nodiscard]] bool leads_on(std::size_t depth, const std::string& name) const {
    if (is_last(depth)) return trigger.recursive && !name.starts_with('.');
    return path_names::matches(components[depth], name);
  }
  // What it must hear of a folder. `complete`: the one name it looks for there is found, and tells itself when it goes.
  [[nodiscard]] std::uint32_t mask(std::size_t depth, bool complete) const {
    constexpr std::uint32_t itself = IN_DELETE_SELF | IN_MOVE_SELF;
    constexpr std::uint32_t names_come_and_go = IN_CREATE | IN_MOVED_TO | IN_DELETE | IN_MOVED_FROM;
    // A folder that is deleted tells so only when nobody has it open any more; the one it stood in does at once.
    if (!is_last(depth)) return itself | (complete ? IN_DELETE : names_come_and_go);
    const std::uint32_t writing = settle() > Duration(0) ? IN_MODIFY : 0;
    return itself | names_come_and_go | IN_CLOSE_WRITE | writing;
  }
};

}  // namespace takt
