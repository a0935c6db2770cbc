// ZoneWatch on folders of the test's own.
#include "watch/zones.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace takt {
namespace {

namespace fs = std::filesystem;

class Zones : public testing::Test {
 protected:
  Zones() {
    std::string name = fs::temp_directory_path() / "takt-zones-XXXXXX";
    root = ::mkdtemp(name.data());
    fs::create_directories(root / "etc");
    fs::create_directories(root / "zoneinfo");
    watch = ZoneWatch::create(*loop, {root / "etc", root / "zoneinfo"}, [this] { ++changes; }).value();
  }
  ~Zones() override { fs::remove_all(root); }
  void until(int count) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (changes < count) {
      ASSERT_LT(std::chrono::steady_clock::now(), deadline) << "waited in vain";
      ASSERT_TRUE(loop->turn(std::chrono::milliseconds(10)));
    }
  }

  fs::path root;
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
