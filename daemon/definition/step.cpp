// [[step]]: one action, named by its key, and how it is run.
#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "base/limits.h"
#include "definition/parts.h"
#include "definition/words.h"

namespace takt {
namespace {

constexpr double greatest_backoff = 100;
constexpr std::int64_t greatest_retry_limit = 1'000'000;

RunAction parse_run(TableReader& reader, const ParseContext& context) {
  const auto* node = reader.find("run");
  if (std::holds_alternative<std::string>(node->value)) {
    reader.error(
        "run", "expected an array of strings such as [\"prog\", \"argument\"]; a line for the shell goes with `shell`");
    return {};
  }
  RunAction action{reader.texts("run").value_or(std::vector<std::string>{})};
  if (std::get_if<TomlArray>(&node->value) != nullptr && std::get<TomlArray>(node->value).empty())
    reader.error("run", "it names no program");
  for (std::size_t i = 0; i < action.argv.size(); ++i) {
    const auto& place = std::get<TomlArray>(node->value)[i].place;
    const auto key = reader.path_of(fmt::format("run[{}]", i + 1));
    if (i == 0 && action.argv[i].empty()) reader.report().error(place, key, "it names no program");
    if (action.argv[i].size() > limits::argument_bytes)
      reader.report().error(place, key, fmt::format("an argument has at most {} bytes", limits::argument_bytes));
    if (const auto checked = context.evaluator.check_text(action.argv[i]); !checked)
      reader.report().error(place, key, checked.error().message);
  }
  return action;
}

ShellAction parse_shell(TableReader& reader) {
  ShellAction action;
  action.script = reader.text("shell").value_or("");
  if (action.script.size() > limits::argument_bytes)
    reader.error("shell", fmt::format("a script has at most {} bytes", limits::argument_bytes));
  for (const std::string_view pasted : {"${inputs.", "${steps.", "${trigger.", "${execution.", "${env."})
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

std::optional<Retry> parse_retry(TableReader& outer) {
  const auto* node = outer.find("retry");
  if (node == nullptr || outer.table("retry") == nullptr) return std::nullopt;
  TableReader reader(outer.report(), std::get<TomlTable>(node->value), outer.path_of("retry"), node->place);
  Retry retry;
  if (!reader.has("limit")) reader.error("", "expected `limit`, the number of tries after the first");
  retry.limit = static_cast<int>(reader.integer("limit", 0, greatest_retry_limit).value_or(0));
  retry.delay = reader.duration("delay").value_or(Duration(0));
  retry.backoff = reader.number("backoff", 1, greatest_backoff).value_or(1);
  retry.max_delay = reader.duration("max_delay");
  if (auto outcomes = reader.words("on", retry_words)) retry.on = *std::move(outcomes);
  if (retry.on.empty()) reader.error("on", "it names no outcome");
  reader.finish();
  return retry;
}

// "SIGTERM", "TERM" (signal(7)); 0: none.
int signal_number(std::string_view name) {
  if (name.starts_with("SIG")) name.remove_prefix(3);
  for (int number = 1; number < NSIG; ++number)
    if (const char* known = ::sigabbrev_np(number); known != nullptr && name == known) return number;
  return 0;
}

Kill parse_kill(TableReader& outer) {
  Kill kill;
  const auto* node = outer.find("kill");
  if (node == nullptr || outer.table("kill") == nullptr) return kill;
  TableReader reader(outer.report(), std::get<TomlTable>(node->value), outer.path_of("kill"), node->place);
  if (const auto name = reader.text("signal")) {
    kill.signal = signal_number(*name);
    if (kill.signal == 0)
      reader.error("signal", fmt::format("expected the name of a signal such as \"SIGTERM\", got \"{}\"", *name));
  }
  kill.grace = reader.duration("grace").value_or(kill.grace);
  kill.leftovers = reader.boolean("leftovers").value_or(false);
  reader.finish();
  return kill;
}

std::string parse_name(TableReader& reader) {
  if (!reader.has("name")) reader.error("", "expected `name`, by which its result and its history are known");
  const auto name = reader.text("name");
  if (!name) return {};
  if (!valid_name(*name, true))
    reader.error("name",
                 fmt::format("the name of a step is at most {} letters, digits, _ and -, and begins with a letter or _",
                             limits::name_bytes));
  if (*name == "end") reader.error("name", "\"end\" is the name of the execution's end");
  return *name;
}

}  // namespace

Step parse_step(TableReader& reader, const ParseContext& context) {
  Step step;
  step.name = parse_name(reader);
  step.description = reader.any_text("description").value_or("");
  const auto word = parse_kind(reader, {"run", "shell"}, {"process", "call", "http", "emit", "approve", "wait", "set"});
  if (word == "run") step.action = parse_run(reader, context);
  if (word == "shell") step.action = parse_shell(reader);
  step.when = parse_expression(reader, "when", context);
  step.timeout = reader.duration("timeout", Duration(1));
  step.retry = parse_retry(reader);
  step.environment = parse_environment(reader, context);
  step.directory = parse_template(reader, "directory", context);
  if (!step.directory.empty() && !step.directory.starts_with('/') && !step.directory.starts_with("${"))
    reader.error("directory", "expected an absolute path");
  step.user = parse_user(reader, "user");
  step.standard_input = parse_template(reader, "stdin", context);
  step.result = reader.word("result", result_words).value_or(ResultSource::file);
  step.on_interrupt = reader.word("on_interrupt", on_interrupt_words).value_or(OnInterrupt::fail);
  step.kill = parse_kill(reader);
  step.continue_on_failure = reader.boolean("continue_on_failure").value_or(false);
  reader.elsewhere({"interpreter"}, "`shell`");
  reader.not_yet({"needs", "parallel_group", "on_success", "on_failure", "undo", "for_each", "max_parallel",
                  "max_visits", "group", "umask", "nice", "limits", "executor", "properties", "cache", "variants"});
  reader.finish();
  return step;
}

}  // namespace takt
