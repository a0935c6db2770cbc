#include "runner/remove_tree.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "base/fd.h"
#include "support/runner_program.h"

namespace takt {
namespace {

namespace fs = std::filesystem;

TEST(RemoveTree, RemovesAnyDepthAndFollowsNoLink) {
  const test::TempFolder folder("/dev/shm");  // a disk would take its time over so many directories
  const std::string outside = folder.path() + "/outside";
  fs::create_directories(outside + "/kept");
  const std::string tree = folder.path() + "/tree";
  fs::create_directories(tree + "/a/b/c");
  fs::create_directory_symlink(outside, tree + "/a/link");
  fs::create_symlink("nowhere", tree + "/dangling");
  std::ofstream(tree + "/a/b/file") << "x";
  // Deeper than descriptors and PATH_MAX reach.
  UniqueFd at(open(tree.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  for (int i = 0; i < 5000; ++i) {
    ASSERT_EQ(mkdirat(at.get(), "deep", 0700), 0);
    at = UniqueFd(openat(at.get(), "deep", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  }
  at.reset();
  const UniqueFd parent(open(folder.path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  const Status removed = remove_tree(parent.get(), "tree");
  EXPECT_TRUE(removed) << removed.error().message;
  EXPECT_FALSE(fs::exists(tree));
  EXPECT_TRUE(fs::exists(outside + "/kept"));
}

TEST(RemoveTree, TakesALinkForWhatItIs) {
  const test::TempFolder folder;
  fs::create_directories(folder.path() + "/outside/kept");
  fs::create_directory_symlink(folder.path() + "/outside", folder.path() + "/link");
  const UniqueFd parent(open(folder.path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  EXPECT_TRUE(remove_tree(parent.get(), "link"));
  EXPECT_FALSE(fs::exists(fs::symlink_status(folder.path() + "/link")));
  EXPECT_TRUE(fs::exists(folder.path() + "/outside/kept"));
  EXPECT_TRUE(remove_tree(parent.get(), "not-there"));
}

}  // namespace
}  // namespace takt
