// graph: the steps of a process, or of an execution with their states.
#include "cli/definition_files.h"
#include "cli/documents.h"
#include "cli/graph.h"
#include "cli/verbs.h"
#include "definition/definition.h"

namespace takt {
namespace {

struct GraphOptions {
  std::string word;
  std::string format = "text";
};

Value names_of(const ProcessDefinition& definition, const std::vector<std::uint32_t>& places) {
  Value names = Value::array();
  for (const std::uint32_t place : places) names.push_back(definition.steps[place].name);
  return names;
}

Value route_target(const ProcessDefinition& definition, const std::optional<Route>& route) {
  if (!route) return {};
  return route->end ? "end" : definition.steps[route->step].name;
}

// What DescribeExecution leaves out of a step when its definition is no longer in force.
void put_order(const ProcessDefinition& definition, const Step& step, Value& document) {
  if (step.variants.empty()) document["action"] = action_word(step.action);
  document["after"] = names_of(definition, step.after);
  document["on_success"] = route_target(definition, step.on_success);
  document["on_failure"] = route_target(definition, step.on_failure);
  document["routed"] = step.routed;
  document["max_visits"] = step.max_visits > 1 ? Value(step.max_visits) : Value();
  document["parallel_group"] = text_or_null(step.parallel_group);
  document["finally"] = step.finally;
  document["for_each"] = !step.for_each.empty();
  document["undo"] = step.undo.has_value();
}

bool order_is_known(const Value& steps) {
  for (const Value& step : steps) {
    if (!text_of(step, "action").empty() || !items_of(step, "after").empty()) return true;
  }
  return steps.empty();
}

// The order from the text of the version that the execution ran with. What one of its steps generated is not in there:
// it comes behind that step, in the order of its record.
Result<Value> with_order(Session& session, Client& client, const Value& execution) {
  const std::string name = text_of(execution, "process");
  TAKT_ASSIGN(const std::string text, client.definition(name, text_of(execution, "version")));
  const ParseOutcome parsed = parse_here(name, {name + ".toml", text}, {}, session.bus());
  if (!parsed.definition)
    return fail(ErrorCode::invalid_definition, "its definition, of an earlier version of taktd, is not understood");
  const ProcessDefinition& definition = *parsed.definition;
  std::string generator;
  for (const Step& step : definition.steps) {
    if (step.generate) generator = step.name;
  }
  Value steps = items_of(execution, "steps");
  for (Value& document : steps) {
    const std::string step_name = text_of(document, "name");
    const auto step = std::find_if(definition.steps.begin(), definition.steps.end(),
                                   [&](const Step& one) { return one.name == step_name; });
    if (step != definition.steps.end()) {
      put_order(definition, *step, document);
    } else if (!generator.empty()) {
      document["after"] = Value::array({generator});
      generator = step_name;
    }
  }
  return steps;
}

struct Drawn {
  Value head;  // of --json: "process", "execution", "state", "version"
  std::string title;
  std::string line;  // above the drawing
  Value steps;
};

Result<Drawn> of_execution(Session& session, Client& client, std::uint64_t id) {
  TAKT_ASSIGN(const Value execution, client.execution(id));
  Drawn drawn;
  drawn.steps = items_of(execution, "steps");
  if (!order_is_known(drawn.steps)) {
    TAKT_ASSIGN(drawn.steps, with_order(session, client, execution));
  }
  drawn.title = fmt::format("execution {} of {}", id, text_of(execution, "process"));
  drawn.head = {{"process", execution["process"]},
                {"execution", id},
                {"state", execution["state"]},
                {"version", execution["version"]}};
  if (session.look().legend)
    drawn.line = fmt::format("{}: {}, {}\n\n", drawn.title, harmless(outcome_text(execution)),
                             harmless(progress_text(execution)));
  return drawn;
}

Result<Drawn> of_process(Client& client, const std::string& name) {
  TAKT_ASSIGN(const Value definition, client.process_definition(name));
  const Value head = {{"process", name}, {"execution", nullptr}, {"state", nullptr}, {"version", nullptr}};
  return Drawn{head, name, "", items_of(definition, "steps")};
}

Result<ExitCode> graph(Session& session, const GraphOptions& options) {
  TAKT_ASSIGN(Client * client, session.client());
  const auto id = to_execution_id(options.word);
  TAKT_ASSIGN(Drawn drawn, id ? of_execution(session, *client, *id) : of_process(*client, options.word));
  const Graph graph = make_graph(drawn.steps);
  Output& output = session.output();
  output.open_pager();
  if (output.json() || options.format == "json") {
    drawn.head.update(to_json(graph));
    output.print_json(drawn.head);
  } else if (options.format == "dot") {
    output.print(to_dot(graph, drawn.title));
  } else if (options.format == "mermaid") {
    output.print(to_mermaid(graph));
  } else {
    output.print(drawn.line + graph_text(graph, {session.look(), session.zone(), wall_now()}));
  }
  return ExitCode::ok;
}

std::string check_format(const std::string& word) {
  return word == "text" || word == "dot" || word == "mermaid" || word == "json" ? ""
                                                                                : "write text, dot, mermaid or json";
}

}  // namespace

void add_graph(Command& taktctl) {
  const auto options = std::make_shared<GraphOptions>();
  Command verb = taktctl.verb("graph", "Draw the steps of a process, or of an execution with their states");
  verb.option("NAME|ID", options->word, "A process by name, an execution by id").required();
  verb.option("--format", options->format, "As a drawing, or for other programs")
      .type_name("text|dot|mermaid|json")
      .check(check_format);
  verb.run([options](Session& session) { return graph(session, *options); });
}

}  // namespace takt
