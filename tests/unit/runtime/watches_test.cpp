// What the watches of the machine's events are told, and what becomes of what they tell.
#include "fixture.h"

namespace takt::test {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Key;

constexpr const char* watcher = R"(
[[trigger]]
journal = { pattern = "oops" }

[[trigger]]
pressure = "memory"

[[step]]
name = "one"
run = ["true"]
)";

// Begins what has no mark, as a watch that can look back does.
class KeptWatches final : public Watches {
 public:
  explicit KeptWatches(const Clock& clock) : clock_(clock) {}
  void restore(std::vector<SeenFileRow> /*seen*/) override {}
  std::vector<TriggerMark> follow(const std::map<std::string, Definition>& definitions,
                                  const TriggerMarks& marks) override {
    given.push_back(marks);
    std::vector<TriggerMark> begun;
    for (const auto& [name, definition] : definitions)
      if (!marks.contains({name, "journal /oops/"})) begun.push_back({name, "journal /oops/", clock_.now().wall, ""});
    return begun;
  }
  void await(const Constraint& constraint) override { awaited.push_back(constraint.key); }
  void forget(const std::string& constraint) override { std::erase(awaited, constraint); }
  std::vector<TriggerMarks> given;
  std::vector<std::string> awaited;

 private:
  const Clock& clock_;
};

class Watched : public RuntimeTest {
 protected:
  void boot_with_watches() {
    definitions.texts = {{"p", watcher}};
    boot();
    runtime->follow(watches);
    settle();
  }
  KeptWatches watches{clock};
};

TEST_F(Watched, AreGivenTheMarksAtTheStartAloneAndTheirsAreKept) {
  boot_with_watches();
  EXPECT_THAT(watches.given, ElementsAre(IsEmpty()));
  const WallTime begun = clock.value.wall;
  EXPECT_EQ(disk.marks.at({"p", "journal /oops/"}).fired_at, begun);
  crash();
  clock.advance(1h);
  boot_with_watches();
  ASSERT_EQ(watches.given.size(), 2u);
  EXPECT_THAT(watches.given[1], ElementsAre(Key(std::pair("p", "journal /oops/"))));
  EXPECT_EQ(watches.given[1].begin()->second.fired_at, begun);
  EXPECT_EQ(disk.marks.at({"p", "journal /oops/"}).fired_at, begun);
  runtime->reload();
  settle();
  ASSERT_EQ(watches.given.size(), 3u);
  EXPECT_THAT(watches.given[2], IsEmpty());
  EXPECT_EQ(disk.marks.at({"p", "journal /oops/"}).fired_at, begun + 1h);
}

TEST_F(Watched, WhatIsSeenFiresNow) {
  boot_with_watches();
  runtime->seen({"p", "pressure memory 200ms 2s", {{"resource", "memory"}}});
  settle();
  ASSERT_EQ(disk.executions.size(), 1u);
  const ExecutionRow& row = disk.executions.begin()->second;
  EXPECT_EQ(row.trigger_kind, "pressure");
  EXPECT_EQ(row.nominal_at, clock.value.wall);
  EXPECT_EQ(row.trigger["resource"], "memory");
}

TEST_F(Watched, WhatIsLetGoMovesTheMark) {
  boot_with_watches();
  runtime->let_go({{"p", "journal /oops/", clock.value.wall + 5min, ""}});
  settle();
  EXPECT_EQ(disk.marks.at({"p", "journal /oops/"}).fired_at, clock.value.wall + 5min);
  EXPECT_THAT(disk.executions, IsEmpty());
}

TEST_F(Watched, AreToldWhatIsWaitedForAndLetItStart) {
  definitions.texts = {{"q", "[constraints]\nac_power = true\n[[step]]\nname = 'one'\nrun = ['true']\n"}};
  boot();
  runtime->follow(watches);
  start("q");
  EXPECT_THAT(watches.awaited, IsEmpty());  // its row comes first
  settle();
  EXPECT_THAT(watches.awaited, ElementsAre("ac_power = true"));
  EXPECT_EQ(disk.executions.begin()->second.reason, "waits for ac_power = true: not known yet");
  runtime->constraint_seen({"ac_power = true", "the machine runs on battery"});
  settle();
  EXPECT_EQ(disk.executions.begin()->second.reason, "waits for ac_power = true: the machine runs on battery");
  crash();
  watches.awaited.clear();
  boot();
  runtime->follow(watches);
  settle();
  EXPECT_THAT(watches.awaited, ElementsAre("ac_power = true"));
  runtime->constraint_seen({"ac_power = true", ""});
  settle();
  EXPECT_THAT(watches.awaited, IsEmpty());
  EXPECT_NE(disk.executions.begin()->second.state, ExecutionState::queued);
}

// While all ends a firing is dropped: its mark must stay, so that the next start makes up for it.
TEST_F(Watched, WhileAllEndsNothingFiresAndNoMarkMoves) {
  boot_with_watches();
  const WallTime mark = disk.marks.at({"p", "journal /oops/"}).fired_at;
  runtime->cancel_all("the daemon stops", [] {});
  runtime->seen({"p", "pressure memory 200ms 2s", Value::object()});
  runtime->fire({"p", "journal /oops/", mark + 1s, 1, false, Value::object(), ""});
  runtime->let_go({{"p", "journal /oops/", mark + 2s, ""}});
  settle();
  EXPECT_THAT(disk.executions, IsEmpty());
  EXPECT_EQ(disk.marks.at({"p", "journal /oops/"}).fired_at, mark);
}

}  // namespace
}  // namespace takt::test
