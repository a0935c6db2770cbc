// import flow, import workflow: another system's description of a workflow, as a definition. No daemon is asked.
#include <filesystem>

#include "cli/definition_files.h"
#include "cli/documents.h"
#include "cli/import_batch.h"
#include "cli/import_flow.h"
#include "cli/import_workflow.h"
#include "cli/import_yaml.h"
#include "cli/verbs.h"
#include "cli/views.h"
#include "definition/folders.h"

namespace takt {
namespace {

struct ImportOptions {
  std::string file;
  std::string name;
  std::string folder;
  bool force = false;
};

using Draft = Result<DraftProcess> (*)(const std::string& text, const std::string& name);

Result<DraftProcess> read_flow(const std::string& text, const std::string& name) {
  TAKT_ASSIGN(const Value document, parse_value(text));
  return draft_of_flow(document, name);
}

Result<DraftProcess> read_workflow(const std::string& text, const std::string& name) {
  TAKT_ASSIGN(const Value document, parse_yaml(text));
  return draft_of_workflow(document, name);
}

// A definition that taktd would refuse is told about, and not written.
Result<ExitCode> import(Session& session, const ImportOptions& options, Draft read) {
  TAKT_ASSIGN(const std::string source, read_definition(options.file));
  Result<DraftProcess> draft = read(source, options.name);
  if (!draft) return tl::unexpected<Error>(std::move(draft).error().in(options.file));
  if (draft->name.empty()) {
    return fail(ErrorCode::invalid_argument, "{}: it has no name that a process may have; say --as", options.file);
  }
  const std::string text = draft_text(*draft);
  const std::string file = draft->name + ".toml";
  const Diagnostics diagnostics = check_definition(draft->name, {file, text}, session.bus());
  Output& output = session.output();
  for (const Diagnostic& diagnostic : diagnostics) output.message(to_text(diagnostic));
  if (has_errors(diagnostics))
    return fail(ErrorCode::invalid_definition, "{}: what came of it is refused", options.file);
  for (const std::string& note : draft->notes) output.message("not turned: " + note);
  std::string written;
  if (!options.folder.empty()) {
    TAKT_ASSIGN(written, write_new_definition(options.folder + "/" + file, text, options.force));
  }
  if (output.json()) {
    output.print_json(
        {{"process", draft->name}, {"file", text_or_null(written)}, {"text", text}, {"notes", draft->notes}});
  } else {
    output.print(written.empty() ? text : written + "\n");
  }
  return ExitCode::ok;
}

void add_kind(Command& verb, const char* kind, const char* description, const char* file, Draft read) {
  const auto options = std::make_shared<ImportOptions>();
  Command one = verb.verb(kind, description);
  one.option("FILE", options->file, file).required();
  one.option("--as", options->name, "The process's name, if not what the file says").type_name("PROCESS");
  one.option("-o,--output", options->folder, "Write PROCESS.toml into this folder; else it is printed")
      .type_name("DIR");
  one.flag("--force", options->force, "Replace a file that is there");
  one.run([options, read](Session& session) { return import(session, *options, read); });
}

}  // namespace

void add_import(Command& taktctl) {
  Command verb = taktctl.verb("import", "Turn another system's workflows and schedules into definitions");
  verb.requires_verb();
  add_kind(verb, "flow", "A flow of the Flow Manager: tasks and conditions", "Its JSON; - is standard input",
           read_flow);
  add_kind(verb, "workflow", "A workflow template: steps with type, name, config", "Its YAML; - is standard input",
           read_workflow);
  add_import_crontab(verb);
  add_import_timers(verb);
}

}  // namespace takt
