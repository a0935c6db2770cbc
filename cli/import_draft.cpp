#include "cli/import_draft.h"

#include <fmt/core.h>

#include <algorithm>

#include "base/limits.h"

namespace takt {
namespace {

using Keys = std::vector<std::pair<std::string, std::string>>;

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// Control characters have no place in a comment of TOML; a newline begins another line of it.
void append_comment(std::string& text, const std::string& comment) {
  text += "# ";
  for (const char c : comment) {
    if (c == '\n') {
      text += "\n# ";
    } else {
      text += static_cast<unsigned char>(c) < ' ' || c == 0x7f ? ' ' : c;
    }
  }
  text += '\n';
}

void append_keys(std::string& text, const Keys& keys) {
  std::size_t width = 0;
  for (const auto& [key, value] : keys) width = std::max(width, key.size());
  for (const auto& [key, value] : keys) text += fmt::format("{:{}} = {}\n", key, width, value);
}

std::string toml_text(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (c == '\n') {
      out += "\\n";
    } else if (static_cast<unsigned char>(c) < ' ' || c == 0x7f) {
      out += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
    } else {
      out += c;
    }
  }
  return out + '"';
}

std::string toml_key(const std::string& key) {
  const bool bare = !key.empty() && std::ranges::all_of(key, [](char c) {
    return is_letter(c) || is_digit(c) || c == '_' || c == '-';
  });
  return bare ? key : toml_text(key);
}

// Letters and digits stay, each run of anything else becomes one `joint`, none at the ends.
std::string slug(std::string_view text, char joint, std::string_view also) {
  std::string out;
  for (const char c : text) {
    if (is_letter(c) || is_digit(c) || also.find(c) != std::string_view::npos) {
      out += c;
    } else if (!out.empty() && out.back() != joint) {
      out += joint;
    }
  }
  while (!out.empty() && out.back() == joint) out.pop_back();
  return out.substr(0, limits::name_bytes - 8);  // room for what makes it unique
}

}  // namespace

std::string draft_text(const DraftProcess& draft) {
  std::string text;
  for (const std::string& comment : draft.comments) append_comment(text, comment);
  if (!draft.notes.empty()) {
    append_comment(text, "What could not be turned:");
    for (const std::string& note : draft.notes) append_comment(text, "- " + note);
  }
  append_keys(text, draft.keys);
  if (!draft.environment.empty()) {
    text += "\n[environment]\n";
    append_keys(text, draft.environment);
  }
  for (const auto& [name, keys] : draft.inputs) {
    text += fmt::format("\n[inputs.{}]\n", name);
    append_keys(text, keys);
  }
  for (const DraftTrigger& trigger : draft.triggers) {
    text += '\n';
    for (const std::string& comment : trigger.comments) append_comment(text, comment);
    text += "[[trigger]]\n";
    append_keys(text, trigger.keys);
  }
  for (const DraftStep& step : draft.steps) {
    text += '\n';
    for (const std::string& comment : step.comments) append_comment(text, comment);
    text += "[[step]]\n";
    Keys keys{{"name", toml_value(step.name)}};
    keys.insert(keys.end(), step.keys.begin(), step.keys.end());
    append_keys(text, keys);
  }
  return text;
}

std::string toml_script(const std::string& script) {
  const bool plain = std::ranges::none_of(
      script, [](char c) { return (static_cast<unsigned char>(c) < ' ' && c != '\n' && c != '\t') || c == 0x7f; });
  // A single quote at the end would join those of the delimiter.
  if (!plain || script.find("'''") != std::string::npos || script.ends_with('\'')) return toml_text(script);
  // A newline behind the opening delimiter is not of the text.
  return (script.find('\n') == std::string::npos ? "'''" : "'''\n") + script + "'''";
}

std::string toml_value(const Value& value) {
  if (value.is_string()) return toml_text(value.text());
  std::string text;
  if (value.is_array()) {
    for (const Value& element : value) text += (text.empty() ? "" : ", ") + toml_value(element);
    return "[" + text + "]";
  }
  if (value.is_object()) {
    for (const auto& [key, member] : value.items()) {
      text += fmt::format("{}{} = {}", text.empty() ? "" : ", ", toml_key(key), toml_value(member));
    }
    return text.empty() ? "{}" : "{ " + text + " }";
  }
  return value_text(value);
}

bool has_null(const Value& value) {
  return value.is_null() || std::ranges::any_of(value.children(), [](const Value* child) { return has_null(*child); });
}

std::string literal_text(std::string text) {
  for (std::size_t at = 0; (at = text.find("${", at)) != std::string::npos; at += 3) text.insert(at, "$");
  return text;
}

std::string process_name_like(std::string_view text) {
  std::string name = slug(text, '-', "._-");
  std::ranges::transform(name, name.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  name.erase(0, std::min(name.size(), name.find_first_not_of("._-")));
  return name;
}

std::string process_name_like(std::string_view text, std::set<std::string>& taken) {
  std::string name = process_name_like(text);
  if (name.empty()) name = "process";
  std::string unique = name;
  for (int i = 2; !taken.insert(unique).second; ++i) unique = fmt::format("{}-{}", name, i);
  return unique;
}

std::string step_name_like(std::string_view text, std::set<std::string>& taken) {
  std::string name = slug(text, '_', "_-");
  if (name.empty() || (!is_letter(name.front()) && name.front() != '_') || name == "end") name = "step_" + name;
  std::string unique = name;
  for (int i = 2; !taken.insert(unique).second; ++i) unique = fmt::format("{}_{}", name, i);
  return unique;
}

DraftTrigger boot_trigger(const std::string& span) {
  // What was there before did fire in this boot; taktd has not seen it.
  return {.keys = {{"boot", toml_value(span)}},
          .comments = {"When taktd first loads it, it fires for the boot that is under way too."}};
}

bool is_variable_name(std::string_view name) {
  return !name.empty() && !is_digit(name.front()) && !name.starts_with("TAKT_") &&
         std::ranges::all_of(name, [](char c) { return is_letter(c) || is_digit(c) || c == '_'; });
}

void note_unknown(const Value& object, const std::set<std::string>& known, const std::string& where,
                  std::vector<std::string>& notes) {
  for (const auto& [key, value] : object.items()) {
    if (!known.contains(key))
      notes.push_back(fmt::format("{}: {} = {} has no counterpart", where, key, value_text(value)));
  }
}

std::string member_text(const Value& object, const std::string& key) {
  const Value* found = object.member(key);
  return found != nullptr && found->is_string() ? found->get<std::string>() : std::string();
}

}  // namespace takt
