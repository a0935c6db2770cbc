#include "loop/log.h"

#include <sys/stat.h>

#include <gtest/gtest.h>

#include <cstdlib>
#include <string>

#include "base/names.h"

namespace takt {
namespace {

const LogEntry next_run{LogPriority::info,
                        names::id_next_run,
                        "nightly: next run at 2026-12-19 07:30:00+03:30",
                        {{"TAKT_PROCESS", "nightly"}}};

std::string lines_of(LogLevel level, const std::vector<LogEntry>& entries) {
  SystemLog log(level, SystemLog::Destination::standard_error);
  testing::internal::CaptureStderr();
  for (const LogEntry& entry : entries) log.write(entry);
  return testing::internal::GetCapturedStderr();
}

TEST(LogTest, NewsArePlainLines) {
  EXPECT_EQ(lines_of(LogLevel::info, {next_run}), "nightly: next run at 2026-12-19 07:30:00+03:30\n");
}

TEST(LogTest, WhatIsNotNewsSaysItsLevel) {
  EXPECT_EQ(lines_of(LogLevel::info, {{LogPriority::error, {}, "the disk is full", {}},
                                      {LogPriority::warning, {}, "{} is no format", {}},
                                      {LogPriority::notice, {}, "reloaded", {}}}),
            "error: the disk is full\nwarning: {} is no format\nreloaded\n");
}

TEST(LogTest, DebugShowsTheFields) {
  EXPECT_EQ(lines_of(LogLevel::debug, {next_run, {LogPriority::debug, {}, "admitted", {{"A", "1"}, {"B", "2"}}}}),
            "nightly: next run at 2026-12-19 07:30:00+03:30 TAKT_PROCESS=nightly\ndebug: admitted A=1 B=2\n");
}

TEST(LogTest, LeavesOutWhatIsLessUrgentThanTheLevel) {
  const std::vector<LogEntry> all{{LogPriority::error, {}, "3", {}},
                                  {LogPriority::warning, {}, "4", {}},
                                  {LogPriority::notice, {}, "5", {}},
                                  {LogPriority::info, {}, "6", {}},
                                  {LogPriority::debug, {}, "7", {}}};
  EXPECT_EQ(lines_of(LogLevel::error, all), "error: 3\n");
  EXPECT_EQ(lines_of(LogLevel::warning, all), "error: 3\nwarning: 4\n");
  EXPECT_EQ(lines_of(LogLevel::notice, all), "error: 3\nwarning: 4\n5\n");
  EXPECT_EQ(lines_of(LogLevel::info, all), "error: 3\nwarning: 4\n5\n6\n");
  EXPECT_EQ(lines_of(LogLevel::debug, all), "error: 3\nwarning: 4\n5\n6\ndebug: 7\n");
}

TEST(LogTest, TheLevelCanChange) {
  SystemLog log(LogLevel::error, SystemLog::Destination::standard_error);
  testing::internal::CaptureStderr();
  log.write(next_run);
  log.set_level(LogLevel::info);
  log.write(next_run);
  EXPECT_EQ(testing::internal::GetCapturedStderr(), next_run.message + "\n");
}

// systemd.exec(5), JOURNAL_STREAM: device and inode, in decimal, with a colon between them.
TEST(LogTest, TheJournalIsWhereJournalStreamSays) {
  ::unsetenv("JOURNAL_STREAM");
  EXPECT_EQ(SystemLog::connected(), SystemLog::Destination::standard_error);
  struct stat status {};
  ASSERT_EQ(::fstat(2, &status), 0);
  const std::string here = fmt::format("{}:{}", status.st_dev, status.st_ino);
  ::setenv("JOURNAL_STREAM", here.c_str(), 1);
  EXPECT_EQ(SystemLog::connected(), SystemLog::Destination::journal);
  ::setenv("JOURNAL_STREAM", (here + "0").c_str(), 1);
  EXPECT_EQ(SystemLog::connected(), SystemLog::Destination::standard_error);
  ::unsetenv("JOURNAL_STREAM");
}

}  // namespace
}  // namespace takt
