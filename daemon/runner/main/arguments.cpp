#include "runner/main/arguments.h"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <map>

namespace takt {

std::optional<int> read_arguments(int argc, char** argv, Arguments& arguments) {
  CLI::App app("Runs the children of taktd(8)", "takt-runner");
  const std::map<std::string, CgroupMode> cgroup{
      {"auto", CgroupMode::automatic}, {"yes", CgroupMode::yes}, {"no", CgroupMode::no}};
  const std::map<std::string, JournalMode> journal{
      {"auto", JournalMode::automatic}, {"yes", JournalMode::yes}, {"no", JournalMode::no}};
  app.add_option("--state", arguments.state, "Folder for work directories and logs")
      ->envname("STATE_DIRECTORY")
      ->required()
      ->type_name("DIR");
  app.add_option("--socket", arguments.socket, "Listen here, unless a socket was handed over")->type_name("PATH");
  app.add_option("--peer-user", arguments.peer_user, "Take orders from this user too")->type_name("USER");
  app.add_option("--cgroup", arguments.cgroup, "A cgroup for each attempt: auto, yes or no")
      ->transform(CLI::CheckedTransformer(cgroup).description(""))
      ->type_name("MODE");
  app.add_option("--journal", arguments.journal, "Output goes to the journal too: auto, yes or no")
      ->transform(CLI::CheckedTransformer(journal).description(""))
      ->type_name("MODE");
  app.add_flag("--exit-idle", arguments.exit_idle, "Leave when there is neither an attempt nor a peer");
  app.add_option("--resume", arguments.resume)->group("");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error);
  }
  return std::nullopt;
}

}  // namespace takt
