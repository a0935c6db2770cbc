#include "loop/signals.h"

#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <vector>

namespace takt {
namespace {

using namespace std::chrono_literals;

TEST(SignalsTest, BlockedSignalsArriveAsEvents) {
  const auto loop = *Loop::create();
  std::vector<int> received;
  const auto signals = *Signals::create(*loop, {SIGHUP, SIGTERM}, [&](int signal) { received.push_back(signal); });
  ASSERT_EQ(::raise(SIGHUP), 0);
  ASSERT_TRUE(loop->turn(10s));
  ASSERT_EQ(::raise(SIGTERM), 0);
  ASSERT_TRUE(loop->turn(10s));
  EXPECT_EQ(received, (std::vector{SIGHUP, SIGTERM}));
}

TEST(SignalsTest, TheyStayBlockedWhenItIsGone) {
  {
    const auto loop = *Loop::create();
    const auto signals = *Signals::create(*loop, {SIGUSR1}, [](int) {});
  }
  ASSERT_EQ(::raise(SIGUSR1), 0);  // would end the test
  sigset_t pending;
  ::sigpending(&pending);
  EXPECT_EQ(::sigismember(&pending, SIGUSR1), 1);
}

}  // namespace
}  // namespace takt
