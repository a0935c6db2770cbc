// The real service on a private bus: a dbus-daemon that the fixture starts, the service's loop in a thread of its own,
// a fake Control behind it, and clients in the test's thread.
#pragma once

#include <gtest/gtest.h>
#include <sdbus-c++/sdbus-c++.h>

#include <chrono>
#include <filesystem>
#include <functional>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "bus/bus.h"
#include "fake_control.h"
#include "support/bus_daemon.h"

namespace takt {

class MemoryLog final : public Log {
 public:
  void write(const LogEntry& entry) override { messages.push_back(entry.message); }
  std::vector<std::string> messages;
};

// A connection of a caller, and what it heard.
class Client {
 public:
  explicit Client(const std::string& address);
  ~Client();

  sdbus::IProxy& manager() { return *manager_; }
  [[nodiscard]] std::string name() const { return connection_->getUniqueName(); }
  std::unique_ptr<sdbus::IProxy> object(const std::string& path);

  // Listens to every signal of the daemon; the lines are "Member argument argument…".
  void listen();
  // Takes in messages until it is so; fails the test when it never is.
  void until(const std::function<bool()>& so);
  void until_heard(const std::string& line);
  std::vector<std::string> heard;

 private:
  std::unique_ptr<sdbus::IConnection> connection_;
  std::unique_ptr<sdbus::IProxy> manager_;
  std::vector<sdbus::Slot> matches_;
};

class BusTest : public testing::Test {
 protected:
  BusTest();
  ~BusTest() override;

  // Runs it in the service's thread, and waits for it.
  void in_service(const std::function<void()>& work);
  // Asks there, turn after turn of the loop, until it is so; fails the test when it never is.
  void until_in_service(const std::function<bool()>& so);
  void announce(const Announcement& announcement) { announce_in_one_turn({announcement}); }
  void announce_in_one_turn(const std::vector<Announcement>& announcements);

  // busctl as user nobody: its standard output and error together.
  std::string busctl_as_nobody(const std::vector<std::string>& arguments);

  BusDaemon bus_daemon_;
  FakeControl control_;  // belongs to the service's thread once that runs
  MemoryLog log_;
  std::vector<std::string> states_;  // what Bus told of its state: "named", or an error

 private:
  std::unique_ptr<Loop> loop_;
  std::unique_ptr<Bus> bus_;
  std::thread thread_;
};

// The call's error name; "" if it went well.
std::string error_name(const std::function<void()>& call);

}  // namespace takt
