// What a path trigger makes of events in one folder, and of folders that come and go.
#include <sys/fsuid.h>

#include "path_fixture.h"

#include "watch/limits.h"

namespace takt::test {
namespace {

TEST_F(PathWatchTest, AFileIsCreatedOnceItIsClosed) {
  follow("*.csv");
  const WallTime before = clock.now().wall;
  {
    const UniqueFd fd = open_file(root / "a.csv");
    write_file(root / "b.csv");
    EXPECT_THAT(wait(1), ElementsAre("created b.csv"));
    write_to(fd);
  }
  EXPECT_THAT(wait(1), ElementsAre("created a.csv"));
  ASSERT_EQ(last.size(), 1u);
  EXPECT_EQ(last[0].process, "p");
  EXPECT_EQ(last[0].key, "path " + (root / "*.csv").string());
  EXPECT_GE(last[0].nominal, before);
  EXPECT_EQ(last[0].fields, Value({{"kind", "path"},
                                   {"at", format_utc(last[0].nominal)},
                                   {"path", (root / "a.csv").string()},
                                   {"name", "a.csv"},
                                   {"event", "created"}}));
  EXPECT_THAT(failures, IsEmpty());
}

TEST_F(PathWatchTest, EachEventIsToldAsWhatItIs) {
  follow("*", all);
  write_file(root / "a");
  EXPECT_THAT(wait(1), ElementsAre("created a"));  // the kernel makes one of two alike that nobody has read
  write_file(root / "a");
  fs::rename(root / "a", root / "b");
  fs::remove(root / "b");
  EXPECT_THAT(wait(4), ElementsAre("modified a", "deleted a", "created b", "deleted b"));
}

TEST_F(PathWatchTest, OnlyTheEventsAskedForFire) {
  write_file(root / "a");
  follow("*", {PathEvent::modified});
  write_file(root / "b");
  fs::remove(root / "b");
  write_file(root / "a");
  EXPECT_THAT(wait(1), ElementsAre("modified a"));
}

TEST_F(PathWatchTest, LinksAreCreatedAtOnceAndFoldersNever) {
  write_file(root / "a");
  follow("*");
  fs::create_directory(root / "folder");
  fs::create_hard_link(root / "a", root / "hard");
  fs::create_symlink("nowhere", root / "soft");
  EXPECT_THAT(wait(2), ElementsAre("created hard", "created soft"));
}

TEST_F(PathWatchTest, NamesThatDoNotMatchDoNotFire) {
  follow("[ab]?.csv");
  for (const char* name : {"c1.csv", "a.csv", "a12.csv", "a1.txt", "b1.csv"}) write_file(root / name);
  EXPECT_THAT(wait(1), ElementsAre("created b1.csv"));
}

TEST_F(PathWatchTest, AHiddenNameTakesAPeriodInTheGlob) {
  follow({trigger({root / "*", {PathEvent::created}, Duration(0)}),
          trigger({root / ".*.csv", {PathEvent::created}, Duration(0)})});
  write_file(root / ".a.csv");
  write_file(root / "b");
  EXPECT_THAT(wait(2), ElementsAre("created .a.csv", "created b"));
}

TEST_F(PathWatchTest, FilesOfTheSameMomentHaveInstantsOfTheirOwn) {
  follow("*");
  for (int i = 0; i < 200; ++i) ASSERT_EQ(::symlink("x", (root / std::to_string(i)).c_str()), 0);
  wait(200);
  std::set<WallTime> nominal;
  for (const Firing& firing : last) nominal.insert(firing.nominal);
  EXPECT_EQ(nominal.size(), 200u);
}

TEST_F(PathWatchTest, TwoTriggersShareAFolder) {
  follow({trigger({root / "*.csv", {PathEvent::created}, Duration(0)}),
          trigger({root / "a.*", {PathEvent::deleted}, Duration(0)})});
  write_file(root / "a.csv");
  fs::remove(root / "a.csv");
  EXPECT_THAT(wait(2), ElementsAre("created a.csv", "deleted a.csv"));
}

TEST_F(PathWatchTest, AFolderIsFollowedWhenItAppears) {
  follow("one/two/*.csv");
  fs::create_directories(root / "one/two");
  write_file(root / "one/two/a.csv");
  EXPECT_THAT(wait(1), ElementsAre("created one/two/a.csv"));
  write_file(root / "one/two/b.csv");
  EXPECT_THAT(wait(1), ElementsAre("created one/two/b.csv"));
}

TEST_F(PathWatchTest, AFolderThatIsDeletedAndMadeAgainIsPickedUp) {
  fs::create_directories(root / "one/two");
  follow("one/two/*");
  for (int i = 0; i < 3; ++i) {
    fs::remove_all(root / "one");
    fs::create_directories(root / "one/two");
    write_file(root / "one/two/a");
    EXPECT_THAT(wait(1), ElementsAre("created one/two/a"));
  }
}

TEST_F(PathWatchTest, AFolderIsMissedAlsoWhileSomebodyHasItOpen) {
  fs::create_directories(root / "one");
  follow("one/*");
  const UniqueFd held(::open((root / "one").c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  fs::remove(root / "one");
  fs::create_directories(root / "one");
  write_file(root / "one/a");
  EXPECT_THAT(wait(1), ElementsAre("created one/a"));
}

TEST_F(PathWatchTest, AFolderThatIsMovedAwayIsFollowedNoLonger) {
  fs::create_directories(root / "one/two");
  follow("one/two/*");
  fs::rename(root / "one", root / "other");
  write_file(root / "other/two/a");
  fs::create_directories(root / "one/two");
  write_file(root / "one/two/b");
  EXPECT_THAT(wait(1), ElementsAre("created one/two/b"));
  fs::remove_all(root / "one");
  fs::rename(root / "other", root / "one");
  EXPECT_THAT(wait(1), ElementsAre("created one/two/a"));
}

TEST_F(PathWatchTest, GlobsInEarlierComponentsFollowFoldersAsTheyComeAndGo) {
  fs::create_directories(root / "ann/in");
  fs::create_directories(root / "bob/in");
  write_file(root / "file");
  follow("*/in/*.csv");
  write_file(root / "ann/in/1.csv");
  write_file(root / "bob/in/1.csv");
  EXPECT_THAT(wait(2), ElementsAre("created ann/in/1.csv", "created bob/in/1.csv"));
  fs::remove_all(root / "ann");
  fs::create_directories(root / "eve/in");
  write_file(root / "eve/in/1.csv");
  write_file(root / "bob/in/2.csv");
  EXPECT_THAT(wait(2), UnorderedElementsAre("created eve/in/1.csv", "created bob/in/2.csv"));
}

TEST_F(PathWatchTest, ALinkToAFolderIsFollowedToWhereItLeads) {
  fs::create_directories(root / "v1");
  fs::create_directories(root / "v2");
  fs::create_directory_symlink("v1", root / "current");
  follow("current/*");
  write_file(root / "v1/a");
  EXPECT_THAT(wait(1), ElementsAre("created current/a"));
  fs::create_directory_symlink("v2", root / "next");
  fs::rename(root / "next", root / "current");
  write_file(root / "v1/b");
  write_file(root / "v2/c");
  EXPECT_THAT(wait(1), ElementsAre("created current/c"));
}

TEST_F(PathWatchTest, WhatIsThereBeforeATriggerDoesNotFireAndReloadsDisturbNothing) {
  write_file(root / "old");
  follow("*");
  const UniqueFd fd = open_file(root / "a");
  follow("*");
  write_file(root / "b");
  EXPECT_THAT(wait(1), ElementsAre("created b"));
  follow("*");
  write_file(root / "old");  // modified: not asked for
  write_file(root / "c");
  EXPECT_THAT(wait(1), ElementsAre("created c"));
}

TEST_F(PathWatchTest, ADisabledTriggerDoesNotFire) {
  follow("*");
  Trigger off = trigger({root / "*", {PathEvent::created}, Duration(0)});
  off.enabled = false;
  follow({off, trigger({root / "b", {PathEvent::created}, Duration(0)})});
  write_file(root / "a");
  write_file(root / "b");
  EXPECT_THAT(wait(1), ElementsAre("created b"));
}

TEST_F(PathWatchTest, SettleWaitsUntilTheFileIsLeftAlone) {
  follow("*", all, 100 * millisecond);
  const BootTime begun = clock.now().boot;
  write_file(root / "a");
  write_file(root / "a");
  EXPECT_THAT(wait(1), ElementsAre("created a"));
  EXPECT_GE(clock.now().boot - begun, 100 * millisecond);
}

TEST_F(PathWatchTest, WritingStartsTheSettlingAnew) {
  follow({trigger({root / "a", {PathEvent::created}, 200 * millisecond}),
          trigger({root / "tick*", {PathEvent::created}, 100 * millisecond})});
  write_file(root / "a");
  const UniqueFd fd = open_file(root / "a");
  for (int i = 0; i < 4; ++i) {  // four times half the span: it would have settled but for the writing
    write_file(root / ("tick" + std::to_string(i)));
    EXPECT_THAT(wait(1), ElementsAre("created tick" + std::to_string(i)));
    write_to(fd);
  }
  const BootTime written = clock.now().boot;
  EXPECT_THAT(wait(1), ElementsAre("created a"));
  EXPECT_GE(clock.now().boot - written, 190 * millisecond);
}

TEST_F(PathWatchTest, AFileThatIsDeletedBeforeItSettledWasNotCreated) {
  follow("*", {PathEvent::created}, 50 * millisecond);
  write_file(root / "a");
  fs::remove(root / "a");
  write_file(root / "b");
  EXPECT_THAT(wait(1), ElementsAre("created b"));
}

TEST_F(PathWatchTest, ANameThatIsNotUtf8IsSkippedAndTold) {
  follow("*");
  write_file(root / "\xff\xfe");
  write_file(root / "\xff\xfd");
  write_file(root / "b");
  EXPECT_THAT(wait(1), ElementsAre("created b"));
  EXPECT_THAT(failures, ElementsAre(HasSubstr("is not UTF-8"))) << "once, however many there are";
}

// What it holds under a name that the old one had is another file.
TEST_F(PathWatchTest, AFolderThatIsReplacedBringsItsFiles) {
  fs::create_directories(root / "in");
  write_file(root / "in/a");
  write_file(root / "in/b");
  follow("in/*", all);
  write_file(root / "in/c");
  EXPECT_THAT(wait(1), ElementsAre("created in/c"));
  fs::create_directories(root / "new");
  write_file(root / "new/a");
  fs::rename(root / "in", root / "old");
  fs::rename(root / "new", root / "in");
  EXPECT_THAT(wait(3), UnorderedElementsAre("created in/a", "deleted in/b", "deleted in/c"));
}

TEST_F(PathWatchTest, AFileThatIsBackBeforeItsEndHasSettledIsANewOne) {
  fs::create_directories(root / "in");
  write_file(root / "in/a");
  follow("in/*", all, 500 * millisecond);
  fs::create_directories(root / "new");
  write_file(root / "new/a");
  fs::remove(root / "in/a");
  ASSERT_TRUE(loop->turn(deadline));
  fs::rename(root / "in", root / "old");
  fs::rename(root / "new", root / "in");
  EXPECT_THAT(wait(1), ElementsAre("created in/a"));
}

TEST_F(PathWatchTest, AFolderThatMayNotBeReadIsTriedAgainWithTheDefinitions) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root, to become somebody else";
  fs::permissions(root, fs::perms(0755));
  fs::create_directories(root / "in");
  fs::permissions(root / "in", fs::perms(0700));
  ::setfsuid(65534);
  follow("in/*");
  EXPECT_THAT(failures, ElementsAre(HasSubstr("in: Permission denied")));
  ::setfsuid(0);
  fs::permissions(root / "in", fs::perms(0755));
  follow("in/*");
  write_file(root / "in/a");
  EXPECT_THAT(wait(1), ElementsAre("created in/a"));
}

TEST_F(PathWatchTest, AFileThatMayNotBeLookedAtWhenItFiresFiresOnce) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root, to become somebody else";
  fs::permissions(root, fs::perms(0755));
  fs::create_directories(root / "in");
  follow("in/*");
  write_file(root / "in/a");
  fs::permissions(root / "in", fs::perms(0700));
  ::setfsuid(65534);
  EXPECT_THAT(wait(1), ElementsAre("created in/a"));
  ::setfsuid(0);
  watch.reset();
  live();
  follow("in/*");
  write_file(root / "in/b");
  EXPECT_THAT(wait(1), ElementsAre("created in/b"));
  watch.reset();
  fs::remove(root / "in/a");
  write_file(root / "in/a");
  live();
  follow("in/*");
  EXPECT_THAT(wait(1), ElementsAre("created in/a")) << "another one, and it is known by now which the first was";
}

TEST_F(PathWatchTest, ALinkBackToItsOwnWayLeadsNowhere) {
  fs::create_directories(root / "in/a");
  for (int i = 0; i < 40; ++i) fs::create_directory_symlink(".", root / ("in/loop" + std::to_string(i)));
  fs::create_directory_symlink("../elsewhere", root / "in/link");
  fs::create_directories(root / "elsewhere/b");
  follow("in/*/*/*");
  write_file(root / "in/a/early");  // too high up
  write_file(root / "elsewhere/b/f");
  EXPECT_THAT(wait(1), ElementsAre("created in/link/b/f"));
  EXPECT_THAT(failures, IsEmpty());
}

TEST_F(PathWatchTest, MoreThanATurnTakesIsNotLost) {
  follow("*");
  const std::size_t count = 2 * limits::path_events;
  for (std::size_t i = 0; i < count; ++i) ASSERT_EQ(::symlink("x", (root / std::to_string(i)).c_str()), 0);
  EXPECT_TRUE(loop->turn(deadline).has_value());
  EXPECT_LE(firings.size(), limits::path_events);
  EXPECT_EQ(wait(count).size(), count);
}

TEST_F(PathWatchTest, WhatTheKernelLosesIsTold) {
  std::size_t most = 0;
  FILE* file = std::fopen("/proc/sys/fs/inotify/max_queued_events", "re");
  ASSERT_TRUE(file != nullptr && std::fscanf(file, "%zu", &most) == 1);
  std::fclose(file);
  if (most > 100'000) GTEST_SKIP() << "the queue of inotify is too long here to be filled in a test";
  follow("*", {PathEvent::deleted});
  for (std::size_t i = 0; i <= most / 2 + 1; ++i) {
    ASSERT_EQ(::symlink("x", (root / "a").c_str()), 0);
    ASSERT_EQ(::unlink((root / "a").c_str()), 0);
  }
  wait_for_failure();
  ASSERT_FALSE(failures.empty());
  EXPECT_THAT(failures[0], HasSubstr("events of files were lost"));
  wait(0);
  write_file(root / "b");
  fs::remove(root / "b");
  const BootTime end = clock.now().boot + deadline;
  while ((firings.empty() || firings.back().fields["name"] != "b") && clock.now().boot < end) {
    ASSERT_TRUE(loop->turn(end - clock.now().boot).has_value());
  }
  EXPECT_EQ(firings.back().fields["name"], "b");
}

TEST_F(PathWatchTest, TheCallbackMaySetOtherTriggers) {
  PathWatch::Callbacks callbacks;
  callbacks.seen = [](const FilesSeen&) {};
  std::size_t fired = 0;
  std::unique_ptr<PathWatch> other;
  callbacks.fired = [&](const Firing&) {
    ++fired;
    other->set_triggers({});
  };
  callbacks.failed = [](const std::string&, const std::string&) {};
  other = PathWatch::create(*loop, clock, std::move(callbacks)).value();
  auto definition = std::make_shared<ProcessDefinition>();
  definition->name = "p";
  definition->triggers = {trigger({root / "*", {PathEvent::created}, Duration(0)})};
  other->set_triggers({{"p", definition}});
  follow("*");
  write_file(root / "a");
  const BootTime end = clock.now().boot + deadline;
  while (fired == 0 && clock.now().boot < end) ASSERT_TRUE(loop->turn(end - clock.now().boot).has_value());
  wait(1);
  write_file(root / "b");
  EXPECT_THAT(wait(1), ElementsAre("created b"));
  EXPECT_EQ(fired, 1u);
}

}  // namespace
}  // namespace takt::test
