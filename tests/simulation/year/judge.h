// The judge of a simulated year. It sees what the disk is told and what the wall clock showed, and computes what was
// due by walking each calendar: from one instant to the next, and nothing else of the product. Page "Time" of
// docs/architecture.md is the law:
//
//   Each calendar's rows stand one after another without a gap: each says how many instants it stands for, and those
//   are exactly the ones since the row before it. So none is lost, none is there twice, and nothing fires that was not
//   due. A row comes at its instant (its jitter later), or at the first moment at which somebody could look after it.
//   What passed meanwhile goes by `catch_up`.
//   A clock set back by at most three hours brings nothing again; further, the new time is taken. What has its row
//   already still gets no other.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "definition/trigger.h"
#include "simulation/findings.h"
#include "support/memory_store.h"

namespace takt::test {

class Judge {
 public:
  Judge(Findings& findings, const Disk& disk, const std::map<std::string, Definition>& definitions,
        const std::string& machine_id);

  // A record of a batch that becomes durable; then the whole of it is.
  void writing(const Record& record);
  void written();
  // The machine wakes, the daemon starts, or is told of a clock that was set: what passed may be made up for.
  void looked(WallTime now) { looks_.insert(now); }
  // The daemon lives, and all that it decided is on disk: whatever was due has its row.
  void nothing_is_owed(WallTime now);

  struct Count {
    std::uint64_t rows = 0, caught_up = 0, instants = 0, overlaps = 0, paused = 0, let_go = 0, set_back = 0, again = 0;
  };
  [[nodiscard]] const Count& count() const { return count_; }

 private:
  using Key = std::pair<std::string, std::string>;  // process and trigger
  struct Line {                                     // one trigger's
    Key key;
    const CalendarTrigger* calendar = nullptr;
    double place = 0;                  // of its jitter
    std::optional<WallTime> upto;      // to here all has its rows; nothing: not followed yet
    bool begun = true;                 // and that is where it was begun to be followed, no row's instant
    std::optional<WallTime> next;      // the first instant after it
    std::optional<WallTime> next_due;  // and when that is due
    std::optional<WallTime> mark;      // told in this batch, its row not seen yet
    std::optional<WallTime> marked;    // as it is durable
    std::set<WallTime> rows;
    WallTime look;              // at which its last row was decided
    std::uint64_t in_look = 0;  // rows of it
  };

  void on(const TriggerMark& mark);
  void on(const ExecutionRow& row);
  void mark_without_row(Line& line, WallTime mark);
  void move(Line& line, WallTime upto, bool begun);
  [[nodiscard]] std::optional<WallTime> after(const Line& line, WallTime at) const;
  [[nodiscard]] std::optional<WallTime> due(const Line& line, std::optional<WallTime> nominal) const;
  std::uint64_t walk(Line& line, WallTime nominal);
  void judge_time(Line& line, WallTime nominal, WallTime decided, bool let_go);
  void judge_count(Line& line, const ExecutionRow& row, std::uint64_t passed);
  void judge_reason(const ExecutionRow& row);

  Findings& findings_;
  const Disk& disk_;
  std::map<Key, Line> lines_;
  std::set<WallTime> looks_;
  std::set<Line*> marked_;  // in this batch
  ExecutionId last_id_ = 0;
  Count count_;
};

}  // namespace takt::test
