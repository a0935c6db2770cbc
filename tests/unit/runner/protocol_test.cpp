#include "runner/protocol.h"

#include <gmock/gmock.h>
#include <sys/socket.h>

#include <nlohmann/json.hpp>

#include "runner/limits.h"
#include "runner/packet.h"

namespace takt {
namespace {

using ::testing::HasSubstr;

StartOrder some_start() {
  StartOrder order;
  order.token = "12.1.0.3";
  order.execution = 12;
  order.process = "nightly";
  order.step = "fetch";
  order.attempt = 3;
  order.argv = {"/bin/echo", std::string("caf\xe9 \xff", 6)};  // not UTF-8: a file name may be
  order.environment = {{"A", "b"}};
  order.user = "etl";
  order.directory = "/srv";
  order.standard_input = std::string("a\0b", 3);
  order.context = "{}";
  order.capture = Capture::lines;
  order.leftovers = true;
  order.log_bytes = 99;
  return order;
}

TEST(Protocol, BringsAStartOverWhole) {
  const StartOrder sent = some_start();
  const auto decoded = decode_order(encode(RunnerOrder(sent)));
  ASSERT_TRUE(decoded) << decoded.error().message;
  const auto& got = std::get<StartOrder>(*decoded);
  EXPECT_EQ(got.argv, sent.argv);
  EXPECT_EQ(got.environment, sent.environment);
  EXPECT_EQ(got.standard_input, sent.standard_input);
  EXPECT_EQ(got.capture, Capture::lines);
  EXPECT_TRUE(got.leftovers);
  EXPECT_EQ(got.log_bytes, 99u);
  EXPECT_EQ(got.attempt, 3u);
}

TEST(Protocol, BringsAnEndOverWhole) {
  EndedReport sent;
  sent.token = "1.1.0.1";
  sent.signal = 9;
  sent.result = "{\"a\":1}";
  sent.output_bytes = 1ull << 40;
  sent.ended_at_us = 1'797'654'321'000'000;
  const auto decoded = decode_report(encode(RunnerReport(sent)));
  ASSERT_TRUE(decoded) << decoded.error().message;
  const auto& got = std::get<EndedReport>(*decoded);
  EXPECT_EQ(got.exit_code, std::nullopt);
  EXPECT_EQ(got.signal, 9);
  EXPECT_EQ(got.result, sent.result);
  EXPECT_EQ(got.output_bytes, sent.output_bytes);
  EXPECT_EQ(got.ended_at_us, sent.ended_at_us);
}

// unix(7): whoever goes with something unread resets the connection, before what it had sent was read.
TEST(Packets, WhatAPeerSentLastIsReadThoughItWentWithSomethingUnread) {
  int ends[2];
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends), 0);
  const UniqueFd here(ends[0]);
  UniqueFd there(ends[1]);
  ASSERT_TRUE(*send_packet(here.get(), Packet{"unread", {}}));
  for (const char* last : {"one", "two"}) ASSERT_TRUE(*send_packet(there.get(), Packet{last, {}}));
  there = UniqueFd();
  for (const char* last : {"one", "two"}) {
    const auto packet = receive_packet(here.get());
    ASSERT_TRUE(packet) << packet.error().message;
    EXPECT_EQ((*packet)->body, last);
  }
  EXPECT_EQ(receive_packet(here.get()).error().code, ErrorCode::unavailable);
}

TEST(Protocol, KnowsEveryMessageByItsWord) {
  const std::vector<RunnerOrder> orders = {some_start(),          SignalOrder{"t", 15}, FreezeOrder{"t"},
                                           ThawOrder{"t"},        KillOrder{"t"},       ListOrder{{"t", "u"}},
                                           AcknowledgeOrder{"t"}, ForgetOrder{1},       OpenLogOrder{1}};
  for (const RunnerOrder& order : orders) {
    const auto decoded = decode_order(encode(order));
    ASSERT_TRUE(decoded) << decoded.error().message;
    EXPECT_EQ(decoded->index(), order.index());
  }
  const std::vector<RunnerReport> reports = {HelloReport{"r"}, StartedReport{"t", 1}, RunningReport{"t", 1},
                                             EndedReport{},    LostReport{"t"},       LogReport{1, ""}};
  for (const RunnerReport& report : reports) {
    const auto decoded = decode_report(encode(report));
    ASSERT_TRUE(decoded) << decoded.error().message;
    EXPECT_EQ(decoded->index(), report.index());
  }
}

struct Refused {
  const char* what;
  void (*spoil)(StartOrder&);
  const char* message;
};

class ProtocolRefuses : public ::testing::TestWithParam<Refused> {};

TEST_P(ProtocolRefuses, AStart) {
  StartOrder order = some_start();
  GetParam().spoil(order);
  const auto decoded = decode_order(encode(RunnerOrder(order)));
  ASSERT_FALSE(decoded);
  EXPECT_EQ(decoded.error().code, ErrorCode::invalid_argument);
  EXPECT_THAT(decoded.error().message, HasSubstr(GetParam().message));
}

INSTANTIATE_TEST_SUITE_P(
    Table, ProtocolRefuses,
    ::testing::Values(Refused{"TokenWithSlash", [](StartOrder& o) { o.token = "a/b"; }, "is no token"},
                      Refused{"TokenDotDot", [](StartOrder& o) { o.token = ".."; }, "is no token"},
                      Refused{"TokenEmpty", [](StartOrder& o) { o.token = ""; }, "is no token"},
                      Refused{"StepWithNewline", [](StartOrder& o) { o.step = "a\nb"; }, "no good name"},
                      Refused{"NoCommand", [](StartOrder& o) { o.argv.clear(); }, "no command"},
                      Refused{"NulInArgument", [](StartOrder& o) { o.argv[1] = std::string("a\0", 2); }, "holds a NUL"},
                      Refused{"VariableWithEquals", [](StartOrder& o) { o.environment["A=B"] = ""; }, "cannot be"}),
    [](const auto& one) { return one.param.what; });

TEST(Protocol, RefusesWhatIsMalformed) {
  EXPECT_FALSE(decode_order(""));
  EXPECT_FALSE(decode_order("not CBOR"));
  EXPECT_FALSE(decode_order(encode(RunnerReport(LostReport{"t"}))));
  EXPECT_FALSE(decode_order(encode(RunnerOrder(SignalOrder{"t", 0}))));
  EXPECT_FALSE(decode_order(encode(RunnerOrder(SignalOrder{"t", 1000}))));
  const std::string good = encode(RunnerOrder(some_start()));
  for (std::size_t size = 0; size < good.size(); ++size) EXPECT_FALSE(decode_order(good.substr(0, size))) << size;
  EXPECT_FALSE(decode_order(std::string(limits::runner_message_bytes + 1, 'x')));
  std::string wrong;
  nlohmann::json::to_cbor({{"message", "signal"}, {"token", 5}, {"signal", "x"}}, wrong);
  EXPECT_FALSE(decode_order(wrong));
}

}  // namespace
}  // namespace takt
