// JournalWatch on journal files that systemd-journal-remote(8) writes, as journald does: entries, with their times.
#include "watch/journal.h"

#include <gmock/gmock.h>
#include <unistd.h>

#include <cstdio>

#include "support/watching.h"
#include "watch/limits.h"

namespace takt {
namespace {

using test::definitions_with;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr const char* writer = "/lib/systemd/systemd-journal-remote";
constexpr Duration second = std::chrono::seconds(1);

Trigger journal(std::map<std::string, std::string> match, const std::string& pattern = "") {
  std::string key = "journal";
  for (const auto& [name, value] : match) key += " " + name + "=" + value;
  if (!pattern.empty()) key += " /" + pattern + "/";
  return {.key = key, .kind = JournalTrigger{std::move(match), pattern}, .when = ""};
}

struct Entry {
  WallTime at;
  std::string message;
  std::string fields = "";  // "NAME=value\n", each
};

class JournalTest : public test::Watching {
 protected:
  void SetUp() override {
    if (::access(writer, X_OK) < 0) GTEST_SKIP() << writer << " (systemd-journal-remote) is not there";
    write({{at(-100), "before all"}});
  }
  // The seconds are from a moment a little ago, so that nothing is in the future.
  [[nodiscard]] WallTime at(int seconds) const { return start + seconds * second; }

  void write(const std::vector<Entry>& entries, const char* file = "system.journal") {
    const std::string command = std::string(writer) + " --output=" + (folder / file).string() + " - 2>/dev/null";
    FILE* pipe = ::popen(command.c_str(), "w");
    ASSERT_NE(pipe, nullptr);
    for (const Entry& entry : entries)
      std::fprintf(pipe, "__REALTIME_TIMESTAMP=%lld\n__MONOTONIC_TIMESTAMP=%lld\n_BOOT_ID=%032d\nMESSAGE=%s\n%s\n",
                   static_cast<long long>(to_us(entry.at)), static_cast<long long>(to_us(entry.at) - to_us(at(-1000))),
                   1, entry.message.c_str(), entry.fields.c_str());
    ASSERT_EQ(::pclose(pipe), 0);
  }

  void begin(const std::string& below = "") {
    JournalWatch::Callbacks told;
    told.fired = [this](Firing firing) {
      marks[{firing.process, firing.key}] = {firing.process, firing.key, firing.nominal, ""};
      firings.push_back(std::move(firing));
    };
    told.let_go = [this](const std::vector<TriggerMark>& let_go) { note(let_go); };
    told.failed = callbacks().failed;
    watch.reset();
    watch = std::make_unique<JournalWatch>(*loop, clock, std::move(told), folder / below);
  }
  void note(const std::vector<TriggerMark>& let_go) {
    for (const TriggerMark& mark : let_go) marks[{mark.process, mark.key}] = mark;
    ++noted;
  }
  // A trigger that was there since at(-50).
  void follow(std::vector<Trigger> triggers) {
    for (const Trigger& trigger : triggers)
      if (!marks.contains({"p", trigger.key})) marks[{"p", trigger.key}] = {"p", trigger.key, at(-50), ""};
    note(watch->set_triggers(definitions_with(std::move(triggers)), marks));
  }
  // What fired since the last call, when all that is in the files is read.
  std::vector<std::string> fired(std::size_t count) {
    EXPECT_TRUE(until([&] { return firings.size() >= count; }));
    std::vector<std::string> messages;
    for (const Firing& firing : std::exchange(firings, {}))
      messages.push_back(firing.fields["message"].get<std::string>());
    return messages;
  }
  // Turns until all that was there at the beginning is read and marked.
  void caught_up() {
    const int before = noted;
    EXPECT_TRUE(until([&] { return noted > before; }));
  }

