// A private bus.
#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <string>

#include "support/temp_folder.h"

namespace takt {

// A dbus-daemon in a folder that anybody may enter, with the rules of a session bus, or with those of a configuration.
class BusDaemon {
 public:
  // `elements` are those of a <busconfig> (dbus-daemon(1)).
  explicit BusDaemon(const std::string& elements = "") {
    if (!elements.empty()) {
      const std::string file = folder_ / "bus.conf";
      std::ofstream(file) << R"(<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">)"
                          << "\n<busconfig><listen>" << address() << "</listen>" << elements << "</busconfig>\n";
      rules_ = "--config-file=" + file;
    }
    start();
  }
  ~BusDaemon() { stop(); }
  // Waits until it listens.
  void start() {
    int out[2];
    ASSERT_EQ(::pipe2(out, O_CLOEXEC), 0);
    // Complete before the fork: other threads may hold the allocator's locks, and in the child nobody would release
    // them.
    const std::string at = "--address=" + address();
    pid_ = ::fork();
    if (pid_ == 0) {
      ::dup2(out[1], STDOUT_FILENO);
      ::execlp("dbus-daemon", "dbus-daemon", rules_.c_str(), "--nofork", "--print-address", at.c_str(), nullptr);
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
  std::string rules_ = "--session";
  pid_t pid_ = 0;
};

}  // namespace takt
