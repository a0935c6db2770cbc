// The promises of the schedule over random lives: suspends, restarts, downtimes, reloads, clocks set forward and back.
// The seed is printed; TAKT_SEED repeats a run.
#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <iterator>
#include <random>
#include <set>

#include "fixture.h"
#include "trigger/limits.h"

namespace takt {
namespace {

const WallTime start = at("2026-03-28T21:17:00Z");
const char* const lines[] = {"* * * * *", "*/7 * * * *", "0 * * * *", "30 7 * * *"};

class Life : public testing::Test {
 protected:
  Life() : machine(start) {
    const char* given = std::getenv("TAKT_SEED");
    const unsigned seed = given != nullptr ? static_cast<unsigned>(std::stoul(given)) : std::random_device()();
    std::cout << "TAKT_SEED=" << seed << std::endl;
    random.seed(seed);
  }

  std::int64_t below(std::int64_t limit) { return std::uniform_int_distribution<std::int64_t>(0, limit - 1)(random); }
  Duration up_to(Duration limit) { return Duration(below(limit.count())); }

  std::map<std::string, std::vector<Trigger>> triggers() {
    std::map<std::string, std::vector<Trigger>> result;
    for (int process = 0; process < 4; ++process) {
      for (const char* line : lines) {
        const Duration jitter = below(2) == 0 ? Duration(0) : up_to(2 * hour);
        result["p" + std::to_string(process)].push_back(cron(line, CatchUp::all, jitter));
      }
      const Duration period = minute + up_to(2 * hour);
      result["p" + std::to_string(process)].push_back(
          trigger("every " + format_duration(period), EveryTrigger{period, Anchor::start, up_to(hour)}));
    }
    return result;
  }

  // No instant twice; none before its time.
  void check(const std::vector<Firing>& firings) {
    for (const Firing& firing : firings) {
      const bool first = seen[{firing.process, firing.key}].insert(firing.nominal).second;
      EXPECT_TRUE(first) << firing.process << " " << firing.key << " fired twice at " << format_utc(firing.nominal);
      EXPECT_LE(firing.nominal, machine.now.wall + limits::clock_set_back);
      count[{firing.process, firing.key}] += firing.stands_for;
    }
  }

  void step() {
    switch (below(5)) {
      case 0:
        return check(machine.live(up_to(3 * hour)));
      case 1:
        return check(machine.sleep(up_to(8 * hour)));
      case 2:
        machine.reboot(up_to(8 * hour));
        return check(machine.due());
      case 3:
        return machine.restart();
      default:
        return machine.load(loaded);
    }
  }

  std::mt19937_64 random;
  Machine machine;
  std::map<std::string, std::vector<Trigger>> loaded;
  std::map<std::pair<std::string, std::string>, std::set<WallTime>> seen;
  std::map<std::pair<std::string, std::string>, std::uint64_t> count;
};

TEST_F(Life, NoInstantIsLostOrFiresTwice) {
  for (int life = 0; life < 3; ++life) {
    seen.clear();
    count.clear();
    machine = Machine(start);
    loaded = triggers();
    machine.start(loaded);
    for (int i = 0; i < 60; ++i) step();
    check(machine.sleep(3 * hour));

    for (const auto& [process, list] : loaded) {
      for (const Trigger& trigger : list) {
        const auto* calendar = std::get_if<CalendarTrigger>(&trigger.kind);
        if (calendar == nullptr) continue;
        std::set<WallTime> expected;
        for (auto next = calendar->calendar.next(start, Zone::utc()); next->at <= machine.now.wall;
             next = calendar->calendar.next(next->at, Zone::utc())) {
          expected.insert(next->at);
        }
        auto& fired = seen[{process, trigger.key}];
        // The last one may still wait for its jitter.
        if (!fired.contains(*expected.rbegin())) expected.erase(*expected.rbegin());
        std::vector<WallTime> wrong;
        std::set_symmetric_difference(fired.begin(), fired.end(), expected.begin(), expected.end(),
                                      std::back_inserter(wrong));
        EXPECT_TRUE(wrong.empty()) << process << " " << trigger.key
                                   << ": lost, or not its own: " << format_utc(wrong.front());
      }
    }
  }
}

TEST_F(Life, ARhythmLosesNoSpan) {
  for (int life = 0; life < 3; ++life) {
    seen.clear();
    count.clear();
    machine = Machine(start);
    loaded = triggers();
    machine.start(loaded);
    for (int i = 0; i < 60; ++i) step();
    check(machine.sleep(3 * hour));
    for (const auto& [process, list] : loaded) {
      for (const Trigger& trigger : list) {
        const auto* every = std::get_if<EveryTrigger>(&trigger.kind);
        if (every == nullptr) continue;
        const auto spans = static_cast<std::uint64_t>((machine.now.wall - start) / every->period);
        const std::uint64_t fired = count[{process, trigger.key}];
        EXPECT_TRUE(fired == spans || fired + 1 == spans) << trigger.key << ": " << fired << " of " << spans;
      }
    }
  }
}

TEST_F(Life, AClockThatJumpsFiresNothingTwice) {
  for (int life = 0; life < 3; ++life) {
    seen.clear();
    machine = Machine(start);
    loaded = triggers();
    machine.start(loaded);
    WallTime latest = start;
    for (int i = 0; i < 60; ++i) {
      step();
      latest = std::max(latest, machine.now.wall);
      // Back by three hours at the most behind the latest reading there was: further is another promise.
      const Duration jump = up_to(8 * hour) - 4 * hour;
      machine.now.wall = std::max(machine.now.wall + jump, latest - limits::clock_set_back);
      latest = std::max(latest, machine.now.wall);
      machine.set_clock();
    }
  }
}

TEST(Load, AHundredThousandTriggersCostAChangeEach) {
  std::map<std::string, std::vector<Trigger>> many;
  for (int i = 0; i < 50'000; ++i) {
    many["p" + std::to_string(i)] = {cron("*/7 * * * *"), trigger("every 1h", EveryTrigger{hour})};
  }
  Machine machine(start);
  machine.start(many);
  EXPECT_EQ(machine.sleep(5 * minute).size(), 50'000u);
  EXPECT_EQ(machine.schedule->upcoming("", 10, machine.now).size(), 10u);
  // Nothing is due: a hundred thousand looks must not walk through all of them.
  std::vector<TriggerMark> let_go;
  for (int i = 0; i < 100'000; ++i) ASSERT_TRUE(machine.schedule->due(machine.now, let_go).empty());
}

}  // namespace
}  // namespace takt
