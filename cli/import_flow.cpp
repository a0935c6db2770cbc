#include "cli/import_flow.h"

#include <fmt/core.h>

#include <algorithm>
#include <map>

#include "definition/limits.h"

namespace takt {
namespace {

// One task with its routes, by their names in the flow; "end" ends it, an empty one says nothing.
struct FlowTask {
  const Value* json = nullptr;
  std::string step;
  std::string on_success;
  std::string on_failure;
  bool loop = false;  // a route leads back to it
};

struct Flow {
  std::map<std::string, FlowTask> tasks;
  std::vector<std::string> order;  // those that a route from the first task leads to, it first
  std::vector<std::string> names;  // all, as they stand in the file
};

const Value& list_of(const Value& object, const std::string& key) {
  static const Value none = Value::array();
  const Value* found = object.member(key);
  return found != nullptr && found->is_array() ? *found : none;
}

Result<Flow> read_tasks(const Value& flow) {
  Flow read;
  for (const Value& task : list_of(flow, "tasks")) {
    const std::string name = task.is_object() ? member_text(task, "name") : "";
    if (name.empty()) return fail(ErrorCode::invalid_input, "a task has no name: {}", value_text(task));
    if (!read.tasks.emplace(name, FlowTask{&task, "", "", "", false}).second) {
      return fail(ErrorCode::invalid_input, "two tasks have the name {}", name);
    }
    read.names.push_back(name);
  }
  if (read.names.empty()) return fail(ErrorCode::invalid_input, "the flow has no tasks");
  return read;
}

// The route that a condition gives for one outcome of its task.
Status take_route(Flow& flow, const Value& condition, bool success, std::vector<std::string>& notes) {
  FlowTask& task = flow.tasks.at(member_text(condition, "source_task"));
  const std::string key = success ? "target_task_success" : "target_task_failure";
  const std::string target = member_text(condition, key);
  if (target.empty()) return {};
  if (target != "end" && !flow.tasks.contains(target)) {
    return fail(ErrorCode::invalid_input, "condition {}: {} {} is no task of the flow", member_text(condition, "name"),
                key, target);
  }
  std::string& route = success ? task.on_success : task.on_failure;
  if (route.empty()) {
    route = target;
  } else if (route != target) {
    notes.push_back(fmt::format("condition {}: {} {} is not taken: another condition of {} leads to {}",
                                member_text(condition, "name"), key, target, member_text(condition, "source_task"),
                                route));
  }
  return {};
}

Status read_conditions(const Value& json, Flow& flow, std::vector<std::string>& notes) {
  for (const bool success : {true, false}) {
    for (const bool first : {true, false}) {  // those that name this outcome, then the others
      for (const Value& condition : list_of(json, "conditions")) {
        if (!condition.is_object() || !flow.tasks.contains(member_text(condition, "source_task"))) continue;
        const std::string outcome = member_text(condition, "outcome");
        const bool named = outcome == "any" || outcome == (success ? "success" : "failure");
        if (named == first) TAKT_TRY(take_route(flow, condition, success, notes));
      }
    }
  }
  for (const Value& condition : list_of(json, "conditions")) {
    if (!condition.is_object() || !flow.tasks.contains(member_text(condition, "source_task"))) {
      notes.push_back(fmt::format("a condition whose source_task is no task: {}", value_text(condition)));
      continue;
    }
    const std::string where = "condition " + member_text(condition, "name");
    const std::string outcome = member_text(condition, "outcome");
    if (outcome != "success" && outcome != "failure" && outcome != "any") {
      notes.push_back(fmt::format("{}: the outcome \"{}\" is none of success, failure, any; its targets were taken",
                                  where, outcome));
    }
    note_unknown(condition,
                 {"name", "description", "source_task", "outcome", "target_task_success", "target_task_failure"}, where,
                 notes);
  }
  return {};
}

// Depth first, the way of success first: so every task but the first stands behind one that leads to it, and a route
// that leads to a task on the way is a loop. The way is at most as deep as a definition has steps.
Status follow_routes(Flow& flow, const std::string& start) {
  if (flow.names.size() > limits::steps) {
    return fail(ErrorCode::limit_exceeded, "{} tasks; a process has at most {} steps", flow.names.size(),
                limits::steps);
  }
  std::map<std::string, bool> on_way;  // what was seen; true while it is on the way
  const auto visit = [&](const auto& self, const std::string& name) -> void {
    on_way[name] = true;
    flow.order.push_back(name);
    for (const std::string& next : {flow.tasks.at(name).on_success, flow.tasks.at(name).on_failure}) {
      if (next.empty() || next == "end") continue;
      const auto seen = on_way.find(next);
      if (seen == on_way.end()) {
        self(self, next);
      } else if (seen->second) {
        flow.tasks.at(next).loop = true;
      }
    }
    on_way[name] = false;
  };
  visit(visit, start);
  return {};
}

DraftStep step_of(const Flow& flow, const std::string& name, std::vector<std::string>& notes) {
  const FlowTask& task = flow.tasks.at(name);
  DraftStep step{task.step, {}, {}};
  step.comments.push_back(
      fmt::format("Install a program {} that does what the task did, or name another one here.", name));
  if (const std::string text = member_text(*task.json, "description"); !text.empty()) {
    step.keys.emplace_back("description", toml_value(text));
  }
  step.keys.emplace_back("run", toml_value(Value::array({literal_text(name)})));
  const auto route = [&](const char* key, const std::string& target) {
    if (!target.empty()) step.keys.emplace_back(key, toml_value(target == "end" ? target : flow.tasks.at(target).step));
  };
  route("on_success", task.on_success);
  route("on_failure", task.on_failure);
  if (task.loop) {
    step.comments.push_back("A route leads back to it; the Flow Manager sets no bound, a definition has to.");
    step.keys.emplace_back("max_visits", fmt::format("{}", limits::visits));
  }
  note_unknown(*task.json, {"name", "description"}, "task " + name, notes);
  return step;
}

void describe_process(const Value& flow, const std::string& title, DraftProcess& draft) {
  draft.comments = {fmt::format("From the flow \"{}\" of the Flow Manager.", title),
                    "A program finds the results of earlier tasks in the file $TAKT_CONTEXT (steps.NAME.result), the "
                    "flow's context in",
                    "$TAKT_INPUT_INPUT_CONTEXT, both as JSON; it leaves its own result as JSON in the file "
                    "$TAKT_RESULT, and fails by",
                    "an exit status other than 0. The last lines that it wrote are the failure's message."};
  const std::string description = member_text(flow, "description");
  draft.keys.emplace_back("description", toml_value(description.empty() ? title : description));
  if (flow.value("is_active", Value(true)) == Value(false)) draft.keys.emplace_back("enabled", "false");
  draft.inputs.push_back(
      {"input_context",
       {{"type", "\"object\""}, {"description", "\"what the flow is started with\""}, {"default", "{}"}}});
}

}  // namespace

Result<DraftProcess> draft_of_flow(const Value& document, const std::string& name) {
  const bool wrapped = document.is_object() && document.contains("flow") && document["flow"].is_object();
  const Value& json = wrapped ? document["flow"] : document;
  if (!json.is_object()) return fail(ErrorCode::invalid_input, "a flow is a JSON object");
  DraftProcess draft;
  const std::string id = member_text(json, "id");
  const std::string title = member_text(json, "name").empty() ? id : member_text(json, "name");
  draft.name = name.empty() ? process_name_like(id.empty() ? title : id) : name;
  if (wrapped) note_unknown(document, {"flow"}, "beside the flow", draft.notes);
  note_unknown(json, {"id", "name", "description", "start_task", "tasks", "conditions", "is_active"}, "the flow",
               draft.notes);
  TAKT_ASSIGN(Flow flow, read_tasks(json));
  TAKT_TRY(read_conditions(json, flow, draft.notes));
  const std::string start = member_text(json, "start_task");
  if (!flow.tasks.contains(start))
    return fail(ErrorCode::invalid_input, "start_task \"{}\" is no task of the flow", start);
  TAKT_TRY(follow_routes(flow, start));
  std::set<std::string> taken;
  for (const std::string& task : flow.order) {
    FlowTask& one = flow.tasks.at(task);
    one.step = step_name_like(task, taken);
    if (one.step != task) draft.notes.push_back(fmt::format("task {}: its step has the name {}", task, one.step));
  }
  describe_process(json, title, draft);
  for (const std::string& task : flow.order) draft.steps.push_back(step_of(flow, task, draft.notes));
  for (const std::string& task : flow.names) {
    if (std::ranges::find(flow.order, task) == flow.order.end()) {
      draft.notes.push_back(
          fmt::format("no condition leads to the task {}: {}", task, value_text(*flow.tasks.at(task).json)));
    }
  }
  return draft;
}

}  // namespace takt
