// taktd.toml and its environment.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <regex>
#include <sstream>

#include "base/limits.h"
#include "definition/limits.h"
#include "definition/settings.h"
#include "support.h"

namespace takt {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

Settings good_settings(const std::string& text, const std::map<std::string, std::string>& environment = {}) {
  const auto outcome = parse_settings("/etc/takt/taktd.toml", text, environment);
  EXPECT_EQ(all_text(outcome.diagnostics), "");
  return outcome.settings;
}

std::string wrong(const std::string& text, const std::map<std::string, std::string>& environment = {}) {
  return all_text(parse_settings("t", text, environment).diagnostics);
}

void expect_all_set(const Settings& settings) {
  EXPECT_FALSE(settings.enabled);
  EXPECT_EQ(settings.storage, "/srv/takt");
  EXPECT_EQ(settings.durability, Durability::normal);
  EXPECT_EQ(settings.log_level, LogLevel::debug);
  EXPECT_EQ(settings.max_concurrent, 5U);
  EXPECT_EQ(settings.max_queued, 50U);
  EXPECT_EQ(settings.step_timeout, minutes(5));
  EXPECT_EQ(settings.retry.limit, 2);
  EXPECT_EQ(settings.retry.delay, seconds(3));
  EXPECT_EQ(settings.retry.backoff, 1.5);
  EXPECT_EQ(settings.keep.runs, 7);
  EXPECT_EQ(settings.keep.age, hours(24));
  EXPECT_EQ(settings.log_bytes, 1024U * 1024U);
  EXPECT_TRUE(settings.stop_steps);
}

TEST(Settings, TakesEveryKeyFromTheFile) {
  expect_all_set(good_settings(R"(
    enabled = false
    storage = "/srv/takt"
    durability = "normal"
    log_level = "debug"
    max_concurrent = 5
    max_queued = 50
    step_timeout = "5min"
    retry_limit = 2
    retry_delay = 3
    retry_backoff = 1.5
    keep_runs = 7
    keep_age = "1d"
    log_bytes = "1M"
    stop_steps = true)"));
}

TEST(Settings, TakesEveryKeyFromTheEnvironment) {
  expect_all_set(
      good_settings("enabled = true\nmax_concurrent = 9\nlog_bytes = 1", {{"TAKT_ENABLED", "no"},
                                                                          {"TAKT_STORAGE", "/srv/takt"},
                                                                          {"TAKT_DURABILITY", "normal"},
                                                                          {"TAKT_LOG_LEVEL", "debug"},
                                                                          {"TAKT_MAX_CONCURRENT", "5"},
                                                                          {"TAKT_MAX_QUEUED", "50"},
                                                                          {"TAKT_STEP_TIMEOUT", "5min"},
                                                                          {"TAKT_RETRY_LIMIT", "2"},
                                                                          {"TAKT_RETRY_DELAY", "3"},
                                                                          {"TAKT_RETRY_BACKOFF", "1.5"},
                                                                          {"TAKT_KEEP_RUNS", "7"},
                                                                          {"TAKT_KEEP_AGE", "1d"},
                                                                          {"TAKT_LOG_BYTES", "1M"},
                                                                          {"TAKT_STOP_STEPS", "true"},
                                                                          {"TAKT_PROCESS", "not a setting"}}));
}

TEST(Settings, HasDefaults) {
  const auto settings = good_settings("");
  EXPECT_TRUE(settings.enabled);
  EXPECT_EQ(settings.durability, Durability::full);
  EXPECT_EQ(settings.log_level, LogLevel::info);
  EXPECT_EQ(settings.max_concurrent, limits::max_concurrent);
  EXPECT_FALSE(settings.step_timeout);
  EXPECT_EQ(settings.keep.runs, 1000);
  EXPECT_EQ(settings.log_bytes, limits::log_bytes);
  EXPECT_FALSE(good_settings("step_timeout = 0").step_timeout);
}

TEST(Settings, TellsWhatIsWrongAndKeepsTheDefault) {
  EXPECT_EQ(wrong("max_concurent = 5\n"),
            "t:1:1: error: max_concurent: unknown key (did you mean \"max_concurrent\"?)\n"
            "  max_concurent = 5\n  ^\n");
  EXPECT_THAT(wrong("storage = 'x'"), testing::HasSubstr("t:1:11: error: storage: expected an absolute path"));
  EXPECT_THAT(wrong("log_bytes = '5X'"),
              testing::HasSubstr("expected a number of bytes, such as 65536, \"64K\" or \"16M\""));
  EXPECT_THAT(wrong("log_bytes = -1"), testing::HasSubstr("expected a number of bytes"));
  EXPECT_THAT(wrong("log_bytes = '99999999999999T'"), testing::HasSubstr("expected a number of bytes"));
  EXPECT_THAT(wrong("log_level = 'inof'"),
              testing::HasSubstr("expected \"error\", \"warning\", \"notice\", \"info\" or \"debug\""));
  EXPECT_EQ(wrong("", {{"TAKT_MAX_CONCURRENT", "many"}}),
            "environment: error: TAKT_MAX_CONCURRENT: expected an integer, got a string\n");
  EXPECT_EQ(wrong("", {{"TAKT_DURABILITY", ""}}), "environment: error: TAKT_DURABILITY: it is empty\n");
  const auto outcome = parse_settings("t", "max_concurrent = 0\nmax_queued = 3\n= broken", {});
  EXPECT_EQ(outcome.settings.max_concurrent, limits::max_concurrent);
  const auto partly = parse_settings("t", "max_concurrent = 0\nmax_queued = 3\n", {});
  EXPECT_EQ(partly.settings.max_concurrent, limits::max_concurrent);
  EXPECT_EQ(partly.settings.max_queued, 3U);
}

TEST(Settings, PoolsHaveNamesAndSlots) {
  EXPECT_TRUE(good_settings("").pools.empty());
  EXPECT_EQ(good_settings("[pools]\ndisk = 1\nGPU_0-a = 100000").pools,
            (std::map<std::string, std::uint32_t>{{"disk", 1}, {"GPU_0-a", 100'000}}));
  EXPECT_THAT(wrong("pools = 5"), testing::StartsWith("t:1:9: error: pools: expected a table, got an integer\n"));
  EXPECT_THAT(wrong("[pools]\ndisk = 0"),
              testing::StartsWith("t:2:8: error: pools.disk: expected an integer from 1 to 100000, got 0\n"));
  EXPECT_THAT(wrong("[pools]\ndisk = 100001"), testing::HasSubstr("from 1 to 100000, got 100001"));
  EXPECT_THAT(wrong("[pools]\ndisk = '2'"), testing::HasSubstr("pools.disk: expected an integer, got a string"));
  EXPECT_THAT(wrong("[pools]\n'a b' = 1"), testing::HasSubstr("pools.a b: the name of a pool is at most 128 letters"));
  std::string many = "[pools]\n";
  for (std::size_t i = 0; i <= limits::pools; ++i) many += "p" + std::to_string(i) + " = 1\n";
  EXPECT_THAT(wrong(many), testing::StartsWith("t:1:1: error: pools: at most 256 pools\n"));
  // A wrong one does not take the others along.
  const auto partly = parse_settings("t", "[pools]\na = 0\nb = 2", {});
  EXPECT_EQ(partly.settings.pools, (std::map<std::string, std::uint32_t>{{"b", 2}}));
}

// What the shipped file says in comments is what holds without it.
TEST(Settings, TheShippedFileHoldsTheDefaults) {
  std::stringstream text;
  text << std::ifstream(std::string(TAKT_SOURCE_DIR) + "/etc/taktd.toml").rdbuf();
  good_settings(text.str());
  const auto live = std::regex_replace(text.str(), std::regex("(^|\n)#([a-z_]+ *=)"), "$1$2");
  const auto shipped = good_settings(live);
  const auto built_in = good_settings("");
  EXPECT_EQ(shipped.enabled, built_in.enabled);
  EXPECT_EQ(shipped.storage, "/var/lib/takt");
  EXPECT_EQ(shipped.durability, built_in.durability);
  EXPECT_EQ(shipped.log_level, built_in.log_level);
  EXPECT_EQ(shipped.max_concurrent, built_in.max_concurrent);
  EXPECT_EQ(shipped.max_queued, built_in.max_queued);
  EXPECT_EQ(shipped.step_timeout, built_in.step_timeout);
  EXPECT_EQ(shipped.retry.limit, built_in.retry.limit);
  EXPECT_EQ(shipped.retry.delay, built_in.retry.delay);
  EXPECT_EQ(shipped.retry.backoff, built_in.retry.backoff);
  EXPECT_EQ(shipped.keep.runs, built_in.keep.runs);
  EXPECT_EQ(shipped.keep.age, built_in.keep.age);
  EXPECT_EQ(shipped.log_bytes, built_in.log_bytes);
  EXPECT_EQ(shipped.stop_steps, built_in.stop_steps);
  for (const auto* key :
       {"enabled", "storage", "durability", "log_level", "max_concurrent", "max_queued", "step_timeout", "retry_limit",
        "retry_delay", "retry_backoff", "keep_runs", "keep_age", "log_bytes", "stop_steps"})
    EXPECT_TRUE(std::regex_search(text.str(), std::regex("\n#" + std::string(key) + " *="))) << key;
}

}  // namespace
}  // namespace takt
