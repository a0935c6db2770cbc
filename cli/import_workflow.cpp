#include "cli/import_workflow.h"

#include <fmt/core.h>

#include <map>

#include "base/time.h"

namespace takt {
namespace {

// One step under way. What of its config is not used stays in `config`, and is noted.
struct WorkflowStep {
  DraftStep draft;
  Value config = Value::object();
  std::vector<std::string>& notes;
};

Value take(Value& object, const std::string& key) {
  Value* found = object.member(key);
  if (found == nullptr) return {};
  Value value = std::move(*found);
  object.erase(key);
  return value;
}

// The first of several members; null if there is none.
Value take_any(Value& object, const std::vector<std::string>& keys) {
  for (const std::string& key : keys) {
    if (Value value = take(object, key); !value.is_null()) return value;
  }
  return {};
}

// Seconds as a number, or a span as a text.
bool is_span(const Value& value) {
  return (value.is_number() && value.get<double>() >= 0) ||
         (value.is_string() && parse_duration(value.get<std::string>()).has_value());
}

bool turn_http(WorkflowStep& step) {
  const std::string url = member_text(step.config, "url");
  if (!url.starts_with("http://") && !url.starts_with("https://")) return false;
  Value http = Value::object();
  const Value method = take(step.config, "method");
  if (method.is_string()) http["method"] = method;
  http["url"] = literal_text(take(step.config, "url").get<std::string>());
  if (Value headers = take(step.config, "headers"); headers.is_object()) {
    for (auto& [name, value] : headers.items())
      value = literal_text(value.is_string() ? value.get<std::string>() : value_text(value));
    http["headers"] = headers;
  }
  if (Value body = take_any(step.config, {"body", "payload", "data", "json"}); !body.is_null()) {
    const std::string text = literal_text(value_text(body));
    const bool as_text = body.is_string() || has_null(body) || text != value_text(body);
    http["body"] = body.is_string() ? Value(literal_text(body.get<std::string>())) : as_text ? Value(text) : body;
  }
  step.draft.keys.emplace_back("http", toml_value(http));
  return true;
}

bool turn_command(WorkflowStep& step) {
  const Value command = take_any(step.config, {"command", "script", "cmd"});
  if (command.is_string()) {
    step.draft.keys.emplace_back("shell", toml_value(command));
    return true;
  }
  if (!command.is_array() || command.empty()) return false;
  Value argv = Value::array();
  for (const Value& word : command)
    argv.push_back(literal_text(word.is_string() ? word.get<std::string>() : value_text(word)));
  step.draft.keys.emplace_back("run", toml_value(argv));
  return true;
}

bool turn_wait(WorkflowStep& step) {
  const Value span = take_any(step.config, {"seconds", "duration", "delay"});
  if (!is_span(span)) return false;
  step.draft.keys.emplace_back("wait", toml_value(span));
  return true;
}

bool turn_approval(WorkflowStep& step) {
  const Value message = take_any(step.config, {"message", "prompt"});
  const std::string text = message.is_string() ? message.get<std::string>() : "Go on?";
  step.draft.keys.emplace_back("approve", toml_value({{"message", literal_text(text)}}));
  return true;
}

bool turn_workflow(WorkflowStep& step) {
  const Value other = take_any(step.config, {"workflow", "template", "name"});
  const std::string process = other.is_string() ? process_name_like(other.get<std::string>()) : "";
  if (process.empty()) return false;
  step.draft.comments.push_back(fmt::format("Import the workflow {} as the process {}.", value_text(other), process));
  step.draft.keys.emplace_back("process", toml_value(process));
  if (Value inputs = take(step.config, "inputs"); inputs.is_object() && !has_null(inputs)) {
    step.draft.keys.emplace_back("inputs", toml_value(inputs));
  }
  return true;
}

void turn_program(WorkflowStep& step, const std::string& type) {
  step.draft.comments.push_back(fmt::format(
      "Install a program {} that does this step, or name another one here. It gets its config as JSON on", type));
  step.draft.comments.emplace_back(
      "standard input and the results of earlier steps in the file $TAKT_CONTEXT (steps.NAME.result), and leaves its "
      "own "
      "in $TAKT_RESULT.");
  step.draft.keys.emplace_back("run", toml_value(Value::array({literal_text(type)})));
  if (!step.config.empty()) step.draft.keys.emplace_back("stdin", toml_value(literal_text(value_text(step.config))));
}

void turn_action(WorkflowStep& step, const std::string& type) {
  using Turn = bool (*)(WorkflowStep&);
  static const std::map<std::string, Turn> turns{
      {"webhook", turn_http},      {"http", turn_http},           {"fetch", turn_http},
      {"request", turn_http},      {"command", turn_command},     {"shell", turn_command},
      {"script", turn_command},    {"wait", turn_wait},           {"delay", turn_wait},
      {"sleep", turn_wait},        {"approval", turn_approval},   {"approve", turn_approval},
      {"workflow", turn_workflow}, {"subworkflow", turn_workflow}};
  const auto turn = turns.find(type);
  const Value whole = step.config;
  if (turn != turns.end() && turn->second(step)) {
    note_unknown(step.config, {}, "config of step " + step.draft.name, step.notes);
    return;
  }
  step.config = whole;
  turn_program(step, type);
}

void turn_retry(WorkflowStep& step, Value& json) {
  const Value retry = take(json, "retry");
  Value limit = take_any(json, {"retries", "retry_count", "max_retries"});
  Value delay = take(json, "retry_delay");
  Value backoff;
  if (retry.is_number()) limit = retry;
  if (retry.is_object()) {
    Value rest = retry;
    if (Value inner = take_any(rest, {"limit", "count", "retries", "max_retries"}); !inner.is_null()) limit = inner;
    if (Value inner = take(rest, "delay"); !inner.is_null()) delay = inner;
    backoff = take(rest, "backoff");
    note_unknown(rest, {}, "retry of step " + step.draft.name, step.notes);
  }
  if (limit.is_null() && delay.is_null()) return;
  Value rule = Value::object();
  rule["limit"] = limit.is_whole() && limit.get<double>() >= 0 ? limit : Value(3);
  if (rule["limit"] != limit)
    step.notes.push_back(fmt::format("step {}: retries = {}; 3 was taken", step.draft.name, value_text(limit)));
  if (is_span(delay)) rule["delay"] = delay;
  if (backoff.is_number() && backoff.get<double>() >= 1) rule["backoff"] = backoff;
  step.draft.keys.emplace_back("retry", toml_value(rule));
}

// What is said of the step beside its action; the rest of `json` is noted.
void turn_rules(WorkflowStep& step, Value json, const std::map<std::string, std::string>& steps) {
  if (const Value group = take(json, "parallel_group"); group.is_whole() || group.is_string()) {
    step.draft.keys.emplace_back("parallel_group", toml_value(group));
  } else if (!group.is_null()) {
    json["parallel_group"] = group;
  }
  turn_retry(step, json);
  for (const char* key : {"timeout", "timeout_seconds"}) {
    if (const Value timeout = json.value(key, Value()); is_span(timeout)) {
      step.draft.keys.emplace_back("timeout", toml_value(take(json, key)));
      break;
    }
  }
  for (const char* key : {"continue_on_failure", "continue_on_error"}) {
    if (const Value go_on = json.value(key, Value()); go_on.is_boolean()) {
      step.draft.keys.emplace_back("continue_on_failure", toml_value(take(json, key)));
      break;
    }
  }
  for (const char* key : {"needs", "depends_on"}) {
    Value names = json.value(key, Value());
    if (names.is_string()) names = Value::array({names});
    if (!names.is_array()) continue;
    Value needs = Value::array();
    for (const Value& name : names) {
      const auto found = name.is_string() ? steps.find(name.get<std::string>()) : steps.end();
      if (found != steps.end()) needs.push_back(found->second);
    }
    if (needs.size() != names.size()) continue;
    step.draft.keys.emplace_back("needs", toml_value(needs));
    json.erase(key);
    break;
  }
  note_unknown(json, {}, "step " + step.draft.name, step.notes);
}

Status turn_steps(const Value& list, DraftProcess& draft) {
  std::set<std::string> taken;
  std::vector<std::string> names;
  std::map<std::string, std::string> by_title;
  for (const Value& json : list) {
    if (!json.is_object() || member_text(json, "type").empty()) {
      return fail(ErrorCode::invalid_input, "a step has no type: {}", value_text(json));
    }
    const std::string title = member_text(json, json.contains("name") ? "name" : "type");
    names.push_back(step_name_like(title, taken));
    by_title.emplace(title, names.back());
  }
  for (std::size_t i = 0; i < list.size(); ++i) {
    Value json = list[i];
    WorkflowStep step{{names[i], {}, {}}, Value::object(), draft.notes};
    const std::string type = take(json, "type").get<std::string>();
    const std::string title = take(json, "name").is_string() ? member_text(list[i], "name") : type;
    const std::string description = member_text(json, "description");
    if (!description.empty()) json.erase("description");
    step.draft.keys.emplace_back("description", toml_value(description.empty() ? title : title + ": " + description));
    if (Value config = take(json, "config"); config.is_object()) {
      step.config = std::move(config);
    } else if (!config.is_null()) {
      draft.notes.push_back(fmt::format("step {}: config = {} is no table", names[i], value_text(config)));
    }
    turn_action(step, type);
    turn_rules(step, std::move(json), by_title);
    draft.steps.push_back(std::move(step.draft));
  }
  return {};
}

void turn_inputs(const Value& inputs, DraftProcess& draft) {
  for (const auto& [key, value] : inputs.items()) {
    const char* type = value.is_whole()     ? "integer"
                       : value.is_number()  ? "number"
                       : value.is_boolean() ? "boolean"
                       : value.is_array()   ? "array"
                       : value.is_object()  ? "object"
                                            : "string";
    std::set<std::string> none;
    if (step_name_like(key, none) != key || key.find('-') != std::string::npos ||
        (!value.is_null() && has_null(value))) {
      draft.notes.push_back(fmt::format("input {} = {} has no counterpart", key, value_text(value)));
      continue;
    }
    std::vector<std::pair<std::string, std::string>> keys{{"type", toml_value(type)}};
    if (!value.is_null()) keys.emplace_back("default", toml_value(value));
    draft.inputs.emplace_back(key, std::move(keys));
  }
}

}  // namespace

Result<DraftProcess> draft_of_workflow(const Value& document, const std::string& name) {
  if (!document.is_object()) return fail(ErrorCode::invalid_input, "a workflow is a mapping with name and steps");
  const bool wrapped = document.contains("workflow") && document["workflow"].is_object();
  DraftProcess draft;
  if (wrapped) note_unknown(document, {"workflow"}, "beside the workflow", draft.notes);
  Value json = wrapped ? document["workflow"] : document;
  const Value title = take(json, "name");
  const std::string text = title.is_string() ? title.get<std::string>() : name;
  draft.name = name.empty() ? process_name_like(text) : name;
  draft.comments.push_back(fmt::format("From the workflow template \"{}\".", text));
  const Value description = take(json, "description");
  draft.keys.emplace_back("description", toml_value(description.is_string() ? description : Value(text)));
  if (is_span(json.value("timeout", Value()))) draft.keys.emplace_back("timeout", toml_value(take(json, "timeout")));
  if (const Value cron = take_any(json, {"schedule", "cron"}); cron.is_string()) {
    draft.triggers.push_back({.keys = {{"cron", toml_value(cron)}}});
  } else if (!cron.is_null()) {
    json["schedule"] = cron;
  }
  if (const Value inputs = json.value("inputs", Value()); inputs.is_object()) turn_inputs(take(json, "inputs"), draft);
  const Value steps = take(json, "steps");
  if (!steps.is_array() || steps.empty()) return fail(ErrorCode::invalid_input, "the workflow has no steps");
  TAKT_TRY(turn_steps(steps, draft));
  note_unknown(json, {}, "the workflow", draft.notes);
  return draft;
}

}  // namespace takt
