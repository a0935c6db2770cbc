// BusListener on a private bus, with a service that sends signals. That something is not heard is shown by a later
// signal that is: the bus keeps their order.
#include "watch/bus_listener.h"

#include <gmock/gmock.h>

#include "support/bus_daemon.h"
#include "support/bus_service.h"
#include "support/turning.h"
#include "watch/limits.h"

namespace takt {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr const char* name = "org.example.Lamp";
constexpr const char* object = "/org/example/Lamp";

BusTrigger switched(Value args = Value::array()) {
  BusTrigger pattern;
  pattern.sender = name;
  pattern.interface = name;
  pattern.member = "Switched";
  pattern.args = std::move(args);
  return pattern;
}

// Owns a name, or none, and sends.
class Lamp {
 public:
  Lamp(const std::string& address, bool owns) : bus_(test::connect_to(address)) {
    if (owns) {
      EXPECT_GE(sd_bus_request_name(bus_.get(), name, 0), 0);
    }
  }
  void switch_to(const std::string& where, bool on) {
    EXPECT_GE(sd_bus_emit_signal(bus_.get(), object, name, "Switched", "sb", where.c_str(), on ? 1 : 0), 0);
    EXPECT_GE(sd_bus_flush(bus_.get()), 0);
  }

 private:
  test::OwnedBus bus_;
};

class BusListenerTest : public testing::Test {
 protected:
  BusListenerTest() { make(); }
  void make() {
    BusListener::Callbacks callbacks{[this] { ++connected; },
                                     [this](const std::string& message) { failures.push_back(message); }};
    listener = std::make_unique<BusListener>(*loop, BusKind::system, bus.address(), std::move(callbacks));
  }
  // What is heard goes to `heard`: "hall true".
  std::uint64_t listen(BusTrigger pattern) {
    return listener->listen(std::move(pattern), [this](const BusSignal& signal) {
      heard.push_back(signal.args[0].get<std::string>() + (signal.args[1].get<bool>() ? " on" : " off"));
    });
  }
  void until(const std::function<bool()>& so) { ASSERT_TRUE(test::turn_until(*loop, so)); }
  // Until the bus has all rules, and the listener its owners: it has answered a question that came behind them.
  void settle() {
    bool answered = false;
    listener->ask("org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus", "GetId", {},
                  [&](const Result<Value>&) { answered = true; });
    until([&] { return answered; });
  }

  // Of the bus; the answer goes to `heard`.
  void ask() {
    listener->ask("org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus", "GetId", {},
                  [this](const Result<Value>&) { heard.emplace_back("answered"); });
  }
  // Whatever was sent to the bus before has been dealt with.
  void serve_another() {
    const test::OwnedBus another = test::connect_to(bus.address());
    EXPECT_GE(sd_bus_request_name(another.get(), "org.example.Another", 0), 0);
  }

