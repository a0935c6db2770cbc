#include "loop/loop.h"

#include <fcntl.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace takt {
namespace {

using namespace std::chrono_literals;

UniqueFd ready_event() {
  return UniqueFd(::eventfd(1, EFD_CLOEXEC | EFD_NONBLOCK));
}

class LoopTest : public testing::Test {
 protected:
  std::unique_ptr<Loop> loop_ = *Loop::create();
  std::vector<std::string> happened_;
  Loop::Function note(const std::string& what) {
    return [this, what] { happened_.push_back(what); };
  }
};

using Happened = std::vector<std::string>;

TEST_F(LoopTest, CallsBackWhatIsReadyAndNothingElse) {
  const UniqueFd ready = ready_event();
  const UniqueFd idle(::eventfd(0, EFD_CLOEXEC));
  std::uint32_t events = 0;
  const Loop::Watch one = *loop_->add(ready.get(), EPOLLIN, [&](std::uint32_t seen) { events = seen; });
  const Loop::Watch two = *loop_->add(idle.get(), EPOLLIN, [&](std::uint32_t) { FAIL(); });
  ASSERT_TRUE(loop_->turn(10s));
  EXPECT_EQ(events, EPOLLIN);
}

TEST_F(LoopTest, ACallbackTakesItselfOut) {
  const UniqueFd ready = ready_event();
  Loop::Watch watch;
  // Captured by value: if the callback were destroyed while it runs, the text would be gone when it is used.
  const std::string text = "a text that is too long to be kept within the string object itself";
  watch = *loop_->add(ready.get(), EPOLLIN, [&watch, text, this](std::uint32_t) {
    watch.reset();
    happened_.push_back(text);
  });
  ASSERT_TRUE(loop_->turn(10s));
  ASSERT_TRUE(loop_->turn(0s));
  EXPECT_EQ(happened_, Happened{text});
}

TEST_F(LoopTest, ACallbackTakesOutAnotherThatWasReadyInTheSameTurn) {
  const std::array<UniqueFd, 2> ready{ready_event(), ready_event()};
  std::array<Loop::Watch, 2> watches;
  for (std::size_t i = 0; i < 2; ++i)
    watches[i] = *loop_->add(ready[i].get(), EPOLLIN, [&, i](std::uint32_t) {
      happened_.push_back("called");
      watches[1 - i].reset();
    });
  ASSERT_TRUE(loop_->turn(10s));
  EXPECT_EQ(happened_, Happened{"called"});
}

TEST_F(LoopTest, AnEventOfAGoneDescriptorDoesNotReachTheOneThatGotItsNumber) {
  std::array<UniqueFd, 2> ready{ready_event(), ready_event()};
  std::array<Loop::Watch, 2> watches;
  std::optional<Loop::Watch> heir;
  UniqueFd heir_fd;
  for (std::size_t i = 0; i < 2; ++i)
    watches[i] = *loop_->add(ready[i].get(), EPOLLIN, [&, i](std::uint32_t) {
      const int number = ready[1 - i].get();
      watches[1 - i].reset();
      ready[1 - i].reset();
      heir_fd = UniqueFd(::eventfd(0, EFD_CLOEXEC));
      ASSERT_EQ(heir_fd.get(), number);
      heir = *loop_->add(heir_fd.get(), EPOLLIN, [&](std::uint32_t) { happened_.push_back("the heir"); });
      watches[i].reset();
    });
  ASSERT_TRUE(loop_->turn(10s));
  EXPECT_TRUE(heir.has_value());
  EXPECT_EQ(happened_, Happened{});
  heir.reset();
}

TEST_F(LoopTest, ModifyChangesWhatItWaitsFor) {
  const UniqueFd ready = ready_event();
  Loop::Watch watch = *loop_->add(ready.get(), 0, [&](std::uint32_t) { happened_.push_back("called"); });
  ASSERT_TRUE(loop_->turn(0s));
  EXPECT_EQ(happened_, Happened{});
  ASSERT_TRUE(watch.modify(EPOLLIN));
  ASSERT_TRUE(loop_->turn(10s));
  EXPECT_EQ(happened_, Happened{"called"});
}

TEST_F(LoopTest, AMovedWatchGoesOn) {
  const UniqueFd ready = ready_event();
  Loop::Watch first = *loop_->add(ready.get(), EPOLLIN, [&](std::uint32_t) { happened_.push_back("called"); });
  Loop::Watch second = std::move(first);
  EXPECT_TRUE(second.active());
  ASSERT_TRUE(loop_->turn(10s));
  EXPECT_EQ(happened_, Happened{"called"});
}

TEST_F(LoopTest, WhatEpollCannotWatchIsAnError) {
  const UniqueFd folder(::open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  EXPECT_EQ(loop_->add(folder.get(), EPOLLIN, [](std::uint32_t) {}).error().message,
            "watch a descriptor: Operation not permitted");
}

TEST_F(LoopTest, DeferredFunctionsRunAfterTheCallbacksOfTheTurn) {
  const std::array<UniqueFd, 2> ready{ready_event(), ready_event()};
  std::vector<Loop::Watch> watches;
  for (const UniqueFd& fd : ready)
    watches.push_back(*loop_->add(fd.get(), EPOLLIN, [&](std::uint32_t) {
      happened_.push_back("callback");
      loop_->defer(note("deferred"));
    }));
  ASSERT_TRUE(loop_->turn(10s));
  EXPECT_EQ(happened_, (Happened{"callback", "callback", "deferred", "deferred"}));
}

TEST_F(LoopTest, WhatADeferredFunctionDefersRunsInTheNextTurnWhichDoesNotWait) {
  loop_->defer([&] {
    happened_.push_back("first");
    loop_->defer(note("second"));
  });
  ASSERT_TRUE(loop_->turn());  // would hang, if it waited
  EXPECT_EQ(happened_, Happened{"first"});
  ASSERT_TRUE(loop_->turn());
  EXPECT_EQ(happened_, (Happened{"first", "second"}));
}

TEST_F(LoopTest, PrepareHooksRunBeforeEachWaitUntilTheyAreTakenOut) {
  const UniqueFd ready = ready_event();
  const Loop::Watch watch = *loop_->add(ready.get(), EPOLLIN, [&](std::uint32_t) { happened_.push_back("callback"); });
  Loop::Watch hook = loop_->prepare(note("prepare"));
  ASSERT_TRUE(loop_->turn(10s));
  ASSERT_TRUE(loop_->turn(10s));
  hook.reset();
  ASSERT_TRUE(loop_->turn(10s));
  EXPECT_EQ(happened_, (Happened{"prepare", "callback", "prepare", "callback", "callback"}));
}

TEST_F(LoopTest, APrepareHookMayDeferAndThenTheTurnDoesNotWait) {
  Loop::Watch hook = loop_->prepare([&] { loop_->defer(note("deferred")); });
  ASSERT_TRUE(loop_->turn());
  EXPECT_EQ(happened_, Happened{"deferred"});
}

TEST_F(LoopTest, APrepareHookTakesOutItselfAndTheNext) {
  Loop::Watch first;
  Loop::Watch second;
  first = loop_->prepare([&] {
    happened_.push_back("first");
    second.reset();
    first.reset();
  });
  second = loop_->prepare(note("second"));
  ASSERT_TRUE(loop_->turn(0s));
  ASSERT_TRUE(loop_->turn(0s));
  EXPECT_EQ(happened_, Happened{"first"});
}

TEST_F(LoopTest, WhatAnotherThreadPostsRunsHereInOrder) {
  constexpr int count = 10'000;
  std::vector<int> seen;
  const std::thread::id here = std::this_thread::get_id();
  std::thread other([&] {
    for (int i = 0; i < count; ++i)
      loop_->post([&, i] {
        EXPECT_EQ(std::this_thread::get_id(), here);
        seen.push_back(i);
        if (i == count - 1) loop_->stop();
      });
  });
  ASSERT_TRUE(loop_->run());
  other.join();
  ASSERT_EQ(seen.size(), static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i) EXPECT_EQ(seen[static_cast<std::size_t>(i)], i);
}

TEST_F(LoopTest, StopEndsRunAfterTheTurnAndRunMayBeCalledAgain) {
  const UniqueFd ready = ready_event();
  const Loop::Watch watch = *loop_->add(ready.get(), EPOLLIN, [&](std::uint32_t) {
    loop_->defer(note("deferred"));
    loop_->stop();
  });
  ASSERT_TRUE(loop_->run());
  ASSERT_TRUE(loop_->run());
  EXPECT_EQ(happened_, (Happened{"deferred", "deferred"}));
}

TEST_F(LoopTest, NothingReadyMeansNoCallbackUntilTheTimeIsUp) {
  const auto begin = std::chrono::steady_clock::now();
  ASSERT_TRUE(loop_->turn(20ms));
  EXPECT_GE(std::chrono::steady_clock::now() - begin, 20ms);
}

TEST(LoopDeathTest, AWatchThatOutlivesItsDescriptorIsAProgrammersError) {
  EXPECT_DEATH(
      {
        auto loop = *Loop::create();
        UniqueFd ready = ready_event();
        Loop::Watch watch = *loop->add(ready.get(), EPOLLIN, [](std::uint32_t) {});
        ready.reset();
        watch.reset();
      },
      "assertion failed");
}

}  // namespace
}  // namespace takt
