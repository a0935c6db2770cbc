// Journal triggers: entries that match.
#pragma once

#include <systemd/sd-journal.h>

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "definition/pattern.h"
#include "loop/loop.h"
#include "runtime/ports.h"
#include "watch/watching.h"

namespace takt {

// Reads the journal once for all triggers. Where all of them ask for fields, the journal's own index passes over what
// no trigger asks for.
//
// A firing has its entry's time as its instant, so the mark of a trigger says up to where its entries are handed over:
// after a restart it goes on behind that, and what was logged meanwhile fires. Of several entries of one microsecond
// each later one gets the next microsecond. What comes of a trigger, an entry with the field TAKT_PROCESS, sets none
// off.
//
// It never waits, and takes at most limits::journal_entries in one turn of the loop. It has nothing open while there is
// no trigger.
class JournalWatch {
 public:
  struct Callbacks {
    std::function<void(Firing)> fired;
    std::function<void(std::vector<TriggerMark>)> let_go;  // up to these all is handed over
    // Something of a process's trigger (or, without a name, of any) cannot be watched or was lost.
    std::function<void(const std::string& process, const std::string& message)> failed;
  };
  // `folder` holds journal files; empty: the machine's. `loop` and `clock` must outlive it, and the loop may
  // turn no more once it is gone.
  JournalWatch(Loop& loop, const Clock& clock, Callbacks callbacks, std::string folder = "");

  // As Watches::follow: the triggers to follow from now on, each from its mark or else from now.
  std::vector<TriggerMark> set_triggers(const std::map<std::string, Definition>& definitions,
                                        const TriggerMarks& marks);

 private:
  struct Follower {
    JournalTrigger trigger;
    std::optional<Pattern> pattern;
    WallTime from;     // what was logged up to here before it began is not for it
    WallTime handled;  // its last instant, or up to where nothing of it can come any more
  };
  struct Close {
    void operator()(sd_journal* journal) const { ::sd_journal_close(journal); }
  };

  Status begin();
  Status open();
  Status filter();
  Status seek();
  void end(const std::string& message);
  void read();
  void plan_read();
  void take();
  void caught_up();
  void mark(WallTime up_to);
  void fire(const TriggerName& name, Follower& follower, WallTime at);
  [[nodiscard]] bool matches(const Follower& follower) const;
  [[nodiscard]] bool has(const std::string& field, const std::string& value) const;
  [[nodiscard]] std::optional<std::string_view> field(const std::string& name) const;  // of the entry it stands on

  Loop& loop_;
  const Clock& clock_;
  Callbacks callbacks_;
  std::string folder_;
  std::map<TriggerName, Follower> followers_;
  std::unique_ptr<sd_journal, Close> journal_;  // null while there is no trigger
  Loop::Watch watch_;
  bool planned_ = false;      // a read, when all callbacks of the turn have been
  bool caught_up_ = false;    // all that was there when it began is read: what comes now is new, whatever its time
  WallTime up_to_;            // here it was last caught up, less what may yet come of before
  std::size_t unmarked_ = 0;  // entries read since all was marked
};

}  // namespace takt
