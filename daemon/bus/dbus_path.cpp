#include "bus/dbus_path.h"

#include <fmt/core.h>

#include <charconv>

#include "base/names.h"

namespace takt {

namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_plain(char c, bool first) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (!first && is_digit(c));
}

// -1 for what is no lower-case hexadecimal digit.
int hex_value(char c) {
  if (is_digit(c)) return c - '0';
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

std::string executions_folder() {
  return fmt::format("{}/execution/", names::bus_path);
}

}  // namespace

std::string bus_path_escape(std::string_view text) {
  if (text.empty()) return "_";
  std::string element;
  for (const char c : text) {
    if (is_plain(c, element.empty()))
      element += c;
    else
      element += fmt::format("_{:02x}", static_cast<unsigned char>(c));
  }
  return element;
}

std::optional<std::string> bus_path_unescape(std::string_view element) {
  if (element == "_") return std::string();
  std::string text;
  for (std::size_t i = 0; i < element.size(); ++i) {
    if (element[i] != '_') {
      text += element[i];
      continue;
    }
    if (i + 2 >= element.size()) return std::nullopt;
    const int high = hex_value(element[i + 1]);
    const int low = hex_value(element[i + 2]);
    if (high < 0 || low < 0) return std::nullopt;
    text += static_cast<char>(high * 16 + low);
    i += 2;
  }
  // Only what escapes to the same element: there is one path for each text.
  if (text.empty() || bus_path_escape(text) != element) return std::nullopt;
  return text;
}

std::string process_path(std::string_view name) {
  return fmt::format("{}/process/{}", names::bus_path, bus_path_escape(name));
}

// An element of a path may begin with a digit (D-Bus Specification, "Valid Object Paths"), so ids stand as they are.
std::string execution_path(ExecutionId id) {
  return fmt::format("{}{}", executions_folder(), id);
}

std::optional<ExecutionId> execution_of_path(std::string_view path) {
  const std::string folder = executions_folder();
  if (!path.starts_with(folder)) return std::nullopt;
  path.remove_prefix(folder.size());
  ExecutionId id = 0;
  const auto [end, error] = std::from_chars(path.data(), path.data() + path.size(), id);
  if (error != std::errc() || end != path.data() + path.size() || execution_path(id) != folder + std::string(path))
    return std::nullopt;
  return id;
}

}  // namespace takt
