// What taktd(8) is told on its command line, and where everything then stands.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "definition/folders.h"
#include "definition/settings.h"

namespace takt {

struct CommandLine {
  bool user = false;   // --user: the daemon of the user who starts it, on the session bus
  std::string bus;     // --bus ADDRESS: this bus, whatever --user says of the rest
  std::string state;   // --state DIR
  std::string config;  // --config FILE
  std::string runner_socket;
  std::string runner;                  // --runner PROGRAM: started when nobody listens on the socket; empty: never
  std::vector<std::string> processes;  // --processes DIR…: instead of the default layers
};

// Where everything stands.
struct Places {
  std::string config;
  std::string storage;  // the database's folder
  std::string runner_socket;
  std::string runner_state;  // of a runner that taktd starts
  std::string kept;          // definitions that came over D-Bus
  std::string transient;     // and those until the next boot
  Folders folders;
};

using Environment = std::map<std::string, std::string>;

// The exit status, if the command line asks for help or is wrong, which it has then told.
std::optional<int> read_command_line(int argc, char** argv, CommandLine& options);
Environment read_environment();
Places find_places(const CommandLine& options, const Environment& environment);
// The settings' `storage` wins over the default, --state over both.
void apply_storage(Places& places, const CommandLine& options, const Settings& settings);

}  // namespace takt
