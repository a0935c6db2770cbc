// A calendar expression as systemd.time(7) writes it: what parse_spec makes of the text, before it becomes
// CalendarFields.
// It keeps the shape of the text (ranges, steps), because the normal form shows it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "calendar/fields.h"
#include "calendar/zone.h"

namespace takt {

// One element of a list: "start", "start/repeat", "start..stop" or "start..stop/repeat".
struct SpecItem {
  std::int64_t start = 0;
  std::optional<std::int64_t> stop;
  std::int64_t repeat = 0;  // zero: none

  auto operator<=>(const SpecItem&) const = default;  // NOLINT(modernize-use-nullptr): clang-tidy 14 sees a 0 in it
};

// A list; empty is `*`. Sorted, without doubles.
using SpecList = std::vector<SpecItem>;

inline constexpr std::int64_t one_second = 1'000'000;  // as seconds are kept

struct CalendarSpec {
  Bits weekdays = 0;  // 0 is Monday; no bit is every day
  SpecList year, month, day;
  bool from_end = false;  // `~`: days are counted from the month's end
  SpecList hour, minute;
  SpecList second;  // in microseconds; `*` is {0, open, one_second}
  std::optional<Zone> zone;
};

Result<CalendarSpec> parse_spec(std::string_view text);
// As `systemd-analyze calendar` shows it ("Normalized form").
std::string normal_form(const CalendarSpec& spec);
// One element of a list as the normal form writes it, `width` digits wide, in multiples of `unit`.
std::string item_text(const SpecItem& item, int width, std::int64_t unit);
CalendarFields fields_of(const CalendarSpec& spec);

}  // namespace takt
