// `recursive`: the folders below the one that a glob leads to.
#include "path_fixture.h"

namespace takt::test {
namespace {

class RecursivePathTest : public PathWatchTest {
 protected:
  PathTrigger below(const std::string& glob, std::vector<PathEvent> events = {PathEvent::created}) {
    PathTrigger path{.glob = root / glob, .events = std::move(events)};
    path.recursive = true;
    return path;
  }
};

TEST_F(RecursivePathTest, FilesInAllFoldersBelowFire) {
  fs::create_directories(root / "one/two");
  write_file(root / "one/old.csv");
  follow(below("*.csv"));
  write_file(root / "a.csv");
  write_file(root / "one/two/b.txt");
  write_file(root / "one/two/b.csv");
  EXPECT_THAT(wait(2), ElementsAre("created a.csv", "created one/two/b.csv"));
}

TEST_F(RecursivePathTest, AFolderThatAppearsIsFollowedWithAllThatIsInIt) {
  follow(below("*", all));
  fs::create_directories(root / "one/two/three");
  write_file(root / "one/two/three/a");
  write_file(root / "one/b");
  EXPECT_THAT(wait(2), UnorderedElementsAre("created one/two/three/a", "created one/b"));
  write_file(root / "one/two/c");
  EXPECT_THAT(wait(1), ElementsAre("created one/two/c"));
}

TEST_F(RecursivePathTest, AFolderThatIsMovedAwayTakesItsFilesWithIt) {
  follow(below("in/*", all));
  fs::create_directories(root / "in/one/two");
  write_file(root / "in/one/two/a");
  wait(1);
  fs::rename(root / "in/one", root / "out");
  EXPECT_THAT(wait(1), ElementsAre("deleted in/one/two/a"));
  write_file(root / "out/two/b");
  fs::rename(root / "out", root / "in/one");
  EXPECT_THAT(wait(2), UnorderedElementsAre("created in/one/two/a", "created in/one/two/b"));
}

TEST_F(RecursivePathTest, HiddenFoldersAndLinksAreNotEntered) {
  fs::create_directories(root / "other");
  fs::create_directories(root / "in/.hidden");
  fs::create_directory_symlink(root / "other", root / "in/link");
  fs::create_directory_symlink("..", root / "in/loop");
  follow(below("in/*"));
  write_file(root / "in/.hidden/a");
  write_file(root / "other/b");
  fs::create_directory_symlink("..", root / "in/late");  // a link is a file that is created
  write_file(root / "in/c");
  EXPECT_THAT(wait(2), ElementsAre("created in/late", "created in/c"));
}

}  // namespace
}  // namespace takt::test
