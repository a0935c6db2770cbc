// Whatever dies, whenever: nothing is lost, nothing is done twice, nothing is said that is not true.
//
// Each life of the simulated machine comes from one seed. A failure names it, and TAKT_SEED=N repeats that one alone;
// TAKT_TRACE=1 tells its story.
#include <gmock/gmock.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "world.h"

namespace takt::test {
namespace {

using namespace std::chrono_literals;
using testing::IsEmpty;

// An assertion of the product ends the program; then this is the last it says.
char current_plan[96];
extern "C" void say_plan(int) {
  std::fputs(current_plan, stderr);
}

std::string text_of(const Plan& plan) {
  std::string text = fmt::format("TAKT_SEED={}", plan.seed);
  if (plan.kill_at_commit)
    text += fmt::format(" killed at commit {}, {}", *plan.kill_at_commit,
                        plan.kill_phase == CommitPhase::before_durable ? "before it is durable" : "before its effects");
  return text;
}

std::vector<std::string> live(World& world, const Plan& plan) {
  std::snprintf(current_plan, sizeof current_plan, "%s\n", text_of(plan).c_str());
  std::signal(SIGABRT, say_plan);
  return world.run();
}

std::vector<std::uint64_t> seeds(std::uint64_t count) {
  if (const char* one = std::getenv("TAKT_SEED")) return {std::strtoull(one, nullptr, 10)};
  std::vector<std::uint64_t> all;
  for (std::uint64_t seed = 1; seed <= count; ++seed) all.push_back(seed);
  return all;
}

bool traced() {
  return std::getenv("TAKT_TRACE") != nullptr;
}

TEST(Simulation, AccidentsByChance) {
  std::uint64_t commits = 0, deaths = 0, attempts = 0;
  for (const std::uint64_t seed : seeds(150)) {
    Plan plan;
    plan.seed = seed;
    plan.trace = traced();
    World world(plan);
    ASSERT_THAT(live(world, plan), IsEmpty()) << text_of(plan);
    commits += world.commits();
    deaths += world.deaths();
    attempts += world.runner().journal.size();
  }
  std::printf("%lu commits, %lu deaths of the daemon, %lu attempts\n", commits, deaths, attempts);
}

// The way of a few processes, cut at each of its commits, on both sides of the sync.
TEST(Simulation, DeathAtEveryCommit) {
  for (const std::uint64_t seed : seeds(3)) {
    Plan plan;
    plan.seed = seed;
    plan.accidents = false;
    plan.chaos = 1min;
    World undisturbed(plan);
    ASSERT_THAT(live(undisturbed, plan), IsEmpty()) << text_of(plan);
    for (std::uint64_t commit = 1; commit <= undisturbed.commits(); ++commit) {
      plan.kill_at_commit = commit;
      for (const CommitPhase phase : {CommitPhase::before_durable, CommitPhase::before_effects}) {
        plan.kill_phase = phase;
        World world(plan);
        ASSERT_THAT(live(world, plan), IsEmpty()) << text_of(plan);
        ASSERT_EQ(world.deaths(), 1u) << text_of(plan);
      }
    }
    plan.kill_at_commit.reset();
  }
}

TEST(Simulation, ASeedRepeatsItself) {
  Plan plan;
  plan.seed = 4711;
  World one(plan), other(plan);
  live(one, plan);
  live(other, plan);
  EXPECT_EQ(one.commits(), other.commits());
  EXPECT_EQ(one.deaths(), other.deaths());
  EXPECT_EQ(one.disk().executions.size(), other.disk().executions.size());
}

}  // namespace
}  // namespace takt::test
