// The names of D-Bus, by the D-Bus specification's rules (sections "Valid Names", "Type System").
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace takt {

bool valid_bus_service(const std::string& name);
bool valid_bus_path(const std::string& path);
bool valid_bus_interface(const std::string& name);
bool valid_bus_member(const std::string& name);
// How many complete types a signature has; nothing when it is none.
std::optional<std::size_t> bus_types(std::string_view signature);

}  // namespace takt
