// inotify for several users of one folder, by its rules alone; what path triggers make of it is in path_test.cpp.
#include "watch/inotify.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <thread>

#include "support/temp_folder.h"

namespace takt::test {
namespace {

// The kernel has one mask an inode: what is wanted of the folder that another one is exchanged for stays wanted.
TEST(Inotify, AFolderThatIsExchangedWhileItIsWatchedTakesNothingFromOthers) {
  const TempFolder root;
  const std::string one = root.path() + "/one";
  const std::string other = root.path() + "/other";
  std::filesystem::create_directory(one);
  std::filesystem::create_directory(other);
  const UniqueFd followed(::open(other.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  Inotify inotify = Inotify::create().value();
  ASSERT_TRUE(inotify.watch(1, other, IN_CREATE));

  const std::jthread exchanging([&](const std::stop_token& over) {
    while (!over.stop_requested()) ::renameat2(AT_FDCWD, one.c_str(), AT_FDCWD, other.c_str(), RENAME_EXCHANGE);
  });
  bool told = true;
  for (int i = 0; told && i < 20'000; ++i) {
    ASSERT_TRUE(inotify.watch(2, one, IN_DELETE_SELF));
    const UniqueFd file(::openat(followed.get(), "new", O_CREAT | O_CLOEXEC, 0600));
    told = false;
    inotify.read([&](std::uint64_t place, std::uint32_t, const std::string& name) {
      told = told || (place == 1 && name == "new");
    });
    ::unlinkat(followed.get(), "new", 0);
  }
  EXPECT_TRUE(told);
}

}  // namespace
}  // namespace takt::test
