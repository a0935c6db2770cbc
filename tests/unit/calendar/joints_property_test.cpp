// The rule of daylight saving, written down a second time as plainly as it can be and slowly, against next() on random
// schedules around real changes of offset. TAKT_SEED in the environment repeats a run.
#include <cstdio>
#include <cstdlib>
#include <map>
#include <random>
#include <set>

#include <gtest/gtest.h>

#include "support.h"

namespace takt {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

struct Joint {
  const char* zone;
  const char* around;
};

constexpr Joint joints[] = {
    {"Europe/Berlin", "2026-03-29T01:00:00Z"},       {"Europe/Berlin", "2026-10-25T01:00:00Z"},
    {"America/New_York", "2026-03-08T07:00:00Z"},    {"America/New_York", "2026-11-01T06:00:00Z"},
    {"Australia/Lord_Howe", "2026-10-03T15:30:00Z"}, {"Australia/Lord_Howe", "2026-04-04T15:00:00Z"},
    {"Asia/Tehran", "2022-03-21T20:30:00Z"},         {"Asia/Tehran", "2022-09-21T19:30:00Z"},
    {"Antarctica/Troll", "2026-03-29T01:00:00Z"},    {"Antarctica/Troll", "2026-10-25T01:00:00Z"},
    {"Africa/Casablanca", "2026-02-15T02:00:00Z"},   {"Africa/Casablanca", "2026-03-22T02:00:00Z"},
    {"Asia/Pyongyang", "2018-05-04T15:00:00Z"},      {"Pacific/Apia", "2011-12-30T10:00:00Z"},
    {"America/Caracas", "2016-05-01T07:00:00Z"},     {"Europe/Berlin", "2045-03-26T01:00:00Z"},
};

std::string random_line(std::mt19937_64& random) {
  const auto upto = [&random](int most) { return std::uniform_int_distribution<int>(0, most)(random); };
  const auto list = [&](int most) {
    std::string text = std::to_string(upto(most));
    for (int more = upto(4); more > 0; --more) text += "," + std::to_string(upto(most));
    return text;
  };
  const auto field = [&](int most) {
    switch (upto(4)) {
      case 0:
        return std::string("*");
      case 1:
        return "*/" + std::to_string(1 + upto(most / 2));
      default:
        return list(most);
    }
  };
  return field(59) + " " + field(upto(1) == 0 ? 23 : 4) + " * * " + (upto(1) == 0 ? "*" : list(6));
}

// All instants in the window, by the words of docs/architecture.md ("Time").
std::set<WallTime> expected(const Calendar& of, const std::string& line, const Zone& zone, WallTime begin,
                            WallTime end) {
  // Minute by minute: the wall clock at each instant, and the first instant of each wall-clock time.
  std::map<WallTime, WallTime> first_pass;
  std::set<WallTime> found;
  // In UTC an instant's name is its wall-clock time, so this asks whether a wall-clock time matches.
  const auto matches = [&of](WallTime wall) { return of.next(wall - Duration(1), Zone::utc()).value().at == wall; };
  const bool follows_clock = line.front() == '*' || line[line.find(' ') + 1] == '*';
  WallTime previous = begin + zone.offset(begin) - minutes(1);
  for (WallTime now = begin; now < end; now += minutes(1)) {
    const WallTime wall = now + zone.offset(now);
    if (follows_clock) {
      if (matches(wall)) found.insert(now);
    } else {
      // What the clock has left out since the last minute counts as now; three hours at most.
      if (wall - previous > minutes(1) && wall - previous <= hours(3) + minutes(1))
        for (WallTime left_out = previous + minutes(1); left_out < wall; left_out += minutes(1))
          if (matches(left_out)) found.insert(now);
      if (first_pass.emplace(wall, now).second && matches(wall)) found.insert(now);
    }
    previous = wall;
  }
  return found;
}

TEST(Joints, next_follows_the_rule_around_every_change) {
  const char* given = std::getenv("TAKT_SEED");
  const std::uint64_t seed = given != nullptr ? std::strtoull(given, nullptr, 10) : std::random_device{}();
  std::printf("TAKT_SEED=%llu\n", static_cast<unsigned long long>(seed));
  std::mt19937_64 random(seed);
  for (const Joint& joint : joints) {
    const Zone in = zone(joint.zone);
    const WallTime begin = at(joint.around) - hours(20), end = at(joint.around) + hours(20);
    ASSERT_NE(in.offset(begin), in.offset(end)) << joint.zone << " " << joint.around;
    for (int i = 0; i < 6; ++i) {
      const std::string line = random_line(random);
      const Calendar of = cron(line);
      std::set<WallTime> found;
      for (auto next = of.next(begin - Duration(1), in); next && next->at < end; next = of.next(next->at, in))
        found.insert(next->at);
      EXPECT_EQ(found, expected(of, line, in, begin, end))
          << "\"" << line << "\" in " << joint.zone << " around " << joint.around << " (TAKT_SEED=" << seed << ")";
    }
  }
}

}  // namespace

// How a difference is shown.
void PrintTo(WallTime instant, std::ostream* out) {
  *out << format_utc(instant);
}

}  // namespace takt
