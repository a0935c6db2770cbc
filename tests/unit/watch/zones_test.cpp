// ZoneWatch on folders of the test's own.
#include "watch/zones.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "support/temp_folder.h"
#include "support/turning.h"

namespace takt {
namespace {

namespace fs = std::filesystem;

class Zones : public testing::Test {
 protected:
  Zones() {
    fs::create_directories(root / "etc");
    fs::create_directories(root / "zoneinfo");
    watch = ZoneWatch::create(*loop, {root / "etc", root / "zoneinfo"}, [this] { ++changes; }).value();
  }
  void until(int count) {
    ASSERT_TRUE(test::turn_until(*loop, [&] { return changes >= count; }));
  }

  test::TempFolder folder;
  fs::path root{folder.path()};
  std::unique_ptr<Loop> loop = *Loop::create();
  int changes = 0;
  std::unique_ptr<ZoneWatch> watch;
};

TEST_F(Zones, ALinkThatIsReplacedIsAChangeAndOtherFilesAreNone) {
  std::ofstream(root / "etc/passwd") << "x";
  ASSERT_TRUE(loop->turn(std::chrono::milliseconds(300)));
  fs::create_symlink("/usr/share/zoneinfo/Asia/Tehran", root / "etc/new");
  fs::rename(root / "etc/new", root / "etc/localtime");
  until(1);
  EXPECT_EQ(changes, 1);
}

TEST_F(Zones, AnUpdateOfTheDatabaseIsOneChange) {
  for (int i = 0; i < 100; ++i) {
    std::ofstream(root / "zoneinfo/new") << i;
    fs::rename(root / "zoneinfo/new", root / "zoneinfo" / std::to_string(i));
  }
  until(1);
  ASSERT_TRUE(loop->turn(std::chrono::milliseconds(300)));
  EXPECT_EQ(changes, 1);
}

}  // namespace
}  // namespace takt
