#include "base/bus_names.h"

#include <systemd/sd-bus.h>

namespace takt {

namespace {

constexpr std::size_t longest_signature = 255;
constexpr int deepest_signature = 32;
constexpr std::string_view basic_types = "ybnqiuxtdsog";  // without h: a step has no file descriptor to give

// Takes one complete type from the front of a signature.
bool take_type(std::string_view& signature, int depth) {
  if (signature.empty() || depth > deepest_signature) return false;
  const char c = signature.front();
  signature.remove_prefix(1);
  if (c == 'v' || basic_types.find(c) != std::string_view::npos) return true;
  if (c == 'a' && signature.starts_with('{')) {
    signature.remove_prefix(1);
    const bool key = !signature.empty() && basic_types.find(signature.front()) != std::string_view::npos;
    if (!key || !take_type(signature, depth + 1) || !take_type(signature, depth + 1) || !signature.starts_with('}'))
      return false;
    signature.remove_prefix(1);
    return true;
  }
  if (c == 'a') return take_type(signature, depth + 1);
  if (c != '(' || signature.starts_with(')')) return false;
  while (!signature.starts_with(')'))
    if (!take_type(signature, depth + 1)) return false;
  signature.remove_prefix(1);
  return true;
}

}  // namespace

bool valid_bus_service(const std::string& name) {
  return sd_bus_service_name_is_valid(name.c_str()) > 0;
}
bool valid_bus_path(const std::string& path) {
  return sd_bus_object_path_is_valid(path.c_str()) > 0;
}
bool valid_bus_interface(const std::string& name) {
  return sd_bus_interface_name_is_valid(name.c_str()) > 0;
}
bool valid_bus_member(const std::string& name) {
  return sd_bus_member_name_is_valid(name.c_str()) > 0;
}

std::optional<std::size_t> bus_types(std::string_view signature) {
  if (signature.size() > longest_signature) return std::nullopt;
  std::size_t types = 0;
  for (; !signature.empty(); ++types)
    if (!take_type(signature, 0)) return std::nullopt;
  return types;
}

}  // namespace takt
