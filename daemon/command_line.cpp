#include "command_line.h"

#include <pwd.h>
#include <unistd.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <filesystem>
#include <string_view>

namespace takt {

namespace {

// A variable's value, or the fallback when it is unset or empty (XDG Base Directory Specification).
std::string variable(const Environment& environment, const std::string& name, const std::string& fallback) {
  const auto found = environment.find(name);
  return found == environment.end() || found->second.empty() ? fallback : found->second;
}

Places system_places() {
  Places places;
  places.config = TAKT_SYSCONF_DIR "/taktd.toml";
  places.storage = "/var/lib/takt";
  places.runner_socket = "/run/takt-runner.sock";
  places.runner_state = "/var/lib/takt-runner";
  places.kept = "/var/lib/takt/processes";
  places.transient = "/run/takt/processes";
  places.folders = system_folders();
  return places;
}

Places user_places(const Environment& environment) {
  const std::string home = variable(environment, "HOME", "/");
  const std::string runtime =
      variable(environment, "XDG_RUNTIME_DIR", "/run/user/" + std::to_string(::getuid())) + "/takt";
  Places places;
  places.config = variable(environment, "XDG_CONFIG_HOME", home + "/.config") + "/takt/taktd.toml";
  places.storage = variable(environment, "XDG_STATE_HOME", home + "/.local/state") + "/takt";
  places.runner_socket = runtime + "-runner.sock";
  places.runner_state = places.storage + "-runner";
  places.kept = variable(environment, "XDG_DATA_HOME", home + "/.local/share") + "/takt/processes";
  places.transient = runtime + "/processes";
  places.folders = user_folders(environment);
  return places;
}

// The name of the user, or the number of one that has none.
std::string user_name() {
  const passwd* entry = ::getpwuid(::getuid());
  return entry != nullptr ? entry->pw_name : std::to_string(::getuid());
}

// Paths are used from other directories than the one they were given in. If that one has gone, they stay as they are.
std::string absolute(const std::string& path) {
  std::error_code gone;
  const auto found = std::filesystem::absolute(path, gone).lexically_normal();
  return path.empty() || gone ? path : found.string();
}

// Every path as it is meant where the program was started.
void make_absolute(CommandLine& options) {
  for (std::string* path : {&options.state, &options.config, &options.runner_socket, &options.runner})
    *path = absolute(*path);
  for (std::string& path : options.processes) path = absolute(path);
}

}  // namespace

std::optional<int> read_command_line(int argc, char** argv, CommandLine& options) {
  CLI::App app("taktd: the automation daemon. Reads process definitions, fires their triggers and runs their steps.");
  app.set_version_flag("--version", "taktd " TAKT_VERSION);
  auto* user = app.add_flag("--user", options.user, "Serve the user who starts it, on the session bus");
  app.add_flag_callback(
         "--system", [] {}, "Serve the machine, on the system bus (the default)")
      ->excludes(user);
  app.add_option("--bus", options.bus, "Use the bus at this D-Bus address");
  app.add_option("--state", options.state, "Keep the history and what comes over D-Bus in this folder");
  app.add_option("--config", options.config, "Read the settings from this file");
  app.add_option("--processes", options.processes, "Read definitions from these folders instead of the default ones");
  app.add_option("--runner-socket", options.runner_socket, "Reach takt-runner at this socket");
  app.add_option("--runner", options.runner, "Start this program as takt-runner when nobody listens on its socket");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error);
  }
  make_absolute(options);
  return std::nullopt;
}

Environment read_environment() {
  Environment environment;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text(*entry);
    if (const auto equals = text.find('='); equals != std::string_view::npos)
      environment[std::string(text.substr(0, equals))] = text.substr(equals + 1);
  }
  return environment;
}

Places find_places(const CommandLine& options, const Environment& environment) {
  Places places = options.user ? user_places(environment) : system_places();
  if (!options.config.empty()) places.config = options.config;
  if (!options.state.empty()) {
    places.storage = options.state;
    places.kept = options.state + "/processes";
    places.transient = options.state + "/transient";
    places.runner_socket = options.state + "/runner.sock";
    places.runner_state = options.state + "-runner";  // beside it: the database's folder is closed to children
  }
  if (!options.runner_socket.empty()) places.runner_socket = options.runner_socket;
  if (!options.processes.empty()) {
    places.folders.layers = {places.kept, places.transient};
    places.folders.layers.insert(places.folders.layers.end(), options.processes.begin(), options.processes.end());
  }
  places.folders.owner = ::getuid();
  if (options.user) places.folders.owner_user = user_name();
  return places;
}

void apply_storage(Places& places, const CommandLine& options, const Settings& settings) {
  if (options.state.empty() && !settings.storage.empty()) places.storage = settings.storage;
}

}  // namespace takt
