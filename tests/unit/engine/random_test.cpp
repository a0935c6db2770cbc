// Workflows that chance draws, ended by chance, over restarts at any moment. TAKT_SEED=N repeats one alone,
// TAKT_SEEDS=N plays so many; the text of one that fails is printed.
//
// What holds of all of them: each comes to its end; no attempt is started twice, but one that a living runner never
// had; a restart changes no row and starts nothing, for all that could go on has gone on before; and the runner is
// asked about what runs, and nothing else.
#include <fmt/core.h>

#include <cstdlib>

#include "simulation/dice.h"
#include "workflow_fixture.h"

namespace takt::test {
namespace {

constexpr int most_events = 3'000;

class Drawn {
 public:
  explicit Drawn(std::uint64_t seed) : dice_(seed) {
    const auto count = dice_.between(1, 6);
    text_ = std::string(dice_.once_in(4) ? "fail_fast = false\n" : "") +
            (dice_.once_in(6) ? "timeout = \"20s\"\n" : "") +
            (dice_.once_in(3) ? "overlap = \"allow\"\nmax_instances = 2\n" : "") +
            (dice_.once_in(4) ? "overlap = \"replace\"\n" : "") + (dice_.once_in(6) ? "pool = \"small\"\n" : "");
    if (dice_.once_in(5))
      text_ += std::string("[constraints]\nac_power = true\n") + (dice_.once_in(2) ? "network = \"online\"\n" : "") +
               (dice_.once_in(2) ? "max_wait = \"10s\"\n" : "");
    for (std::int64_t i = 0; i < count; ++i)
      text_ += "[[step]]\nname = \"s" + std::to_string(i) + "\"\n" + keys(i, count);
    if (dice_.once_in(3)) text_ += "[[finally]]\nname = \"f\"\nrun = [\"true\"]\n";
  }

  [[nodiscard]] const std::string& text() const { return text_; }
  Dice& dice() { return dice_; }

 private:
  std::string keys(std::int64_t place, std::int64_t count) {
    std::string keys = dice_.pick<std::string>({"run = [\"true\"]\n", "run = [\"true\"]\n", "run = [\"true\"]\n",
                                                "set = { x = 1 }\n", "wait = \"5s\"\n", "process = \"nested\"\n"});
    const std::string pool = dice_.once_in(2) ? "pool = \"small\"\n" : "pool = \"large\"\nslots = 2\n";
    const auto some = [&](std::int64_t chance, const std::string& text) { keys += dice_.once_in(chance) ? text : ""; };
    const auto step = [&](std::int64_t below) { return "\"s" + std::to_string(dice_.between(0, below)) + "\""; };
    if (dice_.once_in(4))
      keys += "for_each = \"{1, 2, 3}\"\nmax_parallel = " + std::to_string(dice_.between(1, 3)) + "\n" +
              (dice_.once_in(2) ? "fail_fast = false\n" : "");
    some(5, "when = \"false\"\n");
    some(3, "undo = [\"undo\"]\n");
    some(4, "retry = { limit = 1, delay = \"2s\" }\n");
    some(6, "continue_on_failure = true\n");
    some(6, "total_timeout = \"7s\"\n");
    some(6, "timeout = \"4s\"\n");
    some(8, "on_interrupt = \"retry\"\n");
    some(4, pool);
    some(6, "on_failure = " + (dice_.once_in(4) ? "\"end\"" : step(count - 1)) + "\n");
    some(10, "on_success = " + (dice_.once_in(4) ? "\"end\"" : step(count - 1)) + "\n");
    some(6, "max_visits = 3\n");
    if (dice_.once_in(4))
      keys += place > 0 && dice_.once_in(2) ? "needs = [" + step(place - 1) + "]\n" : "needs = []\n";
    else
      some(4, "parallel_group = 1\n");
    return keys;
  }

  Dice dice_;
  std::string text_;
};

std::shared_ptr<const ProcessDefinition> read(const std::string& text) {
  Evaluator evaluator;
  const std::map<std::string, std::string> none;
  return parse_definition("p", {"/x/p.toml", text}, {}, {evaluator, none, Zone::utc(), "root"}).definition;
}

class RandomWorkflow : public Workflow {
 protected:
  // Plays one. How it can be told from the others when it fails is the caller's to say.
  void play(const ProcessDefinition& definition, Dice& dice) {
    Settings settings;
    settings.pools = {{"small", 1}, {"large", 3}};
    harness.emplace(std::vector{definition, written("nested", step("n") + step("m", "undo = [\"undo\"]") + step("o"))},
                    settings);
    running_.clear();
    seen_.clear();
    awaited_.clear();
    take(start());
    take(start());
    ASSERT_NO_FATAL_FAILURE(to_its_end(dice));
    if (dice.once_in(2)) return;
    go_on(dice);
    ASSERT_NO_FATAL_FAILURE(to_its_end(dice));
  }

 private:
  void to_its_end(Dice& dice) {
    for (int events = 0; !harness->engine().live_executions().empty(); ++events) {
      ASSERT_LT(events, most_events) << "it has no end";
      ASSERT_NO_FATAL_FAILURE(next(dice, events));
      if (!dice.once_in(5)) continue;
      ASSERT_NO_FATAL_FAILURE(restart());
    }
    EXPECT_TRUE(running_.empty());
    EXPECT_TRUE(awaited_.empty());
    for (const ExecutionRow& row : harness->ended_rows()) EXPECT_TRUE(row.ended_at) << row.id;
  }

