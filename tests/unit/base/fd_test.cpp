#include "base/fd.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <string>

namespace takt {
namespace {

bool is_open(int fd) {
  return ::fcntl(fd, F_GETFD) >= 0;
}
UniqueFd open_null() {
  return UniqueFd(::open("/dev/null", O_RDONLY | O_CLOEXEC));
}

TEST(UniqueFd, closes_what_it_owns) {
  int number = -1;
  {
    const UniqueFd fd = open_null();
    number = fd.get();
    ASSERT_TRUE(fd.valid());
    EXPECT_TRUE(is_open(number));
  }
  EXPECT_FALSE(is_open(number));
  EXPECT_FALSE(UniqueFd().valid());
}

TEST(UniqueFd, moves_and_leaves_nothing_behind) {
  UniqueFd first = open_null();
  const int number = first.get();
  UniqueFd second = std::move(first);
  EXPECT_FALSE(first.valid());  // NOLINT(bugprone-use-after-move): what a move leaves is what is tested
  EXPECT_EQ(second.get(), number);

  UniqueFd third = open_null();
  const int replaced = third.get();
  third = std::move(second);
  EXPECT_FALSE(is_open(replaced));
  EXPECT_EQ(third.get(), number);
  EXPECT_TRUE(is_open(number));

  UniqueFd& itself = third;
  third = std::move(itself);
  EXPECT_TRUE(is_open(number));
}

TEST(UniqueFd, release_gives_up_and_reset_closes) {
  UniqueFd fd = open_null();
  const int number = fd.release();
  EXPECT_FALSE(fd.valid());
  EXPECT_TRUE(is_open(number));
  fd.reset(number);
  EXPECT_EQ(fd.get(), number);
  fd.reset();
  EXPECT_FALSE(fd.valid());
  EXPECT_FALSE(is_open(number));
}

TEST(ReadWhole, reads_to_the_end_or_to_the_limit) {
  std::array<int, 2> ends{};
  const auto filled = [&ends](const std::string& text) {
    EXPECT_EQ(::pipe2(ends.data(), O_CLOEXEC), 0);
    const UniqueFd writing(ends[1]);
    EXPECT_EQ(::write(writing.get(), text.data(), text.size()), static_cast<ssize_t>(text.size()));
    return UniqueFd(ends[0]);
  };
  EXPECT_EQ(read_whole(filled("").get(), 0).value(), "");
  EXPECT_EQ(read_whole(filled("12345").get(), 5).value(), "12345");
  const auto more = read_whole(filled("123456").get(), 5);
  EXPECT_EQ(more.error().code, ErrorCode::limit_exceeded);
  EXPECT_EQ(more.error().message, "it holds more than 5 bytes");
}

TEST(ReadWhole, tells_of_what_cannot_be_read) {
  const UniqueFd folder(::open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  EXPECT_EQ(read_whole(folder.get(), 5).error().message, "read: Is a directory");
  const pid_t child = ::fork();
  if (child == 0) ::_exit(0);
  const UniqueFd stat(::open(fmt::format("/proc/{}/stat", child).c_str(), O_RDONLY | O_CLOEXEC));
  ASSERT_TRUE(stat.valid());
  ASSERT_EQ(::waitpid(child, nullptr, 0), child);
  EXPECT_EQ(read_whole(stat.get(), 5).error().message, "read: No such process");
}

}  // namespace
}  // namespace takt