  const WallTime start = SystemClock().now().wall - 200 * second;
  test::TempFolder folder;
  std::vector<Firing> firings;
  TriggerMarks marks;
  int noted = 0;
  std::unique_ptr<JournalWatch> watch;
};

TEST_F(JournalTest, WhatMatchesFires) {
  begin();
  follow({journal({{"SYSLOG_IDENTIFIER", "sshd"}}, "^Failed .* for root"), journal({{"PRIORITY", "2"}})});
  write({{at(1), "Failed password for root", "SYSLOG_IDENTIFIER=sshd\n_PID=42\nPRIORITY=6\n"},
         {at(2), "Failed password for eve", "SYSLOG_IDENTIFIER=sshd\n"},
         {at(3), "Failed password for root", "SYSLOG_IDENTIFIER=other\n"},
         {at(4), "disk is dying", "PRIORITY=2\nPRIORITY=1\nDETAIL=x\n"}});
  ASSERT_TRUE(until([&] { return firings.size() >= 2; }));
  const Firing first = firings[0];
  EXPECT_THAT(fired(2), ElementsAre("Failed password for root", "disk is dying"));
  EXPECT_EQ(first.process, "p");
  EXPECT_EQ(first.key, "journal SYSLOG_IDENTIFIER=sshd /^Failed .* for root/");
  EXPECT_EQ(first.nominal, at(1));
  EXPECT_EQ(first.fields["kind"], "journal");
  EXPECT_EQ(first.fields["at"], format_utc(at(1)));
  EXPECT_EQ(first.fields["fields"], Value({{"SYSLOG_IDENTIFIER", "sshd"}, {"_PID", "42"}, {"PRIORITY", "6"}}));
  EXPECT_THAT(first.fields["cursor"].get<std::string>(), HasSubstr("s="));
  EXPECT_THAT(failures, IsEmpty());
}

TEST_F(JournalTest, APatternAloneReadsAll) {
  begin();
  follow({journal({}, "oops"), journal({{"PRIORITY", "2"}})});
  write({{at(1), "an oops"}, {at(2), "fine"}, {at(3), "bad", "PRIORITY=1\nPRIORITY=2\n"}});
  EXPECT_THAT(fired(2), ElementsAre("an oops", "bad"));
}

TEST_F(JournalTest, WhatComesOfTriggersSetsNoneOff) {
  begin();
  follow({journal({}, "oops")});
  write({{at(1), "oops, said a step", "TAKT_PROCESS=p\n"}, {at(2), "oops, said another"}});
  EXPECT_THAT(fired(1), ElementsAre("oops, said another"));
}

TEST_F(JournalTest, ATriggerBeginsNow) {
  write({{at(1), "oops, before"}});
  begin();
  note(watch->set_triggers(definitions_with({journal({}, "oops")}), {}));
  ASSERT_EQ(marks.size(), 1u);
  EXPECT_GE(marks.begin()->second.fired_at, at(200));
  caught_up();
  write({{at(201), "oops, after"}});
  EXPECT_THAT(fired(1), ElementsAre("oops, after"));
}

TEST_F(JournalTest, ARestartGoesOnWhereItWas) {
  begin();
  follow({journal({}, "oops")});
  write({{at(1), "oops 1"}, {at(2), "oops 2"}});
  EXPECT_THAT(fired(2), ElementsAre("oops 1", "oops 2"));
  watch.reset();
  write({{at(220), "oops 3"}, {at(221), "fine"}});
  begin();
  follow({journal({}, "oops"), journal({}, "fine")});  // the second has a mark of at(-50)
  EXPECT_THAT(fired(2), ElementsAre("oops 3", "fine"));
  write({{at(222), "oops 5"}});
  EXPECT_THAT(fired(1), ElementsAre("oops 5"));
}

TEST_F(JournalTest, OtherDefinitionsLoseNothing) {
  begin();
  follow({journal({{"PRIORITY", "2"}})});
  caught_up();
  write({{at(1), "first", "PRIORITY=2\n"}});
  EXPECT_THAT(fired(1), ElementsAre("first"));
  write({{at(220), "second", "PRIORITY=2\n"}, {at(221), "oops", "PRIORITY=3\n"}});
  // Not yet read, when the definitions change.
  note(watch->set_triggers(definitions_with({journal({{"PRIORITY", "2"}}), journal({}, "oops")}), {}));
  EXPECT_THAT(fired(2), ElementsAre("second", "oops"));
  note(watch->set_triggers(definitions_with({journal({}, "oops")}), {}));
  write({{at(222), "third", "PRIORITY=2\n"}, {at(223), "oops 2"}});
  EXPECT_THAT(fired(1), ElementsAre("oops 2"));
}

TEST_F(JournalTest, SeveralEntriesOfOneInstantHaveTheirOwn) {
  begin();
  follow({journal({}, "oops")});
  write({{at(1), "oops 1"}, {at(1), "oops 2"}});
  ASSERT_TRUE(until([&] { return firings.size() >= 2; }));
  EXPECT_EQ(firings[0].nominal, at(1));
  EXPECT_EQ(firings[1].nominal, at(1) + Duration(1));
}

TEST_F(JournalTest, ABurstIsTakenInTurns) {
  begin();
  follow({journal({}, "oops")});
  caught_up();
  std::vector<Entry> burst;
  for (int i = 0; i < 2 * limits::journal_entries; ++i) burst.push_back({at(1) + Duration(i), "oops"});
  write(burst);
  std::size_t largest = 0;
  EXPECT_TRUE(until([&] {
    const std::size_t before = firings.size();
    EXPECT_TRUE(loop->turn(Duration(0)).has_value());
    largest = std::max(largest, firings.size() - before);
    return firings.size() >= burst.size();
  }));
  EXPECT_EQ(firings.size(), burst.size());
  EXPECT_EQ(largest, static_cast<std::size_t>(limits::journal_entries));
}

TEST_F(JournalTest, WhatIsReadIsMarkedThoughItDidNotFire) {
  write({{at(1), "fine"}});
  begin();
  follow({journal({}, "oops")});
  caught_up();
  EXPECT_GE(marks.begin()->second.fired_at, at(100));
  EXPECT_LE(marks.begin()->second.fired_at, clock.now().wall - limits::journal_delay);
}

TEST_F(JournalTest, ARotationGoesUnnoticed) {
  begin();
  follow({journal({}, "oops")});
  write({{at(1), "oops 1"}});
  EXPECT_THAT(fired(1), ElementsAre("oops 1"));
  std::filesystem::rename(folder / "system.journal", folder / "system@1.journal");
  write({{at(2), "oops 2"}});
  EXPECT_THAT(fired(1), ElementsAre("oops 2"));
  std::filesystem::remove(folder / "system@1.journal");  // vacuumed
  write({{at(3), "oops 3"}});
  EXPECT_THAT(fired(1), ElementsAre("oops 3"));
  EXPECT_THAT(failures, IsEmpty());
}

TEST_F(JournalTest, AFolderThatIsNotThereIsTold) {
  begin("nothing");
  follow({journal({}, "oops")});
  EXPECT_THAT(failures, ElementsAre(HasSubstr("open the journal: No such file or directory")));
}

}  // namespace
}  // namespace takt
