// udevd's events on a real netlink socket, in a network of the test's own: what udevd sends is sent here by its format.
#pragma once

#include <endian.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <linux/netlink.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "base/fd.h"
#include "support/watching.h"

namespace takt::test {

// Austin Appleby's MurmurHash2, with which udevd tells the kernel's filter what a message is about.
inline std::uint32_t murmur(std::string_view text) {
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

class UdevEvents : public Watching {
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
    // setns(2): not while another thread shares the working directory, as one that is about to end may.
    EXPECT_EQ(::unshare(CLONE_FS), 0);
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

  std::vector<UniqueFd> before;
  UniqueFd sender;
};

}  // namespace takt::test
