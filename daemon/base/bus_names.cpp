#include "base/bus_names.h"

#include <systemd/sd-bus.h>

#include <vector>

namespace takt {

namespace {

constexpr std::size_t longest_signature = 255;

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
  std::vector<char> open;
  for (const char c : signature) {
    if (c == '(' || c == '{') {
      open.push_back(c);
    } else if (c == ')' || c == '}') {
      if (open.empty() || open.back() != (c == ')' ? '(' : '{')) return std::nullopt;
      open.pop_back();
    } else if (std::string_view("ybnqiuxtdhsogva").find(c) == std::string_view::npos) {
      return std::nullopt;
    }
    if (open.empty() && c != 'a') ++types;
  }
  if (!open.empty() || (!signature.empty() && signature.back() == 'a')) return std::nullopt;
  return types;
}

}  // namespace takt
