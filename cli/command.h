// The command line of taktctl as its verbs describe it. CLI11 parses it, in command.cpp and program.cpp alone: that
// library takes a compiler five seconds in each file that sees it.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "cli/exit_code.h"

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace takt {

class Session;
using Run = std::function<Result<ExitCode>(Session&)>;

// An option or a positional argument. A handle: the parser that gave it owns what it stands for.
class CommandOption {
 public:
  // Says what is wrong with an argument; empty: nothing.
  using Check = std::function<std::string(const std::string& argument)>;

  explicit CommandOption(CLI::Option* option) : option_(option) {}

  CommandOption& required();
  CommandOption& type_name(const char* name);  // as the help shows its argument
  CommandOption& check(Check check);
  CommandOption& range(std::uint64_t least, std::uint64_t most);
  CommandOption& not_negative();
  CommandOption& excludes(const CommandOption& other);
  CommandOption& needs(const CommandOption& other);
  // Given several times it takes one argument each time, else all words up to the next option.
  CommandOption& one_each();
  CommandOption& separated_by(char separator);

 private:
  friend class Command;
  CLI::Option* option_;
};

// taktctl itself, or a verb of it. A handle, as the options are. What arguments are written to must live until the
// chosen verb has run.
class Command {
 public:
  // The one that is run is written to `chosen` when the command line names its verb.
  Command(CLI::App& parser, Run& chosen) : parser_(&parser), chosen_(&chosen) {}

  // A verb below this one.
  Command verb(const char* name, const char* about);
  void requires_verb();

  CommandOption option(const char* names, std::string& argument, const char* about);
  CommandOption option(const char* names, std::optional<std::string>& argument, const char* about);
  CommandOption option(const char* names, std::vector<std::string>& arguments, const char* about);
  CommandOption option(const char* names, std::uint32_t& argument, const char* about);
  CommandOption option(const char* names, std::optional<std::uint32_t>& argument, const char* about);
  CommandOption option(const char* names, std::uint64_t& argument, const char* about);
  CommandOption option(const char* names, std::optional<std::uint64_t>& argument, const char* about);
  CommandOption option(const char* names, std::optional<int>& argument, const char* about);
  CommandOption flag(const char* names, bool& given, const char* about);

  // What is done when the command line names this verb.
  void run(Run run);
  // `option` takes the place of all other options, and of the positional argument `words`, which is required else.
  void replaces_all(const CommandOption& option, const CommandOption& words, const char* words_name);

 private:
  CLI::App* parser_;
  Run* chosen_;
};

}  // namespace takt
