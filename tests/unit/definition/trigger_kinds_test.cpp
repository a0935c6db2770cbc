// Triggers of other executions and of the machine: what their words become, and what is refused.
#include <gmock/gmock.h>

#include "support.h"

namespace takt {
namespace {

using testing::ElementsAre;

std::string trigger(const std::string& keys) {
  return "[[trigger]]\n" + keys + "\n" + one_step;
}

Trigger good_trigger(const std::string& keys) {
  EXPECT_THAT(told(trigger(keys)), ElementsAre());
  const auto outcome = parse(trigger(keys));
  return outcome.definition ? outcome.definition->triggers.front() : Trigger{"", BootTrigger{}, "", {}, true};
}

TEST(TriggerKinds, After) {
  const Trigger one = good_trigger("after = 'p'");
  EXPECT_EQ(one.key, "after p succeeded failed timed-out cancelled");
  const Trigger two = good_trigger("after = ['q', '*']\noutcome = ['timed-out', 'failed']");
  const auto& after = std::get<AfterTrigger>(two.kind);
  EXPECT_THAT(after.processes, ElementsAre("*", "q"));
  EXPECT_THAT(after.outcomes, ElementsAre(Outcome::failed, Outcome::timed_out));
  EXPECT_EQ(good_trigger("after = ['q', 'q']").key, "after q succeeded failed timed-out cancelled");
}

TEST(TriggerKinds, Event) {
  const Trigger one = good_trigger("event = 'deployed'\nmatch = { to = 'production', n = 3 }");
  EXPECT_EQ(one.key, R"(event deployed {"n":3,"to":"production"})");
  EXPECT_EQ(std::get<EventTrigger>(one.kind).match, Value({{"to", "production"}, {"n", 3}}));
}

TEST(TriggerKinds, Bus) {
  const Trigger one = good_trigger(
      "dbus = { sender = 'org.freedesktop.login1', interface = 'org.freedesktop.login1.Manager', "
      "member = 'PrepareForSleep', args = [true] }");
  EXPECT_EQ(one.key, "dbus system org.freedesktop.login1 org.freedesktop.login1.Manager.PrepareForSleep [true]");
  EXPECT_EQ(trigger_word(one), "dbus");
}

TEST(TriggerKinds, Unit) {
  EXPECT_EQ(good_trigger("unit = 'nginx.service'").key, "unit nginx.service failed");
  EXPECT_EQ(good_trigger("unit = 'mnt-disk.mount'\nstate = ['inactive', 'active']").key,
            "unit mnt-disk.mount active inactive");
}

TEST(TriggerKinds, Journal) {
  EXPECT_EQ(good_trigger("journal = { match = { _SYSTEMD_UNIT = 'sshd.service' }, pattern = 'Failed password' }").key,
            "journal _SYSTEMD_UNIT=sshd.service /Failed password/");
}

TEST(TriggerKinds, Device) {
  EXPECT_EQ(good_trigger("device = { subsystem = 'block', action = ['remove', 'add'], properties = { DEVTYPE = "
                         "'partition' } }")
                .key,
            "device block add,remove DEVTYPE=partition");
}

TEST(TriggerKinds, Pressure) {
  EXPECT_EQ(good_trigger("pressure = 'memory'").key, "pressure memory 200ms 2s");
  EXPECT_EQ(good_trigger("pressure = 'io'\nstall = '1s'\nwindow = '10s'").key, "pressure io 1s 10s");
}

WallTime instant_of(const std::string& at) {
  const auto outcome = parse(trigger("timezone = 'Europe/Berlin'\nat = " + at));
  return outcome.definition ? std::get<AtTrigger>(outcome.definition->triggers.front().kind).at : WallTime();
}

TEST(TriggerKinds, AnAtMeetsAChangeOfTheClockAsACalendarDoes) {
  EXPECT_EQ(format_utc(instant_of("2026-10-25T02:30:00")), "2026-10-25T00:30:00Z") << "the first pass";
  EXPECT_EQ(format_utc(instant_of("2026-10-25T02:30:00+01:00")), "2026-10-25T01:30:00Z");
  EXPECT_EQ(format_utc(instant_of("'2026-03-29T02:30:00.5'")), "2026-03-29T01:00:00Z") << "the end of the gap";
  EXPECT_EQ(format_utc(instant_of("2026-03-29T03:30:00")), "2026-03-29T01:30:00Z");
  EXPECT_THAT(told(trigger("timezone = 'Europe/Berlin'\nat = 2026-03-29T02:30:00")),
              ElementsAre("~3:6 trigger[1].at: the clocks of Europe/Berlin leave 2026-03-29T02:30:00 out; it fires at "
                          "2026-03-29 03:00:00+02:00"));
  EXPECT_THAT(told(trigger("timezone = 'Pacific/Apia'\nat = 2011-12-30T12:00:00")),
              ElementsAre("3:6 trigger[1].at: the clocks of Pacific/Apia never show 2011-12-30 12:00:00: that day was "
                          "left out"));
}

TEST(TriggerKinds, ACalendarFiresNoFasterThanEvery) {
  EXPECT_THAT(told(trigger("calendar = '*:*:0/0.01'")),
              ElementsAre("2:12 trigger[1].calendar: it fires at every 10ms; the shortest step is 100ms"));
  EXPECT_EQ(good_trigger("calendar = '*:*:0/0.1 UTC'").key, "calendar *-*-* *:*:00/0.100000 UTC");
}

struct WrongTrigger {
  std::string keys;
  std::string expected;
};

class RefusedTriggers : public testing::TestWithParam<WrongTrigger> {};

TEST_P(RefusedTriggers, SayWhatWouldBeRight) {
  EXPECT_THAT(told(trigger(GetParam().keys)), ElementsAre(GetParam().expected));
}

INSTANTIATE_TEST_SUITE_P(
    Kinds, RefusedTriggers,
    testing::Values(
        WrongTrigger{"after = 'A b'", "2:9 trigger[1].after: \"A b\" is not the name of a process, nor \"*\" for any"},
        WrongTrigger{"after = []", "2:9 trigger[1].after: it is empty"},
        WrongTrigger{"after = 'p'\noutcome = 'fails'",
                     "3:11 trigger[1].outcome: expected \"succeeded\", \"failed\", \"timed-out\", \"cancelled\", "
                     "\"skipped\" or \"interrupted\", got \"fails\""},
        WrongTrigger{"event = 'e'\noutcome = 'failed'",
                     "3:1 trigger[1].outcome: it has no meaning here; it goes with `after`"},
        WrongTrigger{"after = 'p'\noutcome = 'interrupted'",
                     "3:11 trigger[1].outcome: no execution ends as \"interrupted\": what was, goes on"},
        WrongTrigger{"event = ''", "2:9 trigger[1].event: it is empty"},
        WrongTrigger{"event = 'e'\nmatch = 'x'", "3:9 trigger[1].match: expected a table, got a string"},
        WrongTrigger{"dbus = 'x'", "2:8 trigger[1].dbus: expected a table, got a string"},
        WrongTrigger{"dbus = { sender = 'org.a', interface = 'org.a.B' }",
                     "2:8 trigger[1].dbus: expected `member`: a signal is known by these three"},
        WrongTrigger{"dbus = { sender = 'a b', interface = 'org.a.B', member = 'C' }",
                     "2:19 trigger[1].dbus.sender: \"a b\" is not the name of a service, such as "
                     "\"org.freedesktop.login1\""},
        WrongTrigger{"dbus = { sender = 'org.a', interface = 'org.a.B', member = 'C', bus = 'home' }",
                     "2:71 trigger[1].dbus.bus: expected \"system\" or \"session\", got \"home\""},
        WrongTrigger{"unit = 'nginx'",
                     "2:8 trigger[1].unit: \"nginx\" is not the full name of a unit, such as \"backup.service\""},
        WrongTrigger{"unit = 'a.service'\nstate = 'dead'",
                     "3:9 trigger[1].state: expected \"active\", \"inactive\" or \"failed\", got \"dead\""},
        WrongTrigger{
            "journal = {}",
            "2:11 trigger[1].journal: expected `match`, a table of fields, or `pattern`: else every entry would "
            "fire"},
        WrongTrigger{"journal = { match = { unit = 'x' } }",
                     "2:21 trigger[1].journal.match: \"unit\" is not the name of a journal field"},
        WrongTrigger{"journal = { match = { __CURSOR = 'x' } }",
                     "2:21 trigger[1].journal.match: \"__CURSOR\" is not the name of a journal field"},
        WrongTrigger{"device = { action = 'add' }",
                     "2:10 trigger[1].device: expected `subsystem`, such as \"block\" or \"usb\""},
        WrongTrigger{"device = { subsystem = 'usb', action = 'plug' }",
                     "2:40 trigger[1].device.action: \"plug\" is not what udev reports: add, remove, change, move, "
                     "online, offline, bind, unbind"},
        WrongTrigger{"pressure = 'disk'",
                     "2:12 trigger[1].pressure: expected \"cpu\", \"memory\" or \"io\", got \"disk\""},
        WrongTrigger{
            "pressure = 'io'\nwindow = '3s'",
            "3:10 trigger[1].window: expected 2s, 4s, 6s, 8s or 10s: what the kernel takes of those who are not "
            "root"},
        WrongTrigger{"pressure = 'io'\nstall = '3s'",
                     "3:9 trigger[1].stall: it is longer than the window that it is looked for in"}),
    [](const auto& one) { return std::to_string(one.index); });

}  // namespace
}  // namespace takt
