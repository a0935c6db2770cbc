// A private bus.
#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <string>

#include "support/temp_folder.h"

namespace takt {

// A dbus-daemon with the rules of a session bus.
class BusDaemon {
 public:
  BusDaemon() { start(); }
  ~BusDaemon() { stop(); }
  // Waits until it listens.
  void start() {
    int out[2];
    ASSERT_EQ(::pipe2(out, O_CLOEXEC), 0);
    const std::string at = "--address=" + address();
    pid_ = ::fork();
    if (pid_ == 0) {
      ::dup2(out[1], STDOUT_FILENO);
      ::execlp("dbus-daemon", "dbus-daemon", "--session", "--nofork", "--print-address", at.c_str(), nullptr);
      ::_exit(127);
    }
    ::close(out[1]);
    char byte = 0;
    EXPECT_EQ(::read(out[0], &byte, 1), 1) << "dbus-daemon does not start";
    ::close(out[0]);
  }
  // Waits until it is gone.
  void stop() {
    if (pid_ == 0) return;
    ::kill(pid_, SIGTERM);
    ::waitpid(pid_, nullptr, 0);
    pid_ = 0;
    std::filesystem::remove(folder_ / "bus");
  }
  [[nodiscard]] std::string address() const { return "unix:path=" + (folder_ / "bus").string(); }

 private:
  test::TempFolder folder_;
  pid_t pid_ = 0;
};

}  // namespace takt
