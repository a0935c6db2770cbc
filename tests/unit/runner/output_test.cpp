#include "runner/output.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/mman.h>
#include <unistd.h>

#include <nlohmann/json.hpp>
#include <regex>

#include "base/limits.h"
#include "runner/limits.h"
#include "runner/packet.h"

namespace takt {
namespace {

class OutputTest : public ::testing::Test {
 protected:
  OutputTest() : file_(memfd_create("log", MFD_CLOEXEC)) {}

  OutputLog log(std::uint64_t allowance = 1 << 20, bool capture = false) {
    return OutputLog({"nightly", 7, "fetch", 2}, UniqueFd(dup(file_.get())), false, allowance, capture);
  }
  // What the file holds, without the instants.
  std::string lines() {
    EXPECT_EQ(lseek(file_.get(), 0, SEEK_SET), 0);  // the log's own position is the same
    const std::string text = read_whole(file_.get(), std::size_t{1} << 30).value();
    return std::regex_replace(text, std::regex("(^|\n)[0-9]{16} "), "$1");
  }

 private:
  UniqueFd file_;
};

TEST_F(OutputTest, WritesWholeLinesOfEachStream) {
  OutputLog one = log();
  one.take(Stream::out, "one\ntw");
  one.take(Stream::err, "oops\n");
  one.take(Stream::out, "o\n\nlast");
  EXPECT_EQ(lines(), "fetch 2 out one\nfetch 2 err oops\nfetch 2 out two\nfetch 2 out \n");
  one.finish();
  EXPECT_TRUE(lines().ends_with("fetch 2 out last\n"));
  EXPECT_EQ(one.bytes(), 18u);
  EXPECT_FALSE(one.cut());
}

TEST_F(OutputTest, SplitsALineThatIsTooLong) {
  OutputLog one = log();
  one.take(Stream::out, std::string(limits::log_line_bytes, 'a') + "b\n");
  EXPECT_EQ(lines(), "fetch 2 out " + std::string(limits::log_line_bytes, 'a') + "\nfetch 2 out b\n");
}

TEST_F(OutputTest, KeepsItsAllowanceAndCountsTheRest) {
  OutputLog one = log(70);  // two lines, with what stands before their texts
  one.take(Stream::out, "12345\n67890\nmore\n");
  one.take(Stream::err, "and more\n");
  one.finish();
  EXPECT_TRUE(one.cut());
  EXPECT_EQ(one.bytes(), 26u);
  EXPECT_EQ(lines(), "fetch 2 out 12345\nfetch 2 out 67890\nfetch 2 err [output cut: 10 of 26 bytes kept]\n");
}

TEST_F(OutputTest, CountsEmptyLinesToo) {
  OutputLog one = log(1000);
  one.take(Stream::out, std::string(10'000, '\n'));
  EXPECT_TRUE(one.cut());
  EXPECT_LE(lines().size(), 1000u + 100);  // and the line that says so
}

TEST_F(OutputTest, KeepsTheTailOfWhatWasCutToo) {
  OutputLog one = log(10);
  for (int i = 0; i < 2000; ++i) one.take(Stream::out, "line " + std::to_string(i) + "\n");
  EXPECT_LE(one.tail().size(), limits::tail_bytes);
  EXPECT_TRUE(one.tail().starts_with("line ")) << one.tail().substr(0, 20);
  EXPECT_TRUE(one.tail().ends_with("line 1999\n"));
}

TEST_F(OutputTest, CapturesStdoutAloneAndNoMoreThanIsNeededToSeeThatItIsTooLarge) {
  OutputLog one = log(10, true);
  one.take(Stream::err, "no");
  one.take(Stream::out, "yes");
  EXPECT_EQ(one.captured(), "yes");
  one.take(Stream::out, std::string(3 * limits::value_bytes, 'x'));
  one.take(Stream::out, "y");
  EXPECT_EQ(one.captured().size(), limits::value_bytes + 1);
}

TEST_F(OutputTest, GoesOnAfterAReExecWhereItWas) {
  OutputLog before = log(70, true);
  before.take(Stream::out, "12345\n67");
  OutputLog after = log(70, true);
  after.resume(nlohmann::json::from_cbor(nlohmann::json::to_cbor(before.save())));
  after.take(Stream::out, "890\nx\n");
  EXPECT_EQ(lines(), "fetch 2 out 12345\nfetch 2 out 67890\n");
  EXPECT_EQ(after.captured(), "12345\n67890\nx\n");
  EXPECT_EQ(after.bytes(), 14u);
  EXPECT_TRUE(after.cut());
}

TEST_F(OutputTest, CountsAsCutWhatADiskDoesNotTake) {
  OutputLog one({"p", 1, "s", 1}, UniqueFd(open("/dev/full", O_WRONLY | O_CLOEXEC)), false, 1 << 20, false);
  one.take(Stream::out, "x\n");
  EXPECT_TRUE(one.cut());
  EXPECT_EQ(one.bytes(), 2u);
}

}  // namespace
}  // namespace takt
