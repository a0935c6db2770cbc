#include "watch/path_names.h"

#include <fnmatch.h>

#include <algorithm>

#include "base/value.h"

namespace takt::path_names {

std::vector<std::string> components_of(std::string_view glob) {
  std::vector<std::string> result;
  for (std::size_t at = 0; at < glob.size();) {
    const std::size_t end = std::min(glob.find('/', at), glob.size());
    if (end > at) result.emplace_back(glob.substr(at, end - at));
    at = end + 1;
  }
  return result;
}

bool is_literal(const std::string& component) {
  return component.find_first_of("*?[\\") == std::string::npos;
}

bool matches(const std::string& component, const std::string& name) {
  return ::fnmatch(component.c_str(), name.c_str(), FNM_PERIOD) == 0;
}

std::string join(const std::string& folder, const std::string& name) {
  return folder == "/" ? folder + name : folder + "/" + name;
}

std::string name_of(const std::string& path) {
  return path.substr(path.rfind('/') + 1);
}

std::string folder_of(const std::string& path) {
  return path.substr(0, std::max<std::size_t>(path.rfind('/'), 1));
}

bool is_within(const std::string& path, const std::string& folder) {
  return path == folder || path.starts_with(join(folder, ""));
}

}  // namespace takt::path_names
