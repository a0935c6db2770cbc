// DeviceWatch on a real netlink socket, in a network of the test's own: what udevd sends is sent here by its format.
#include "watch/device.h"

#include <arpa/inet.h>
#include <endian.h>
#include <fcntl.h>
#include <gmock/gmock.h>
#include <linux/netlink.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstring>

#include "base/limits.h"
#include "support/watching.h"

namespace takt {
namespace {

using test::definitions_with;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// Austin Appleby's MurmurHash2, with which udevd tells the kernel's filter what a message is about.
std::uint32_t murmur(std::string_view text) {
  constexpr std::uint32_t mix = 0x5bd1e995;
  auto hash = static_cast<std::uint32_t>(text.size());
  for (; text.size() >= 4; text.remove_prefix(4)) {
    std::uint32_t word = 0;
    std::memcpy(&word, text.data(), 4);
    word *= mix;
    word ^= word >> 24;
    hash = (hash * mix) ^ (word * mix);
  }
  if (text.size() == 3) hash ^= static_cast<std::uint32_t>(text[2]) << 16;
  if (text.size() >= 2) hash ^= static_cast<std::uint32_t>(text[1]) << 8;
  if (!text.empty()) hash = (hash ^ static_cast<std::uint32_t>(text[0])) * mix;
  hash ^= hash >> 13;
  hash *= mix;
  return hash ^ (hash >> 15);
}

// systemd's src/libsystemd/sd-device/device-monitor.c: big-endian what the filter reads, the rest as the machine has
// it.
struct UdevHeader {
  char prefix[8] = "libudev";
  std::uint32_t magic = htobe32(0xfeedcafe);
  std::uint32_t header_size = sizeof(UdevHeader);
  std::uint32_t properties_offset = sizeof(UdevHeader);
  std::uint32_t properties_size = 0;
  std::uint32_t subsystem_hash = 0;
  std::uint32_t devtype_hash = 0;
  std::uint32_t tags_high = 0;
  std::uint32_t tags_low = 0;
};

Trigger device(const std::string& subsystem, std::vector<std::string> actions = {"add"},
               std::map<std::string, std::string> properties = {}) {
  return {.key = "device " + subsystem,
          .kind = DeviceTrigger{subsystem, std::move(actions), std::move(properties)},
          .when = ""};
}

class DeviceTest : public test::Watching {
 protected:
  // A network without other listeners, and a /run that says udevd runs.
  void SetUp() override {
    for (const char* name : {"net", "mnt"})
      before.emplace_back(::open((std::string("/proc/self/ns/") + name).c_str(), O_RDONLY | O_CLOEXEC));
    if (::unshare(CLONE_NEWNET | CLONE_NEWNS) < 0) {
      before.clear();
      GTEST_SKIP() << "a namespace of the test's own: " << errno_text(errno);
    }
    ASSERT_EQ(::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr), 0);
    ASSERT_EQ(::mount("tmpfs", "/run", "tmpfs", 0, nullptr), 0);
    ASSERT_EQ(::mkdir("/run/udev", 0755), 0);
    sender.reset(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_KOBJECT_UEVENT));
    ASSERT_TRUE(sender.valid());
  }
  void TearDown() override {
    for (const UniqueFd& space : before) EXPECT_EQ(::setns(space.get(), 0), 0);
  }
  static void udev_runs() { UniqueFd(::open("/run/udev/control", O_CREAT | O_WRONLY | O_CLOEXEC, 0600)); }

  void send(const std::string& action, const std::string& subsystem, const std::string& name,
            const std::string& more = "") {
    using std::string_literals::operator""s;
    const std::string properties = "ACTION=" + action + "\0DEVPATH=/devices/virtual/"s + subsystem + "/" + name +
                                   "\0SUBSYSTEM="s + subsystem + "\0DEVNAME=/dev/"s + name + "\0SEQNUM=1\0"s + more;
    UdevHeader header;
    header.properties_size = static_cast<std::uint32_t>(properties.size());
    header.subsystem_hash = htobe32(murmur(subsystem));
    iovec parts[] = {{&header, sizeof header}, {const_cast<char*>(properties.data()), properties.size()}};
    sockaddr_nl group{};
    group.nl_family = AF_NETLINK;
    group.nl_groups = 2;  // of udevd; 1 is the kernel's
    msghdr message{};
    message.msg_name = &group;
    message.msg_namelen = sizeof group;
    message.msg_iov = parts;
    message.msg_iovlen = 2;
    ASSERT_GT(::sendmsg(sender.get(), &message, 0), 0) << errno_text(errno);
  }
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

  std::vector<UniqueFd> before;
  UniqueFd sender;
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
  EXPECT_THAT(failures, Contains(HasSubstr(": events of devices were lost")));
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
  EXPECT_THAT(failures, ElementsAre(HasSubstr("p: device block: udev does not run here")));
  udev_runs();
  watch.set_triggers(definitions_with({device("block")}));
  send("add", "block", "sda");
  ASSERT_TRUE(until([&] { return !seen.empty(); }));
  EXPECT_EQ(failures.size(), 1u);
}

}  // namespace
}  // namespace takt
