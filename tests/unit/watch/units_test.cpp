// `unit` triggers, on a bus of the test's own.
#include "watch/units.h"

#include <gmock/gmock.h>

#include "support/bus_daemon.h"
#include "support/bus_service.h"
#include "support/watching.h"

namespace takt::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class UnitsTest : public Watching {
 protected:
  void follow() {
    const UnitTrigger fails{"db.service", {UnitState::failed}};
    units.set_triggers(definitions_with({{.key = "db fails", .kind = fails, .when = ""}}));
    settle();  // its own name
    settle();  // its state
  }
  // The service answers one after another: with this answer there are those to all that was asked before.
  void settle() {
    bool answered = false;
    listener.ask("org.freedesktop.systemd1", "/", "org.freedesktop.DBus.Peer", "Ping", {}, [&](const auto&) {
      answered = true;
      end_turn();
    });
    EXPECT_TRUE(until([&] { return answered; }));
  }
  std::unique_ptr<UnitService> systemd() {
    return std::make_unique<UnitService>(*loop, bus.address(), "db_2eservice", facts);
  }

  BusDaemon bus;
  UnitFacts facts;
  BusListener listener{*loop,
                       BusKind::system,
                       bus.address(),
                       {[this] { units.connected(); },
                        [this](const std::string& message) {
                          lost.push_back(message);
                          end_turn();
                        }}};
  Units units{listener, callbacks()};
  std::vector<std::string> lost;
};

TEST_F(UnitsTest, AStateCountsWhenTheUnitComesToIt) {
  facts.state = "failed";
  const auto service = systemd();
  follow();
  EXPECT_THAT(seen, IsEmpty()) << "it was in it before";
  for (const char* state : {"active", "failed"}) {
    facts.state = state;
    service->changed();
  }
  ASSERT_TRUE(until([&] { return !seen.empty(); }));
  EXPECT_EQ(seen[0].fields, Value({{"unit", "db.service"}, {"state", "failed"}}));
}

// A mount, say: there is no change that its properties could tell.
TEST_F(UnitsTest, AUnitThatComesToBeInAStateComesToIt) {
  facts.loaded = false;
  const auto service = systemd();
  follow();
  facts = {"failed", true};
  service->is_new("db.service");
  EXPECT_TRUE(until([&] { return seen.size() == 1; }));
}

TEST_F(UnitsTest, AnAliasIsHeardUnderTheUnitsOwnName) {
  const auto service = systemd();
  service->read_as("/org/freedesktop/systemd1/unit/mysql_2eservice", facts);
  const UnitTrigger fails{"mysql.service", {UnitState::failed}};
  units.set_triggers(definitions_with({{.key = "mysql fails", .kind = fails, .when = ""}}));
  settle();  // what its own name is
  settle();  // and its state
  facts.state = "failed";
  service->changed();
  ASSERT_TRUE(until([&] { return !seen.empty(); }));
  EXPECT_EQ(seen[0].fields["unit"], "mysql.service");
  EXPECT_THAT(failures, IsEmpty());
}

// To read it would load it, and that be told as before.
TEST_F(UnitsTest, AUnitThatIsLoadedNoMoreIsNotRead) {
  const auto service = systemd();
  follow();
  facts = {"failed", false};
  service->is_new("db.service");
  settle();  // the question whether it is loaded
  settle();  // what would come of the answer
  EXPECT_THAT(seen, IsEmpty());
}

TEST_F(UnitsTest, AChangeWhileTheBusWasGoneIsMadeUpFor) {
  facts.state = "active";
  auto service = systemd();
  follow();
  service.reset();
  bus.stop();
  ASSERT_TRUE(until([&] { return !lost.empty(); }));
  facts.state = "failed";
  bus.start();
  service = systemd();
  EXPECT_TRUE(until([&] { return seen.size() == 1; }));
}

TEST_F(UnitsTest, AStateThatCannotBeReadIsToldOnceUntilItCanBeAgain) {
  follow();
  EXPECT_THAT(failures, ElementsAre(HasSubstr("p: trigger 'db fails': its state cannot be read: ")));
  const auto read_again = [this] {
    units.connected();
    settle();
    settle();
  };
  read_again();
  EXPECT_EQ(failures.size(), 1u);
  auto service = systemd();
  read_again();
  service.reset();
  read_again();
  EXPECT_EQ(failures.size(), 2u);
}

}  // namespace
}  // namespace takt::test
