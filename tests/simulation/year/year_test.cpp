// A year of a thousand schedules in forty zones, with ten thousand clock jumps, suspends and downtimes: no instant
// doubled, none lost, every due instant has its row.
//
// By itself it lives through ten days of such a year, which begin on any day of it: TAKT_CASES=10000 asks for all the
// accidents, and so for all the year. The seed is 1; TAKT_SEED=N draws another year, and TAKT_TRACE=1 tells its story.
#include <gmock/gmock.h>

#include <cstdlib>
#include <iostream>

#include "machine.h"

namespace takt::test {
namespace {

TEST(Year, NoInstantIsDoubledAndNoneIsLost) {
  YearPlan plan;
  const char* seed = std::getenv("TAKT_SEED");
  plan.seed = seed != nullptr ? std::strtoull(seed, nullptr, 10) : 1;
  if (const char* cases = std::getenv("TAKT_CASES")) plan.accidents = std::atoi(cases);
  plan.trace = std::getenv("TAKT_TRACE") != nullptr;
  std::cout << "TAKT_SEED=" << plan.seed << std::endl;

  YearMachine machine(plan);
  EXPECT_THAT(machine.run(), testing::IsEmpty()) << "TAKT_SEED=" << plan.seed;

  const YearMachine::Count& happened = machine.count();
  const Judge::Count& judged = machine.judged();
  std::printf(
      "until %s: %lu clock jumps, %lu suspends, %lu downtimes, %lu commits; %lu instants, %lu rows: %lu caught up for "
      "several, %lu let go, %lu overlapped, %lu paused; %lu places taken anew, %lu instants that had their row\n",
      format_utc(machine.now()).c_str(), happened.jumps, happened.suspends, happened.downtimes, happened.commits,
      judged.instants, judged.rows, judged.caught_up, judged.let_go, judged.overlaps, judged.paused, judged.set_back,
      judged.again);
}

}  // namespace
}  // namespace takt::test
