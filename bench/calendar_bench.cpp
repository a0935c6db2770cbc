// What a calendar costs, as a ratio: the next instant of a rare expression against that of a frequent one (the cost
// must not depend on how far the next instant is), and a schedule of 100,000 calendars.
#include <benchmark/benchmark.h>

#include <map>
#include <memory>
#include <string>

#include "calendar/calendar.h"
#include "definition/definition.h"
#include "trigger/schedule.h"

namespace takt {
namespace {

constexpr WallTime now = wall_from_us(1'800'000'000'000'000);

void next_instant(benchmark::State& state, const char* text) {
  const Calendar calendar = Calendar::parse_cron(text).value();
  const Zone zone = Zone::find("Europe/Berlin").value();
  for (auto _ : state) benchmark::DoNotOptimize(calendar.next(now, zone));
}
BENCHMARK_CAPTURE(next_instant, each_minute, "* * * * *");
BENCHMARK_CAPTURE(next_instant, each_weekday_morning, "30 7 * * mon-fri");
BENCHMARK_CAPTURE(next_instant, each_29_february_on_a_monday, "0 0 29 2 +mon");

std::map<std::string, Definition> definitions(int count) {
  std::map<std::string, Definition> all;
  for (int i = 0; i < count; ++i) {
    auto one = std::make_shared<ProcessDefinition>();
    one->name = "p" + std::to_string(i);
    const std::string text = std::to_string(i % 60) + " " + std::to_string(i / 60 % 24) + " * * *";
    one->triggers.push_back({"cron " + text,
                             CalendarTrigger{Calendar::parse_cron(text).value(), Zone::utc(), {}, {}, true}, "",
                             Value::object(), true});
    all.emplace(one->name, std::move(one));
  }
  return all;
}

void schedule_turn(benchmark::State& state) {
  const auto all = definitions(static_cast<int>(state.range(0)));
  Schedule schedule("machine", "boot");
  Now at{now, boot_from_us(0)};
  benchmark::DoNotOptimize(schedule.set_definitions(all, {}, at));
  std::vector<TriggerMark> let_go;
  std::size_t fired = 0;
  for (auto _ : state) {  // to the next instant that is due, and everything of it
    const Duration wait = *schedule.next_wall() - at.wall;
    at.wall += wait;
    at.boot += wait;
    fired += schedule.due(at, let_go).size();
  }
  state.counters["firings"] = benchmark::Counter(static_cast<double>(fired), benchmark::Counter::kIsRate);
}
BENCHMARK(schedule_turn)->Arg(1'000)->Arg(100'000)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace takt
