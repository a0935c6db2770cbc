// What a step does, by the key that names it: what a good text becomes, and what is told of a wrong one.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/limits.h"
#include "support.h"

namespace takt {
namespace {

using testing::ElementsAre;

template <class Action>
Action good_action(const std::string& text) {
  const Step step = good_step(text);
  EXPECT_TRUE(std::holds_alternative<Action>(step.action)) << text;
  return std::holds_alternative<Action>(step.action) ? std::get<Action>(step.action) : Action{};
}

TEST(Actions, TakeEveryKeyOfAProcess) {
  const auto action = good_action<ProcessAction>("process = 'child.v2'\ninputs = { n = '${inputs.n}', m = 5 }");
  EXPECT_EQ(action.process, "child.v2");
  EXPECT_EQ(action.inputs, Value({{"n", "${inputs.n}"}, {"m", 5}}));
  EXPECT_EQ(good_action<ProcessAction>("process = 'x'").inputs, Value::object());
}

TEST(Actions, TakeEveryKeyOfACall) {
  const auto call = good_action<CallAction>(R"(
    [step.call]
    bus       = "session"
    service   = "org.example.Service"
    path      = "/org/example"
    interface = "org.example.Interface"
    method    = "Do"
    signature = "sa{sv}(ii)aas"
    args      = ["${inputs.x}", { a = { signature = "u", value = 5 } }, [1, 2], [["x"], []]])");
  EXPECT_EQ(call.bus, BusKind::session);
  EXPECT_EQ(call.service, "org.example.Service");
  EXPECT_EQ(call.path, "/org/example");
  EXPECT_EQ(call.interface, "org.example.Interface");
  EXPECT_EQ(call.method, "Do");
  EXPECT_EQ(call.signature, "sa{sv}(ii)aas");
  EXPECT_EQ(call.args, parse_value(R"(["${inputs.x}", {"a": {"signature": "u", "value": 5}}, [1, 2], [["x"], []]])"));
  const auto bare = good_action<CallAction>("call = { service = ':1.5', path = '/', interface = 'a.b', method = 'M' }");
  EXPECT_EQ(bare.bus, BusKind::system);
  EXPECT_EQ(bare.signature, "");
  EXPECT_EQ(bare.args, Value::array());
}

TEST(Actions, TakeEveryKeyOfAnHttpRequest) {
  const auto http = good_action<HttpAction>(R"(
    [step.http]
    method  = "POST"
    url     = "https://example.org/${inputs.id}"
    headers = { Authorization = "Bearer ${env.TOKEN}", Accept = "" }
    body    = { text = "${steps.x.result}", list = [1, true] }
    expect  = [201, 409])");
  EXPECT_EQ(http.method, "POST");
  EXPECT_EQ(http.url, "https://example.org/${inputs.id}");
  EXPECT_EQ(http.headers,
            (std::map<std::string, std::string>{{"Accept", ""}, {"Authorization", "Bearer ${env.TOKEN}"}}));
  EXPECT_EQ(http.body, parse_value(R"({"text": "${steps.x.result}", "list": [1, true]})"));
  EXPECT_THAT(http.expect, ElementsAre(201, 409));
  const auto bare = good_action<HttpAction>("http = { url = '${inputs.url}' }");
  EXPECT_EQ(bare.method, "GET");
  EXPECT_TRUE(bare.body.is_null());
  EXPECT_TRUE(bare.expect.empty());
  EXPECT_EQ(good_action<HttpAction>("http = { url = 'http://x', body = 'plain' }").body, Value("plain"));
}

TEST(Actions, TakeEveryKeyOfAnEvent) {
  const auto emit =
      good_action<EmitAction>("emit = { event = 'done.${inputs.x}', payload = { id = '${execution.id}' } }");
  EXPECT_EQ(emit.event, "done.${inputs.x}");
  EXPECT_EQ(emit.payload, Value({{"id", "${execution.id}"}}));
  EXPECT_EQ(good_action<EmitAction>("emit = { event = 'done' }").payload, Value::object());
}

TEST(Actions, TakeEveryKeyOfAnApproval) {
  const auto approve = good_action<ApproveAction>(
      "approve = { message = 'Ship ${inputs.x}?', users = ['ada', 'ben'], groups = ['ops'], default = false }");
  EXPECT_EQ(approve.message, "Ship ${inputs.x}?");
  EXPECT_THAT(approve.users, ElementsAre("ada", "ben"));
  EXPECT_THAT(approve.groups, ElementsAre("ops"));
  EXPECT_EQ(approve.fallback, false);
  EXPECT_FALSE(good_action<ApproveAction>("approve = { message = 'x' }").fallback);
}

TEST(Actions, WaitForASpanAnInstantOrAnEvent) {
  EXPECT_EQ(good_action<WaitAction>("wait = '1h 30min'").span, std::chrono::minutes(90));
  EXPECT_EQ(good_action<WaitAction>("wait = 90").span, std::chrono::seconds(90));
  const auto until = good_action<WaitAction>("wait = { until = '2026-12-19T04:00:00Z' }");
  EXPECT_EQ(until.until, "2026-12-19T04:00:00Z");
  EXPECT_FALSE(until.span);
  EXPECT_EQ(until.event, "");
  EXPECT_EQ(good_action<WaitAction>("wait = { until = '${inputs.at}' }").until, "${inputs.at}");
  const auto event =
      good_action<WaitAction>("wait = { event = 'paid', match = { order = '${inputs.order}', sum = 5 } }");
  EXPECT_EQ(event.event, "paid");
  EXPECT_EQ(event.match, Value({{"order", "${inputs.order}"}, {"sum", 5}}));
  EXPECT_FALSE(event.span);
}

TEST(Actions, SetTakesValuesOfEveryKind) {
  EXPECT_EQ(good_action<SetAction>("set = { a = '${inputs.a}', b = [1, { c = 2.5 }], d = true }").values,
            parse_value(R"({"a": "${inputs.a}", "b": [1, {"c": 2.5}], "d": true})"));
  EXPECT_EQ(good_action<SetAction>("set = {}").values, Value::object());
}

TEST(Actions, HaveTheirKeyForAName) {
  const std::pair<const char*, const char*> cases[] = {
      {"run", "['x']"},
      {"shell", "'x'"},
      {"process", "'x'"},
      {"call", "{ service = 'a.b', path = '/', interface = 'a.b', method = 'M' }"},
      {"http", "{ url = 'http://x' }"},
      {"emit", "{ event = 'x' }"},
      {"approve", "{ message = 'x' }"},
      {"wait", "'1s'"},
      {"set", "{}"}};
  for (const auto& [key, value] : cases) {
    const Step step = good_step(fmt::format("{} = {}", key, value));
    EXPECT_EQ(action_word(step.action), key);
    EXPECT_EQ(is_command(step.action), std::string_view(key) == "run" || std::string_view(key) == "shell");
  }
}

struct WrongAction {
  const char* text;      // what stands below [[step]] and its name, from line 3 on
  const char* expected;  // the one diagnostic
};
class ToldOfActions : public testing::TestWithParam<WrongAction> {};

TEST_P(ToldOfActions, ExactlyThis) {
  EXPECT_THAT(told(std::string("[[step]]\nname = 'a'\n") + GetParam().text), ElementsAre(GetParam().expected));
}

INSTANTIATE_TEST_SUITE_P(
    Commands, ToldOfActions,
    testing::Values(WrongAction{"process = 'Child'", "3:11 step[1].process: \"Child\" is not the name of a process"},
                    WrongAction{"process = ['x']", "3:11 step[1].process: expected a string, got an array"},
                    WrongAction{"process = 'x'\ninputs = 5", "4:10 step[1].inputs: expected a table, got an integer"},
                    WrongAction{"process = 'x'\ninputs = { n = ['${1 +}'] }",
                                "4:10 step[1].inputs: expression `1 +`: unexpected symbol near <eof>"},
                    WrongAction{"run = ['x']\ninputs = { n = 1 }",
                                "4:1 step[1].inputs: it has no meaning here; it goes with `process`"},
                    WrongAction{"emit = { event = 'x' }\nshell = 'y'",
                                "3:1 step[1].emit: only one of \"shell\" or \"emit\" can stand in one table"},
                    WrongAction{"wait = '1s'\nenvironment = { A = 'x' }",
                                "4:1 step[1].environment: it has no meaning here; it goes with `run` and `shell`"},
                    WrongAction{"wait = '1s'\ndirectory = '/x'",
                                "4:1 step[1].directory: it has no meaning here; it goes with `run` and `shell`"},
                    WrongAction{"wait = '1s'\nuser = 'ada'",
                                "4:1 step[1].user: it has no meaning here; it goes with `run` and `shell`"},
                    WrongAction{"wait = '1s'\nstdin = 'x'",
                                "4:1 step[1].stdin: it has no meaning here; it goes with `run` and `shell`"},
                    WrongAction{"wait = '1s'\nresult = 'none'",
                                "4:1 step[1].result: it has no meaning here; it goes with `run` and `shell`"},
                    WrongAction{"wait = '1s'\nkill = { grace = 1 }",
                                "4:1 step[1].kill: it has no meaning here; it goes with `run` and `shell`"},
                    WrongAction{"wait = '1s'\ninterpreter = '/bin/sh'",
                                "4:1 step[1].interpreter: it has no meaning here; it goes with `shell`"},
                    WrongAction{"wait = '1s'\nundo = ['x']\nstdin = 'x'",
                                "5:1 step[1].stdin: it has no meaning here; it goes with `run` and `shell`"}),
    [](const auto& one) { return std::to_string(one.index); });

INSTANTIATE_TEST_SUITE_P(
    Calls, ToldOfActions,
    testing::Values(
        WrongAction{"call = 'x'", "3:8 step[1].call: expected a table, got a string"},
        WrongAction{"call = { path = '/', interface = 'a.b', method = 'M' }",
                    "3:8 step[1].call: expected `service`, the name of a service, such as \"org.freedesktop.login1\""},
        WrongAction{"call = { service = 'a.b', interface = 'a.b', method = 'M' }",
                    "3:8 step[1].call: expected `path`, the path of an object, such as \"/org/freedesktop/login1\""},
        WrongAction{"call = { service = 'a.b', path = '/', method = 'M' }",
                    "3:8 step[1].call: expected `interface`, the name of an interface, such as "
                    "\"org.freedesktop.login1.Manager\""},
        WrongAction{"call = { service = 'a.b', path = '/', interface = 'a.b' }",
                    "3:8 step[1].call: expected `method`, the name of a method, such as \"ListSessions\""},
        WrongAction{
            "call = { service = 'a', path = '/', interface = 'a.b', method = 'M' }",
            "3:20 step[1].call.service: \"a\" is not the name of a service, such as \"org.freedesktop.login1\""},
        WrongAction{"call = { service = 'a.b', path = 'x', interface = 'a.b', method = 'M' }",
                    "3:34 step[1].call.path: \"x\" is not the path of an object, such as \"/org/freedesktop/login1\""},
        WrongAction{"call = { service = 'a.b', path = '/', interface = 'ab', method = 'M' }",
                    "3:51 step[1].call.interface: \"ab\" is not the name of an interface, such as "
                    "\"org.freedesktop.login1.Manager\""},
        WrongAction{"call = { service = 'a.b', path = '/', interface = 'a.b', method = 'M.x' }",
                    "3:67 step[1].call.method: \"M.x\" is not the name of a method, such as \"ListSessions\""},
        WrongAction{
            "call = { bus = 'sesion', service = 'a.b', path = '/', interface = 'a.b', method = 'M' }",
            "3:16 step[1].call.bus: expected \"system\" or \"session\", got \"sesion\" (did you mean \"session\"?)"},
        WrongAction{"call = { service = 'a.b', path = '/', interface = 'a.b', method = 'M', sig = 's' }",
                    "3:72 step[1].call.sig: unknown key"},
        WrongAction{"call = { service = 'a.b', path = '/', interface = 'a.b', method = 'M', signature = 's' }",
                    "3:84 step[1].call.signature: the signature \"s\" has 1 types, and there are 0 arguments"},
        WrongAction{"call = { service = 'a.b', path = '/', interface = 'a.b', method = 'M', args = [1] }",
                    "3:79 step[1].call.args: the signature \"\" has 0 types, and there are 1 arguments"},
        WrongAction{"call = { service = 'a.b', path = '/', interface = 'a.b', method = 'M', signature = 'a{sv}', "
                    "args = [{}, 1] }",
                    "3:100 step[1].call.args: the signature \"a{sv}\" has 1 types, and there are 2 arguments"},
        WrongAction{"call = { service = 'a.b', path = '/', interface = 'a.b', method = 'M', signature = 's', "
                    "args = 'x' }",
                    "3:96 step[1].call.args: expected an array, one value for each type of the signature"},
        WrongAction{"call = { service = 'a.b', path = '/', interface = 'a.b', method = 'M', signature = 's', "
                    "args = ['${x}'] }",
                    "3:96 step[1].call.args: expression `x`: unknown name \"x\": an expression sees inputs, env, "
                    "trigger, execution, steps, item, index, and the functions contains, ends_with, length, lower, "
                    "max, min, starts_with, tonumber, tostring, trim, upper"}),
    [](const auto& one) { return std::to_string(one.index); });

TEST(Actions, ASignatureIsOneOfDBus) {
  for (const char* signature :
       {"z", "a", "(s", "s)", "(s}", "a{s", "a{sv", "{sv}", "()", "a{s}", "a{svv}", "a{vs}", "a{(i)s}", "(a)", "ah"})
    EXPECT_THAT(told(fmt::format("[[step]]\nname = 'a'\n[step.call]\nservice = 'a.b'\npath = '/'\ninterface = 'a.b'\n"
                                 "method = 'M'\nsignature = '{}'\nargs = [1]",
                                 signature)),
                ElementsAre("8:13 step[1].call.signature: not a D-Bus signature, such as \"sa{sv}\""))
        << signature;
}

INSTANTIATE_TEST_SUITE_P(
    Requests, ToldOfActions,
    testing::Values(WrongAction{"http = 'http://x'", "3:8 step[1].http: expected a table, got a string"},
                    WrongAction{"http = { url = '' }", "3:16 step[1].http.url: it is empty"},
                    WrongAction{"http = {}", "3:8 step[1].http: expected `url`, such as \"https://example.org/\""},
                    WrongAction{
                        "http = { url = 'ftp://x' }",
                        "3:16 step[1].http.url: expected an address that begins with \"https://\" or \"http://\""},
                    WrongAction{"http = { url = 'https://x/${inputs.}' }",
                                "3:16 step[1].http.url: expression `inputs.`: <name> expected near <eof>"},
                    WrongAction{"http = { url = 'https://x', method = 'A B' }",
                                "3:38 step[1].http.method: \"A B\" is not an HTTP method"},
                    WrongAction{"http = { url = 'https://x', headers = { 'A B' = 'x' } }",
                                "3:39 step[1].http.headers: \"A B\" is not the name of a header"},
                    WrongAction{"http = { url = 'https://x', headers = { A = 5 } }",
                                "3:45 step[1].http.headers.A: expected a string, got an integer"},
                    WrongAction{"http = { url = 'https://x', headers = { A = '${' } }",
                                "3:39 step[1].http.headers: \"${\" at byte 1 has no \"}\""},
                    WrongAction{"http = { url = 'https://x', body = { a = [{ b = '${1 +}' }] } }",
                                "3:36 step[1].http.body: expression `1 +`: unexpected symbol near <eof>"},
                    WrongAction{"http = { url = 'https://x', expect = 200 }",
                                "3:38 step[1].http.expect: expected an array, got an integer"},
                    WrongAction{"http = { url = 'https://x', expect = [200, 99] }",
                                "3:38 step[1].http.expect: expected status codes from 100 to 599"},
                    WrongAction{"http = { url = 'https://x', expect = ['200'] }",
                                "3:38 step[1].http.expect: expected status codes from 100 to 599"},
                    WrongAction{"http = { url = 'https://x', header = {} }",
                                "3:29 step[1].http.header: unknown key (did you mean \"headers\"?)"}),
    [](const auto& one) { return std::to_string(one.index); });

INSTANTIATE_TEST_SUITE_P(
    Others, ToldOfActions,
    testing::Values(
        WrongAction{"emit = 'x'", "3:8 step[1].emit: expected a table, got a string"},
        WrongAction{"emit = { event = '' }", "3:18 step[1].emit.event: it is empty"},
        WrongAction{"emit = {}", "3:8 step[1].emit: expected `event`, the name of the event"},
        WrongAction{"emit = { event = 'x', payload = 'y' }",
                    "3:33 step[1].emit.payload: expected a table, got a string"},
        WrongAction{"emit = { event = 'x', payload = { a = '${x}' } }",
                    "3:33 step[1].emit.payload: expression `x`: unknown name \"x\": an expression sees inputs, env, "
                    "trigger, execution, steps, item, index, and the functions contains, ends_with, length, lower, "
                    "max, min, starts_with, tonumber, tostring, trim, upper"},
        WrongAction{"emit = { event = 'x', playload = {} }",
                    "3:23 step[1].emit.playload: unknown key (did you mean \"payload\"?)"},
        WrongAction{"approve = true", "3:11 step[1].approve: expected a table, got a boolean"},
        WrongAction{"approve = { message = '' }", "3:23 step[1].approve.message: it is empty"},
        WrongAction{"approve = {}", "3:11 step[1].approve: expected `message`, what is to be approved"},
        WrongAction{"approve = { message = 'x', users = 'ada' }",
                    "3:36 step[1].approve.users: expected an array of strings, got a string"},
        WrongAction{"approve = { message = 'x', default = 'no' }",
                    "3:38 step[1].approve.default: expected true or false, got a string"},
        WrongAction{"approve = { message = '${', users = [] }",
                    "3:23 step[1].approve.message: \"${\" at byte 1 has no \"}\""},
        WrongAction{"wait = 'soon'", "3:8 step[1].wait: \"soon\" is not a time span: a number is expected at \"soon\""},
        WrongAction{"wait = { until = '' }", "3:18 step[1].wait.until: it is empty"},
        WrongAction{"wait = { until = '2026-12-19T04:00:00Z', match = {} }",
                    "3:42 step[1].wait.match: it has no meaning here; it goes with `event`"},
        WrongAction{"wait = {}", "3:8 step[1].wait: expected either `until`, an instant, or `event`, the name of one"},
        WrongAction{"wait = { until = '2026-12-19T04:00:00Z', event = 'x' }",
                    "3:8 step[1].wait: expected either `until`, an instant, or `event`, the name of one"},
        WrongAction{"wait = { until = 'tomorrow' }",
                    "3:18 step[1].wait.until: \"tomorrow\" is not an RFC 3339 instant (the date is YYYY-MM-DD); such "
                    "as 2026-12-19T07:30:00+03:30"},
        WrongAction{"wait = { event = 'x', match = ['y'] }", "3:31 step[1].wait.match: expected a table, got an array"},
        WrongAction{"wait = { event = 'x', match = { a = '${1 +}' } }",
                    "3:31 step[1].wait.match: expression `1 +`: unexpected symbol near <eof>"},
        WrongAction{"wait = { event = 'x', mach = {} }",
                    "3:23 step[1].wait.mach: unknown key (did you mean \"match\"?)"},
        WrongAction{"set = 'x'", "3:7 step[1].set: expected a table, got a string"},
        WrongAction{"set = { a = { b = '${1 +}' } }",
                    "3:7 step[1].set: expression `1 +`: unexpected symbol near <eof>"}),
    [](const auto& one) { return std::to_string(one.index); });

TEST(Actions, BoundTheNameOfAnEvent) {
  const std::string longest(limits::name_bytes, 'x');
  for (const std::string text : {"emit = { event = '%' }", "wait = { event = '%' }"}) {
    const auto with = [&text](const std::string& name) {
      std::string whole = "[[step]]\nname = 'a'\n" + text;
      return told(whole.replace(whole.find('%'), 1, name));
    };
    EXPECT_THAT(with(longest), testing::IsEmpty());
    EXPECT_THAT(with(longest + "x"), ElementsAre(testing::EndsWith("event: a name has at most 128 bytes")));
  }
}

}  // namespace
}  // namespace takt
