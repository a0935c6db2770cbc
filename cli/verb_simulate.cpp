// simulate: what a definition would do, and when. No daemon is asked, and nothing is done.
#include <fstream>

#include "base/nearest.h"
#include "cli/definition_files.h"
#include "cli/documents.h"
#include "cli/input_argument.h"
#include "cli/simulate.h"
#include "cli/time_text.h"
#include "cli/verbs.h"
#include "cli/views.h"
#include "definition/definition.h"

namespace takt {
namespace {

struct SimulateOptions {
  std::string word;
  std::string from = "now";
  std::string to;
  std::string attempt;
  std::vector<std::string> fails;
  std::vector<std::string> inputs;
  std::vector<std::string> string_inputs;
  std::vector<std::string> results;
};

// The good definitions of the daemon's folders; what is wrong with the others is told, or with one of them.
std::map<std::string, Definition> take_folders(Session& session, const std::string& process) {
  LoadedDefinitions loaded = folder_definitions(session.bus());
  for (const Diagnostic& diagnostic : loaded.diagnostics)
    if (process.empty() || is_about(diagnostic.file, process)) session.output().message(to_text(diagnostic));
  return std::move(loaded.good);
}

// The process that a word names: a file, or one of the daemon's folders.
Result<std::string> take_process(Session& session, const std::string& word, SimulationRequest& request) {
  request.definitions = take_folders(session, word);
  if (word.find('/') == std::string::npos && !word.ends_with(".toml")) {
    if (request.definitions.contains(word)) return word;
    return fail(ErrorCode::no_such_process,
                "no folder of definitions has a good file for a process {}; a file is named by its path", word);
  }
  TAKT_ASSIGN(std::string name, process_of_file(word));
  TAKT_ASSIGN(std::string text, read_definition(word));
  ParseOutcome parsed = parse_here(name, {word, std::move(text)}, {}, session.bus());
  for (const Diagnostic& diagnostic : parsed.diagnostics) session.output().message(to_text(diagnostic));
  if (!parsed.definition) return fail(ErrorCode::invalid_definition, "{}: it is refused", word);
  request.definitions[name] = std::move(parsed.definition);
  return name;
}

Status check_step(const SimulationRequest& request, const std::string& step) {
  std::vector<std::string_view> names;
  for (const auto& [name, definition] : request.definitions) {
    for (const Step& one : definition->steps) {
      if (one.name == step) return {};
      if (name == request.process) names.push_back(one.name);
    }
  }
  const std::string_view meant = nearest_name(step, names);
  return fail(ErrorCode::no_such_step, "{} has no step {}{}", request.process, step,
              meant.empty() ? "" : fmt::format("; did you mean {}?", meant));
}

Result<SimulationRequest> to_request(Session& session, const SimulateOptions& options) {
  SimulationRequest request;
  if (!options.word.empty()) {
    TAKT_ASSIGN(request.process, take_process(session, options.word, request));
  } else if (options.to.empty()) {
    return fail(ErrorCode::invalid_argument, "say which process, or --to: all are played until then");
  } else {
    request.definitions = take_folders(session, "");
  }
  if (!options.attempt.empty()) {
    TAKT_ASSIGN(request.attempt, parse_duration(options.attempt));
  }
  TAKT_ASSIGN(request.inputs, parse_inputs(options.inputs, options.string_inputs));
  TAKT_ASSIGN(request.from, parse_time_argument(options.from, wall_now(), session.zone()));
  if (!options.to.empty()) {
    TAKT_ASSIGN(request.to, parse_time_argument(options.to, wall_now(), session.zone()));
    if (*request.to <= request.from) return fail(ErrorCode::invalid_argument, "--to is not after --from");
    if (!request.inputs.empty()) return fail(ErrorCode::invalid_argument, "with --to the triggers give the inputs");
  }
  for (const std::string& step : options.fails) {
    TAKT_TRY(check_step(request, step));
    request.fails.insert(step);
  }
  TAKT_ASSIGN(const Value results, parse_inputs(options.results, {}));
  for (const auto& [step, value] : results.items()) {
    TAKT_TRY(check_step(request, step));
    request.results[step] = value;
  }
  request.environment = own_environment();
  std::ifstream("/etc/machine-id") >> request.machine_id;
  return request;
}

Value event_document(const SimulatedEvent& event) {
  return {{"at", format_utc(event.at)}, {"execution", event.execution},     {"process", event.process},
          {"event", event.event},       {"step", text_or_null(event.step)}, {"detail", text_or_null(event.detail)}};
}

std::string events_text(const std::vector<SimulatedEvent>& events, const View& view) {
  Table table({{"TIME"}, {"AFTER", true}, {"EXECUTION"}, {"STEP"}, {"EVENT"}, {"DETAIL", false, true}});
  for (const SimulatedEvent& event : events) {
    table.add({format_local(event.at, view.zone),
               format_span(event.at - events.front().at),
               fmt::format("{} {}", event.execution, event.process),
               event.step,
               {event.event, state_tone(event.event)},
               event.detail});
  }
  return table.to_text(view.look);
}

Result<ExitCode> run_simulation(Session& session, const SimulateOptions& options) {
  TAKT_ASSIGN(const SimulationRequest request, to_request(session, options));
  Evaluator evaluator;
  TAKT_ASSIGN(const SimulationOutcome outcome, simulate(request, evaluator));
  Output& output = session.output();
  output.open_pager();
  if (output.json()) {
    Value events = Value::array();
    for (const SimulatedEvent& event : outcome.events) events.push_back(event_document(event));
    output.print_json(events);
  } else if (!outcome.events.empty()) {
    output.print(events_text(outcome.events, {session.look(), session.zone(), wall_now()}));
  }
  if (outcome.cut) output.message("there is more; say a shorter time, or less to repeat");
  if (request.to) {
    if (outcome.events.empty()) output.message("nothing happens in that time");
    return ExitCode::ok;
  }
  if (!outcome.outcome) {
    output.message("it waits for what does not come by itself");
    return ExitCode::not_ended;
  }
  return exit_code(to_word(*outcome.outcome));
}

}  // namespace

void add_simulate(Command& taktctl) {
  const auto options = std::make_shared<SimulateOptions>();
  Command verb = taktctl.verb("simulate", "Play a definition without doing anything: what would happen when");
  verb.option("NAME|FILE", options->word, "A process in the daemon's folders, or a definition's file; all if not said");
  verb.option("--from", options->from, "When it begins; now if not said").type_name("TIME");
  verb.option("--to", options->to, "Fire its timed triggers until then, instead of one start").type_name("TIME");
  verb.option("--duration", options->attempt, "What each command, request or call takes; an instant if not said")
      .type_name("SPAN");
  verb.option("--fail", options->fails, "A step that fails, at each of its tries").type_name("STEP").one_each();
  verb.option("--result", options->results, "What a step's result is; else null").type_name("STEP=JSON").one_each();
  verb.option("-i,--input", options->inputs, "An input, as of start").type_name("KEY=VALUE").one_each();
  verb.option("--input-string", options->string_inputs, "An input that is a string, whatever it looks like")
      .type_name("KEY=VALUE")
      .one_each();
  verb.run([options](Session& session) { return run_simulation(session, *options); });
}

}  // namespace takt
