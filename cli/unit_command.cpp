#include "cli/unit_command.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

namespace takt {
namespace {

constexpr std::string_view word_blanks = " \t\n\r";

bool is_blank(char c) {
  return word_blanks.find(c) != std::string_view::npos;
}

bool is_name_character(char c, bool first) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (!first && c >= '0' && c <= '9');
}

void append_utf8(std::string& out, unsigned code) {
  if (code < 0x80) {
    out += static_cast<char>(code);
  } else if (code < 0x800) {
    out += static_cast<char>(0xc0 | (code >> 6));
    out += static_cast<char>(0x80 | (code & 0x3f));
  } else {
    out += static_cast<char>(0xe0 | (code >> 12));
    out += static_cast<char>(0x80 | ((code >> 6) & 0x3f));
    out += static_cast<char>(0x80 | (code & 0x3f));
  }
}

// Takes what stands behind a backslash: systemd.service(5), table "C escapes".
Status take_escape(std::string_view& text, std::string& out) {
  constexpr std::pair<char, char> letters[] = {{'a', '\a'}, {'b', '\b'},  {'f', '\f'}, {'n', '\n'},
                                               {'r', '\r'}, {'t', '\t'},  {'v', '\v'}, {'s', ' '},
                                               {'"', '"'},  {'\'', '\''}, {'\\', '\\'}};
  constexpr std::string_view octal = "01234567";
  const char c = text.empty() ? '\0' : text.front();
  const auto letter = std::ranges::find(letters, c, &std::pair<char, char>::first);
  const auto digits = [&](std::size_t skip, std::size_t count, int base) -> std::optional<unsigned> {
    if (text.size() < skip + count) return std::nullopt;
    unsigned value = 0;
    const char* end = text.data() + skip + count;
    const auto [stop, error] = std::from_chars(text.data() + skip, end, value, base);
    if (error != std::errc() || stop != end || value == 0) return std::nullopt;
    text.remove_prefix(skip + count);
    return value;
  };
  if (letter != std::end(letters)) {
    out += letter->second;
    text.remove_prefix(1);
    return {};
  }
  if (c == 'x' || (c != '\0' && octal.find(c) != std::string_view::npos)) {
    if (const auto value = c == 'x' ? digits(1, 2, 16) : digits(0, 3, 8)) {
      out += static_cast<char>(*value);
      return {};
    }
  }
  if (c == 'u') {
    if (const auto value = digits(1, 4, 16)) {
      append_utf8(out, *value);
      return {};
    }
  }
  return fail(ErrorCode::invalid_input, "\"\\{}\" is no escape", text.substr(0, 1));
}

// Takes the next word; nothing at the end.
Result<std::optional<std::string>> take_command_word(std::string_view& text) {
  text.remove_prefix(std::min(text.find_first_not_of(word_blanks), text.size()));
  if (text.empty()) return std::nullopt;
  std::string word;
  char quote = '\0';
  while (!text.empty() && (quote != '\0' || !is_blank(text.front()))) {
    const char c = text.front();
    text.remove_prefix(1);
    if (c == '\\') {
      TAKT_TRY(take_escape(text, word));
    } else if (c == quote) {
      quote = '\0';
    } else if (quote == '\0' && (c == '"' || c == '\'')) {
      quote = c;
    } else {
      word += c;
    }
  }
  if (quote != '\0') return fail(ErrorCode::invalid_input, "a quote does not end");
  return word;
}

// Takes the next word of a command; nothing at its end, which a `;` that stands alone is too.
Result<std::optional<std::string>> take_argument(std::string_view& text) {
  text.remove_prefix(std::min(text.find_first_not_of(word_blanks), text.size()));
  const auto stands_alone = [&text](std::string_view word) {
    return text.starts_with(word) && (text.size() == word.size() || is_blank(text[word.size()]));
  };
  if (stands_alone(";")) {
    text.remove_prefix(1);
    return std::nullopt;
  }
  if (!stands_alone("\\;")) return take_command_word(text);
  text.remove_prefix(2);
  return ";";
}

// Takes the prefixes of a program: systemd.service(5), table "Special executable prefixes".
bool take_prefixes(std::string_view& text, UnitCommand& command) {
  bool substitute = true;
  for (; !text.empty() && std::string_view("-@:+!").find(text.front()) != std::string_view::npos;
       text.remove_prefix(1)) {
    command.may_fail |= text.front() == '-';
    command.other_name |= text.front() == '@';
    command.as_root |= text.front() == '+';
    command.some_privileges |= text.front() == '!';
    substitute &= text.front() != ':';
  }
  return substitute;
}

// ${NAME} within a word stays within it, $$ is a dollar sign. A word that is $NAME as a whole becomes as many as its
// value has.
class Substitution {
 public:
  Substitution(const std::map<std::string, std::string>& variables, UnitCommand& command)
      : variables_(variables), command_(command) {}

  Status add(const std::string& word) {
    const std::string_view name = std::string_view(word).substr(word.starts_with('$') ? 1 : 0);
    const bool whole = word.starts_with('$') && !name.empty() && is_name_character(name.front(), true) &&
                       std::ranges::all_of(name, [](char c) { return is_name_character(c, false); });
    if (!whole) {
      command_.argv.push_back(in_word(word));
      return {};
    }
    TAKT_ASSIGN(std::vector<std::string> values, unit_words(value_of(std::string(name))));
    std::move(values.begin(), values.end(), std::back_inserter(command_.argv));
    return {};
  }

 private:
  std::string value_of(const std::string& name) {
    const auto found = variables_.find(name);
    if (found != variables_.end()) return found->second;
    command_.empty.push_back(name);
    return "";
  }

  std::string in_word(const std::string& word) {
    std::string out;
    for (std::size_t at = 0; at < word.size(); ++at) {
      const std::size_t close = word.compare(at, 2, "${") == 0 ? word.find('}', at) : std::string::npos;
      if (close != std::string::npos) {
        out += value_of(word.substr(at + 2, close - at - 2));
        at = close;
      } else {
        out += word[at];
        if (word.compare(at, 2, "$$") == 0) ++at;
      }
    }
    return out;
  }

  const std::map<std::string, std::string>& variables_;
  UnitCommand& command_;
};

}  // namespace

Result<std::vector<std::string>> unit_words(std::string_view text) {
  std::vector<std::string> words;
  while (true) {
    TAKT_ASSIGN(std::optional<std::string> word, take_command_word(text));
    if (!word) return words;
    words.push_back(*std::move(word));
  }
}

Result<std::vector<UnitCommand>> unit_commands(std::string_view text,
                                               const std::map<std::string, std::string>& variables,
                                               const std::function<std::string(std::string_view)>& expand) {
  std::vector<UnitCommand> commands;
  while (text.find_first_not_of(word_blanks) != std::string_view::npos) {
    text.remove_prefix(text.find_first_not_of(word_blanks));
    UnitCommand command;
    const bool substitute = take_prefixes(text, command);
    Substitution substitution(variables, command);
    for (std::size_t place = 0;; ++place) {
      TAKT_ASSIGN(const std::optional<std::string> word, take_argument(text));
      if (!word) break;
      if (place == 1 && command.other_name) continue;
      if (place == 0 || !substitute) {
        command.argv.push_back(expand(*word));
      } else {
        TAKT_TRY(substitution.add(expand(*word)));
      }
    }
    if (command.argv.empty() || command.argv.front().empty())
      return fail(ErrorCode::invalid_input, "it names no program");
    commands.push_back(std::move(command));
  }
  return commands;
}

}  // namespace takt
