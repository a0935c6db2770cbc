// Globs and the paths that they name.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace takt::path_names {

// "/a/*/b" has three.
std::vector<std::string> components_of(std::string_view glob);
bool is_literal(const std::string& component);
// As glob(7) has it: a name that begins with a period is matched by a period alone.
bool matches(const std::string& component, const std::string& name);

std::string join(const std::string& folder, const std::string& name);
std::string name_of(const std::string& path);
std::string folder_of(const std::string& path);
// Whether it is the folder's path, or one below it.
bool is_within(const std::string& path, const std::string& folder);

}  // namespace takt::path_names
