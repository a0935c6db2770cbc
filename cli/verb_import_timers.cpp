// import timers: systemd's timers and path units with their services, each as a definition. Neither taktd nor systemd
// is asked.
#include <unistd.h>

#include <filesystem>

#include "cli/definition_files.h"
#include "cli/import_batch.h"
#include "cli/import_service.h"
#include "cli/import_timer.h"
#include "cli/unit_folders.h"

namespace takt {
namespace {

namespace fs = std::filesystem;

struct TimerOptions {
  std::vector<std::string> units;
  std::vector<std::string> folders;
  std::string root;
  ImportTarget target;
};

// Where units are looked for, and what is the same for all of them.
struct UnitPlace {
  UnitFolders folders;
  Specifiers specifiers;
  std::string directory;  // in which services work that say nothing
  bool installed = true;  // the folders are the manager's own, so that links there tell what is enabled
};

UnitPlace place_of(const TimerOptions& options, bool user) {
  UnitPlace place;
  const std::map<std::string, std::string> environment = own_environment();
  const auto variable = [&environment](const char* name, const std::string& fallback) {
    const auto found = environment.find(name);
    return found == environment.end() ? fallback : found->second;
  };
  if (user) {
    const std::string home = variable("HOME", "/");
    const std::string config = variable("XDG_CONFIG_HOME", home + "/.config");
    place.folders = user_unit_folders(options.root, environment);
    place.directory = home;
    place.specifiers = {{'h', home},
                        {'u', variable("USER", "")},
                        {'U', std::to_string(::getuid())},
                        {'G', std::to_string(::getgid())},
                        {'t', variable("XDG_RUNTIME_DIR", "/run/user/" + std::to_string(::getuid()))},
                        {'S', config},
                        {'E', config},
                        {'L', config + "/log"},
                        {'C', variable("XDG_CACHE_HOME", home + "/.cache")}};
  } else {
    place.folders = system_unit_folders(options.root);
    place.directory = "/";
    place.specifiers = {{'h', "/root"}, {'u', "root"},     {'U', "0"},          {'g', "root"},     {'G', "0"},
                        {'t', "/run"},  {'S', "/var/lib"}, {'C', "/var/cache"}, {'L', "/var/log"}, {'E', "/etc"}};
  }
  place.specifiers.insert({{'T', "/tmp"}, {'V', "/var/tmp"}});
  if (!options.folders.empty()) {
    place.folders = {options.folders, ""};
    place.installed = false;
  }
  return place;
}

// Adds what a timer or a path unit starts. What keeps a whole unit from being turned is an error, of
// ErrorCode::invalid_argument where the unit itself is not to blame.
Status import_unit(const std::string& name, const UnitPlace& place, DraftBatch& batch) {
  const bool timer = name.ends_with(".timer");
  if (!timer && !name.ends_with(".path"))
    return fail(ErrorCode::invalid_argument, "{} is neither a .timer nor a .path", name);
  TAKT_ASSIGN(SystemdUnit unit, load_unit(place.folders, name, place.specifiers));
  const std::string service_name = service_of(unit, timer ? "Timer" : "Path");
  if (!service_name.ends_with(".service"))
    return fail(ErrorCode::invalid_argument, "{}: it starts {}, which is no service", name, service_name);
  Result<SystemdUnit> service = load_unit(place.folders, service_name, place.specifiers);
  if (!service) return tl::unexpected<Error>(std::move(service).error().in(name));
  DraftProcess draft;
  draft.comments.push_back(
      fmt::format("From systemd's {} and {}. To take its place: systemctl disable --now {}", name, service_name, name));
  TAKT_TRY(import_service(*service, place.directory, draft));
  if (draft.steps.empty()) return fail(ErrorCode::invalid_argument, "{}: {} runs nothing", name, service_name);
  if (place.installed && !is_enabled(place.folders, name)) {
    draft.comments.push_back(fmt::format("{} is not enabled, and so this is not.", name));
    draft.keys.emplace_back("enabled", "false");
  }
  const auto is_folder = [&place](const std::string& path) {
    std::error_code none;
    return fs::is_directory(place.folders.root + path, none);
  };
  TAKT_TRY(timer ? import_timer(unit, draft) : import_path_unit(unit, is_folder, draft));
  draft.name = process_name_like(unit.stem(), batch.names);
  batch.drafts.push_back(std::move(draft));
  return {};
}

Result<ExitCode> import(Session& session, const TimerOptions& options) {
  std::error_code none;
  if (!options.root.empty() && !fs::is_directory(options.root, none))
    return fail(ErrorCode::invalid_argument, "--root {}: there is no such folder", options.root);
  const UnitPlace place = place_of(options, session.bus().kind == BusPlace::user);
  DraftBatch batch;
  std::vector<std::string> names = options.units;
  if (names.empty()) {
    for (const char* suffix : {".timer", ".path"}) {
      const std::vector<std::string> found = units_in(place.folders, suffix);
      names.insert(names.end(), found.begin(), found.end());
    }
  }
  for (const std::string& name : names) {
    const Status done = import_unit(name, place, batch);
    const bool told = !done && options.units.empty() && done.error().code == ErrorCode::invalid_argument;
    if (told) batch.notes.push_back(done.error().message);
    if (!done && !told) return tl::unexpected<Error>(done.error());
  }
  return give_batch(session, std::move(batch), options.target);
}

}  // namespace

void add_import_timers(Command& verb) {
  const auto options = std::make_shared<TimerOptions>();
  Command one = verb.verb("timers", "Timers and path units of systemd with their services");
  one.option("UNIT", options->units, "NAME.timer or NAME.path; all, if not said");
  const CommandOption directory =
      one.option("--directory", options->folders, "Look for units in this folder alone; may be said more than once")
          .type_name("DIR")
          .one_each();
  one.option("--root", options->root, "Look for the units of the machine whose files are below this folder")
      .type_name("DIR")
      .excludes(directory);
  add_target(one, options->target);
  one.run([options](Session& session) { return import(session, *options); });
}

}  // namespace takt
