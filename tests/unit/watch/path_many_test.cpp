// More folders and files than a turn, a limit or the kernel takes. In memory: what a disk does with them is not tested.
#include "path_fixture.h"

#include "watch/limits.h"

namespace takt::test {
namespace {

class ManyPathTest : public PathWatchTest {
 protected:
  ManyPathTest() : PathWatchTest("/dev/shm") {}
};

TEST_F(ManyPathTest, MoreFoldersThanMayBeWatchedAreToldOnce) {
  for (std::size_t i = 0; i < limits::path_watches + 50; ++i)
    ASSERT_EQ(::mkdir((root / std::to_string(i)).c_str(), 0755), 0);
  follow(PathTrigger{.glob = root / "*", .events = {PathEvent::created}, .recursive = true});
  wait_for_failure();
  write_file(root / "a");
  EXPECT_THAT(wait(1), ElementsAre("created a"));
  EXPECT_THAT(failures, ElementsAre(HasSubstr("there are more folders than can be watched")));
}

TEST_F(ManyPathTest, ABurstOfAHundredThousandFilesIsHandledWhole) {
  follow("*");
  constexpr std::size_t count = 100'000;
  for (std::size_t i = 0; i < count; ++i) ASSERT_EQ(::symlink("x", (root / std::to_string(i)).c_str()), 0);
  std::set<std::string> names;
  std::size_t fired = 0;
  const BootTime end = clock.now().boot + deadline;
  while (names.size() < count && clock.now().boot < end) {
    ASSERT_TRUE(loop->turn(end - clock.now().boot).has_value());
    EXPECT_LE(firings.size(), limits::path_events + limits::path_names);
    for (const Firing& firing : std::exchange(firings, {})) {
      ++fired;
      names.insert(firing.fields["name"].get<std::string>());
    }
  }
  EXPECT_EQ(names.size(), count);
  EXPECT_EQ(fired, count);
  EXPECT_THAT(failures, Each(HasSubstr("events of files were lost")));
  EXPECT_EQ(seen_files.size(), count + 1);
}

}  // namespace
}  // namespace takt::test
