// PressureWatch on the kernel's own figures where it has them; what is written to it, on a FIFO in their place.
#include "watch/pressure.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <fstream>
#include <thread>

#include "support/watching.h"

namespace takt {
namespace {

namespace fs = std::filesystem;
using test::definitions_with;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

Trigger pressure(PressureResource resource, Duration stall) {
  return {.key = "pressure " + std::string(to_word(resource)),
          .kind = PressureTrigger{resource, stall, std::chrono::seconds(2)},
          .when = ""};
}

// So many children that each CPU has two to run, for as long as it lives.
class BusyMachine {
 public:
  BusyMachine() {
    for (unsigned i = 0; i < 2 * std::thread::hardware_concurrency(); ++i) {
      const pid_t child = ::fork();
      if (child == 0)
        for (;;) {
        }
      children_.push_back(child);
    }
  }
  ~BusyMachine() {
    for (const pid_t child : children_) ::kill(child, SIGKILL);
    for (const pid_t child : children_) ::waitpid(child, nullptr, 0);
  }

 private:
  std::vector<pid_t> children_;
};

// Why the kernel cannot be asked, else nothing.
std::string no_pressure() {
  const UniqueFd fd(::open("/proc/pressure/cpu", O_RDWR | O_NONBLOCK | O_CLOEXEC));
  constexpr std::string_view threshold("some 1000 2000000\0", 18);
  if (!fd.valid()) return "/proc/pressure/cpu: " + errno_text(errno);
  return ::write(fd.get(), threshold.data(), threshold.size()) < 0 ? "set a threshold: " + errno_text(errno) : "";
}

class PressureTest : public test::Watching {
 protected:
  test::TempFolder folder;
  // What was written to the FIFO in a resource's place.
  static std::string written(const UniqueFd& fifo) {
    std::array<char, 256> text{};
    const ssize_t length = ::read(fifo.get(), text.data(), text.size());
    return length > 0 ? std::string(text.data(), static_cast<std::size_t>(length)) : "";
  }
  UniqueFd fifo(const char* resource) {
    EXPECT_EQ(::mkfifo((folder / resource).c_str(), 0600), 0);
    return UniqueFd(::open((folder / resource).c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC));
  }
};

TEST_F(PressureTest, TheKernelFiresWhenTasksStall) {
  if (const std::string reason = no_pressure(); !reason.empty()) GTEST_SKIP() << reason;
  PressureWatch watch(*loop, callbacks());
  watch.set_triggers(definitions_with({pressure(PressureResource::cpu, std::chrono::milliseconds(1))}));
  const BusyMachine busy;
  ASSERT_TRUE(until([&] { return !seen.empty(); }));
  EXPECT_EQ(seen[0].process, "p");
  EXPECT_EQ(seen[0].key, "pressure cpu");
  EXPECT_EQ(seen[0].fields["resource"], "cpu");
  EXPECT_GT(seen[0].fields["total"].get<double>(), 0);
  EXPECT_GE(seen[0].fields["avg10"].get<double>(), 0);
  // It fires again while they still do, a window later.
  EXPECT_TRUE(until([&] { return seen.size() > 1; }));
  EXPECT_GT(seen.back().fields["total"].get<double>(), seen[0].fields["total"].get<double>());
  EXPECT_THAT(failures, IsEmpty());
}

TEST_F(PressureTest, TheThresholdIsTold) {
  const UniqueFd memory = fifo("memory");
  const UniqueFd io = fifo("io");
  PressureWatch watch(*loop, callbacks(), folder.path());
  const Trigger low = pressure(PressureResource::memory, std::chrono::milliseconds(150));
  Trigger off = pressure(PressureResource::io, std::chrono::milliseconds(150));
  off.enabled = false;
  watch.set_triggers(definitions_with({low, off}));
  EXPECT_EQ(written(memory), std::string("some 150000 2000000\0", 20));
  EXPECT_EQ(written(io), "");
  watch.set_triggers(definitions_with({low, off}));
  EXPECT_EQ(written(memory), "") << "it was set again";
  watch.set_triggers(definitions_with({low}, false));
  watch.set_triggers(definitions_with({low}));
  EXPECT_EQ(written(memory), std::string("some 150000 2000000\0", 20)) << "it came back";
  EXPECT_THAT(failures, IsEmpty());
}

TEST_F(PressureTest, AKernelWithoutItIsTold) {
  PressureWatch watch(*loop, callbacks(), folder / "nothing");
  watch.set_triggers(definitions_with({pressure(PressureResource::memory, std::chrono::milliseconds(150))}));
  EXPECT_THAT(failures, ElementsAre("p: trigger 'pressure memory': " + (folder / "nothing/memory").string() +
                                    ": this kernel does not measure pressure (CONFIG_PSI, and psi=1)"));
}

TEST_F(PressureTest, WhatTheKernelRefusesIsTold) {
  if (const std::string reason = no_pressure(); !reason.empty()) GTEST_SKIP() << reason;
  PressureWatch watch(*loop, callbacks());
  watch.set_triggers(definitions_with({pressure(PressureResource::cpu, std::chrono::seconds(3))}));
  EXPECT_THAT(failures, ElementsAre("p: trigger 'pressure cpu': /proc/pressure/cpu: Invalid argument"));
}

// The pressure of a cgroup goes with it: the one place where a source can be taken away.
TEST_F(PressureTest, ASourceThatGoesIsTold) {
  fs::path cgroup = "/sys/fs/cgroup";
  if (!fs::exists(cgroup / "cgroup.procs")) cgroup /= "unified";
  cgroup /= "takt-test-" + std::to_string(::getpid());
  std::error_code error;
  if (!fs::create_directory(cgroup, error)) GTEST_SKIP() << cgroup << ": " << error.message();
  fs::create_symlink(cgroup / "memory.pressure", folder / "memory");
  const bool there = fs::exists(folder / "memory");
  PressureWatch watch(*loop, callbacks(), folder.path());
  const auto definitions = definitions_with({pressure(PressureResource::memory, std::chrono::milliseconds(150))});
  if (there) watch.set_triggers(definitions);
  fs::remove(cgroup);
  if (!there) GTEST_SKIP() << "cgroups have no pressure here";
  ASSERT_TRUE(until([&] { return !failures.empty(); }));
  EXPECT_THAT(failures, ElementsAre(HasSubstr("p: trigger 'pressure memory': the kernel measures it no longer")));
  EXPECT_THAT(seen, IsEmpty());
  // It is looked for again with the next definitions.
  watch.set_triggers(definitions);
  EXPECT_THAT(failures, ElementsAre(testing::_, HasSubstr("this kernel does not measure pressure")));
}

}  // namespace
}  // namespace takt
