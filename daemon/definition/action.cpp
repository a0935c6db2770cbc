// What a step does: `run`, `shell`, `process`, `call`, `http`, `emit`, `approve`, `wait`, `set`.
#include "definition/action.h"

#include <fmt/core.h>

#include <algorithm>

#include "base/bus_names.h"
#include "base/limits.h"
#include "definition/folders.h"
#include "definition/limits.h"
#include "definition/parts.h"
#include "definition/words.h"

namespace takt {
namespace {

constexpr std::int64_t least_status = 100;
constexpr std::int64_t greatest_status = 599;

// Whether every text of a value could be expanded: the first that could not is told.
void check_texts(TableReader& reader, std::string_view key, const Value& value, const ParseContext& context) {
  if (value.is_string()) {
    if (const auto checked = context.evaluator.check_text(value.text()); !checked)
      reader.error(key, checked.error().message);
  }
  for (const Value* child : value.children()) check_texts(reader, key, *child, context);
}

// A value of any kind, or an object, in which texts may hold ${…}.
Value parse_value(TableReader& reader, std::string_view key, const ParseContext& context, const Value& fallback) {
  auto value = reader.value(key);
  if (!value) return fallback;
  check_texts(reader, key, *value, context);
  return *std::move(value);
}
Value parse_object(TableReader& reader, std::string_view key, const ParseContext& context) {
  if (reader.has(key) && reader.table(key) == nullptr) return Value::object();
  return parse_value(reader, key, context, Value::object());
}

void require(TableReader& reader, std::string_view key, std::string_view what) {
  if (!reader.has(key)) reader.error("", fmt::format("expected `{}`, {}", key, what));
}

// A text that may hold ${…}, and says something.
std::string parse_filled(TableReader& reader, std::string_view key, const ParseContext& context) {
  std::string text = parse_template(reader, key, context);
  const auto* node = reader.find(key);
  if (node != nullptr && std::holds_alternative<std::string>(node->value) && std::get<std::string>(node->value).empty())
    reader.error(key, "it is empty");
  return text;
}

RunAction parse_run(TableReader& reader, const ParseContext& context) {
  if (std::holds_alternative<std::string>(reader.find("run")->value)) {
    reader.error(
        "run", "expected an array of strings such as [\"prog\", \"argument\"]; a line for the shell goes with `shell`");
    return {};
  }
  return {parse_arguments(reader, "run", context)};
}

ShellAction parse_shell(TableReader& reader) {
  ShellAction action;
  action.script = reader.text("shell").value_or("");
  if (action.script.size() > limits::argument_bytes)
    reader.error("shell", fmt::format("a script has at most {} bytes", limits::argument_bytes));
  for (const std::string_view pasted : {"${inputs.", "${steps.", "${trigger.", "${execution.", "${env.", "${item"})
    if (action.script.find(pasted) != std::string::npos) {
      reader.warning("shell", fmt::format("\"{}…\" is not expanded in a script; inputs arrive as variables such as "
                                          "$TAKT_INPUT_NAME, others go into `environment`",
                                          pasted));
      break;
    }
  if (const auto interpreter = reader.text("interpreter")) {
    action.interpreter = *interpreter;
    if (!interpreter->starts_with('/')) reader.error("interpreter", "expected an absolute path");
  }
  return action;
}

ProcessAction parse_process(TableReader& reader, const ParseContext& context) {
  ProcessAction action;
  action.process = reader.text("process").value_or("");
  if (!action.process.empty() && !valid_process_name(action.process))
    reader.error("process", fmt::format("\"{}\" is not the name of a process", action.process));
  action.inputs = parse_object(reader, "inputs", context);
  return action;
}

CallAction parse_call(TableReader& reader, const ParseContext& context) {
  CallAction call;
  call.bus = reader.word("bus", bus_words).value_or(BusKind::system);
  const auto name = [&](std::string_view key, std::string_view what, bool (*valid)(const std::string&)) {
    require(reader, key, what);
    std::string text = reader.text(key).value_or("");
    if (!text.empty() && !valid(text)) reader.error(key, fmt::format("\"{}\" is not {}", text, what));
    return text;
  };
  call.service = name("service", "the name of a service, such as \"org.freedesktop.login1\"", valid_bus_service);
  call.path = name("path", "the path of an object, such as \"/org/freedesktop/login1\"", valid_bus_path);
  call.interface =
      name("interface", "the name of an interface, such as \"org.freedesktop.login1.Manager\"", valid_bus_interface);
  call.method = name("method", "the name of a method, such as \"ListSessions\"", valid_bus_member);
  call.signature = reader.any_text("signature").value_or("");
  if (const auto* node = reader.find("args"); node != nullptr && !std::holds_alternative<TomlArray>(node->value))
    reader.error("args", "expected an array, one value for each type of the signature");
  call.args = parse_value(reader, "args", context, Value::array());
  const auto types = bus_types(call.signature);
  if (!types)
    reader.error("signature", "not a D-Bus signature, such as \"sa{sv}\"");
  else if (call.args.is_array() && call.args.size() != *types)
    reader.error(reader.has("args") ? "args" : "signature",
                 fmt::format("the signature \"{}\" has {} types, and there are {} arguments", call.signature, *types,
                             call.args.size()));
  return call;
}

bool is_token(std::string_view text) {  // RFC 9110, 5.6.2
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
  });
}

