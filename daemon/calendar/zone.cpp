#include "calendar/zone.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <mutex>
#include <sstream>
#include <vector>

#include "base/nearest.h"
#include "calendar/zone_impl.h"

namespace takt {
namespace {

using std::chrono::seconds;

constexpr std::size_t file_bytes = 256 * 1024;  // the largest of the database has 4 KiB

// As the C library has it (tzset(3)).
std::filesystem::path database_folder() {
  const char* variable = std::getenv("TZDIR");
  return variable != nullptr && *variable != '\0' ? variable : "/usr/share/zoneinfo";
}

int year_of(WallTime at) {
  const std::chrono::sys_days day(std::chrono::floor<std::chrono::days>(at.time_since_epoch()));
  return static_cast<int>(std::chrono::year_month_day(day).year());
}

// A path below the database's folder, and never out of it. A zone has but one name: "America//Nuuk" is the same file,
// and no name.
bool is_name(std::string_view name) {
  if (name.empty() || name.size() > 128 || name.front() == '/' || name.find("//") != std::string_view::npos)
    return false;
  return std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("/_+-").find(c) != std::string_view::npos;
  });
}

Result<ZoneTable> read_table(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::string bytes(file_bytes, '\0');
  file.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  if (file.gcount() == 0) return fail(ErrorCode::invalid_argument, "it cannot be read");
  bytes.resize(static_cast<std::size_t>(file.gcount()));
  return parse_tzif(bytes);
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

// All that the database has, as its own list says: lines "Z NAME ..." of zones and "L TARGET NAME" of links.
std::vector<std::string> known_names() {
  std::ifstream list(database_folder() / "tzdata.zi");
  std::vector<std::string> names;
  for (std::string line; std::getline(list, line);) {
    std::istringstream words(line);
    std::string kind, first, second;
    words >> kind >> first >> second;
    if (kind == "Z") names.push_back(first);
    if (kind == "L") names.push_back(second);
  }
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
  const auto after = std::upper_bound(table.spans.begin(), table.spans.end(), at,
                                      [](WallTime one, const OffsetSpan& span) { return one < span.begin; });
  const OffsetSpan& span = after == table.spans.begin() ? *after : *std::prev(after);
  return table.tail && span.end == latest ? tail_span(*table.tail, span, at) : span;
}

Result<Zone> Zone::find(std::string_view name) {
  if (name == "UTC") return utc();
  // What was read stays good as long as its file is the same: an update of the database brings another one.
  struct Read {
    std::filesystem::file_time_type written;
    std::weak_ptr<const Impl> zone;
  };
  static std::mutex mutex;
  static std::map<std::string, Read, std::less<>> known;
  const std::lock_guard lock(mutex);
  std::error_code error;
  const std::filesystem::path path = database_folder() / name;
  const auto written =
      is_name(name) ? std::filesystem::last_write_time(path, error) : std::filesystem::file_time_type();
  if (is_name(name) && !error && std::filesystem::is_regular_file(path, error)) {
    Read& read = known[path.string()];
    if (auto zone = read.zone.lock(); zone && read.written == written) return Zone(std::move(zone));
    auto table = read_table(path);
    if (!table)
      return fail(ErrorCode::unavailable, "time zone \"{}\": {}: {}", name, path.string(), table.error().message);
    auto zone = std::make_shared<const Impl>(Impl{std::string(name), *std::move(table)});
    read = {written, zone};
    return Zone(std::move(zone));
  }
  const std::vector<std::string> all = known_names();
  const std::vector<std::string_view> names(all.begin(), all.end());
  if (const auto nearest = nearest_name(name, names); !nearest.empty())
    return fail(ErrorCode::invalid_argument, "unknown time zone \"{}\"; did you mean \"{}\"?", name, nearest);
  return fail(ErrorCode::invalid_argument, "unknown time zone \"{}\"; a name of the tz database, such as Europe/Berlin",
              name);
}

Zone Zone::utc() {
  return Zone(std::make_shared<const Impl>(Impl{"UTC", {{{earliest, latest, seconds(0)}}, std::nullopt}}));
}

Result<Zone> Zone::local() {
  constexpr const char* machine = "/etc/localtime";
  if (const char* variable = std::getenv("TZ"); variable != nullptr) {
    std::string name = variable;
    if (name.starts_with(':')) name.erase(0, 1);
    if (const std::string folder = database_folder().string() + "/"; name.starts_with(folder))
      name.erase(0, folder.size());
    if (name.empty()) return utc();  // as the C library has it
    auto zone = find(name);
    if (!zone && name != machine) return tl::unexpected<Error>(std::move(zone).error().in("TZ"));
    if (zone) return zone;
  }
  const std::string linked = zone_of_link(machine);
  if (auto zone = find(linked)) return zone;
  std::error_code error;
  if (std::filesystem::symlink_status(machine, error).type() == std::filesystem::file_type::not_found) return utc();
  // A copy instead of a link: its rules are right, and Debian keeps its name.
  auto table = read_table(machine);
  if (!table)
    return fail(ErrorCode::unavailable, "{}{}: {}", machine, linked.empty() ? "" : " leads to " + linked,
                table.error().message);
  std::string name;
  std::ifstream("/etc/timezone") >> name;
  return Zone(std::make_shared<const Impl>(Impl{name.empty() ? "localtime" : name, *std::move(table)}));
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
