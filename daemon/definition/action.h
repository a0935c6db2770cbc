// What a step does.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/time.h"
#include "base/value.h"
#include "definition/machine.h"

namespace takt {

struct RunAction {
  std::vector<std::string> argv;  // not empty; each may hold ${…}
};
struct ShellAction {
  std::string script;  // handed over as it is
  std::string interpreter = "/bin/sh";
};
struct ProcessAction {  // a nested execution; its result is the step's
  std::string process;
  Value inputs = Value::object();  // texts may hold ${…}
};
struct CallAction {  // a D-Bus method call; the reply is the result: null, its one value, or the list of them
  BusKind bus = BusKind::system;
  std::string service;
  std::string path;
  std::string interface;
  std::string method;
  std::string signature;        // of the arguments; D-Bus specification, "Type System"
  Value args = Value::array();  // as many as the signature has complete types; texts may hold ${…}
};
struct HttpAction {  // the result is {status, headers, body}; a JSON body is parsed
  std::string method = "GET";
  std::string url;                             // may hold ${…}
  std::map<std::string, std::string> headers;  // values may hold ${…}
  Value body;               // null: none; a text is sent as it is, anything else as JSON; may hold ${…}
  std::vector<int> expect;  // status codes that are a success; empty: 200..299
};
struct EmitAction {
  std::string event;                // may hold ${…}
  Value payload = Value::object();  // texts may hold ${…}
};
struct ApproveAction {             // the step's `timeout` bounds the wait
  std::string message;             // may hold ${…}
  std::vector<std::string> users;  // who may answer beside root and whoever may control the process; names
  std::vector<std::string> groups;
  std::optional<bool> fallback;  // `default`: the answer when the time is over; nothing: the step is timed-out
};
struct WaitAction {  // exactly one of the three; the step's `timeout` bounds the wait for an event
  std::optional<Duration> span;
  std::string until;              // an instant as RFC 3339 has it; may hold ${…}
  std::string event;              // the payload is the result
  Value match = Value::object();  // members that the payload must have, equal
};
struct SetAction {  // the result is the object of the expanded values
  Value values = Value::object();
};
using StepAction = std::variant<RunAction, ShellAction, ProcessAction, CallAction, HttpAction, EmitAction,
                                ApproveAction, WaitAction, SetAction>;
// The key that names it: "run", "shell", "process", …
std::string_view action_word(const StepAction& action);
// A command of the runner's: `run` or `shell`.
bool is_command(const StepAction& action);

// What its result is taken from.
enum class ResultSource { file, standard_output, lines, none };
std::string_view to_word(ResultSource value);  // "standard output" is "stdout"

}  // namespace takt
