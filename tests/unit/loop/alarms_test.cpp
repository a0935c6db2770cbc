#include "loop/alarms.h"

#include <sys/timerfd.h>

#include <gtest/gtest.h>

#include <chrono>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "loop/clock.h"

namespace takt {
namespace {

using namespace std::chrono_literals;

// What the kernel knows of our timers (proc(5), fdinfo): "clockid", "settime flags" and "it_value" of each timerfd.
struct KernelTimer {
  int clock = -1;
  unsigned flags = 0;
  bool armed = false;
};
std::vector<KernelTimer> kernel_timers() {
  std::vector<KernelTimer> timers;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
    std::error_code gone;  // the descriptor that this very listing uses
    if (std::filesystem::read_symlink(entry.path(), gone) != "anon_inode:[timerfd]") continue;
    std::ifstream info("/proc/self/fdinfo/" + entry.path().filename().string());
    KernelTimer timer;
    for (std::string line; std::getline(info, line);) {
      if (line.starts_with("clockid: ")) timer.clock = std::stoi(line.substr(9));
      if (line.starts_with("settime flags: "))
        timer.flags = static_cast<unsigned>(std::stoul(line.substr(15), nullptr, 8));
      if (line.starts_with("it_value: ")) timer.armed = line != "it_value: (0, 0)";
    }
    timers.push_back(timer);
  }
  return timers;
}

class AlarmsTest : public testing::Test {
 protected:
  std::unique_ptr<Loop> loop_ = *Loop::create();
  SystemClock clock_;
  int due_ = 0;
  int clock_set_ = 0;
  std::unique_ptr<LoopAlarms> alarms_ =
      *LoopAlarms::create(*loop_, {.due = [this] { ++due_; }, .clock_set = [this] { ++clock_set_; }});
};

TEST_F(AlarmsTest, AWallAlarmGoesOffOnceAtItsInstant) {
  const WallTime at = clock_.now().wall + 30ms;
  alarms_->set_wall(at);
  ASSERT_TRUE(loop_->turn(10s));
  EXPECT_GE(clock_.now().wall, at);
  EXPECT_EQ(due_, 1);
  ASSERT_TRUE(loop_->turn(0s));
  EXPECT_EQ(due_, 1);
  EXPECT_EQ(clock_set_, 0);
}

TEST_F(AlarmsTest, ABootAlarmGoesOffOnceAtItsInstant) {
  const BootTime at = clock_.now().boot + 30ms;
  alarms_->set_boot(at);
  ASSERT_TRUE(loop_->turn(10s));
  EXPECT_GE(clock_.now().boot, at);
  EXPECT_EQ(due_, 1);
  ASSERT_TRUE(loop_->turn(0s));
  EXPECT_EQ(due_, 1);
}

TEST_F(AlarmsTest, AnInstantThatHasPassedGoesOffAtOnce) {
  alarms_->set_wall(clock_.now().wall - 24h);
  ASSERT_TRUE(loop_->turn(10s));
  EXPECT_EQ(due_, 1);
  alarms_->set_wall(wall_from_us(0));
  ASSERT_TRUE(loop_->turn(10s));
  EXPECT_EQ(due_, 2);
  alarms_->set_boot(boot_from_us(0));
  ASSERT_TRUE(loop_->turn(10s));
  EXPECT_EQ(due_, 3);
}

TEST_F(AlarmsTest, TheSameInstantCanBeSetAgainAfterItWentOff) {
  const WallTime at = clock_.now().wall;
  alarms_->set_wall(at);
  ASSERT_TRUE(loop_->turn(10s));
  alarms_->set_wall(at);
  ASSERT_TRUE(loop_->turn(10s));
  EXPECT_EQ(due_, 2);
}

TEST_F(AlarmsTest, AnAlarmThatIsTakenBackDoesNotGoOff) {
  alarms_->set_wall(clock_.now().wall + 10ms);
  alarms_->set_boot(clock_.now().boot + 10ms);
  alarms_->set_wall(std::nullopt);
  alarms_->set_boot(std::nullopt);
  ASSERT_TRUE(loop_->turn(40ms));
  EXPECT_EQ(due_, 0);
}

TEST_F(AlarmsTest, AnAlarmThatWentOffInTheSameTurnInWhichItIsTakenBackIsSilent) {
  alarms_->set_boot(clock_.now().boot);
  alarms_->set_wall(clock_.now().wall);
  Loop::Watch take_back = loop_->prepare([&] {
    alarms_->set_boot(std::nullopt);
    alarms_->set_wall(std::nullopt);
  });
  ASSERT_TRUE(loop_->turn(20ms));
  EXPECT_EQ(due_, 0);
}

// The kernel tells of a clock being set only to timers that are armed and ask for it (timerfd_create(2)).
TEST_F(AlarmsTest, TheClockIsWatchedAlsoWhileNoWallAlarmIsSet) {
  constexpr unsigned cancel_on_set = TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET;
  const auto check = [&](const char* when) {
    SCOPED_TRACE(when);
    int seen = 0;
    for (const KernelTimer& timer : kernel_timers()) {
      if (timer.clock != CLOCK_REALTIME) continue;
      ++seen;
      EXPECT_TRUE(timer.armed);
      EXPECT_EQ(timer.flags & cancel_on_set, cancel_on_set);
    }
    EXPECT_EQ(seen, 1);
  };
  check("from the start");
  alarms_->set_wall(clock_.now().wall);
  ASSERT_TRUE(loop_->turn(10s));
  EXPECT_EQ(due_, 1);
  check("after an alarm went off");
  alarms_->set_wall(clock_.now().wall + 1h);
  check("with an alarm set");
  alarms_->set_wall(std::nullopt);
  check("with it taken back");
}

TEST_F(AlarmsTest, NothingSetNeverWakesTheLoop) {
  const auto begin = std::chrono::steady_clock::now();
  ASSERT_TRUE(loop_->turn(50ms));
  EXPECT_GE(std::chrono::steady_clock::now() - begin, 50ms);
  EXPECT_EQ(due_ + clock_set_, 0);
}

}  // namespace
}  // namespace takt
