// Timers, path units and services as definitions.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/definition_files.h"
#include "cli/import_service.h"
#include "cli/import_timer.h"
#include "cli/systemd_calendar.h"

namespace takt {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const Specifiers machine{{'h', "/root"}, {'t', "/run"}};

SystemdUnit unit(const std::string& name, const std::string& text) {
  auto settings = read_unit_file(text, name);
  EXPECT_TRUE(settings.has_value()) << settings.error().message;
  return {name, settings ? *std::move(settings) : std::vector<UnitSetting>{}, machine};
}

DraftProcess with_name(const std::string& name) {
  DraftProcess draft;
  draft.name = name;
  return draft;
}

// What came of it is what the daemon's own parser takes.
std::string checked(const DraftProcess& draft) {
  std::string text = draft_text(draft);
  for (const Diagnostic& one : check_definition(draft.name, {draft.name + ".toml", text}, {}))
    ADD_FAILURE() << to_text(one) << text;
  return text;
}

// A service's steps.
DraftProcess service(const std::string& settings, const std::string& name = "job.service") {
  SystemdUnit one = unit(name, "[Service]\n" + settings);
  DraftProcess draft = with_name("job");
  const Status done = import_service(one, "/", draft);
  EXPECT_TRUE(done.has_value()) << done.error().message;
  return draft;
}

// A timer's triggers, before one step.
DraftProcess timer(const std::string& settings) {
  SystemdUnit one = unit("job.timer", "[Timer]\n" + settings);
  DraftProcess draft = service("ExecStart=/bin/true\n");
  const Status done = import_timer(one, draft);
  EXPECT_TRUE(done.has_value()) << done.error().message;
  return draft;
}

DraftProcess path(const std::string& settings) {
  SystemdUnit one = unit("job.path", "[Path]\n" + settings);
  DraftProcess draft = service("ExecStart=/bin/true\n");
  const Status done = import_path_unit(
      one, [](const std::string& name) { return name == "/folder"; }, draft);
  EXPECT_TRUE(done.has_value()) << done.error().message;
  return draft;
}

// "calendar="daily" catch_up="none"", a line for each.
std::string triggers(const DraftProcess& draft) {
  checked(draft);
  std::string text;
  for (const DraftTrigger& trigger : draft.triggers) {
    for (const auto& [key, value] : trigger.keys) text += fmt::format("{}={} ", key, value);
    text.back() = '\n';
  }
  return text;
}

struct TimerCase {
  const char* name;
  const char* settings;
  const char* triggers;
};

TEST(ImportTimer, TimesBecomeTriggers) {
  const TimerCase cases[] = {
      {"calendars", "OnCalendar=daily\nOnCalendar=Mon..Fri 07:30\n",
       "calendar=\"daily\" catch_up=\"none\"\ncalendar=\"Mon..Fri 07:30\" catch_up=\"none\"\n"},
      {"made up for", "OnCalendar=weekly\nPersistent=true\n", "calendar=\"weekly\" catch_up=\"latest\"\n"},
      {"spread", "OnCalendar=*:0/20\nRandomizedDelaySec=1h\nFixedRandomDelay=yes\n",
       "calendar=\"*:0/20\" catch_up=\"none\" jitter=\"1h\"\n"},
      {"after the boot, and then again and again", "OnBootSec=15min\nOnUnitActiveSec=1d\n",
       "boot=\"15min\"\nevery=\"1d\" anchor=\"start\"\n"},
      {"after its end", "OnUnitInactiveSec=90\nRandomizedDelaySec=10\n",
       "every=\"1min 30s\" anchor=\"finish\" jitter=\"10s\"\n"},
      {"an empty one forgets all", "OnBootSec=1\nOnCalendar=\nOnUnitActiveSec=2h\n", "every=\"2h\" anchor=\"start\"\n"},
      {"so it is behind others", "OnUnitActiveSec=1h\nRandomizedDelaySec=1min 30\n",
       "every=\"1h\" anchor=\"start\" jitter=\"1min 30s\"\n"},
      {"at once", "OnActiveSec=0\n", "boot=\"0\"\n"},
      {"not made up for", "OnCalendar=weekly\nPersistent=no\n", "calendar=\"weekly\" catch_up=\"none\"\n"},
      {"any case", "OnCalendar=weekly\nPersistent=YES\n", "calendar=\"weekly\" catch_up=\"latest\"\n"},
      {"a bare number is of seconds", "OnBootSec=1h 30\n", "boot=\"1h 30s\"\n"},
      {"the same in other words", "OnCalendar=daily\nOnCalendar=00:00\n", "calendar=\"daily\" catch_up=\"none\"\n"},
      {"joined up to the end", "OnCalendar=daily \\\n# the last line", "calendar=\"daily\" catch_up=\"none\"\n"},
      {"the same twice", "OnBootSec=60\nOnBootSec=1min\n", "boot=\"1min\"\n"}};
  for (const TimerCase& one : cases) EXPECT_EQ(triggers(timer(one.settings)), one.triggers) << one.name;
}

TEST(ImportTimer, WhatHasNoCounterpartIsListed) {
  const std::pair<const char*, const char*> cases[] = {
      {"OnCalendar=daily\nWakeSystem=true\n", "[Timer] WakeSystem = true"},
      {"OnCalendar=daily\nRandomizedDelaySec=5\n", "RandomizedDelaySec without FixedRandomDelay"},
      {"OnCalendar=daily\nRandomizedDelaySec=soon\n", "job.timer: RandomizedDelaySec = soon: it is no time span"},
      {"OnUnitActiveSec=5\nRandomizedDelaySec=5\n", "RandomizedDelaySec = 5s: it is not shorter"},
      {"OnStartupSec=5\n", "OnStartupSec = 5: it is counted from the boot"},
      {"OnBootSec=5\nRandomizedDelaySec=5\n", "OnBootSec = 5: it has no jitter"},
      {"OnCalendar=*-02-30\nOnBootSec=5\n", "OnCalendar = *-02-30: never fires"},
      {"OnUnitActiveSec=infinity\nOnBootSec=5\n", "OnUnitActiveSec = infinity: it never comes"},
      {"OnClockChange=true\n", "it has nothing that could be turned"},
      {"OnCalendar=daily\n[Install]\nWantedBy=timers.target\n", "[Install] WantedBy = timers.target"}};
  for (const auto& [settings, note] : cases) EXPECT_THAT(timer(settings).notes, Contains(HasSubstr(note))) << settings;
  EXPECT_THAT(timer("OnCalendar=daily\nAccuracySec=1us\n").comments,
              Contains(HasSubstr("AccuracySec = 1us is not needed")));
  EXPECT_THAT(timer("OnCalendar=daily\nRandomizedDelaySec=0\n").notes, IsEmpty());
}

TEST(ImportTimer, WhatSystemdRefusesIsAnErrorWithFileAndLine) {
  const std::pair<const char*, const char*> cases[] = {{"OnCalendar=Mox\n", "job.timer: line 2: OnCalendar = Mox: "},
                                                       {"OnBootSec=soon\n", "job.timer: line 2: OnBootSec = soon: "}};
  for (const auto& [settings, message] : cases) {
    SystemdUnit one = unit("job.timer", std::string("[Timer]\n") + settings);
    DraftProcess draft;
    const Status done = import_timer(one, draft);
    ASSERT_FALSE(done.has_value()) << settings;
    EXPECT_THAT(done.error().message, testing::StartsWith(message));
  }
}

TEST(ImportTimer, ItsServiceIsNamedOrLikeIt) {
  SystemdUnit like = unit("a@b.timer", "");
  EXPECT_EQ(service_of(like, "Timer"), "a@b.service");
  SystemdUnit named = unit("a@b.timer", "[Timer]\nUnit=other@%i.service\n");
  EXPECT_EQ(service_of(named, "Timer"), "other@b.service");
}

TEST(ImportPathUnit, PathsBecomeTriggers) {
  const TimerCase cases[] = {
      {"exists", "PathExists=/a/b*c\n", "path=\"/a/b[*]c\" events=[\"created\"]\n"},
      {"a bracket", "PathExists=/a/[b\n", "path=\"/a/[[]b\" events=[\"created\"]\n"},
      {"a backslash", "PathExists=/a/b\\c\n", "path=\"/a/b\\\\\\\\c\" events=[\"created\"]\n"},
      {"a glob", "PathExistsGlob=/a/*.csv\n", "path=\"/a/*.csv\" events=[\"created\"]\n"},
      {"a file", "PathChanged=/etc//passwd\n", "path=\"/etc/passwd\" events=[\"created\",\"modified\",\"deleted\"]\n"},
      {"a folder", "PathModified=/folder\n", "path=\"/folder/*\" events=[\"created\",\"modified\",\"deleted\"]\n"},
      {"the root", "DirectoryNotEmpty=/\n", "path=\"/*\" events=[\"created\"]\n"},
      {"not empty", "DirectoryNotEmpty=%t/x/\n", "path=\"/run/x/*\" events=[\"created\"]\n"}};
  for (const TimerCase& one : cases) {
    std::string told = triggers(path(one.settings));
    std::erase(told, ' ');
    std::string expected = one.triggers;
    std::erase(expected, ' ');
    EXPECT_EQ(told, expected) << one.name;
  }
  EXPECT_THAT(
      path("PathModified=/x\nMakeDirectory=yes\n").notes,
      ElementsAre(HasSubstr("PathModified = /x: it fires when a file is closed"), HasSubstr("MakeDirectory = yes")));
}

TEST(ImportService, CommandsBecomeSteps) {
  const std::string text = checked(service(
      "Type=oneshot\nUser=etl\nWorkingDirectory=/srv/etl\nEnvironment=A=1 \"B=two words\" 'C=${x}'\n"
      "ExecStartPre=-/bin/mkdir -p %t/x\nExecStart=/usr/bin/fetch --all $B ${A}\nExecStart=+/usr/bin/store '${C}'\n"
      "ExecStartPost=/bin/echo a ; /bin/echo b\nTimeoutStartSec=5min\nKillSignal=SIGINT\nTimeoutStopSec=3\n"));
  for (const char* part :
       {"user = \"etl\"", "B = \"two words\"", "C = \"$${x}\"",
        "run                 = [\"/bin/mkdir\", \"-p\", \"/run/x\"]", "continue_on_failure = true",
        "[\"/usr/bin/fetch\", \"--all\", \"two\", \"words\", \"1\"]", "[\"/usr/bin/store\", \"$${x}\"]",
        "user      = \"root\"", "\"echo\"", "\"echo_2\"", "directory = \"/srv/etl\"",
        "kill      = { signal = \"SIGINT\", grace = \"3s\" }", "timeout   = \"5min\""})
    EXPECT_THAT(text, HasSubstr(part)) << text;
}

TEST(ImportService, TimeOutsAreOfWhatSystemdMeans) {
  const std::pair<const char*, const char*> cases[] = {
      {"Type=oneshot\nTimeoutStartSec=5\n", "timeout=\"5s\""},
      {"Type=simple\nTimeoutStartSec=5\n", ""},
      {"TimeoutStartSec=5\nRuntimeMaxSec=1h\n", "timeout=\"1h\""},
      {"RuntimeMaxSec=1h 30\n", "timeout=\"1h 30s\""},
      {"Type=oneshot\nTimeoutSec=7\n", "kill={ grace = \"7s\" } timeout=\"7s\""},
      {"Type=oneshot\nTimeoutSec=7\nTimeoutStartSec=infinity\n", "kill={ grace = \"7s\" }"},
      {"TimeoutSec=7\nTimeoutStopSec=3\n", "kill={ grace = \"3s\" }"},
      {"Type=oneshot\nTimeoutStartSec=infinity\n", ""},
      {"Type=oneshot\nTimeoutStartSec=0\n", ""},
      {"Type=forking\n", "kill={ leftovers = true }"},
      {"KillMode=process\n", "kill={ leftovers = true }"},
      {"KillMode=none\n", "kill={ leftovers = true }"}};
  for (const auto& [settings, keys] : cases) {
    const DraftProcess draft = service(std::string(settings) + "ExecStart=/bin/x\n");
    checked(draft);
    std::map<std::string, std::string> said;
    for (const auto& [key, value] : draft.steps.at(0).keys)
      if (key == "timeout" || key == "kill") said.emplace(key, value);
    std::string told;
    for (const auto& [key, value] : said) told += (told.empty() ? "" : " ") + key + "=" + value;
    EXPECT_EQ(told, keys) << settings;
  }
}

TEST(ImportService, WhatHasNoCounterpartIsListed) {
  const std::pair<const char*, const char*> cases[] = {
      {"Nice=5\n", "[Service] Nice = 5"},
      {"ProtectSystem=strict\n", "[Service] ProtectSystem = strict"},
      {"EnvironmentFile=-/etc/default/x\n", "EnvironmentFile = -/etc/default/x: say its variables"},
      {"Type=notify\n", "Type = notify"},
      {"WorkingDirectory=-/x\n", "WorkingDirectory = -/x: it has to be there"},
      {"WorkingDirectory=~\n", "say the home of its user"},
      {"ExecStart=@/bin/y z\n", "step y: `@`"},
      {"ExecStart=!/bin/y\n", "step y: `!`"},
      {"ExecStart=/bin/y $OPTIONS\n", "step y: ${OPTIONS} has no value in the unit"},
      {"ExecStart=/bin/y %H\n", "%H in \"%H\" is not known here"},
      {"Restart=on-failure\n", "[Service] Restart = on-failure"},
      {"RuntimeMaxSec=soon\n", "job.service: RuntimeMaxSec = soon: it is no time span"},
      {"ExecStopPost=/bin/y\n", "[Service] ExecStopPost = /bin/y"},
      {"[Unit]\nAfter=network.target\nConditionACPower=true\n", "[Unit] After = network.target"}};
  for (const auto& [settings, note] : cases) {
    const DraftProcess draft = service(std::string("ExecStart=/bin/x\n") + settings);
    EXPECT_THAT(draft.notes, Contains(HasSubstr(note))) << settings;
    EXPECT_THAT(checked(draft), HasSubstr(note));
  }
  EXPECT_THAT(service("Type=oneshot\nExecStart=/bin/x\n").notes, IsEmpty());
  EXPECT_THAT(checked(service("ExecStart=/bin/x\n[Unit]\nDocumentation=man:x(1)\n")), HasSubstr("see man:x(1)"));
}

TEST(ImportService, AWrongCommandIsAnErrorWithFileAndLine) {
  SystemdUnit one = unit("job.service", "[Service]\nExecStart=/bin/x 'y\n");
  DraftProcess draft;
  const Status done = import_service(one, "/", draft);
  ASSERT_FALSE(done.has_value());
  EXPECT_EQ(done.error().message, "job.service: line 2: ExecStart: a quote does not end");
}

TEST(SystemdCalendar, InstantsAreThoseInUtc) {
  std::vector<std::string> told;
  for (const WallTime at : instants_in("  Original form: *:30\nNormalized form: *-*-* *:30:00\n"
                                       "    Next elapse: Thu 2026-01-01 07:30:00 EST\n"
                                       "       (in UTC): Thu 2026-01-01 12:30:00 UTC\n"
                                       "       From now: 10 months 22 days ago\n"
                                       "       Iter. #2: Fri 2026-01-02 07:30:00 EST\n"
                                       "       (in UTC): Fri 2026-01-02 12:30:00 UTC\n"))
    told.push_back(format_utc(at));
  EXPECT_THAT(told, ElementsAre("2026-01-01T12:30:00Z", "2026-01-02T12:30:00Z"));
  EXPECT_THAT(instants_in("Normalized form: Fri 2010-01-01 00:00:00 UTC\n    Next elapse: never\n"), IsEmpty());
}

}  // namespace
}  // namespace takt
