// Calendars: cron lines (crontab(5)) and systemd calendar expressions (systemd.time(7)) behind one type.
// Three pure functions: parse, to_string, next.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"
#include "calendar/zone.h"

namespace takt {

// What becomes of an instant where the zone's offset changes.
enum class DaylightSaving {
  // A schedule whose hour or minute begins with `*` follows the wall clock: nothing in a gap, both passes of an
  // overlap.
  // Any other runs exactly once (docs/architecture.md, "Time").
  takt,
  // As systemd's timers do: what lies in a gap is left out, and an overlap counts on its first pass; on the second one
  // only when the search begins there.
  systemd,
};

// One instant of a calendar.
struct Occurrence {
  WallTime at;
  bool shifted = false;  // its wall-clock time fell into a gap, and it was moved to the gap's end
};

// An expression, immutable and cheap to copy.
class Calendar {
 public:
  // Five fields (minute hour day month weekday) or six (seconds first), names, ranges, steps, lists, and
  // @yearly @annually @monthly @weekly @daily @midnight @hourly. The error names the field and what it allows; that it
  // never fires is ErrorCode::invalid_definition.
  static Result<Calendar> parse_cron(std::string_view text);
  // "Mon..Fri 07:30", "*-*-01 00:00:00", "hourly", "Mon 07:30 Asia/Tehran".
  static Result<Calendar> parse_calendar(std::string_view text);

  // The normal form; parsing it gives an equal calendar.
  [[nodiscard]] std::string to_string() const;
  // The zone that the expression itself names, which wins over the one handed to next().
  [[nodiscard]] std::optional<Zone> zone() const;
  // The shortest step within a minute that it repeats itself by, such as 100 ms of "*:*:0/0.1"; a minute without one.
  [[nodiscard]] Duration finest_step() const;
  // The first instant strictly after `after`, in the expression's own zone or else in `zone`.
  // Nothing when there is none before the year 2200.
  [[nodiscard]] std::optional<Occurrence> next(WallTime after, const Zone& zone,
                                               DaylightSaving dst = DaylightSaving::takt) const;
  // The last instant at or before `until`, likewise; nothing when there is none since 1970. Found by halving the time
  // before it, at the cost of some fifty next().
  [[nodiscard]] std::optional<WallTime> last(WallTime until, const Zone& zone) const;

  struct Impl;
  explicit Calendar(std::shared_ptr<const Impl> impl) : impl_(std::move(impl)) {}
  [[nodiscard]] const Impl& impl() const { return *impl_; }

 private:
  std::shared_ptr<const Impl> impl_;
};

}  // namespace takt
