// Unit files of systemd as text: systemd.syntax(7), and the specifiers of systemd.unit(5). Pure.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"

namespace takt {

struct UnitSetting {
  std::string section;
  std::string key;
  std::string value;
  std::string file;
  std::uint32_t line = 0;
};

// The settings of one file, in order. ErrorCode::invalid_input with file and line for what is neither a section, a
// setting nor a comment.
Result<std::vector<UnitSetting>> read_unit_file(const std::string& text, const std::string& file);

// What the specifiers that belong to no unit stand for: %h, %u and the like, without the percent sign.
using Specifiers = std::map<char, std::string>;

// One unit with its drop-ins. What was not taken from it in the end is what could not be turned.
class SystemdUnit {
 public:
  SystemdUnit(std::string name, std::vector<UnitSetting> settings, const Specifiers& machine);

  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] std::string stem() const { return name_.substr(0, name_.rfind('.')); }

  // The settings of a list, in order; an empty value forgets those before it, of all the keys that are one list.
  std::vector<UnitSetting> take_list(const std::string& section, const std::set<std::string>& keys);
  std::vector<UnitSetting> take_list(const std::string& section, const std::string& key);
  // The value that counts, which is the last one, with its specifiers replaced; nothing when there is none or it is
  // empty.
  std::optional<std::string> take(const std::string& section, const std::string& key);
  // The text with its specifiers replaced; one that is not known here stays, and is noted.
  std::string expanded(std::string_view text);

  // "[Service] Nice = 5" for each setting that was not taken, and what came up on the way.
  [[nodiscard]] std::vector<std::string> notes() const;

 private:
  std::string name_;
  std::vector<UnitSetting> settings_;
  Specifiers specifiers_;
  std::vector<std::string> notes_;
};

// yes, true, on, 1 and their like.
bool is_true(const std::string& text);

// A span of systemd.time(7), where a number without a unit is in seconds, behind others too: "1h 30". What is no span,
// or never ends, is ErrorCode::invalid_argument.
Result<Duration> unit_span(const std::string& text);

}  // namespace takt
