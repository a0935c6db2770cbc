// Crontabs, read and as definitions.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/crontab_file.h"
#include "cli/definition_files.h"
#include "cli/import_crontab.h"

namespace takt {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

std::vector<CrontabJob> jobs(const std::string& text, bool with_user = false) {
  auto read = read_crontab(text, with_user);
  EXPECT_TRUE(read.has_value()) << read.error().message;
  return read ? *std::move(read) : std::vector<CrontabJob>{};
}

std::string home_of(const std::string& user) {
  return user == "nobody-here" ? "" : "/home/" + user;
}

DraftBatch imported(const std::string& text, const CrontabSource& source = {"tab", "tab", "ann", false}) {
  DraftBatch batch;
  const Status done = import_crontab(text, source, home_of, batch);
  EXPECT_TRUE(done.has_value()) << done.error().message;
  return batch;
}

// The only draft of one line, which the daemon's own parser takes.
DraftProcess draft_of(const std::string& text, const CrontabSource& source = {"tab", "tab", "ann", false}) {
  DraftBatch batch = imported(text, source);
  EXPECT_EQ(batch.drafts.size(), 1U) << text;
  if (batch.drafts.empty()) return {};
  DraftProcess draft = std::move(batch.drafts.front());
  const Diagnostics wrong = check_definition(draft.name, {draft.name + ".toml", draft_text(draft)}, {});
  for (const Diagnostic& one : wrong) ADD_FAILURE() << to_text(one) << draft_text(draft);
  return draft;
}

struct CommandCase {
  const char* name;
  const char* rest;
  const char* command;
  const char* input;
};

TEST(CrontabFile, PercentSignsDivideCommandAndInput) {
  const CommandCase cases[] = {{"none", "echo hi", "echo hi", ""},
                               {"input", "cat%one%two", "cat", "one\ntwo\n"},
                               {"an escaped one is a percent sign", "date +\\%H:\\%M", "date +%H:%M", ""},
                               {"also in the input", "cat%50\\%%end", "cat", "50%\nend\n"},
                               {"an input that ends itself", "cat%one%", "cat", "one\n"},
                               {"other backslashes stay", "printf 'a\\n\\\\b'", "printf 'a\\n\\\\b'", ""},
                               {"a backslash of its own does not escape", "echo \\\\%in", "echo \\\\", "in\n"},
                               {"an empty input", "cat%", "cat", ""},
                               {"blanks at the end stay", "echo a ", "echo a ", ""}};
  for (const CommandCase& one : cases) {
    const auto read = jobs(std::string("* * * * * ") + one.rest + "\n");
    ASSERT_EQ(read.size(), 1U) << one.name;
    EXPECT_EQ(read[0].command, one.command) << one.name;
    EXPECT_EQ(read[0].input, one.input) << one.name;
  }
}

TEST(CrontabFile, TheEnvironmentIsWhatStandsBefore) {
  const auto read = jobs(
      "# A comment\n\nA = one  \n\t@daily first\nA=\" two \"\n'B C' = 'x=y'\nD=\n5 4\t* * sun second "
      "\"A=3\"\nE=late\n");
  ASSERT_EQ(read.size(), 2U);
  EXPECT_THAT(read[0].environment, ElementsAre(testing::Pair("A", "one")));
  EXPECT_EQ(read[0].line, 4U);
  EXPECT_EQ(read[0].schedule, "@daily");
  EXPECT_EQ(read[0].command, "first");
  EXPECT_THAT(read[1].environment,
              ElementsAre(testing::Pair("A", " two "), testing::Pair("B C", "x=y"), testing::Pair("D", "")));
  EXPECT_EQ(read[1].schedule, "5 4 * * sun");
  EXPECT_EQ(read[1].command, "second \"A=3\"");
}

TEST(CrontabFile, QuotesThatAreNotAroundAllOfAValueStay) {
  const auto read = jobs("A=\"one\" two\n@daily x\n");
  ASSERT_EQ(read.size(), 1U);
  EXPECT_THAT(read[0].environment, ElementsAre(testing::Pair("A", "\"one\" two")));
}

TEST(CrontabFile, LinesMayEndInACarriageReturn) {
  const auto read = jobs("A=one\r\n\r\n# A comment\r\n@daily x\r\n@daily cat%in\r\n");
  ASSERT_EQ(read.size(), 2U);
  EXPECT_THAT(read[0].environment, ElementsAre(testing::Pair("A", "one")));
  EXPECT_EQ(read[0].command, "x");
  EXPECT_EQ(read[1].input, "in\n");
}

TEST(CrontabFile, TheSixthFieldIsTheUserWhereThereIsOne) {
  const auto read = jobs("-17 * * * * root cd / && run-parts /etc/cron.hourly\n@reboot www-data start\n", true);
  ASSERT_EQ(read.size(), 2U);
  EXPECT_TRUE(read[0].quiet);
  EXPECT_EQ(read[0].schedule, "17 * * * *");
  EXPECT_EQ(read[0].user, "root");
  EXPECT_EQ(read[0].command, "cd / && run-parts /etc/cron.hourly");
  EXPECT_EQ(read[1].user, "www-data");
}

TEST(CrontabFile, WhatIsNoJobIsAnErrorWithItsLine) {
  const std::pair<const char*, const char*> cases[] = {{"A=1\n* * * * *\n", "line 2: it ends before the command"},
                                                       {"* * *\n", "line 1: it ends before the command"},
                                                       {"@daily \n", "line 1: it ends before the command"}};
  for (const auto& [text, message] : cases) {
    const auto read = read_crontab(text, false);
    ASSERT_FALSE(read.has_value()) << text;
    EXPECT_EQ(read.error().code, ErrorCode::invalid_input);
    EXPECT_THAT(read.error().message, HasSubstr(message));
  }
  EXPECT_THAT(read_crontab("@daily root\n", true).error().message, HasSubstr("a user and a command"));
}

TEST(ImportCrontab, ALineBecomesADefinition) {
  const DraftProcess draft = draft_of(
      "SHELL=/bin/bash\nPATH=/opt/bin:/bin\nTZ=Asia/Tehran\nMAILTO=\"\"\n"
      "30 7 * * mon-fri  cd /srv && ./report --at \"$(date +\\%F)\" 'x'%dear all%${inputs.x}\n");
  const std::string text = draft_text(draft);
  EXPECT_EQ(draft.name, "tab-report");
  for (const char* part :
       {"user          = \"ann\"", "overlap       = \"allow\"", "max_instances = 10", "PATH  = \"/opt/bin:/bin\"",
        "SHELL = \"/bin/bash\"", "TZ    = \"Asia/Tehran\"", "cron     = \"30 7 * * mon-fri\"", "catch_up = \"none\"",
        "\"cd /srv && ./report --at \\\"$(date +%F)\\\" 'x'\"", "interpreter = \"/bin/bash\"",
        "stdin       = \"dear all\\n$${inputs.x}\\n\"", "directory   = \"/home/ann\"",
        "kill        = { leftovers = true }"})
    EXPECT_THAT(text, HasSubstr(part));
  EXPECT_THAT(text, Not(HasSubstr("MAILTO")));
  EXPECT_THAT(draft.notes, IsEmpty());
}

TEST(ImportCrontab, WordsBecomeTriggers) {
  const std::pair<const char*, const char*> cases[] = {{"@reboot x\n", "under way too.\n[[trigger]]\nboot = \"0s\"\n"},
                                                       {"@daily x\n", "cron     = \"@daily\""},
                                                       {"0 0 1 1 * x\n", "cron     = \"0 0 1 1 *\""}};
  for (const auto& [line, part] : cases) EXPECT_THAT(draft_text(draft_of(line)), HasSubstr(part));
  EXPECT_THAT(draft_text(draft_of("CRON_TZ=Asia/Tehran\n@daily x\n")), HasSubstr("timezone      = \"Asia/Tehran\""));
  EXPECT_THAT(draft_text(draft_of("HOME=/srv/${x}\nA=${x}\n@daily x\n")),
              testing::AllOf(HasSubstr("directory = \"/srv/$${x}\""), HasSubstr("A     = \"$${x}\"")));
  EXPECT_THAT(draft_text(draft_of("@daily x\n")), HasSubstr("PATH  = \"/usr/bin:/bin\""));
}

TEST(ImportCrontab, WhatHasNoCounterpartIsListed) {
  const std::pair<const char*, const char*> cases[] = {
      {"MAILTO=root\n@daily x\n", "MAILTO = root: what it writes is not mailed; it is kept here: taktctl logs tab-x"},
      {"MAILFROM=me\n@daily x\n", "MAILFROM = me"},
      {"RANDOM_DELAY=5\n@daily x\n", "RANDOM_DELAY = 5"},
      {"LOGNAME=me\n@daily x\n", "LOGNAME = me"},
      {"CRON_TZ=UTC\n@daily x\n", "CRON_TZ = UTC"},
      {"'A B'=c\n@daily x\n", "A B = c"},
      {"SHELL=bash\n@daily x\n", "SHELL = bash"},
      {"-0 0 * * * x\n", "the `-` before it"}};
  for (const auto& [text, note] : cases) EXPECT_THAT(draft_of(text).notes, Contains(HasSubstr(note))) << text;
  EXPECT_THAT(draft_of("@daily x\n", {"tab", "tab", "", false}).notes, Contains(HasSubstr("say `user`")));
  EXPECT_THAT(draft_of("@daily nobody-here x\n", {"tab", "tab", "", true}).notes, Contains(HasSubstr("`directory`")));
  EXPECT_THAT(draft_of("@daily root:wheel x\n", {"tab", "tab", "", true}).notes, Contains(HasSubstr("root:wheel")));
  // Lines that only cron reads are listed whole.
  for (const char* line : {"0 0 30 2 * x", "0~59 * * * * x"}) {
    const DraftBatch batch = imported(std::string(line) + "\n@daily y\n");
    EXPECT_THAT(batch.notes, ElementsAre(HasSubstr(std::string("tab, line 1: ") + line))) << line;
    EXPECT_EQ(batch.drafts.size(), 1U);
  }
}

TEST(ImportCrontab, WhatNobodyReadsIsAnError) {
  for (const char* line : {"61 * * * * x", "@fortnightly x", "* * * foo * x", "5-1 * * * * x"}) {
    DraftBatch batch;
    const Status done =
        import_crontab(std::string("A=1\n") + line + "\n", {"tab", "tab", "ann", false}, home_of, batch);
    ASSERT_FALSE(done.has_value()) << line;
    EXPECT_THAT(done.error().message, testing::StartsWith("line 2: ")) << line;
  }
}

// cron leaves its first value alone.
TEST(ImportCrontab, AStepMayBeWiderThanItsField) {
  const std::pair<const char*, const char*> cases[] = {{"*/60 */2 * * *", "0 */2 * * *"},
                                                       {"0,9-17/99 9-17/24 */31 * *", "0,9 9 1 * *"},
                                                       {"*/59 * * */12 mon-fri/7", "*/59 * * 1 mon"}};
  for (const auto& [line, schedule] : cases) {
    const DraftProcess draft = draft_of(std::string(line) + " x\n");
    EXPECT_THAT(draft.triggers.at(0).keys, Contains(std::pair<std::string, std::string>("cron", toml_value(schedule))));
    EXPECT_EQ(draft.triggers.at(0).expression, line) << "the proof is against the line as it stood";
  }
}

TEST(ImportCrontab, ALineOfAFileWithUsersHasOne) {
  DraftBatch batch;
  const Status done = import_crontab("0 5 * * * /bin/cmd arg\n", {"tab", "tab", "", true}, home_of, batch);
  ASSERT_FALSE(done);
  EXPECT_THAT(done.error().message, HasSubstr("line 1: \"/bin/cmd\" is no user"));
}

TEST(ImportCrontab, NamesSayTheProgramAndStayApart) {
  const DraftBatch batch = imported(
      "@daily /usr/local/bin/back_up.sh -v\n@weekly back_up.sh\n@daily test -x /x || { cd / && run-parts /etc/d; }\n"
      "@daily A=1 'Tab'\n@daily [ -e /x ] && exec nice \"/opt/My Tool\"\n@daily :\n",
      {"Tab", "Tab", "ann", false});
  std::vector<std::string> names;
  for (const DraftProcess& draft : batch.drafts) names.push_back(draft.name);
  EXPECT_THAT(names, ElementsAre("tab-back_up.sh", "tab-back_up.sh-2", "tab-run-parts", "tab", "tab-my", "tab-2"));
  EXPECT_THAT(names, testing::SizeIs(batch.names.size()));
}

}  // namespace
}  // namespace takt
