// The files of the tz database: every zone's offsets as the C library has them, and what is refused.
#include "calendar/tzif.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <ctime>
#include <fstream>
#include <iterator>
#include <random>
#include <sstream>
#include <string>

#include "calendar/zone.h"

namespace takt {
namespace {

std::vector<std::string> all_zones() {
  std::ifstream list("/usr/share/zoneinfo/tzdata.zi");
  std::vector<std::string> names;
  for (std::string line; std::getline(list, line);) {
    std::istringstream words(line);
    std::string kind, first, second;
    words >> kind >> first >> second;
    if (kind == "Z" || kind == "L") names.push_back(kind == "Z" ? first : second);
  }
  return names;
}

std::string bytes_of(const std::string& zone) {
  std::ifstream file("/usr/share/zoneinfo/" + zone, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST(Tzif, EveryZoneHasTheOffsetsThatTheCLibraryHas) {
  const std::vector<std::string> names = all_zones();
  ASSERT_GT(names.size(), 400U);
  std::mt19937_64 dice(20'261'124);
  constexpr std::int64_t end_of_years = 7'258'118'400;  // 2200
  for (const std::string& name : names) {
    const auto zone = Zone::find(name);
    ASSERT_TRUE(zone) << zone.error().message;
    ::setenv("TZ", (":" + name).c_str(), 1);
    ::tzset();
    for (int i = 0; i < 200; ++i) {
      const auto at = static_cast<std::time_t>(dice() % end_of_years);
      std::tm local{};
      ASSERT_NE(::localtime_r(&at, &local), nullptr);
      ASSERT_EQ(zone->offset(WallTime(std::chrono::seconds(at))).count(), local.tm_gmtoff) << name << " at " << at;
    }
  }
  ::unsetenv("TZ");
  ::tzset();
}

TEST(Tzif, AFileThatIsCutShortIsRefusedWhereverItIsCut) {
  const std::string whole = bytes_of("Europe/Berlin");
  const auto table = parse_tzif(whole);
  ASSERT_TRUE(table);
  EXPECT_TRUE(table->tail);
  const std::size_t footer = whole.rfind('\n', whole.size() - 2);
  for (std::size_t length = 0; length < footer; ++length) EXPECT_FALSE(parse_tzif(whole.substr(0, length))) << length;
}

TEST(Tzif, WhatIsNoSuchFileIsRefused) {
  EXPECT_EQ(parse_tzif("").error().message, "it is no file of the tz database");
  EXPECT_EQ(parse_tzif(std::string(500, 'x')).error().message, "it is no file of the tz database");
  std::string wild = bytes_of("Asia/Tehran");
  for (std::size_t at = 5; at < 80; ++at) {  // counts and version: whatever they say, nothing is read past the end
    std::string one = wild;
    one[at] = '\xff';
    (void)parse_tzif(one);
  }
}

TEST(Tzif, ASpanGoesFromTheBeginningToTheEnd) {
  const auto table = parse_tzif(bytes_of("Asia/Tehran"));
  ASSERT_TRUE(table);
  EXPECT_EQ(table->spans.front().begin, earliest);
  EXPECT_EQ(table->spans.back().end, latest);
  for (std::size_t i = 1; i < table->spans.size(); ++i) {
    EXPECT_EQ(table->spans[i].begin, table->spans[i - 1].end);
    EXPECT_NE(table->spans[i].offset, table->spans[i - 1].offset);
  }
}

}  // namespace
}  // namespace takt