  // One more run of what has ended, or its rollback.
  void go_on(Dice& dice) {
    const ExecutionRow row = *ended_row(1);
    if (row.state == ExecutionState::skipped || !row.started_at) return;
    if (dice.once_in(3)) return take(harness->handle(rollback_of(1)));
    const StepRow from = dice.pick(harness->steps_of(1));
    const bool item = from.items.is_array() && !from.items.empty() && dice.once_in(2);
    take(harness->handle(
        retry_of(1, dice.once_in(2) || item ? from.name : "", item ? std::optional(1U) : std::nullopt)));
  }

  void take(const std::vector<std::string>& lines) {
    for (const std::string& token : started(lines)) {
      EXPECT_TRUE(seen_.insert(token).second) << token << " was started twice";
      running_.insert(token);
    }
    for (const std::string& line : lines) {
      if (line.starts_with("> await ")) awaited_.insert(line.substr(8));
      if (line.starts_with("> forget ") && awaited_.erase(line.substr(9)) == 0 && !line.starts_with("> forget files"))
        ADD_FAILURE() << line << ", which nobody awaited";
    }
  }

  void next(Dice& dice, int events) {
    if (events > most_events / 2) {  // by now it has had its troubles
      for (const LiveExecution* one : harness->engine().live_executions())
        if (one->row.state == ExecutionState::paused) return take(harness->request(ExecutionVerb::resume, one->row.id));
    } else if (dice.once_in(12)) {
      const ExecutionId id = dice.pick(harness->engine().live_executions())->row.id;
      const auto verb = dice.pick<ExecutionVerb>({ExecutionVerb::pause, ExecutionVerb::pause, ExecutionVerb::resume,
                                                  ExecutionVerb::resume, ExecutionVerb::cancel});
      return take(harness->request(verb, id));
    }
    if (!awaited_.empty() && dice.once_in(3)) {
      const std::string key = dice.pick(std::vector<std::string>(awaited_.begin(), awaited_.end()));
      return take(harness->handle(ConstraintSeen{key, dice.once_in(3) ? "it is not so" : ""}));
    }
    const bool due = harness->engine().next_at().has_value();
    if (!running_.empty() && !(due && dice.once_in(3))) {
      const std::string token = dice.pick(std::vector<std::string>(running_.begin(), running_.end()));
      running_.erase(token);
      if (!dice.once_in(20)) return take(harness->ended(token, dice.once_in(5) ? 1 : 0, dice.between(1, 9)));
      if (dice.once_in(2))
        harness->handle(RunnerSeen{fmt::format("runner {}", ++runners_)});
      else
        seen_.erase(token);  // the runner still lives: it may be ordered again
      return take(harness->handle(AttemptLost{token}));
    }
    if (due) return take(harness->tick());
    for (const LiveExecution* one : harness->engine().live_executions())
      if (one->row.state == ExecutionState::paused) return take(harness->request(ExecutionVerb::resume, one->row.id));
    if (!awaited_.empty()) return take(harness->handle(ConstraintSeen{*awaited_.begin(), ""}));
    FAIL() << "it waits for nothing: " << states() << " | " << states(2);
  }

  void restart() {
    const std::string before = states() + " | " + states(2);
    const std::set<std::string> awaited_before = std::exchange(awaited_, {});
    const std::vector<std::string> lines = harness->restart();
    take(lines);
    EXPECT_EQ(awaited_, awaited_before);
    EXPECT_EQ(states() + " | " + states(2), before);
    const std::vector<std::string> begun = started(lines);
    EXPECT_TRUE(begun.empty()) << "a restart starts " << begun.front();
    const std::vector<std::string> asked = harness->engine().running_tokens();
    EXPECT_EQ(std::set<std::string>(asked.begin(), asked.end()), running_);
    if (HasFailure()) FAIL() << "at a restart";
  }

  int runners_ = 0;
  std::set<std::string> running_;
  std::set<std::string> seen_;
  std::set<std::string> awaited_;  // constraints
};

std::uint64_t number_in(const char* variable, std::uint64_t fallback) {
  const char* text = std::getenv(variable);
  return text != nullptr ? std::strtoull(text, nullptr, 10) : fallback;
}

TEST_F(RandomWorkflow, ComesToItsEndOverRestarts) {
  const std::uint64_t one = number_in("TAKT_SEED", 0);
  const std::uint64_t first = std::max<std::uint64_t>(one, 1);
  const std::uint64_t last = one != 0 ? one : number_in("TAKT_SEEDS", 3'000);
  std::uint64_t played = 0;
  for (std::uint64_t seed = first; seed <= last && !HasFailure(); ++seed) {
    Drawn drawn(seed);
    const auto definition = read(drawn.text());
    if (!definition) continue;  // it says what cannot be
    ++played;
    SCOPED_TRACE("TAKT_SEED=" + std::to_string(seed) + "\n" + drawn.text());
    play(*definition, drawn.dice());
  }
  EXPECT_GT(played, (last - first) / 4) << "too few of them are definitions";
}

}  // namespace
}  // namespace takt::test
