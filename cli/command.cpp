#include "cli/command.h"

#include <CLI/App.hpp>
#include <utility>

namespace takt {

CommandOption& CommandOption::required() {
  option_->required();
  return *this;
}

CommandOption& CommandOption::type_name(const char* name) {
  option_->type_name(name);
  return *this;
}

CommandOption& CommandOption::check(Check check) {
  option_->check(std::move(check));
  return *this;
}

CommandOption& CommandOption::range(std::uint64_t least, std::uint64_t most) {
  option_->check(CLI::Range(least, most));
  return *this;
}

CommandOption& CommandOption::not_negative() {
  option_->check(CLI::NonNegativeNumber);
  return *this;
}

CommandOption& CommandOption::excludes(const CommandOption& other) {
  option_->excludes(other.option_);
  return *this;
}

CommandOption& CommandOption::needs(const CommandOption& other) {
  option_->needs(other.option_);
  return *this;
}

CommandOption& CommandOption::one_each() {
  option_->allow_extra_args(false);
  return *this;
}

CommandOption& CommandOption::separated_by(char separator) {
  option_->delimiter(separator);
  return *this;
}

Command Command::verb(const char* name, const char* about) {
  return {*parser_->add_subcommand(name, about), *chosen_};
}

void Command::requires_verb() {
  parser_->require_subcommand(1);
}

CommandOption Command::option(const char* names, std::string& argument, const char* about) {
  return CommandOption(parser_->add_option(names, argument, about));
}

CommandOption Command::option(const char* names, std::optional<std::string>& argument, const char* about) {
  return CommandOption(parser_->add_option(names, argument, about));
}

CommandOption Command::option(const char* names, std::vector<std::string>& arguments, const char* about) {
  return CommandOption(parser_->add_option(names, arguments, about));
}

CommandOption Command::option(const char* names, std::uint32_t& argument, const char* about) {
  return CommandOption(parser_->add_option(names, argument, about));
}

CommandOption Command::option(const char* names, std::optional<std::uint32_t>& argument, const char* about) {
  return CommandOption(parser_->add_option(names, argument, about));
}

CommandOption Command::option(const char* names, std::uint64_t& argument, const char* about) {
  return CommandOption(parser_->add_option(names, argument, about));
}

CommandOption Command::option(const char* names, std::optional<std::uint64_t>& argument, const char* about) {
  return CommandOption(parser_->add_option(names, argument, about));
}

CommandOption Command::option(const char* names, std::optional<int>& argument, const char* about) {
  return CommandOption(parser_->add_option(names, argument, about));
}

CommandOption Command::flag(const char* names, bool& given, const char* about) {
  return CommandOption(parser_->add_flag(names, given, about));
}

void Command::run(Run run) {
  parser_->callback([chosen = chosen_, run = std::move(run)] { *chosen = run; });
}

void Command::replaces_all(const CommandOption& option, const CommandOption& words, const char* words_name) {
  for (CLI::Option* other : parser_->get_options())
    if (other != option.option_) option.option_->excludes(other);
  parser_->parse_complete_callback([chosen = option.option_, words = words.option_, words_name] {
    if (words->empty() && chosen->empty()) throw CLI::RequiredError(words_name);
  });
}

}  // namespace takt
