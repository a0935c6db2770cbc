#include "calendar/zone.h"

#include <algorithm>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <fstream>
#include <vector>

#include "base/nearest.h"
#include "calendar/zone_impl.h"

namespace takt {
namespace {

using std::chrono::seconds;

constexpr std::string_view database_folder = "/usr/share/zoneinfo/";

WallTime clamped(date::sys_seconds at) {
  const seconds since =
      std::clamp<seconds>(at.time_since_epoch(), std::chrono::floor<seconds>(earliest).time_since_epoch(),
                          std::chrono::floor<seconds>(latest).time_since_epoch());
  return WallTime(since);
}

int year_of(WallTime at) {
  const std::chrono::sys_days day(std::chrono::floor<std::chrono::days>(at.time_since_epoch()));
  return static_cast<int>(std::chrono::year_month_day(day).year());
}

// The last line of the zone's file, which the library does not read.
std::optional<PosixRules> read_tail(const std::string& name) {
  std::ifstream file(std::string(database_folder) + name, std::ios::binary);
  std::string line, last;
  while (std::getline(file, line)) last = line;
  return PosixRules::parse(last);
}

// The span of yearly rules around `at`, of those that begin with the database's last transition.
OffsetSpan tail_span(const PosixRules& tail, const OffsetSpan& last, WallTime at) {
  OffsetSpan span = last;
  const int year = year_of(at);
  for (int near = year - 1; near <= year + 1; ++near) {
    for (const PosixRules::Change& change : tail.changes(near)) {
      if (change.at <= last.begin) continue;
      if (change.at > at) {
        span.end = std::min(change.at, latest);
        return span;
      }
      span.begin = change.at;
      span.offset = change.offset;
    }
  }
  return span;
}

std::vector<std::string_view> known_names() {
  std::vector<std::string_view> names;
  for (const date::time_zone& zone : date::get_tzdb().zones) names.push_back(zone.name());
  return names;
}

// "/usr/share/zoneinfo/Europe/Berlin" -> "Europe/Berlin".
std::string zone_of_link(const std::filesystem::path& link) {
  std::error_code error;
  const std::string target = std::filesystem::read_symlink(link, error).string();
  constexpr std::string_view folder = "/zoneinfo/";
  const auto at = target.find(folder);
  return error || at == std::string::npos ? std::string() : target.substr(at + folder.size());
}

}  // namespace

OffsetSpan Zone::Impl::span_at(WallTime at) const {
  if (rules == nullptr) return {earliest, latest, seconds(0)};
  const date::sys_info info = rules->get_info(date::sys_seconds(std::chrono::floor<seconds>(at.time_since_epoch())));
  const OffsetSpan span{clamped(info.begin), clamped(info.end), info.offset};
  return tail && span.end == latest ? tail_span(*tail, span, at) : span;
}

Result<Zone> Zone::find(std::string_view name) {
  if (name == "UTC") return utc();
  try {
    auto impl = std::make_shared<Impl>();
    impl->name = std::string(name);
    impl->rules = date::locate_zone(impl->name);
    // The library reads the zone's file at its first use; a file that is broken shows here and never later.
    impl->rules->get_info(date::sys_seconds(seconds(0)));
    impl->tail = read_tail(impl->name);
    return Zone(std::move(impl));
  } catch (const std::exception&) {
  }
  try {
    const auto names = known_names();
    if (const auto nearest = nearest_name(name, names); !nearest.empty())
      return fail(ErrorCode::invalid_argument, "unknown time zone \"{}\"; did you mean \"{}\"?", name, nearest);
  } catch (const std::exception& error) {
    return fail(ErrorCode::unavailable, "time zone \"{}\": the tz database cannot be read: {}", name, error.what());
  }
  return fail(ErrorCode::invalid_argument, "unknown time zone \"{}\"; a name of the tz database, such as Europe/Berlin",
              name);
}

Zone Zone::utc() {
  auto impl = std::make_shared<Impl>();
  impl->name = "UTC";
  return Zone(std::move(impl));
}

Zone Zone::local() {
  if (const char* variable = std::getenv("TZ"); variable != nullptr) {
    std::string_view name = variable;
    if (name.starts_with(':')) name.remove_prefix(1);
    if (name.starts_with(database_folder)) name.remove_prefix(database_folder.size());
    if (auto zone = find(name)) return *zone;
  }
  if (auto zone = find(zone_of_link("/etc/localtime"))) return *zone;
  return utc();
}

const std::string& Zone::name() const {
  return impl_->name;
}

std::chrono::seconds Zone::offset(WallTime at) const {
  return impl_->span_at(at).offset;
}

Pass Zone::pass(WallTime at) const {
  const OffsetSpan span = impl_->span_at(at);
  const WallTime reading = at + span.offset;
  const OffsetSpan before = impl_->span_at(span.begin - Duration(1));
  if (reading - before.offset < span.begin) return Pass::second;
  return reading - impl_->span_at(span.end).offset >= span.end ? Pass::first : Pass::only;
}

std::string Zone::format(WallTime at) const {
  const seconds east = offset(at);
  // The instant's wall-clock time, written as if it were UTC's: "2026-12-19T07:30:00Z".
  std::string text = format_utc(at + east);
  text.pop_back();
  text[text.find('T')] = ' ';
  const auto away = std::chrono::hh_mm_ss<seconds>(east < seconds(0) ? -east : east);
  text += fmt::format("{}{:02}:{:02}", east < seconds(0) ? '-' : '+', away.hours().count(), away.minutes().count());
  // Only local mean times of the nineteenth century have offsets with seconds.
  if (away.seconds() != seconds(0)) text += fmt::format(":{:02}", away.seconds().count());
  return text;
}

}  // namespace takt
