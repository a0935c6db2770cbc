// The judges of a simulation. They see what the disk holds, what the runner's journal says of children, and what the
// daemon tells people; nothing of the engine's insides. Each says what page of the promises it holds the daemon to.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "definition/definition.h"
#include "findings.h"
#include "runtime/ports.h"
#include "support/fake_ports.h"
#include "support/fake_runner.h"
#include "support/memory_store.h"

namespace takt::test {

class Checkers final : public Announcer {
 public:
  Checkers(Findings& findings, const Clock& clock, const Disk& disk, const FakeRunner& runner,
           MemoryDefinitions& definitions, std::size_t max_concurrent);

  // ---- As it happens
  // A record becomes durable; the disk still holds the row that it replaces.
  void writing(const Record& record);
  // A batch is durable as a whole.
  void written();
  // A child is about to be started.
  void starting(const AttemptSpec& spec);
  // A listener hears something.
  void announce(const Announcement& announcement) override;
  // A caller was told that this execution exists; or that it has ended.
  void promised(ExecutionId id);
  void promised_end(ExecutionId id);
  void clock_went_back() { clock_went_back_ = true; }
  void booted() { ++boots_; }

  // ---- When all was left alone for some minutes, with the triggers in force.
  void every_trigger_goes_on();
  // ---- When nothing has triggers any more, and everything has had its time.
  void all_is_over();

  // Nothing lives.
  [[nodiscard]] bool idle() const;

 private:
  struct Fired {  // a firing as it became durable, forgotten since or not
    ExecutionId id = 0;
    std::uint64_t stands_for = 1;
    Duration at{0};
  };
  using Firings = std::map<WallTime, Fired>;

  void on(const ExecutionRow& row);
  void on(const StepRow& row);
  void on(const AttemptRow& row);
  void on(const TriggerMark& mark);
  void on(const ForgetExecution& row);
  template <class Row>
  void on(const Row&) {}

  void may_be_tried_again(const AttemptRow& attempt);
  void predecessors_have_ended(const AttemptRow& attempt);
  void overlap_rules_hold();
  void heard(const ExecutionRow& row);
  void heard(const ExecutionRow& row, const StepRow& step);
  void heard(const Progress& progress);
  void calendar_lost_nothing(const std::string& name, const CalendarTrigger& calendar, const Firings& fired,
                             const TriggerMark& mark, WallTime followed);
  void span_goes_on(const std::string& name, const EveryTrigger& every, const Firings& fired);
  void attempts_tell_the_truth();
  Definition definition_of(ExecutionId id);

  Findings& findings_;
  const Clock& clock_;
  const Disk& disk_;
  const FakeRunner& runner_;
  MemoryDefinitions& definitions_;
  std::size_t max_concurrent_;

  // All that ever became durable.
  std::map<std::pair<std::string, std::string>, Firings> firings_;  // by process and trigger
  std::map<std::pair<std::string, std::string>, WallTime> first_followed_;
  std::map<std::string, AttemptRow> attempts_;
  std::vector<std::string> begun_;  // attempts of the batch that is being written
  std::set<ExecutionId> forgotten_;
  std::set<ExecutionId> ended_;
  std::map<std::string, Duration> last_end_;  // of a run, by process

  std::map<ExecutionId, std::uint32_t> heard_run_;
  std::map<std::pair<ExecutionId, std::uint32_t>, double> heard_progress_;
  bool clock_went_back_ = false;
  std::size_t boots_ = 1;
};

}  // namespace takt::test
