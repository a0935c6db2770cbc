// Logs that grow while they are read.
#include "cli/log_reader.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <unistd.h>

namespace takt {
namespace {

using testing::ElementsAre;

class GrowingLog : public testing::Test {
 protected:
  GrowingLog() {
    char name[] = "/tmp/takt-cli-log-XXXXXX";
    writer_.reset(::mkostemp(name, O_CLOEXEC));
    path_ = name;
  }
  ~GrowingLog() override { ::unlink(path_.c_str()); }

  LogReader open() {
    return std::move(LogReader::open(UniqueFd(::open(path_.c_str(), O_RDONLY | O_CLOEXEC)), true)).value();
  }
  void append(std::string_view text) {
    ASSERT_EQ(::write(writer_.get(), text.data(), text.size()), static_cast<ssize_t>(text.size()));
  }
  // Texts that reading gives now.
  std::vector<std::string> read(LogReader& reader) {
    std::vector<std::string> texts;
    EXPECT_TRUE(reader.read([&](const LogLine& line) { texts.push_back(line.text); }));
    return texts;
  }
  // Whether there is notice of more within the time, in milliseconds.
  static bool told(const LogReader& reader, int timeout) {
    pollfd watched{reader.watch_fd(), POLLIN, 0};
    return ::poll(&watched, 1, timeout) == 1;
  }

  UniqueFd writer_;
  std::string path_;
};

TEST_F(GrowingLog, TellsWhenThereIsMore) {
  LogReader reader = open();
  EXPECT_FALSE(told(reader, 0));
  append("1 s 1 out first\n");
  EXPECT_TRUE(told(reader, 10'000));
  EXPECT_THAT(read(reader), ElementsAre("first"));
  EXPECT_FALSE(told(reader, 0));
  append("2 s 1 out second\n3 s 1 out third\n");
  EXPECT_TRUE(told(reader, 10'000));
  EXPECT_THAT(read(reader), ElementsAre("second", "third"));
}

TEST_F(GrowingLog, ALineIsHandedOverOnceItIsWhole) {
  LogReader reader = open();
  append("1 s 1 out begin");
  EXPECT_THAT(read(reader), ElementsAre());
  append("ning and end\n2 s 1 out rest");
  EXPECT_THAT(read(reader), ElementsAre("beginning and end"));
  std::string last;
  reader.finish([&](const LogLine& line) { last = line.text; });
  EXPECT_EQ(last, "rest");
}

TEST_F(GrowingLog, LinesOfAnotherFormArePassedOver) {
  LogReader reader = open();
  append("garbage\n1 s 1 out good\n");
  EXPECT_THAT(read(reader), ElementsAre("good"));
}

}  // namespace
}  // namespace takt
