// DeviceWatch on a real netlink socket, in a network of the test's own: what udevd sends is sent here by its format.
#include "watch/device.h"

#include <gmock/gmock.h>
#include <linux/netlink.h>
#include <sys/socket.h>

#include "support/udev_events.h"
#include "watch/limits.h"

namespace takt {
namespace {

using test::definitions_with;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

Trigger device(const std::string& subsystem, std::vector<std::string> actions = {"add"},
               std::map<std::string, std::string> properties = {}) {
  return {.key = "device " + subsystem,
          .kind = DeviceTrigger{subsystem, std::move(actions), std::move(properties)},
          .when = ""};
}

class DeviceTest : public test::UdevEvents {
 protected:
  // The watch's own socket.
  [[nodiscard]] int monitor() const {
    for (int fd = 3; fd < 64; ++fd) {
      int protocol = 0;
      socklen_t size = sizeof protocol;
      if (fd != sender.get() && ::getsockopt(fd, SOL_SOCKET, SO_PROTOCOL, &protocol, &size) == 0 &&
          protocol == NETLINK_KOBJECT_UEVENT)
        return fd;
    }
    return -1;
  }
  std::vector<std::string> told() const {
    std::vector<std::string> result;
    for (const TriggerSeen& event : seen)
      result.push_back(event.key + ": " + event.fields["action"].get<std::string>() + " " +
                       event.fields["devnode"].get<std::string>());
    return result;
  }
};

TEST_F(DeviceTest, WhatIsAskedForFires) {
  udev_runs();
  DeviceWatch watch(*loop, callbacks());
  watch.set_triggers(definitions_with({device("block"), device("usb", {"add", "remove"}, {{"ID_VENDOR", "Acme"}})}));
  EXPECT_THAT(failures, IsEmpty());
  send("change", "block", "sda");
  send("add", "net", "eth7");
  send("add", "usb", "other", std::string("ID_VENDOR=Acme Ltd\0", 19));
  send("add", "block", "sdb", std::string("ID_FS_LABEL=backup\0ID_BAD=\xff\0", 28));
  send("remove", "usb", "stick", std::string("ID_VENDOR=Acme\0", 15));
  ASSERT_TRUE(until([&] { return seen.size() >= 2; }));
  EXPECT_THAT(told(), ElementsAre("device block: add /dev/sdb", "device usb: remove /dev/stick"));
  EXPECT_EQ(seen[0].process, "p");
  EXPECT_EQ(seen[0].fields["subsystem"], "block");
  EXPECT_EQ(seen[0].fields["syspath"], "/sys/devices/virtual/block/sdb");
  EXPECT_EQ(seen[0].fields["properties"]["ID_FS_LABEL"], "backup");
  EXPECT_EQ(seen[0].fields["properties"]["ID_BAD"], "\xef\xbf\xbd");
  EXPECT_THAT(failures, IsEmpty());
}

TEST_F(DeviceTest, OtherDefinitionsTakeTheOthersPlace) {
  udev_runs();
  DeviceWatch watch(*loop, callbacks());
  watch.set_triggers(definitions_with({device("block")}));
  watch.set_triggers(definitions_with({device("usb")}));
  send("add", "block", "sda");
  send("add", "usb", "stick");
  ASSERT_TRUE(until([&] { return !seen.empty(); }));
  EXPECT_THAT(told(), ElementsAre("device usb: add /dev/stick"));
  watch.set_triggers(definitions_with({device("usb")}, false));
  send("add", "usb", "mouse");
  watch.set_triggers(definitions_with({device("usb")}));
  send("add", "usb", "camera");
  ASSERT_TRUE(until([&] { return seen.size() > 1; }));
  EXPECT_THAT(told(), ElementsAre("device usb: add /dev/stick", "device usb: add /dev/camera"));
}

TEST_F(DeviceTest, AnotherSubsystemWakesNobody) {
  udev_runs();
  DeviceWatch watch(*loop, callbacks());
  watch.set_triggers(definitions_with({device("usb")}));
  char byte = 0;
  send("add", "block", "sda");  // netlink delivers in the call
  EXPECT_EQ(::recv(monitor(), &byte, 1, MSG_PEEK | MSG_DONTWAIT), -1);
  EXPECT_EQ(errno, EAGAIN);
  send("add", "usb", "stick");
  EXPECT_EQ(::recv(monitor(), &byte, 1, MSG_PEEK | MSG_DONTWAIT), 1);
}

TEST_F(DeviceTest, WithoutATriggerNothingIsOpen) {
  udev_runs();
  DeviceWatch watch(*loop, callbacks());
  watch.set_triggers(definitions_with({device("usb")}, false));
  EXPECT_EQ(monitor(), -1);
  watch.set_triggers(definitions_with({device("usb")}));
  EXPECT_NE(monitor(), -1);
  watch.set_triggers({});
  EXPECT_EQ(monitor(), -1);
}

TEST_F(DeviceTest, WhatWasLostIsTold) {
  udev_runs();
  DeviceWatch watch(*loop, callbacks());
  watch.set_triggers(definitions_with({device("block")}));
  const int small = 8192;  // root's listeners have much room
  ASSERT_EQ(::setsockopt(monitor(), SOL_SOCKET, SO_RCVBUF, &small, sizeof small), 0);
  for (int i = 0; i < 100; ++i) send("add", "block", "sda");
  ASSERT_TRUE(until([&] { return !failures.empty(); }));
  EXPECT_THAT(failures, Contains(HasSubstr("events of devices were lost")));
  // It goes on with what was kept, and then with what comes.
  send("add", "block", "sdz");
  ASSERT_TRUE(until([&] { return !seen.empty() && seen.back().fields["devnode"] == "/dev/sdz"; }));
}

TEST_F(DeviceTest, ABurstIsTakenInTurns) {
  udev_runs();
  DeviceWatch watch(*loop, callbacks());
  watch.set_triggers(definitions_with({device("net")}));
  constexpr auto most = static_cast<std::size_t>(limits::device_events);
  for (std::size_t i = 0; i <= most; ++i) send("add", "net", "eth" + std::to_string(i));
  ASSERT_TRUE(loop->turn(Duration(0)).has_value());
  EXPECT_EQ(seen.size(), most);
  ASSERT_TRUE(loop->turn(Duration(0)).has_value());
  EXPECT_EQ(seen.size(), most + 1);
  EXPECT_THAT(failures, IsEmpty());
}

TEST_F(DeviceTest, WithoutUdevItIsTold) {
  DeviceWatch watch(*loop, callbacks());
  watch.set_triggers(definitions_with({device("block")}));
  EXPECT_THAT(failures, ElementsAre(HasSubstr("p: trigger 'device block': udev does not run here")));
  udev_runs();
  watch.set_triggers(definitions_with({device("block")}));
  send("add", "block", "sda");
  ASSERT_TRUE(until([&] { return !seen.empty(); }));
  EXPECT_EQ(failures.size(), 1u);
}

}  // namespace
}  // namespace takt
