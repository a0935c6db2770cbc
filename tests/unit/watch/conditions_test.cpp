// Constraints, each on the real thing that it is about or on a folder, a network or a bus of the test's own.
#include "watch/conditions.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <gmock/gmock.h>
#include <sys/mount.h>
#include <systemd/sd-bus.h>

#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "support/bus_daemon.h"
#include "support/bus_service.h"
#include "support/udev_events.h"

namespace takt::test {
namespace {

namespace fs = std::filesystem;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

void write(const fs::path& path, const std::string& text) {
  fs::create_directories(path.parent_path());
  std::ofstream(path) << text;
}

class ConditionsTest : public UdevEvents {
 protected:
  void make() {
    const BusListener::Callbacks callbacks{[this] { conditions->look(); }, [](const std::string&) {},
                                           [this] { conditions->look(); }};
    listener = std::make_unique<BusListener>(*loop, BusKind::system, bus.address(), callbacks);
    conditions = std::make_unique<Conditions>(
        *loop, Conditions::Buses{*listener, *listener},
        [this](const ConstraintSeen& one) { told.push_back(one.missing); },
        ConditionPlaces{folder / "power", folder / "pressure", std::chrono::milliseconds(20)});
  }
  // What is told next, when it is another thing than before.
  std::string next() {
    const std::string last = told.empty() ? "nothing" : told.back();
    EXPECT_TRUE(until([&] { return !told.empty() && told.back() != last; })) << "it is still: " << last;
    return told.empty() ? "nothing" : told.back();
  }
  void await(ConstraintKind kind) { conditions->await({"it", std::move(kind)}); }

