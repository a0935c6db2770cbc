// template: definitions that ship with the program, to be made one's own. No daemon is asked.
#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "base/names.h"
#include "cli/definition_files.h"
#include "cli/documents.h"
#include "cli/table.h"
#include "cli/verbs.h"
#include "cli/views.h"
#include "definition/definition.h"

namespace takt {
namespace {

namespace fs = std::filesystem;

struct TemplateOptions {
  std::string folder;
  std::string name;
  std::string process;
  std::string file;
  bool force = false;
};

std::string folder_of(const TemplateOptions& options) {
  if (!options.folder.empty()) return options.folder;
  const char* variable = std::getenv(std::string(names::templates).c_str());
  return variable != nullptr && *variable != '\0' ? variable : TAKT_TEMPLATE_DIR;
}

// A template is a definition as it stands; where its programs are is the one thing that moves with its folder.
Result<std::string> text_of_template(const std::string& folder, const std::string& name) {
  if (name.find('/') != std::string::npos) return fail(ErrorCode::no_such_process, "there is no template {}", name);
  const fs::path path = fs::path(folder) / (name + ".toml");
  std::error_code none;
  if (!fs::exists(path, none)) return fail(ErrorCode::no_such_process, "there is no template {} in {}", name, folder);
  TAKT_ASSIGN(std::string text, read_definition(path));
  constexpr std::string_view installed = "/usr/share/takt/templates/";  // as the files that ship say it
  const std::string here = fs::weakly_canonical(folder, none).string() + "/";
  for (std::size_t at = 0; (at = text.find(installed, at)) != std::string::npos; at += here.size()) {
    text.replace(at, installed.size(), here);
  }
  return text;
}

// {"name", "description", "inputs": [{"name", "type", "required", "default", "description"}]}
Result<Value> template_document(const std::string& folder, const std::string& name, const BusChoice& choice) {
  TAKT_ASSIGN(const std::string text, text_of_template(folder, name));
  const ParseOutcome parsed = parse_here(name, {folder + "/" + name + ".toml", text}, {}, choice);
  if (!parsed.definition) {
    return fail(ErrorCode::invalid_definition, "template {}: {}", name, to_text(parsed.diagnostics.front()));
  }
  Value inputs = Value::array();
  for (const InputDeclaration& input : parsed.definition->inputs) {
    inputs.push_back({{"name", input.name},
                      {"type", to_word(input.type)},
                      {"required", !input.fallback.has_value()},
                      {"default", input.fallback.value_or(Value())},
                      {"description", input.description}});
  }
  return Value{{"name", name}, {"description", parsed.definition->description}, {"inputs", inputs}};
}

Result<ExitCode> list_templates(Session& session, const TemplateOptions& options) {
  const std::string folder = folder_of(options);
  std::vector<std::string> names;
  std::error_code error;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder, error)) {
    if (entry.path().extension() == ".toml") names.push_back(entry.path().stem());
  }
  if (error) return fail(ErrorCode::io, "{}: {}", folder, error.message());
  std::ranges::sort(names);
  Value documents = Value::array();
  const ExitCode read = for_each_word(session, names, [&](const std::string& name) -> Status {
    TAKT_ASSIGN(Value document, template_document(folder, name, session.bus()));
    documents.push_back(std::move(document));
    return {};
  });
  Output& output = session.output();
  if (output.json()) {
    output.print_json(documents);
    return read;
  }
  Table table({{"TEMPLATE"}, {"INPUTS"}, {"DESCRIPTION", false, true}});
  for (const Value& document : documents) {
    std::string inputs;
    for (const Value& input : document["inputs"]) {
      if (truth_of(input, "required")) inputs += (inputs.empty() ? "" : " ") + text_of(input, "name");
    }
    table.add({text_of(document, "name"), inputs, text_of(document, "description")});
  }
  const View view{session.look(), session.zone(), wall_now()};
  output.print(table.to_text(session.look()) + listed(documents.size(), "template", "templates", view));
  return read;
}

Result<ExitCode> show_template(Session& session, const TemplateOptions& options) {
  const std::string folder = folder_of(options);
  TAKT_ASSIGN(const std::string text, text_of_template(folder, options.name));
  Output& output = session.output();
  if (!output.json()) {
    output.open_pager();
    output.print(text);
    return ExitCode::ok;
  }
  TAKT_ASSIGN(Value document, template_document(folder, options.name, session.bus()));
  document["text"] = text;
  output.print_json(document);
  return ExitCode::ok;
}

Result<ExitCode> new_from_template(Session& session, const TemplateOptions& options) {
  TAKT_ASSIGN(const std::string text, text_of_template(folder_of(options), options.name));
  std::string process = options.process;
  if (process.empty() && !options.file.empty()) {
    TAKT_ASSIGN(process, process_of_file(options.file));
  }
  if (process.empty()) process = options.name;
  const Diagnostics diagnostics = check_definition(process, {process + ".toml", text}, session.bus());
  Output& output = session.output();
  for (const Diagnostic& diagnostic : diagnostics) output.message(to_text(diagnostic));
  if (has_errors(diagnostics)) return fail(ErrorCode::invalid_definition, "template {} is refused", options.name);
  std::string written;
  if (!options.file.empty()) {
    TAKT_ASSIGN(written, write_new_definition(options.file, text, options.force));
  }
  if (output.json()) {
    output.print_json({{"process", process}, {"file", text_or_null(written)}, {"text", text}});
  } else {
    output.print(written.empty() ? text : written + "\n");
  }
  return ExitCode::ok;
}

using TemplateVerb = Result<ExitCode> (*)(Session& session, const TemplateOptions& options);

void add_template_verb(Command& verb, const std::shared_ptr<TemplateOptions>& options, const char* name,
                       const char* description, TemplateVerb act) {
  Command one = verb.verb(name, description);
  one.option("--templates", options->folder, "Another folder of templates").type_name("DIR");
  if (act != list_templates) one.option("NAME", options->name, "The template").required();
  if (act == new_from_template) {
    one.option("--as", options->process, "The process's name, if not the file's or the template's")
        .type_name("PROCESS");
    one.option("-o,--output", options->file, "Write it to this file; else it is printed").type_name("FILE");
    one.flag("--force", options->force, "Replace a file that is there");
  }
  one.run([options, act](Session& session) { return act(session, *options); });
}

}  // namespace

void add_template(Command& taktctl) {
  const auto options = std::make_shared<TemplateOptions>();
  Command verb = taktctl.verb("template", "List, show and use the definitions that ship as templates");
  verb.requires_verb();
  add_template_verb(verb, options, "list", "The templates, and the inputs that each requires", list_templates);
  add_template_verb(verb, options, "show", "The text of a template", show_template);
  add_template_verb(verb, options, "new", "A definition from a template", new_from_template);
}

}  // namespace takt
