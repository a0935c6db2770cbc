#include "runner/family.h"

#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <optional>
#include <sstream>

namespace takt {
namespace {

struct Entry {
  pid_t pid = 0;
  char state = '?';
  pid_t parent = 0;
  pid_t session = 0;
  unsigned long long started = 0;
};

// /proc/PID/stat (proc(5)); the name in parentheses may hold anything, so what counts begins after the last one.
std::optional<Entry> read_entry(pid_t pid) {
  std::ifstream file(fmt::format("/proc/{}/stat", pid));
  std::string line;
  if (!std::getline(file, line, '\0') || line.rfind(')') == std::string::npos) return std::nullopt;
  std::istringstream words(line.substr(line.rfind(')') + 1));
  Entry entry;
  entry.pid = pid;
  pid_t group = 0;
  words >> entry.state >> entry.parent >> group >> entry.session;
  std::string skipped;
  for (int field = 7; field <= 21; ++field) words >> skipped;
  words >> entry.started;
  return entry;
}

std::multimap<pid_t, Entry> by_parent() {
  std::multimap<pid_t, Entry> all;
  std::error_code error;
  for (const auto& folder : std::filesystem::directory_iterator("/proc", error)) {
    const std::string name = folder.path().filename();
    pid_t pid = 0;
    if (const auto end = name.data() + name.size(); std::from_chars(name.data(), end, pid).ptr != end) continue;
    if (const auto entry = read_entry(pid)) all.emplace(entry->parent, *entry);
  }
  return all;
}

enum class Mark { mine, foreign, none };

Mark mark_of(pid_t pid, const std::string& mark) {
  const std::string name = mark.substr(0, mark.find('=') + 1);
  std::ifstream file(fmt::format("/proc/{}/environ", pid));
  for (std::string variable; std::getline(file, variable, '\0');)
    if (variable.starts_with(name)) return variable == mark ? Mark::mine : Mark::foreign;
  return Mark::none;
}

void note(std::vector<pid_t>& found, const Entry& entry) {
  if (entry.state != 'Z' && entry.state != 'X') found.push_back(entry.pid);
}

// Its own children, without a walk through all of /proc.
std::vector<pid_t> direct_children() {
  std::ifstream file(fmt::format("/proc/self/task/{}/children", getpid()));
  return {std::istream_iterator<pid_t>(file), {}};
}

}  // namespace

std::vector<pid_t> Family::members(pid_t leader, const std::string& mark) const {
  const auto all = by_parent();
  std::vector<pid_t> roots;
  const auto own = all.equal_range(getpid());
  const bool alone = leaders_.size() == leaders_.count(leader);
  for (auto at = own.first; at != own.second; ++at) {
    const Entry& entry = at->second;
    if (entry.pid != leader && (leaders_.contains(entry.pid) || spared_.contains({entry.pid, entry.started}))) continue;
    if (entry.pid != leader && entry.session == getsid(0)) continue;  // the runner's own helper
    const Mark carried = mark_of(entry.pid, mark);
    const bool nobodys = carried == Mark::none && alone;
    if (entry.pid == leader || entry.session == leader || carried == Mark::mine || nobodys) roots.push_back(entry.pid);
  }
  std::vector<pid_t> found;
  for (auto at = own.first; at != own.second; ++at)
    if (std::find(roots.begin(), roots.end(), at->second.pid) != roots.end()) note(found, at->second);
  for (std::size_t next = 0; next < roots.size(); ++next) {
    const auto below = all.equal_range(roots[next]);
    for (auto at = below.first; at != below.second; ++at) {
      note(found, at->second);
      roots.push_back(at->second.pid);
    }
  }
  return found;
}

bool Family::has_strays() const {
  for (const pid_t pid : direct_children()) {
    if (leaders_.contains(pid)) continue;
    const auto entry = read_entry(pid);
    if (entry && entry->session != getsid(0) && !spared_.contains({pid, entry->started})) return true;
  }
  return false;
}

void Family::spare_strays() {
  std::erase_if(spared_, [](const auto& one) {
    const auto entry = read_entry(one.first);
    return !entry || entry->started != one.second;
  });
  for (const pid_t pid : direct_children()) {
    const auto entry = read_entry(pid);
    if (entry && !leaders_.contains(pid)) spared_.emplace(pid, entry->started);
  }
}

}  // namespace takt
