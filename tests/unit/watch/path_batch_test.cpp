// `batch`: all files of a burst in one firing.
#include "path_fixture.h"

#include "watch/limits.h"

namespace takt::test {
namespace {

class BatchPathTest : public PathWatchTest {
 protected:
  void follow_batch(std::vector<PathEvent> events, Duration settle) {
    PathTrigger path{.glob = root / "*", .events = std::move(events), .settle = settle};
    path.batch = true;
    follow(path);
  }
  // The names in each firing, in order.
  std::vector<std::vector<std::string>> wait_batches(std::size_t count) {
    wait(count);
    std::vector<std::vector<std::string>> result;
    for (const Firing& firing : last) {
      const auto paths = firing.fields["paths"].get<std::vector<std::string>>();
      EXPECT_EQ(firing.fields["path"], paths.at(0));
      auto& names = result.emplace_back();
      for (const std::string& path : paths) names.push_back(fs::path(path).filename());
    }
    return result;
  }
};

TEST_F(BatchPathTest, FilesOfABurstFireOnceAndSorted) {
  follow_batch({PathEvent::created}, 100 * millisecond);
  const BootTime begun = clock.now().boot;
  for (const char* name : {"c", "a", "b", "gone"}) write_file(root / name);
  fs::remove(root / "gone");
  EXPECT_THAT(wait_batches(1), ElementsAre(ElementsAre("a", "b", "c")));
  EXPECT_GE(clock.now().boot - begun, 100 * millisecond);
  write_file(root / "d");
  EXPECT_THAT(wait_batches(1), ElementsAre(ElementsAre("d")));
}

TEST_F(BatchPathTest, ABurstIsOverWhenItHasBeenQuietForSoLong) {
  follow({trigger({.glob = root / "*", .events = {PathEvent::created}, .settle = 300 * millisecond, .batch = true}),
          trigger({.glob = root / "tick*", .events = {PathEvent::created}, .settle = 150 * millisecond})});
  for (int i = 0; i < 4; ++i) {  // each one before the burst would have been over but for the one before
    write_file(root / ("tick" + std::to_string(i)));
    wait(1);
    EXPECT_FALSE(last.at(0).fields.contains("paths"));
  }
  EXPECT_THAT(wait_batches(1), ElementsAre(ElementsAre("tick0", "tick1", "tick2", "tick3")));
}

TEST_F(BatchPathTest, WithoutSettleItTakesASpanOfItsOwn) {
  follow_batch({PathEvent::created}, Duration(0));
  const BootTime begun = clock.now().boot;
  write_file(root / "a");
  write_file(root / "b");
  EXPECT_THAT(wait_batches(1), ElementsAre(ElementsAre("a", "b")));
  EXPECT_GE(clock.now().boot - begun, limits::path_batch_settle);
}

TEST_F(BatchPathTest, EachEventHasAFiringOfItsOwn) {
  write_file(root / "old");
  write_file(root / "older");
  follow_batch(all, 50 * millisecond);
  write_file(root / "new");
  write_file(root / "old");
  fs::remove(root / "older");
  EXPECT_THAT(wait(3), ElementsAre("created new", "modified old", "deleted older"));
}

TEST_F(BatchPathTest, WhatExceedsGoesInTheNextFiring) {
  follow_batch({PathEvent::created}, 300 * millisecond);
  const std::size_t count = limits::path_batch + limits::path_batch / 2;
  for (std::size_t i = 0; i < count; ++i) ASSERT_EQ(::symlink("x", (root / std::to_string(i)).c_str()), 0);
  const auto batches = wait_batches(2);
  ASSERT_EQ(batches.size(), 2u);
  EXPECT_EQ(batches[0].size(), limits::path_batch);
  std::set<std::string> names(batches[0].begin(), batches[0].end());
  names.insert(batches[1].begin(), batches[1].end());
  EXPECT_EQ(names.size(), count);
}

}  // namespace
}  // namespace takt::test
