#include "action/limits.h"
#include "action_fixture.h"
#include "base/limits.h"
#include "echo_service.h"

namespace takt {
namespace {

class CallTest : public ActionTest {
 protected:
  CallTest() {
    service_ = std::make_unique<EchoService>(daemon_.address());
    make({daemon_.address(), std::nullopt});
  }
  ~CallTest() override {
    runner_.reset();
    daemon_.stop();
  }

  static CallAction call(const std::string& method, const std::string& signature, const std::string& args) {
    CallAction action;
    action.service = "org.example.Echo";
    action.path = "/org/example/Echo";
    action.interface = "org.example.Echo";
    action.method = method;
    action.signature = signature;
    action.args = Value::parse(args);
    return action;
  }

  BusDaemon daemon_;
  std::unique_ptr<EchoService> service_;
};

TEST_F(CallTest, EveryTypeComesBackAsItWent) {
  struct {
    const char* signature;
    const char* args;
    const char* reply;  // empty: the one argument
  } const cases[] = {
      {"", "[]", "null"},
      {"si", R"(["a", 1])", R"(["a", 1])"},
      {"b", "[true]", "true"},
      {"y", "[255]", ""},
      {"n", "[-32768]", ""},
      {"q", "[65535]", ""},
      {"i", "[-2147483648]", ""},
      {"u", "[4294967295]", ""},
      {"x", "[-9223372036854775808]", ""},
      {"t", "[18446744073709551615]", ""},
      {"u", "[2.0]", "2"},
      {"d", "[0.25]", ""},
      {"d", "[3]", "3.0"},
      {"s", R"(["é"])", ""},
      {"o", R"(["/a/b"])", ""},
      {"g", R"(["a{sv}"])", ""},
      {"as", R"([["a", ""]])", ""},
      {"as", "[[]]", ""},
      {"aai", "[[[1, 2], [], [3]]]", ""},
      {"ay", R"(["é"])", ""},
      {"ay", "[[104, 105]]", R"("hi")"},
      {"ay", "[[104, 105, 0]]", R"("hi")"},
      {"ay", "[[0, 1, 255]]", ""},
      {"(i(sb))", R"([[1, ["a", false]]])", ""},
      {"a(su)", R"([[["a", 1], ["b", 2]]])", ""},
      {"a{sas}", R"([{"a": ["x", "y"], "b": []}])", ""},
      {"a{us}", R"([{"7": "seven"}])", ""},
      {"a{bs}", R"([{"true": "yes"}])", ""},
      {"a{oa{sv}}", R"([{"/a": {"x": 1, "y": [true, {"z": 0.5}]}}])", ""},
      {"v", "[18446744073709551615]", ""},
      {"av", R"([[1, "a", false, 1.5, [], {}]])", ""},
      {"v", R"j([{"signature": "(sas)", "value": ["a", ["b"]]}])j", R"(["a", ["b"]])"},
  };
  for (const auto& one : cases) {
    const auto result = perform(call("Echo", one.signature, one.args));
    ASSERT_TRUE(result) << one.signature << " " << one.args << ": " << result.error().message;
    EXPECT_EQ(value_text(*result), value_text(*one.reply == '\0' ? Value::parse(one.args)[0] : Value::parse(one.reply)))
        << one.signature;
  }
}

TEST_F(CallTest, AVariantHoldsTheNaturalTypeOrTheOneThatItSays) {
  for (const auto& [value, type] :
       std::map<std::string, std::string>{{"true", "b"},
                                          {"5", "x"},
                                          {"-5", "x"},
                                          {"18446744073709551615", "t"},
                                          {"0.5", "d"},
                                          {R"("a")", "s"},
                                          {R"(["a"])", "av"},
                                          {R"({"a": 1})", "a{sv}"},
                                          {R"({"signature": "u", "value": 5})", "u"},
                                          {R"j({"signature": "a(sv)", "value": []})j", "a(sv)"}}) {
    const auto result = perform(call("Type", "v", "[" + value + "]"));
    ASSERT_TRUE(result) << value << ": " << result.error().message;
    EXPECT_EQ(*result, type) << value;
  }
}

TEST_F(CallTest, RefusedBeforeAnythingIsSent) {
  struct {
    const char* signature;
    const char* args;
    const char* error;
  } const cases[] = {
      {"y", "[256]", "argument 1: 256 is not a whole number from 0 to 255 (type 'y')"},
      {"n", "[32768]", "argument 1: 32768 is not a whole number from -32768 to 32767 (type 'n')"},
      {"q", "[-1]", "argument 1: -1 is not a whole number from 0 to 65535 (type 'q')"},
      {"i", "[2147483648]", "argument 1: 2147483648 is not a whole number from -2147483648 to 2147483647 (type 'i')"},
      {"u", "[0.5]", "argument 1: 0.5 is not a whole number from 0 to 4294967295 (type 'u')"},
      {"x", "[9223372036854775808]",
       "argument 1: 9223372036854775808 is not a whole number from -9223372036854775808 to 9223372036854775807 (type "
       "'x')"},
      {"t", "[1e19]", "argument 1: 1e+19 is not a whole number from 0 to 18446744073709551615 (type 't')"},
      {"su", R"(["a", "5"])", R"(argument 2: "5" is not a whole number from 0 to 4294967295 (type 'u'))"},
      {"b", "[1]", "argument 1: 1 is not of type 'b'"},
      {"d", R"(["1"])", R"(argument 1: "1" is not of type 'd')"},
      {"s", "[null]", "argument 1: null is not of type 's'"},
      {"s", R"(["a\u0000b"])", "argument 1: a text holds a NUL"},
      {"o", R"(["a/b"])", R"(argument 1: "a/b" is not of type 'o')"},
      {"g", R"(["a{"])", R"(argument 1: "a{" is not of type 'g')"},
      {"as", "[1]", "argument 1: 1 is not of type 'as'"},
      {"as", "[[1]]", "argument 1: 1 is not of type 's'"},
      {"a{sv}", "[[]]", "argument 1: [] is not of type 'a{sv}'"},
      {"a{us}", R"([{"x": ""}])", R"(argument 1: "x" is not of type 'u')"},
      {"a{ys}", R"([{"256": ""}])", "argument 1: 256 is not a whole number from 0 to 255 (type 'y')"},
      {"(ss)", R"([["a"]])", "argument 1: there is no value for 's'"},
      {"(s)", R"([["a", "b"]])", "argument 1: there are more values than types"},
      {"v", "[null]", "argument 1: null has no counterpart in D-Bus"},
      {"v", R"([{"signature": "ss", "value": 1}])", "argument 1: 'ss' is not the signature of one value"},
      {"h", "[0]", "argument 1: a descriptor cannot be given (type 'h')"},
      {"z", "[0]", "argument 1: 'z' is no type of D-Bus"},
      {"s", "[]", "there are 0 arguments; the signature 's' wants more: 's'"},
      {"s", R"(["a", "b"])", "there are 2 arguments; the signature 's' has types for 1"},
      {"(s", R"([["a"]])", "there are 1 arguments; the signature '(s' has types for 0"},
      {"", R"("a")", "the arguments are not a list"},
  };
  for (const auto& one : cases) EXPECT_EQ(error_of(call("Echo", one.signature, one.args)), one.error);
  for (const char* signature : {"a{vs}", "a{s}", "(s}", "a", "()", "{sv}"})
    EXPECT_FALSE(perform(call("Echo", signature, R"([{"a": 1}])"))) << signature;
  EXPECT_FALSE(perform(call("Echo", std::string(70, 'a') + "s", "[[]]")));
  EXPECT_TRUE(perform(call("Echo", "s", R"(["still there"])")));
}

TEST_F(CallTest, NamesThatAreNoneAreRefused) {
  const auto with = [this](std::string CallAction::*member, const char* text) {
    CallAction action = call("Echo", "", "[]");
    action.*member = text;
    return error_of(action);
  };
  EXPECT_EQ(with(&CallAction::service, "echo"), "'echo' is not the name of a service");
  EXPECT_EQ(with(&CallAction::path, "org"), "'org' is not the path of an object");
  EXPECT_EQ(with(&CallAction::interface, "x"), "'x' is not the name of an interface");
  EXPECT_EQ(with(&CallAction::method, "a.b"), "'a.b' is not the name of a method");
}

TEST_F(CallTest, ErrorsAreToldAsTheyCame) {
  EXPECT_EQ(error_of(call("Fail", "", "[]")), "org.example.Error.Wrong: it went wrong");
  CallAction nobody = call("Echo", "", "[]");
  nobody.service = "org.example.Nobody";
  EXPECT_EQ(
      error_of(nobody),
      "org.freedesktop.DBus.Error.ServiceUnknown: The name org.example.Nobody was not provided by any .service files");
  EXPECT_EQ(error_of(call("NotANumber", "", "[]")), "the reply: a number is not finite; JSON has none such");
  EXPECT_EQ(error_of(call("Descriptor", "", "[]")).substr(0, 11), "the reply: ");
}

TEST_F(CallTest, AReplyIsBounded) {
  Value args = Value::array({std::string(limits::value_bytes, 'x')});
  EXPECT_EQ(error_of(call("Echo", "s", value_text(args))),
            "the reply is 1048578 bytes as JSON; at most 1048576 are taken");
}

TEST_F(CallTest, WhatIsStoppedIsNotHeardOf) {
  start("1.1.0.1", call("Silent", "", "[]"));
  start("2.1.0.1", call("Echo", "", "[]"));
  runner_->stop("1.1.0.1");
  runner_->stop("2.1.0.1");
  EXPECT_TRUE(perform(call("Echo", "", "[]")));
  EXPECT_EQ(ended_.size(), 1U);
}

TEST_F(CallTest, AnEndMayStartTheNextAndStopAnother) {
  start("1.1.0.1", call("Silent", "", "[]"));
  std::vector<std::string> ended;
  runner_->set_ended([&](const ActionEnded& end) {
    ended.push_back(end.token);
    if (end.token != "2.1.0.1") return;
    runner_->stop("1.1.0.1");
    runner_->start({"3.1.0.1", "p", "s", call("Echo", "", "[]")});
  });
  runner_->start({"2.1.0.1", "p", "s", call("Echo", "", "[]")});
  until([&] { return ended.size() == 2; });
  EXPECT_EQ(ended.back(), "3.1.0.1");
}

TEST_F(CallTest, ABusThatGoesFailsItsCallsAndIsConnectedToAgain) {
  start("1.1.0.7", call("Silent", "", "[]"));
  EXPECT_TRUE(perform(call("Echo", "", "[]")));
  daemon_.stop();
  service_.reset();
  EXPECT_FALSE(end_of("1.1.0.7"));
  until([this] { return !log_.messages.empty(); });
  EXPECT_TRUE(log_.messages.at(0).starts_with("the system bus went away: ")) << log_.messages.at(0);
  EXPECT_EQ(error_of(call("Echo", "", "[]")), "connect to the system bus: No such file or directory");
  daemon_.start();
  service_ = std::make_unique<EchoService>(daemon_.address());
  EXPECT_EQ(*perform(call("Echo", "s", R"(["back"])")), "back");
}

TEST_F(CallTest, TheSessionBusIsThereForAUsersDaemonAlone) {
  CallAction action = call("Echo", "s", R"(["a"])");
  action.bus = BusKind::session;
  EXPECT_EQ(error_of(action), "the system's daemon has no session bus; a user's own (taktd --user) has");
  make({"unix:path=/nonexistent", daemon_.address()});
  EXPECT_EQ(*perform(action), "a");
  action.bus = BusKind::system;
  EXPECT_EQ(error_of(action), "connect to the system bus: No such file or directory");
}

TEST_F(CallTest, SoManyAtOnce) {
  for (std::size_t i = 0; i < limits::requests; ++i) start(fmt::format("{}.1.0.1", 100 + i), call("Silent", "", "[]"));
  EXPECT_EQ(error_of(call("Echo", "", "[]")), "1000 calls and requests are under way already");
  runner_->stop("100.1.0.1");
  start("2000.1.0.1", call("Echo", "", "[]"));
  EXPECT_TRUE(end_of("2000.1.0.1"));
}

}  // namespace
}  // namespace takt