HttpAction parse_http(TableReader& reader, const ParseContext& context) {
  HttpAction http;
  http.method = reader.text("method").value_or("GET");
  if (!is_token(http.method)) reader.error("method", fmt::format("\"{}\" is not an HTTP method", http.method));
  require(reader, "url", "such as \"https://example.org/\"");
  http.url = parse_filled(reader, "url", context);
  if (!http.url.empty() && !http.url.starts_with("http://") && !http.url.starts_with("https://") &&
      !http.url.starts_with("${"))
    reader.error("url", "expected an address that begins with \"https://\" or \"http://\"");
  http.headers = reader.text_table("headers").value_or(std::map<std::string, std::string>{});
  for (const auto& [name, text] : http.headers) {
    if (!is_token(name)) reader.error("headers", fmt::format("\"{}\" is not the name of a header", name));
    if (const auto checked = context.evaluator.check_text(text); !checked)
      reader.error("headers", checked.error().message);
  }
  http.body = parse_value(reader, "body", context, nullptr);
  for (const Value& status : reader.values("expect").value_or(std::vector<Value>{})) {
    const std::int64_t code = status.is_whole() ? status.get<std::int64_t>() : 0;
    if (code >= least_status && code <= greatest_status)
      http.expect.push_back(static_cast<int>(code));
    else
      reader.error("expect", fmt::format("expected status codes from {} to {}", least_status, greatest_status));
  }
  return http;
}

EmitAction parse_emit(TableReader& reader, const ParseContext& context) {
  EmitAction emit;
  require(reader, "event", "the name of the event");
  emit.event = parse_filled(reader, "event", context);
  if (emit.event.size() > limits::name_bytes)
    reader.error("event", fmt::format("a name has at most {} bytes", limits::name_bytes));
  emit.payload = parse_object(reader, "payload", context);
  return emit;
}

ApproveAction parse_approve(TableReader& reader, const ParseContext& context) {
  ApproveAction approve;
  require(reader, "message", "what is to be approved");
  approve.message = parse_filled(reader, "message", context);
  approve.users = reader.texts("users").value_or(std::vector<std::string>{});
  approve.groups = reader.texts("groups").value_or(std::vector<std::string>{});
  approve.fallback = reader.boolean("default");
  return approve;
}

WaitAction parse_wait(TableReader& outer, const ParseContext& context) {
  WaitAction wait;
  const auto* node = outer.find("wait");
  if (!std::holds_alternative<TomlTable>(node->value)) {
    wait.span = outer.duration("wait");
    return wait;
  }
  TableReader reader(outer.report(), std::get<TomlTable>(node->value), outer.path_of("wait"), node->place);
  if (reader.has("until") == reader.has("event"))
    reader.error("", "expected either `until`, an instant, or `event`, the name of one");
  wait.until = parse_filled(reader, "until", context);
  if (!wait.until.empty() && wait.until.find("${") == std::string::npos)
    if (const auto instant = parse_rfc3339(wait.until); !instant) reader.error("until", instant.error().message);
  wait.event = reader.text("event").value_or("");
  if (wait.event.size() > limits::name_bytes)
    reader.error("event", fmt::format("a name has at most {} bytes", limits::name_bytes));
  if (reader.has("event")) wait.match = parse_object(reader, "match", context);
  reader.elsewhere({"match"}, "`event`");
  reader.finish();
  return wait;
}

}  // namespace

std::vector<std::string> parse_arguments(TableReader& reader, std::string_view key, const ParseContext& context) {
  const auto* node = reader.find(key);
  auto arguments = reader.texts(key).value_or(std::vector<std::string>{});
  if (node == nullptr) return arguments;
  if (const auto* array = std::get_if<TomlArray>(&node->value); array != nullptr && array->empty())
    reader.error(key, "it names no program");
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const auto& place = std::get<TomlArray>(node->value)[i].place;
    const auto path = reader.path_of(fmt::format("{}[{}]", key, i + 1));
    if (i == 0 && arguments[i].empty()) reader.report().error(place, path, "it names no program");
    if (arguments[i].size() > limits::argument_bytes)
      reader.report().error(place, path, fmt::format("an argument has at most {} bytes", limits::argument_bytes));
    if (const auto checked = context.evaluator.check_text(arguments[i]); !checked)
      reader.report().error(place, path, checked.error().message);
  }
  return arguments;
}

std::optional<StepAction> parse_action(TableReader& reader, const ParseContext& context) {
  const auto word =
      parse_kind(reader, {"run", "shell", "process", "call", "http", "emit", "approve", "wait", "set"}, {});
  if (!word) return std::nullopt;
  if (*word == "run") return parse_run(reader, context);
  if (*word == "shell") return parse_shell(reader);
  if (*word == "process") return parse_process(reader, context);
  if (*word == "call") return read_table(reader, *word, parse_call, context);
  if (*word == "http") return read_table(reader, *word, parse_http, context);
  if (*word == "emit") return read_table(reader, *word, parse_emit, context);
  if (*word == "approve") return read_table(reader, *word, parse_approve, context);
  if (*word == "wait") return parse_wait(reader, context);
  return SetAction{parse_object(reader, "set", context)};
}

}  // namespace takt
