// What a path trigger remembers, and finds: what came while the daemon was down, when events were lost, and under
// mounts.
#include <sched.h>
#include <sys/mount.h>

#include "path_fixture.h"

#include "watch/limits.h"

namespace takt::test {
namespace {

class SeenPathTest : public PathWatchTest {
 protected:
  ~SeenPathTest() override { ::umount2((root / "in").c_str(), MNT_DETACH); }

  // The daemon is down while `change` happens; what its next life has found when a last file, "z", has fired.
  template <class Change>
  std::vector<std::string> down(Change change) {
    watch.reset();
    firings.clear();
    change();
    live();
    follow("*", all);
    return until_last();
  }
  std::vector<std::string> until_last() {
    const BootTime begun = clock.now().boot;  // what was found settles before what comes now
    while (clock.now().boot - begun < limits::path_found_settle + 100 * millisecond)
      EXPECT_TRUE(loop->turn(limits::path_found_settle + 100 * millisecond - (clock.now().boot - begun)).has_value());
    write_file(root / "z");
    const BootTime end = clock.now().boot + deadline;
    while ((firings.empty() || firings.back().fields["name"] != "z") && clock.now().boot < end)
      EXPECT_TRUE(loop->turn(end - clock.now().boot).has_value());
    auto found = wait(0);
    EXPECT_FALSE(found.empty());
    if (!found.empty()) found.pop_back();
    return found;
  }
};

TEST_F(SeenPathTest, WhatCameWhileTheDaemonWasDownIsFoundOnce) {
  for (const char* name : {"old", "changed", "deleted", "replaced"}) write_file(root / name);
  follow("*", all);
  write_file(root / "handled");
  EXPECT_THAT(wait(1), ElementsAre("created handled"));
  const auto change = [this] {
    write_file(root / "new");
    write_file(root / "changed");
    fs::remove(root / "deleted");
    write_file(root / ".other");
    fs::rename(root / ".other", root / "replaced");
  };
  EXPECT_THAT(down(change),
              UnorderedElementsAre("created new", "modified changed", "deleted deleted", "created replaced"));
  EXPECT_THAT(down([] {}), IsEmpty());
}

TEST_F(SeenPathTest, WhatAStepChangesOfAFileIsNoNewFile) {
  follow("*");
  write_file(root / "handled");
  wait(1);
  EXPECT_THAT(down([this] { fs::permissions(root / "handled", fs::perms::owner_read); }), IsEmpty());
}

TEST_F(SeenPathTest, AFileThatHasNotFiredYetIsFoundAgain) {
  follow("*", all, std::chrono::hours(1));
  write_file(root / "a");
  const UniqueFd open = open_file(root / "b");
  EXPECT_TRUE(loop->turn(deadline).has_value());
  EXPECT_THAT(down([] {}), UnorderedElementsAre("created a", "created b"));
}

TEST_F(SeenPathTest, ATriggerThatWasLeftOutBeginsAnew) {
  follow("*", all);
  write_file(root / "a");
  wait(1);
  follow(std::vector<Trigger>{});
  write_file(root / "b");
  fs::remove(root / "a");
  follow("*", all);
  EXPECT_THAT(until_last(), IsEmpty());
  EXPECT_THAT(down([] {}), IsEmpty());
}

TEST_F(SeenPathTest, WhatNoDefinitionNamesIsForgotten) {
  follow("*", all);
  write_file(root / "a");
  wait(1);
  EXPECT_FALSE(seen_files.empty());
  watch.reset();
  live();
  follow(std::vector<Trigger>{});
  EXPECT_TRUE(seen_files.empty());
}

TEST_F(SeenPathTest, FilesOfAFolderThatIsMissingAreNotTakenForDeleted) {
  fs::create_directory(root / "in");
  write_file(root / "in/a");
  follow("in/*", all);
  watch.reset();
  fs::rename(root / "in", root / "away");
  live();
  follow("in/*", all);
  fs::create_directory(root / "in");
  write_file(root / "in/b");
  EXPECT_THAT(wait(1), ElementsAre("created in/b"));
  watch.reset();
  fs::remove_all(root / "in");
  fs::rename(root / "away", root / "in");
  live();
  follow("in/*", all);
  write_file(root / "in/c");
  EXPECT_THAT(wait(1), ElementsAre("created in/c"));
}

// More events than the kernel keeps: files that come and go, so that the last state of the folder is small.
TEST_F(SeenPathTest, WhatTheKernelLosesIsFoundByComparing) {
  std::size_t most = 0;
  FILE* file = std::fopen("/proc/sys/fs/inotify/max_queued_events", "re");
  ASSERT_TRUE(file != nullptr && std::fscanf(file, "%zu", &most) == 1);
  std::fclose(file);
  if (most > 100'000) GTEST_SKIP() << "the queue of inotify is too long here to be filled in a test";
  for (const char* name : {"goes", "changes", "stays"}) write_file(root / name);
  fs::create_directory(root / "in");
  follow({trigger({.glob = root / "*", .events = all}), trigger({.glob = root / "in/*", .events = all})});
  fs::permissions(root / "stays", fs::perms::owner_read);
  for (std::size_t i = 0; i <= most / 2 + 1; ++i) {
    ASSERT_EQ(::symlink("y", (root / "x").c_str()), 0);
    ASSERT_EQ(::unlink((root / "x").c_str()), 0);
  }
  write_file(root / "comes");
  write_file(root / "changes");
  fs::remove(root / "goes");
  fs::remove(root / "in");
  fs::create_directory(root / "in");
  write_file(root / "in/a");
  wait_for_failure();
  ASSERT_EQ(failures.size(), 1u);
  EXPECT_THAT(failures[0], HasSubstr("events of files were lost"));
  auto found = until_last();
  std::erase_if(found, [](const std::string& one) { return one.ends_with(" x"); });
  EXPECT_THAT(found, UnorderedElementsAre("created comes", "modified changes", "deleted goes", "created in/a"));
}

TEST_F(SeenPathTest, AMountOverAFolderIsFollowedAndItsEnd) {
  if (::unshare(CLONE_NEWNS) != 0 || ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0)
    GTEST_SKIP() << "mounting takes privileges";
  fs::create_directory(root / "in");
  write_file(root / "in/below");
  live();  // the table of mounts is that of the namespace it is opened in
  follow("in/*", all);
  ASSERT_EQ(::mount("none", (root / "in").c_str(), "tmpfs", 0, nullptr), 0);
  EXPECT_TRUE(loop->turn(deadline).has_value());
  write_file(root / "in/above");
  EXPECT_THAT(wait(1), ElementsAre("created in/above"));
  ASSERT_EQ(::umount2((root / "in").c_str(), MNT_DETACH), 0);
  EXPECT_TRUE(loop->turn(deadline).has_value());
  write_file(root / "in/again");
  EXPECT_THAT(wait(1), ElementsAre("created in/again"));
  EXPECT_THAT(failures, IsEmpty());
}

TEST_F(SeenPathTest, AFolderThatIsUnmountedAndMountedAgainBringsOnlyWhatIsNew) {
  if (::unshare(CLONE_NEWNS) != 0 || ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0)
    GTEST_SKIP() << "mounting takes privileges";
  fs::create_directory(root / "in");
  fs::create_directory(root / "disk");
  write_file(root / "disk/a");
  ASSERT_EQ(::mount((root / "disk").c_str(), (root / "in").c_str(), nullptr, MS_BIND, nullptr), 0);
  live();
  follow("in/*", all);
  write_file(root / "in/b");
  EXPECT_THAT(wait(1), ElementsAre("created in/b"));
  ASSERT_EQ(::umount((root / "in").c_str()), 0);
  EXPECT_TRUE(loop->turn(deadline).has_value());
  write_file(root / "disk/c");
  ASSERT_EQ(::mount((root / "disk").c_str(), (root / "in").c_str(), nullptr, MS_BIND, nullptr), 0);
  EXPECT_THAT(wait(1), ElementsAre("created in/c"));
}

}  // namespace
}  // namespace takt::test