  TempFolder folder;
  BusDaemon bus;
  std::unique_ptr<BusListener> listener;
  std::unique_ptr<Conditions> conditions;
  std::vector<std::string> told;
};

TEST_F(ConditionsTest, APathThatComesAndGoes) {
  make();
  const fs::path path = folder / "mnt/here";
  await(PathExistsConstraint{path});
  EXPECT_EQ(next(), "there is no such path");
  fs::create_directories(path);
  EXPECT_EQ(next(), "");
  fs::remove_all(path);
  EXPECT_EQ(next(), "there is no such path");
}

// FUSE whose server never says a word, as that of a share whose machine is off.
TEST_F(ConditionsTest, APathOnAFileSystemThatDoesNotAnswerHoldsNothingUp) {
  UniqueFd server(::open("/dev/fuse", O_RDWR | O_CLOEXEC));
  if (!server.valid()) GTEST_SKIP() << "/dev/fuse: " << strerror(errno);
  const fs::path share = folder / "share";
  fs::create_directory(share);
  const std::string options = fmt::format("fd={},rootmode=40000,user_id=0,group_id=0", server.get());
  if (::mount("nobody", share.c_str(), "fuse", MS_NOSUID | MS_NODEV, options.c_str()) != 0)
    GTEST_SKIP() << "mount: " << strerror(errno);
  make();
  await(PathExistsConstraint{share / "here"});
  EXPECT_EQ(next(), "the file system does not answer");
  conditions->await({"other", PathExistsConstraint{folder.path()}});
  EXPECT_EQ(next(), "");
  conditions->forget("other");
  conditions->forget("it");
  await(PathExistsConstraint{share / "here"});
  EXPECT_EQ(next(), "the file system does not answer") << "the thread that looks is the one before";
  EXPECT_EQ(::umount2(share.c_str(), MNT_DETACH), 0);
  server = UniqueFd();
  EXPECT_TRUE(until([&] { return told.back() == "there is no such path"; })) << told.back();
}

TEST_F(ConditionsTest, StalledTime) {
  make();
  await(StallConstraint{PressureResource::memory, 10});
  EXPECT_THAT(next(), HasSubstr("this kernel does not measure pressure"));
  const fs::path file = folder / "pressure/memory";
  write(file, "some avg10=12.50 avg60=1.00 avg300=0.10 total=4711\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=0\n");
  EXPECT_EQ(next(), "tasks stall for lack of memory");
  write(file, "some avg10=10.00 avg60=1.00 avg300=0.10 total=4711\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=0\n");
  EXPECT_EQ(next(), "");
}

TEST_F(ConditionsTest, TheKernelsOwnFiguresOfStalledTime) {
  if (!fs::exists("/proc/pressure/cpu")) GTEST_SKIP() << "this kernel does not measure pressure";
  make();
  conditions = std::make_unique<Conditions>(*loop, Conditions::Buses{*listener, *listener},
                                            [this](const ConstraintSeen& one) { told.push_back(one.missing); });
  await(StallConstraint{PressureResource::cpu, 100});
  EXPECT_EQ(next(), "");
}

TEST_F(ConditionsTest, MainsPowerByTheKernelsSupplies) {
  udev_runs();
  make();
  const fs::path power = folder / "power";
  await(AcPowerConstraint{true});
  EXPECT_EQ(next(), "");  // a machine without batteries
  write(power / "AC/type", "Mains\n");
  write(power / "AC/online", "0\n");
  write(power / "BAT0/type", "Battery\n");
  write(power / "BAT0/status", "Discharging\n");
  send("change", "power_supply", "AC");
  EXPECT_EQ(next(), "the machine runs on battery");
  write(power / "AC/online", "1\n");
  send("change", "power_supply", "AC");
  EXPECT_EQ(next(), "");
  fs::remove_all(power / "AC");  // a battery alone tells by what it does
  send("remove", "power_supply", "AC");
  EXPECT_EQ(next(), "the machine runs on battery");
  write(power / "BAT0/scope", "Device\n");  // it was a mouse's
  send("change", "power_supply", "BAT0");
  EXPECT_EQ(next(), "");
}

TEST_F(ConditionsTest, BatteryMayBeWhatIsAskedFor) {
  make();  // and udev does not run: it is looked at from time to time
  write(folder / "power/AC/type", "Mains\n");
  write(folder / "power/AC/online", "1\n");
  await(AcPowerConstraint{false});
  EXPECT_EQ(next(), "the machine runs on mains power");
  write(folder / "power/AC/online", "0\n");
  EXPECT_EQ(next(), "");
}

// In the network of the test's own, in which there is nothing yet.
TEST_F(ConditionsTest, TheNetworkIsOnlineWithADefaultRoute) {
  make();
  await(NetworkConstraint{NetworkState::online});
  EXPECT_EQ(next(), "there is no default route");
  ASSERT_EQ(
      std::system("ip link add outside type veth peer name peer && ip link set peer up && ip link set outside up && "
                  "ip address add 198.51.100.2/24 dev outside"),
      0);
  ASSERT_EQ(std::system("ip route add default via 198.51.100.1 dev outside"), 0);
  EXPECT_EQ(next(), "");
  ASSERT_EQ(std::system("ip route del default"), 0);
  EXPECT_EQ(next(), "there is no default route");
  ASSERT_EQ(std::system("ip -6 route add default dev outside"), 0);
  EXPECT_EQ(next(), "");
}

struct LogindFacts {
  int idle = 0;
  std::uint64_t since_us = 0;
};
const sd_bus_vtable logind_members[] = {
    SD_BUS_VTABLE_START(0),
    SD_BUS_PROPERTY("IdleHint", "b", nullptr, offsetof(LogindFacts, idle), SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
    SD_BUS_PROPERTY("IdleSinceHint", "t", nullptr, offsetof(LogindFacts, since_us),
                    SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
    SD_BUS_VTABLE_END};

TEST_F(ConditionsTest, NobodyHasUsedTheMachineForSoLong) {
  make();
  await(IdleConstraint{std::chrono::minutes(10)});
  EXPECT_THAT(next(), HasSubstr("logind says nothing: "));
  LogindFacts facts;
  BusService logind(*loop, bus.address(), "org.freedesktop.login1", "/org/freedesktop/login1",
                    "org.freedesktop.login1.Manager", logind_members, &facts);
  EXPECT_EQ(next(), "the machine is in use");
  const auto now_us = [] { return static_cast<std::uint64_t>(SystemClock().now().wall.time_since_epoch().count()); };
  facts = {1, now_us() - 60'000'000};
  EXPECT_EQ(next(), "the machine was in use a moment ago");
  facts = {1, now_us() - 601'000'000};
  EXPECT_EQ(next(), "");
  facts.idle = 0;
  logind.changed("IdleHint");
  EXPECT_EQ(next(), "the machine is in use");

  // Idle again, and logind says so before it says since when: what was said of the last time does not count.
  told.clear();
  facts = {1, now_us()};
  logind.changed("IdleHint");
  EXPECT_TRUE(until([&] { return !told.empty() && told.back() == "the machine was in use a moment ago"; }));
  EXPECT_THAT(told, Not(Contains("")));
}

TEST_F(ConditionsTest, AUnitIsActive) {
  make();
  UnitFacts facts;
  auto systemd = std::make_unique<UnitService>(*loop, bus.address(), "db_2eservice", facts);
  await(UnitActiveConstraint{"db.service"});
  EXPECT_EQ(next(), "it is inactive");
  facts.state = "active";
  systemd->changed();
  EXPECT_EQ(next(), "");
  facts.state = "failed";
  systemd->changed();
  EXPECT_EQ(next(), "it is failed");
}

TEST_F(ConditionsTest, ABusThatGoesLeavesNothingKnown) {
  make();
  UnitFacts facts{"active"};
  auto systemd = std::make_unique<UnitService>(*loop, bus.address(), "db_2eservice", facts);
  await(UnitActiveConstraint{"db.service"});
  EXPECT_EQ(next(), "");
  systemd.reset();
  bus.stop();
  EXPECT_THAT(next(), HasSubstr("the bus is not there"));
}

TEST_F(ConditionsTest, WhatIsForgottenSaysNothingAnyMore) {
  make();
  await(PathExistsConstraint{folder.path()});
  conditions->forget("it");
  await(PathExistsConstraint{folder / "none"});
  EXPECT_EQ(next(), "there is no such path");
  EXPECT_THAT(told, ElementsAre("there is no such path"));
  conditions->forget("it");
  // Nothing is left to wake the loop: a turn that may wait for ever ends by what is posted alone.
  bool posted = false;
  loop->post([&] { posted = true; });
  ASSERT_TRUE(loop->turn());
  EXPECT_TRUE(posted);
  EXPECT_THAT(told, ElementsAre("there is no such path"));
}

}  // namespace
}  // namespace takt::test
