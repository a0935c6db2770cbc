#include "loop/notify.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include <array>
#include <charconv>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <string>

#include "loop/clock.h"

namespace takt {
namespace {

using namespace std::chrono_literals;

// Plays the service manager: a datagram socket that NOTIFY_SOCKET names (sd_notify(3)).
class NotifyTest : public testing::Test {
 protected:
  void SetUp() override {
    socket_ = UniqueFd(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const std::string name = "takt-notify-" + std::to_string(::getpid());
    name.copy(address.sun_path + 1, name.size());  // abstract: nothing to remove
    const auto bytes = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + name.size());
    ASSERT_EQ(::bind(socket_.get(), reinterpret_cast<const sockaddr*>(&address), bytes), 0);
    ::setenv("NOTIFY_SOCKET", ("@" + name).c_str(), 1);
  }
  void TearDown() override {
    for (const char* name : {"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"}) ::unsetenv(name);
  }
  // Empty: nothing has come.
  std::string received() {
    std::array<char, 4096> buffer{};
    const ssize_t bytes = ::recv(socket_.get(), buffer.data(), buffer.size(), MSG_DONTWAIT);
    return bytes <= 0 ? "" : std::string(buffer.data(), static_cast<std::size_t>(bytes));
  }

  UniqueFd socket_;
  std::unique_ptr<Loop> loop_ = *Loop::create();
};

TEST_F(NotifyTest, TellsStateAndStatus) {
  const auto notify = *Notify::create(*loop_);
  notify->ready("3 processes");
  EXPECT_EQ(received(), "READY=1\nSTATUS=3 processes");
  notify->status("running\nMAINPID=1");
  EXPECT_EQ(received(), "STATUS=running MAINPID=1");
  notify->stopping("stopping");
  EXPECT_EQ(received(), "STOPPING=1\nSTATUS=stopping");
}

TEST_F(NotifyTest, AReloadSaysWhenItBegan) {
  const auto notify = *Notify::create(*loop_);
  const std::int64_t before = to_us(mono_now());
  notify->reloading();
  const std::string text = received();
  const std::string head = "RELOADING=1\nMONOTONIC_USEC=";
  ASSERT_TRUE(text.starts_with(head)) << text;
  std::int64_t at = 0;
  std::from_chars(text.data() + head.size(), text.data() + text.size(), at);
  EXPECT_GE(at, before);
  EXPECT_LE(at, to_us(mono_now()));
}

TEST_F(NotifyTest, PingsTheWatchdogTwiceAPeriodFromTheLoop) {
  ::setenv("WATCHDOG_USEC", "40000", 1);
  const auto notify = *Notify::create(*loop_);
  EXPECT_EQ(received(), "");
  const MonoTime begin = mono_now();
  ASSERT_TRUE(loop_->turn(10s));
  EXPECT_EQ(received(), "WATCHDOG=1");
  ASSERT_TRUE(loop_->turn(10s));
  EXPECT_EQ(received(), "WATCHDOG=1");
  EXPECT_GE(mono_now() - begin, 40ms);
}

TEST_F(NotifyTest, WithoutAWatchdogTheLoopIsNeverWoken) {
  const auto notify = *Notify::create(*loop_);
  const MonoTime begin = mono_now();
  ASSERT_TRUE(loop_->turn(50ms));
  EXPECT_GE(mono_now() - begin, 50ms);
  EXPECT_EQ(received(), "");
}

TEST_F(NotifyTest, AWatchdogOfAnotherProcessIsNotOurs) {
  ::setenv("WATCHDOG_USEC", "10000", 1);
  ::setenv("WATCHDOG_PID", "1", 1);
  const auto notify = *Notify::create(*loop_);
  ASSERT_TRUE(loop_->turn(30ms));
  EXPECT_EQ(received(), "");
}

}  // namespace
}  // namespace takt
