#include "cli/unit_file.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>

namespace takt {
namespace {

constexpr std::string_view line_blanks = " \t\r";

std::string_view trimmed(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of(line_blanks), text.size()));
  return text.substr(0, text.find_last_not_of(line_blanks) + 1);
}

// The reverse of systemd-escape(1): `-` is a slash, \xHH a byte.
std::string unescaped(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    unsigned value = 0;
    if (text[at] == '-') {
      out += '/';
    } else if (text.substr(at, 2) == "\\x" && at + 4 <= text.size() &&
               std::from_chars(text.data() + at + 2, text.data() + at + 4, value, 16).ec == std::errc()) {
      out += static_cast<char>(value);
      at += 3;
    } else {
      out += text[at];
    }
  }
  return out;
}

// What the unit's own name says.
Specifiers of_name(const std::string& name, Specifiers known) {
  const std::string stem = name.substr(0, name.rfind('.'));
  const std::size_t at = stem.find('@');
  const std::string prefix = stem.substr(0, at);
  const std::string instance = at == std::string::npos ? "" : stem.substr(at + 1);
  const std::string last = prefix.substr(prefix.rfind('-') + 1);
  known.insert_or_assign('n', name);
  known.insert_or_assign('N', stem);
  known.insert_or_assign('p', prefix);
  known.insert_or_assign('P', unescaped(prefix));
  known.insert_or_assign('i', instance);
  known.insert_or_assign('I', unescaped(instance));
  known.insert_or_assign('j', last);
  known.insert_or_assign('J', unescaped(last));
  known.insert_or_assign('f', "/" + unescaped(at == std::string::npos ? prefix : instance));
  known.insert_or_assign('%', "%");
  return known;
}

}  // namespace

Result<std::vector<UnitSetting>> read_unit_file(const std::string& text, const std::string& file) {
  std::vector<UnitSetting> settings;
  std::string section;
  std::string whole;  // the line, with those that a backslash joins to it
  std::uint32_t number = 0;
  std::uint32_t first = 0;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    std::string_view line = trimmed(std::string_view(text).substr(at, end - at));
    at = end + 1;
    ++number;
    if (line.starts_with('#') || line.starts_with(';')) {  // also between lines that are joined
      if (at < text.size()) continue;
      line = "";
    }
    if (whole.empty()) first = number;
    whole += line;
    if (line.ends_with('\\') && at < text.size()) {
      whole.back() = ' ';
      continue;
    }
    const std::string joined = std::move(whole);
    whole.clear();
    if (joined.empty()) continue;
    const std::size_t equals = joined.find('=');
    if (joined.front() == '[' && joined.back() == ']') {
      section = joined.substr(1, joined.size() - 2);
    } else if (equals == std::string::npos) {
      return fail(ErrorCode::invalid_input, "{}: line {}: expected [SECTION] or KEY=VALUE, got {}", file, first,
                  joined);
    } else if (section.empty()) {
      return fail(ErrorCode::invalid_input, "{}: line {}: a setting before the first [SECTION]", file, first);
    } else {
      const std::string_view view = joined;
      settings.push_back({section, std::string(trimmed(view.substr(0, equals))),
                          std::string(trimmed(view.substr(equals + 1))), file, first});
    }
  }
  return settings;
}

SystemdUnit::SystemdUnit(std::string name, std::vector<UnitSetting> settings, const Specifiers& machine)
    : name_(std::move(name)), settings_(std::move(settings)), specifiers_(of_name(name_, machine)) {}

std::vector<UnitSetting> SystemdUnit::take_list(const std::string& section, const std::set<std::string>& keys) {
  std::vector<UnitSetting> taken;
  std::erase_if(settings_, [&](const UnitSetting& setting) {
    const bool wanted = setting.section == section && keys.contains(setting.key);
    if (wanted && setting.value.empty()) taken.clear();
    if (wanted && !setting.value.empty()) taken.push_back(setting);
    return wanted;
  });
  return taken;
}

std::vector<UnitSetting> SystemdUnit::take_list(const std::string& section, const std::string& key) {
  return take_list(section, std::set<std::string>{key});
}

std::optional<std::string> SystemdUnit::take(const std::string& section, const std::string& key) {
  const std::vector<UnitSetting> all = take_list(section, key);
  if (all.empty()) return std::nullopt;
  return expanded(all.back().value);
}

std::string SystemdUnit::expanded(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    out += text[at];
    if (text[at] != '%' || at + 1 == text.size()) continue;
    const auto known = specifiers_.find(text[at + 1]);
    if (known != specifiers_.end()) {
      out.replace(out.size() - 1, 1, known->second);
      ++at;
    } else {
      notes_.push_back(fmt::format("%{} in \"{}\" is not known here; write what it stands for", text[at + 1], text));
    }
  }
  return out;
}

std::vector<std::string> SystemdUnit::notes() const {
  std::vector<std::string> notes = notes_;
  for (const UnitSetting& setting : settings_) {
    notes.push_back(fmt::format("{}: [{}] {} = {} has no counterpart", name_, setting.section, setting.key,
                                setting.value.empty() ? "(nothing)" : setting.value));
  }
  return notes;
}

bool is_true(const std::string& text) {
  constexpr const char* words[] = {"1", "yes", "y", "true", "t", "on"};
  return std::ranges::any_of(words, [&](const char* word) { return ::strcasecmp(word, text.c_str()) == 0; });
}

Result<Duration> unit_span(const std::string& text) {
  Result<Duration> span = parse_duration(text);
  if (!span && !text.empty() && text.back() >= '0' && text.back() <= '9') span = parse_duration(text + "s");
  return span;
}

}  // namespace takt
