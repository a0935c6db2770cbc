// A normal form reads back as the calendar that it came from. TAKT_SEED in the environment repeats a run.
#include <cstdio>
#include <cstdlib>

#include <gtest/gtest.h>

#include "calendar/describe.h"
#include "generator.h"
#include "support.h"

namespace takt {
namespace {

constexpr int expressions = 1'000;

// Says whether there was a calendar to try.
bool reads_back(const Result<Calendar>& first, Result<Calendar> (*parse)(std::string_view), const std::string& base) {
  if (!first) return false;
  const auto again = parse(first->to_string());
  EXPECT_TRUE(again) << first->to_string() << ": " << again.error().message;
  if (!again) return true;
  EXPECT_EQ(again->to_string(), first->to_string());
  EXPECT_EQ(describe(*again), describe(*first));
  EXPECT_EQ(traps(*again), traps(*first));
  const Zone berlin = zone("Europe/Berlin");
  WallTime last = at(base + "Z");
  for (int i = 0; i < 3; ++i) {
    const auto one = first->next(last, berlin);
    const auto other = again->next(last, berlin);
    EXPECT_EQ(one.has_value(), other.has_value());
    if (!one || !other) break;
    EXPECT_EQ(format_utc(one->at), format_utc(other->at));
    last = one->at;
  }
  return true;
}

TEST(RoundTrip, random_expressions_of_both_kinds) {
  const char* given = std::getenv("TAKT_SEED");
  const std::uint64_t seed = given != nullptr ? std::strtoull(given, nullptr, 10) : std::random_device{}();
  std::printf("TAKT_SEED=%llu\n", static_cast<unsigned long long>(seed));
  Generator generator(seed);
  int tried = 0;
  for (int i = 0; i < expressions; ++i) {
    const std::string base = generator.base();
    const std::string line = generator.line(), expression = generator.expression();
    SCOPED_TRACE(fmt::format("\"{}\" and \"{}\" after {} (TAKT_SEED={})", line, expression, base, seed));
    tried += reads_back(Calendar::parse_cron(line), Calendar::parse_cron, base) ? 1 : 0;
    tried += reads_back(Calendar::parse_calendar(expression), Calendar::parse_calendar, base) ? 1 : 0;
  }
  EXPECT_GT(tried, expressions);
}

}  // namespace
}  // namespace takt
