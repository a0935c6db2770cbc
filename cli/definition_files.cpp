#include "cli/definition_files.h"

#include <fcntl.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <vector>

#include "base/fd.h"
#include "cli/documents.h"
#include "cli/time_text.h"
#include "definition/folders.h"
#include "definition/limits.h"
#include "definition/parser.h"

namespace takt {
namespace {

namespace fs = std::filesystem;

// As if it stood where it is meant to: a file for the system's daemon is root's, one for a user's daemon that user's.
std::string default_user(const BusChoice& choice) {
  if (choice.kind != BusPlace::user) return "root";
  const passwd* entry = ::getpwuid(::getuid());
  return entry == nullptr ? std::to_string(::getuid()) : entry->pw_name;
}

Result<std::vector<SourceText>> read_drop_ins(const std::string& path) {
  std::vector<std::string> names;
  std::error_code none;
  for (const fs::directory_entry& entry : fs::directory_iterator(path + ".d", none)) {
    if (entry.path().extension() == ".toml") names.push_back(entry.path());
  }
  std::sort(names.begin(), names.end());
  std::vector<SourceText> drop_ins;
  for (const std::string& name : names) {
    TAKT_ASSIGN(std::string text, read_definition(name));
    drop_ins.push_back({name, std::move(text)});
  }
  return drop_ins;
}

}  // namespace

std::map<std::string, std::string> own_environment() {
  std::map<std::string, std::string> variables;
  for (char** entry = ::environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    const std::size_t equals = text.find('=');
    if (equals != std::string_view::npos) variables.emplace(text.substr(0, equals), text.substr(equals + 1));
  }
  return variables;
}

Result<std::string> read_definition(const std::string& path) {
  const bool standard_input = path == "-";
  UniqueFd file(standard_input ? ::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3)
                               : ::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.valid()) return fail_errno("{}", path);
  auto text = read_whole(file.get(), limits::definition_bytes);
  if (!text) return tl::unexpected(std::move(text).error().in(path));
  return text;
}

Result<std::string> process_of_file(const std::string& path) {
  const std::string name = fs::path(path).stem();
  if (fs::path(path).extension() == ".toml" && valid_process_name(name)) return name;
  return fail(ErrorCode::invalid_argument,
              "{}: a definition is NAME.toml, NAME of a-z, 0-9, '.', '_' and '-'; or say --name", path);
}

Result<Diagnostics> check_file(const std::string& path, const BusChoice& choice) {
  TAKT_ASSIGN(const std::string name, process_of_file(path));
  TAKT_ASSIGN(std::string text, read_definition(path));
  TAKT_ASSIGN(const std::vector<SourceText> drop_ins, read_drop_ins(path));
  return parse_here(name, {path, std::move(text)}, drop_ins, choice).diagnostics;
}

ParseOutcome parse_here(const std::string& name, const SourceText& file, const std::vector<SourceText>& drop_ins,
                        const BusChoice& choice) {
  Evaluator evaluator;
  const std::map<std::string, std::string> variables = own_environment();
  const ParseContext context{evaluator, variables, local_zone(), default_user(choice)};
  return parse_definition(name, file, drop_ins, context);
}

Diagnostics check_definition(const std::string& name, const SourceText& file, const BusChoice& choice) {
  return parse_here(name, file, {}, choice).diagnostics;
}

Status check_new_definition(const std::string& path) {
  std::error_code none;
  if (fs::exists(fs::symlink_status(path, none)))
    return fail(ErrorCode::already_exists, "{} is there already; --force replaces it", path);
  return {};
}

Result<std::string> write_new_definition(const std::string& path, const std::string& text, bool force) {
  const fs::path file = fs::path(path);
  if (!force) TAKT_TRY(check_new_definition(path));
  const std::string folder = file.parent_path().empty() ? "." : file.parent_path().string();
  TAKT_TRY(write_definition(folder, file.filename().string(), text));
  return path;
}

Result<Diagnostics> check_folders(const std::string& name, const BusChoice& choice) {
  Evaluator evaluator;
  const std::map<std::string, std::string> variables = own_environment();
  const Folders folders = choice.kind == BusPlace::user ? user_folders(variables) : system_folders();
  LoadedDefinitions loaded = load_definitions(folders, {evaluator, variables, local_zone()}, name);
  if (!name.empty() && loaded.diagnostics.empty() && loaded.good.empty()) {
    return fail(ErrorCode::no_such_process, "no folder of definitions has a file for a process {}", name);
  }
  return std::move(loaded.diagnostics);
}

LoadedDefinitions folder_definitions(const BusChoice& choice) {
  Evaluator evaluator;
  const std::map<std::string, std::string> variables = own_environment();
  const Folders folders = choice.kind == BusPlace::user ? user_folders(variables) : system_folders();
  return load_definitions(folders, {evaluator, variables, local_zone()});
}

Value diagnostics_of(const Value& diagnostics, const std::string& name) {
  Value about = Value::array();
  for (const Value& diagnostic : diagnostics) {
    if (is_about(text_of(diagnostic, "file"), name)) about.push_back(diagnostic);
  }
  return about;
}

}  // namespace takt
