#include "cli/unit_folders.h"

#include <fmt/core.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include "cli/definition_files.h"
#include "definition/definition.h"

namespace takt {
namespace {

namespace fs = std::filesystem;

std::string template_of(const std::string& name) {
  const std::size_t at = name.find('@');
  return at == std::string::npos ? "" : name.substr(0, at + 1) + name.substr(name.rfind('.'));
}

std::vector<fs::path> entries(const fs::path& folder) {
  std::vector<fs::path> all;
  std::error_code none;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder, none)) all.push_back(entry.path());
  std::ranges::sort(all);
  return all;
}

bool links_units(const fs::path& folder) {
  return folder.extension() == ".wants" || folder.extension() == ".requires";
}

// Where a link leads to that stands below the root, whether something is there or not. The kernel follows as many.
fs::path follow_links(const std::string& root, fs::path file) {
  std::error_code none;
  for (int link = 0; link < 40 && fs::is_symlink(file, none); ++link) {
    fs::path target = fs::read_symlink(file, none);
    if (target == "/dev/null") return target;  // which an image need not have
    file = target.is_absolute() ? fs::path(root + target.string()) : file.parent_path() / target;
  }
  return file;
}

bool is_masked(const fs::path& file) {
  std::error_code none;
  return fs::is_character_file(file, none) || (fs::is_regular_file(file, none) && fs::file_size(file, none) == 0);
}

// A link to a unit of another name, but for an instance's to its template.
bool is_alias(const std::string& root, const fs::path& file) {
  const fs::path target = follow_links(root, file);
  return !is_masked(target) && target.filename() != file.filename() &&
         target.filename() != template_of(file.filename());
}

std::string find_file(const UnitFolders& place, const std::string& name) {
  std::error_code none;
  for (const std::string& folder : place.folders) {
    const fs::path file = follow_links(place.root, fs::path(folder) / name);
    if (!name.empty() && fs::exists(file, none)) return file;
  }
  return "";
}

// The folders of a unit's drop-ins, the most special first: its own, its template's, "foo-.timer.d" for
// "foo-bar.timer", and those of all units of its kind.
std::vector<std::string> drop_in_folders(const std::string& name) {
  const std::string suffix = name.substr(name.rfind('.'));
  std::vector<std::string> folders{name + ".d"};
  if (const std::string from = template_of(name); !from.empty()) folders.push_back(from + ".d");
  std::string prefix = name.substr(0, name.size() - suffix.size());
  for (std::size_t dash = prefix.size();
       dash > 0 && (dash = prefix.rfind('-', dash - 1)) != std::string::npos && dash > 0;)
    folders.push_back(prefix.substr(0, dash + 1) + suffix + ".d");
  folders.push_back(suffix.substr(1) + ".d");
  return folders;
}

// In the order of their names; of two with the same name that of the more special folder counts, then of the earlier
// one.
std::vector<std::string> drop_ins(const UnitFolders& place, const std::string& name) {
  std::map<std::string, std::string> by_name;
  for (const std::string& special : drop_in_folders(name)) {
    for (const std::string& folder : place.folders) {
      for (const fs::path& file : entries(fs::path(folder) / special))
        if (file.extension() == ".conf") by_name.emplace(file.filename(), follow_links(place.root, file));
    }
  }
  std::vector<std::string> files;
  for (const auto& [conf, file] : by_name) files.push_back(file);
  return files;
}

std::string variable(const std::map<std::string, std::string>& environment, const std::string& name,
                     const std::string& fallback) {
  const auto found = environment.find(name);
  return found == environment.end() || found->second.empty() ? fallback : found->second;
}

UnitFolders below(const std::string& root, std::vector<std::string> folders) {
  for (std::string& folder : folders) folder.insert(0, root);
  return {std::move(folders), root};
}

}  // namespace

UnitFolders system_unit_folders(const std::string& root) {
  return below(root, {"/etc/systemd/system.control", "/run/systemd/system.control", "/run/systemd/transient",
                      "/run/systemd/generator.early", "/etc/systemd/system", "/etc/systemd/system.attached",
                      "/run/systemd/system", "/run/systemd/system.attached", "/run/systemd/generator",
                      "/usr/local/lib/systemd/system", "/usr/lib/systemd/system", "/lib/systemd/system",
                      "/run/systemd/generator.late"});
}

UnitFolders user_unit_folders(const std::string& root, const std::map<std::string, std::string>& environment) {
  const std::string home = variable(environment, "HOME", "/");
  const std::string config = variable(environment, "XDG_CONFIG_HOME", home + "/.config") + "/systemd/user";
  const std::string data = variable(environment, "XDG_DATA_HOME", home + "/.local/share") + "/systemd/user";
  const std::string runtime = variable(environment, "XDG_RUNTIME_DIR", "/run/user/0") + "/systemd/";
  return below(root, {config + ".control", runtime + "user.control", runtime + "transient", runtime + "generator.early",
                      config, "/etc/xdg/systemd/user", "/etc/systemd/user", runtime + "user", "/run/systemd/user",
                      runtime + "generator", data, "/usr/local/share/systemd/user", "/usr/share/systemd/user",
                      "/usr/local/lib/systemd/user", "/usr/lib/systemd/user", runtime + "generator.late"});
}

std::vector<std::string> units_in(const UnitFolders& place, const std::string& suffix) {
  std::set<std::string> names;
  const auto is_unit = [&suffix](const std::string& name) {
    return name.ends_with(suffix) && name.find("@.") == std::string::npos;
  };
  for (const std::string& folder : place.folders) {
    for (const fs::path& entry : entries(folder)) {
      const std::string name = entry.filename();
      if (is_unit(name) && !is_alias(place.root, entry)) names.insert(name);
      if (!links_units(entry)) continue;
      for (const fs::path& link : entries(entry))
        if (is_unit(link.filename()) && !is_alias(place.root, link)) names.insert(link.filename());
    }
  }
  return {names.begin(), names.end()};
}

bool is_enabled(const UnitFolders& place, const std::string& name) {
  std::error_code none;
  for (const std::string& folder : place.folders) {
    for (const fs::path& entry : entries(folder))
      if (links_units(entry) && fs::is_symlink(fs::symlink_status(entry / name, none))) return true;
  }
  return false;
}

Result<SystemdUnit> load_unit(const UnitFolders& place, const std::string& name, const Specifiers& machine) {
  if (name.find('/') != std::string::npos || name.find('.') == std::string::npos)
    return fail(ErrorCode::invalid_argument, "\"{}\" is not the name of a unit", name);
  std::string file = find_file(place, name);
  if (file.empty()) file = find_file(place, template_of(name));
  if (file.empty()) return fail(ErrorCode::invalid_argument, "there is no unit {}", name);
  if (is_masked(file)) return fail(ErrorCode::invalid_argument, "{} is masked", name);
  std::vector<std::string> files = drop_ins(place, name);
  files.insert(files.begin(), file);
  std::vector<UnitSetting> settings;
  for (const std::string& one : files) {
    TAKT_ASSIGN(const std::string text, read_definition(one));
    TAKT_ASSIGN(std::vector<UnitSetting> read, read_unit_file(text, one));
    std::move(read.begin(), read.end(), std::back_inserter(settings));
  }
  return SystemdUnit(name, std::move(settings), machine);
}

}  // namespace takt