  BusDaemon bus;
  std::unique_ptr<Loop> loop = *Loop::create();
  std::vector<std::string> heard;
  std::vector<std::string> failures;
  int connected = 0;
  std::unique_ptr<BusListener> listener;
};

TEST_F(BusListenerTest, HearsWhatMatchesFromTheOwnerOfTheNameAlone) {
  Lamp lamp(bus.address(), true);
  Lamp stranger(bus.address(), false);
  listen(switched({"hall"}));
  settle();
  stranger.switch_to("hall", true);
  lamp.switch_to("cellar", true);
  lamp.switch_to("hall", true);
  until([&] { return !heard.empty(); });
  lamp.switch_to("hall", false);
  until([&] { return heard.size() == 2; });
  EXPECT_THAT(heard, ElementsAre("hall on", "hall off"));
  EXPECT_THAT(failures, IsEmpty());
}

TEST_F(BusListenerTest, AStrangerIsNotHeardThroughAnothersRule) {
  Lamp lamp(bus.address(), true);
  Lamp stranger(bus.address(), false);
  listen(switched({"hall"}));
  // One who asks for all that the stranger sends: its signals then come in, and must not pass for the lamp's.
  BusTrigger any = switched();
  any.sender = ":1.1";
  listener->listen(any, [](const BusSignal&) {});
  settle();
  stranger.switch_to("hall", true);
  lamp.switch_to("hall", false);
  until([&] { return !heard.empty(); });
  EXPECT_THAT(heard, ElementsAre("hall off"));
}

TEST_F(BusListenerTest, FollowsANameFromOwnerToOwner) {
  listen(switched());
  settle();
  {
    Lamp first(bus.address(), true);
    first.switch_to("hall", true);
    until([&] { return heard.size() == 1; });
  }
  Lamp second(bus.address(), true);
  second.switch_to("hall", false);
  until([&] { return heard.size() == 2; });
  EXPECT_THAT(heard, ElementsAre("hall on", "hall off"));
}

TEST_F(BusListenerTest, ABusThatGoesIsToldOnceAndHeardAgainWhenItIsBack) {
  listen(switched());
  settle();
  EXPECT_EQ(connected, 1);
  bus.stop();
  until([&] { return !failures.empty(); });
  EXPECT_THAT(failures, ElementsAre(HasSubstr("the system bus is not there")));
  bus.start();
  until([&] { return connected == 2; });
  settle();
  Lamp lamp(bus.address(), true);
  lamp.switch_to("hall", true);
  until([&] { return !heard.empty(); });
  EXPECT_EQ(failures.size(), 1U);
}

TEST_F(BusListenerTest, WhoForgetsHearsNothingMore) {
  Lamp lamp(bus.address(), true);
  const std::uint64_t all = listen(switched());
  listen(switched({"hall"}));
  settle();
  listener->forget(all);
  settle();
  lamp.switch_to("cellar", true);
  lamp.switch_to("hall", true);
  until([&] { return !heard.empty(); });
  EXPECT_THAT(heard, ElementsAre("hall on"));
}

TEST_F(BusListenerTest, AnAnswerIsToldInItsPlaceAmongTheSignals) {
  Lamp lamp(bus.address(), true);
  listen(switched());
  settle();
  lamp.switch_to("hall", true);
  serve_another();
  ask();
  serve_another();
  until([&] { return heard.size() == 2; });  // both have come when it looks
  EXPECT_THAT(heard, ElementsAre("hall on", "answered"));
}

TEST_F(BusListenerTest, WhatCameBeforeTheBusWentIsToldBeforeThat) {
  BusListener::Callbacks callbacks{[] {}, [](const std::string&) {}, [this] { heard.emplace_back("lost"); }};
  listener = std::make_unique<BusListener>(*loop, BusKind::system, bus.address(), std::move(callbacks));
  listen(switched());
  settle();
  ask();
  serve_another();
  bus.stop();
  until([&] { return !heard.empty() && heard.back() == "lost"; });
  EXPECT_THAT(heard, ElementsAre("answered", "lost"));
}

TEST_F(BusListenerTest, RulesThatFitAreHeardOnWhenTheBusIsBack) {
  for (std::size_t i = 0; i < limits::bus_rules + 10; ++i) listen(switched({std::to_string(i)}));
  settle();
  EXPECT_THAT(failures, testing::SizeIs(11)) << "one is for the sender's owner";
  bus.stop();
  until([&] { return failures.size() == 12; });
  bus.start();
  until([&] { return connected == 2; });
  settle();
  Lamp lamp(bus.address(), true);
  for (std::size_t i = 0; i < 500; ++i) lamp.switch_to(std::to_string(i), true);
  until([&] { return heard.size() >= limits::bus_rules - 1; });
  EXPECT_THAT(failures, testing::SizeIs(23));
}

TEST_F(BusListenerTest, WhatItIsToldMayTakeItOut) {
  Lamp lamp(bus.address(), true);
  std::uint64_t number = 0;
  number = listener->listen(switched(), [&](const BusSignal&) {
    heard.emplace_back("once");
    listener->forget(number);
  });
  settle();
  lamp.switch_to("hall", true);
  until([&] { return !heard.empty(); });
  EXPECT_THAT(heard, Contains("once"));
}

}  // namespace
}  // namespace takt
