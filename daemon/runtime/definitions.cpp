// The runtime's part that has to do with definitions: load, reload, keep the last good version, put, delete, enable.
#include <fmt/core.h>

#include <algorithm>

#include "base/names.h"
#include "definition/definition.h"
#include "definition/limits.h"
#include "runtime/runtime.h"

namespace takt {

namespace {

bool is_from(const ProcessDefinition& definition, const std::string& layer) {
  const auto is_below = [&](const std::string& path) { return path.starts_with(layer + "/"); };
  return is_below(definition.origin) || std::ranges::any_of(definition.drop_ins, is_below);
}

// What is wrong with one process's files.
std::string errors_of(const std::string& name, const Diagnostics& diagnostics) {
  std::string message;
  for (const Diagnostic& diagnostic : diagnostics)
    if (diagnostic.severity == Severity::error && is_about(diagnostic.file, name)) message += to_text(diagnostic);
  return message;
}

}  // namespace

// What is to be in force: the good files, and the last good versions of those that are wrong or cannot be read now.
std::map<std::string, Definition> Runtime::in_force() {
  std::map<std::string, Definition> definitions = loaded_.good;
  for (const std::string& layer : loaded_.unread)
    for (const auto& [name, old] : engine_.definitions())
      if (is_from(*old, layer)) definitions.insert_or_assign(name, old);
  for (const std::string& name : loaded_.refused) {
    if (const auto old = engine_.definitions().find(name); old != engine_.definitions().end()) {
      definitions.emplace(*old);
      continue;
    }
    const auto row = ports_.store.version(name, "");  // before the daemon started it was good
    if (!row) continue;
    if (auto old = ports_.definitions.parse_version(*row)) definitions.emplace(name, std::move(*old));
  }
  return definitions;
}

void Runtime::reload(const std::string& name) {
  reload(name, engine_.definitions());
}

void Runtime::reload(const std::string& name, const std::map<std::string, Definition>& known) {
  ports_.reloading(true);
  LoadedDefinitions loaded = ports_.definitions.load(name, known);
  log_refused(loaded.diagnostics);
  if (name.empty())
    loaded_ = std::move(loaded);
  else
    loaded_.replace(name, std::move(loaded));
  const std::map<std::string, Definition> definitions = in_force();
  std::vector<TriggerMark> marks;
  if (settings_.enabled) marks = schedule_.set_definitions(definitions, {}, ports_.clock.now());
  post(DefinitionsChanged{definitions, std::move(marks)});
  if (watches_ != nullptr && settings_.enabled) let_go(watches_->follow(definitions, {}));
  after_commit([this, refused = static_cast<std::uint32_t>(loaded_.refused.size())] {
    announce(Reloaded{refused});
    ports_.reloading(false);
  });
}

void Runtime::log_refused(const Diagnostics& diagnostics) {
  for (const Diagnostic& diagnostic : diagnostics)
    ports_.log.write({diagnostic.severity == Severity::error ? LogPriority::error : LogPriority::warning,
                      names::id_definition_refused,
                      to_text(diagnostic),
                      {}});
}

void Runtime::log_next_runs() {
  for (const auto& [name, definition] : engine_.definitions()) {
    const std::vector<Upcoming> next = upcoming(name, 1);
    if (next.empty()) continue;
    // A span has no zone of its own; its process's says best what time that is for people.
    const auto zone = next.front().zone.empty() ? Result<Zone>(definition->zone) : Zone::find(next.front().zone);
    ports_.log.write({LogPriority::info,
                      names::id_next_run,
                      fmt::format("{}: next run at {}", name, zone.value_or(definition->zone).format(next.front().at)),
                      {{std::string(names::process), name}, {std::string(names::trigger), next.front().key}}});
  }
}

// ---- Control

Diagnostics Runtime::diagnostics() {
  return loaded_.diagnostics;
}

Result<std::string> Runtime::definition_text(const std::string& name, const std::string& version) {
  if (version.empty()) {
    const auto known = engine_.definitions().find(name);
    if (known == engine_.definitions().end()) return fail(ErrorCode::no_such_process, "no process is named '{}'", name);
    return known->second->text;
  }
  TAKT_ASSIGN(VersionRow row, ports_.store.version(name, version));
  return std::move(row.text);
}

Result<std::vector<VersionRow>> Runtime::versions(const std::string& name) {
  TAKT_ASSIGN(auto rows, ports_.store.versions(name));
  if (rows.empty() && !engine_.definitions().contains(name))
    return fail(ErrorCode::no_such_process, "no process is named '{}'", name);
  return rows;
}

// The one in force may not be on disk yet.
Result<Definition> Runtime::version_of(const std::string& process, const std::string& version) {
  const auto known = engine_.definitions().find(process);
  if (known != engine_.definitions().end() && known->second->version == version) return known->second;
  TAKT_ASSIGN(const VersionRow row, ports_.store.version(process, version));
  return ports_.definitions.parse_version(row);
}

Diagnostics Runtime::check_definition(const std::string& name, const std::string& text) {
  return ports_.definitions.check(name, text).diagnostics;
}

// What follows every change of the files: what they say is taken, and the caller answered when that is on disk.
void Runtime::change_definition(Caller caller, const char* method, const std::string& name, const Status& changed,
                                Reply<Diagnostics> reply) {
  if (!changed) return reply(tl::unexpected(changed.error()));
  post(AuditNoted{AuditRow{ports_.clock.now().wall, caller.uid, method, name, std::nullopt, ""}});
  reload(name);
  after_commit([this, reply = std::move(reply)] { reply(loaded_.diagnostics); });
}

void Runtime::put_definition(Caller caller, const std::string& name, const std::string& text, bool transient,
                             Reply<Diagnostics> reply) {
  if (!valid_process_name(name))
    return reply(fail(ErrorCode::invalid_argument,
                      "'{}' is no name of a process: lower-case letters, digits, '.', '_' and '-', at most 128", name));
  if (loaded_.good.size() + loaded_.refused.size() >= limits::definitions && !loaded_.good.contains(name) &&
      !loaded_.refused.contains(name))
    return reply(fail(ErrorCode::limit_exceeded, "there are {} definitions already; delete one that is not needed",
                      limits::definitions));
  const ParseOutcome outcome = ports_.definitions.check(name, text);
  if (!outcome.definition) {
    std::string message;
    for (const Diagnostic& diagnostic : outcome.diagnostics) message += to_text(diagnostic);
    return reply(fail(ErrorCode::invalid_definition, "{}", message));
  }
  const Result<std::string> path = ports_.definitions.put(name, text, transient);
  // Other files of the process may have a word in it.
  const auto check = [this, name, path, warnings = outcome.diagnostics,
                      reply = std::move(reply)](Result<Diagnostics> done) {
    const auto known = engine_.definitions().find(name);
    const bool there = known != engine_.definitions().end();
    if (done && loaded_.refused.contains(name))
      done = fail(ErrorCode::invalid_definition, "{} is written, and refused as it is now: {}", *path,
                  errors_of(name, *done));
    else if (done && !(there && known->second->origin == *path))
      done = fail(ErrorCode::already_exists, "{} is written, but {} comes later and is in force; change that one",
                  *path, there ? known->second->origin : "an empty file");
    else if (done)
      done = warnings;
    reply(std::move(done));
  };
  change_definition(caller, "PutDefinition", name, path ? Status() : tl::unexpected(path.error()), check);
}

void Runtime::delete_definition(Caller caller, const std::string& name, Reply<Diagnostics> reply) {
  change_definition(caller, "DeleteDefinition", name, ports_.definitions.remove(name), std::move(reply));
}

void Runtime::enable_process(Caller caller, const std::string& name, bool enabled, Reply<Diagnostics> reply) {
  if (!engine_.definitions().contains(name))
    return reply(fail(ErrorCode::no_such_process, "no process is named '{}'", name));
  const auto check = [this, name, enabled, reply = std::move(reply)](Result<Diagnostics> done) {
    const auto known = engine_.definitions().find(name);
    if (done && known != engine_.definitions().end() && known->second->enabled != enabled)
      done = fail(ErrorCode::already_exists, "a drop-in of '{}' that comes later says enabled = {}; change that one",
                  name, !enabled);
    reply(std::move(done));
  };
  change_definition(caller, enabled ? "EnableProcess" : "DisableProcess", name,
                    ports_.definitions.set_enabled(name, enabled), check);
}

void Runtime::reload(Caller caller, Reply<Diagnostics> reply) {
  change_definition(caller, "Reload", "", {}, std::move(reply));
}

}  // namespace takt
