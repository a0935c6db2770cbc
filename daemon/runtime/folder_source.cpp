#include "runtime/folder_source.h"

#include <fmt/core.h>

#include "definition/definition.h"

namespace takt {

namespace {

constexpr const char* drop_in = ".toml.d/90-enabled.toml";

}  // namespace

FolderSource::FolderSource(Folders folders, std::string kept, std::string transient, Evaluator& evaluator,
                           std::map<std::string, std::string> environment, std::map<std::string, std::uint32_t> pools)
    : folders_(std::move(folders)),
      kept_(std::move(kept)),
      transient_(std::move(transient)),
      evaluator_(evaluator),
      environment_(std::move(environment)),
      pools_(std::move(pools)),
      local_zone_(Zone::local().value_or(Zone::utc())) {}

LoadedDefinitions FolderSource::load(const std::string& name, const std::map<std::string, Definition>& known) {
  const Result<Zone> local = Zone::local();
  if (local) local_zone_ = *local;
  LoadedDefinitions loaded =
      load_definitions(folders_, {evaluator_, environment_, local_zone_, "", &pools_}, name, known);
  if (!local && name.empty()) {
    Diagnostic untold;
    untold.file = "/etc/localtime";
    untold.message = fmt::format("{}; the machine's zone stays {}", local.error().message, local_zone_.name());
    loaded.diagnostics.push_back(std::move(untold));
  }
  return loaded;
}

ParseOutcome FolderSource::parse(const std::string& name, const SourceText& text, const std::string& default_user,
                                 const std::map<std::string, std::uint32_t>* pools) {
  const ParseContext context{evaluator_, environment_, local_zone_, default_user, pools};
  return parse_definition(name, text, {}, context);
}

ParseOutcome FolderSource::check(const std::string& name, const std::string& text) {
  // What load() will say of it once it is a file of the owner's.
  return parse(name, {kept_ + "/" + name + ".toml", text},
               folders_.owner_user.empty() && folders_.owner == 0 ? "root" : folders_.owner_user, &pools_);
}

Result<Definition> FolderSource::parse_version(const VersionRow& row) {
  // Its pool may be gone from taktd.toml since: that ends nothing that runs.
  ParseOutcome outcome = parse(row.process, {row.origin, row.text}, row.user, nullptr);
  if (!outcome.definition)
    return fail(ErrorCode::invalid_definition, "{}",
                outcome.diagnostics.empty() ? "unreadable" : outcome.diagnostics.front().message);
  outcome.definition->origin = row.origin;
  return outcome.definition;
}

Result<std::string> FolderSource::put(const std::string& name, const std::string& text, bool transient) {
  const std::string& layer = transient ? transient_ : kept_;
  TAKT_TRY(write_definition(layer, name + ".toml", text));
  return layer + "/" + name + ".toml";
}

Status FolderSource::remove(const std::string& name) {
  // The transient one is the later layer: it goes first, and uncovers the kept one.
  for (const std::string& layer : {transient_, kept_}) {
    Status removed = write_definition(layer, name + ".toml", "");
    if (!removed && removed.error().code == ErrorCode::no_such_process) continue;
    return removed ? forget_enabled(name) : removed;
  }
  return fail(ErrorCode::no_such_process,
              "no definition '{}' came over D-Bus; one of a file's is removed with its file", name);
}

// With the last text of a process goes what set_enabled() said of it: one that is put anew begins as its text says.
Status FolderSource::forget_enabled(const std::string& name) {
  const LoadedDefinitions left = load(name, {});
  if (left.good.contains(name) || left.refused.contains(name)) return {};
  Status removed = write_definition(kept_, name + drop_in, "");
  return !removed && removed.error().code == ErrorCode::no_such_process ? Status() : removed;
}

Status FolderSource::set_enabled(const std::string& name, bool enabled) {
  return write_definition(kept_, name + drop_in, enabled ? "enabled = true\n" : "enabled = false\n");
}

}  // namespace takt
