#include "cli/systemd_calendar.h"

#include <algorithm>

#include "cli/child_output.h"

namespace takt {
namespace {

// An expression may look like an instant too.
bool is_instant(std::string_view label) {
  label.remove_prefix(std::min(label.find_first_not_of(' '), label.size()));
  return label == "Next elapse" || label == "(in UTC)" || label.starts_with("Iter. #");
}

}  // namespace

std::vector<WallTime> instants_in(std::string_view told) {
  std::vector<WallTime> instants;
  for (std::size_t at = 0; at < told.size();) {
    const std::size_t end = std::min(told.find('\n', at), told.size());
    const std::string_view line = told.substr(at, end - at);
    at = end + 1;
    // "    Next elapse: Thu 2026-01-01 07:30:00 EST", and where that is not UTC "(in UTC): Thu 2026-01-01 12:30:00
    // UTC".
    const std::size_t label = line.find(": ");
    if (label == std::string_view::npos || !is_instant(line.substr(0, label)) || !line.ends_with(" UTC")) continue;
    const std::string_view time = line.substr(label + 2);
    constexpr std::size_t weekday = 4;
    constexpr std::size_t date = 10;
    constexpr std::size_t clock = 8;
    if (time.size() < weekday + date + 1 + clock) continue;
    const auto instant =
        parse_rfc3339(fmt::format("{}T{}Z", time.substr(weekday, date), time.substr(weekday + date + 1, clock)));
    if (instant) instants.push_back(*instant);
  }
  return instants;
}

Result<std::vector<WallTime>> systemd_instants(const std::string& expression, WallTime from, const std::string& zone,
                                               std::size_t count) {
  const std::string base =
      format_utc(std::chrono::time_point_cast<Duration>(std::chrono::floor<std::chrono::seconds>(from)));
  const std::vector<std::string> argv{"systemd-analyze",
                                      "calendar",
                                      fmt::format("--iterations={}", count),
                                      fmt::format("--base-time={} {} UTC", base.substr(0, 10), base.substr(11, 8)),
                                      "--",
                                      expression};
  TAKT_ASSIGN(const ChildOutput told, output_of(argv, {"TZ=" + zone, "LC_ALL=C"}));
  if (told.exit_code != 0)
    return fail(ErrorCode::not_supported, "systemd-analyze ends with exit code {}", told.exit_code);
  return instants_in(told.text);
}

}  // namespace takt
