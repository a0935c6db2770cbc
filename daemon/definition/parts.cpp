#include "definition/parts.h"

#include <fmt/core.h>

#include <algorithm>

#include "base/limits.h"
#include "definition/limits.h"

namespace takt {
namespace {

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

}  // namespace

bool valid_name(std::string_view name, bool dashes) {
  return !name.empty() && name.size() <= limits::name_bytes && is_letter(name.front()) &&
         std::ranges::all_of(name, [dashes](char c) { return is_letter(c) || is_digit(c) || (dashes && c == '-'); });
}

Result<std::string> expand_environment(std::string_view text, const ParseContext& context) {
  if (text.find("${") == std::string_view::npos) return std::string(text);
  Value environment = Value::object();
  for (const auto& [name, value] : context.environment) environment[name] = value;
  return context.evaluator.expand(text, Value{{"env", std::move(environment)}});
}

std::string parse_expression(TableReader& reader, std::string_view key, const ParseContext& context) {
  const auto text = reader.raw_text(key);
  if (!text) return {};
  if (const auto checked = context.evaluator.check(*text); !checked) reader.error(key, checked.error().message);
  return *text;
}

std::string parse_template(TableReader& reader, std::string_view key, const ParseContext& context) {
  const auto text = reader.raw_text(key);
  if (!text) return {};
  if (const auto checked = context.evaluator.check_text(*text); !checked) reader.error(key, checked.error().message);
  return *text;
}

std::map<std::string, std::string> parse_environment(TableReader& reader, const ParseContext& context) {
  const auto* node = reader.find("environment");
  auto environment = reader.text_table("environment").value_or(std::map<std::string, std::string>{});
  for (const auto& [name, text] : environment) {
    const auto key = reader.path_of("environment." + name);
    const Place& place = std::get<TomlTable>(node->value).find(name)->second.key_place;
    if (!valid_name(name, false))
      reader.report().error(place, key,
                            "the name of a variable is letters, digits and _, and does not begin with a digit");
    else if (name.starts_with("TAKT_"))
      reader.report().error(place, key, "names that begin with TAKT_ are taktd's own");
    if (const auto checked = context.evaluator.check_text(text); !checked)
      reader.report().error(place, key, checked.error().message);
  }
  return environment;
}

std::string parse_user(TableReader& reader, std::string_view key) {
  const auto user = reader.text(key);
  if (!user) return {};
  const bool good = user->size() <= limits::name_bytes && user->front() != '-' &&
                    std::ranges::all_of(
                        *user, [](char c) { return is_letter(c) || is_digit(c) || c == '-' || c == '.' || c == '$'; });
  if (good) return *user;
  reader.error(key, "not the name of a user");
  return {};
}

std::pair<std::string, std::uint32_t> parse_pool(TableReader& reader, const ParseContext& context) {
  const std::string pool = reader.text("pool").value_or("");
  if (pool.empty()) {
    reader.elsewhere({"slots"}, "`pool`");
    return {"", 1};
  }
  const auto slots = static_cast<std::uint32_t>(reader.integer("slots", 1, limits::slots).value_or(1));
  if (context.pools == nullptr) return {pool, slots};
  if (const auto known = context.pools->find(pool); known == context.pools->end()) {
    std::vector<std::string_view> names;
    for (const auto& [name, size] : *context.pools) names.push_back(name);
    reader.error("pool", fmt::format("taktd.toml has no pool \"{}\" in [pools]{}", pool, suggestion(pool, names)));
  } else if (slots > known->second) {
    reader.error(reader.has("slots") ? "slots" : "pool",
                 fmt::format("the pool \"{}\" has {} slots, fewer than {}", pool, known->second, slots));
  }
  return {pool, slots};
}

std::optional<std::string_view> parse_kind(TableReader& reader, std::initializer_list<std::string_view> kinds,
                                           std::initializer_list<std::string_view> later) {
  std::vector<std::string_view> all(kinds);
  all.insert(all.end(), later);
  std::vector<std::string_view> present;
  for (const auto kind : all)
    if (reader.find(kind) != nullptr) present.push_back(kind);
  if (present.empty()) {
    reader.error("", fmt::format("it says not what it is: expected one of the keys {}", alternatives(kinds)));
    // The other keys are told too: the misspelt one is among them.
    return std::nullopt;
  }
  if (present.size() > 1) {
    reader.give_up();
    reader.report().error(reader.find(present[1])->key_place, reader.path_of(present[1]),
                          fmt::format("only one of {} can stand in one table", alternatives(present)));
    return std::nullopt;
  }
  if (std::ranges::find(later, present.front()) != later.end()) {
    reader.give_up();
    reader.not_yet({present.front()});
    return std::nullopt;
  }
  return present.front();
}

}  // namespace takt
