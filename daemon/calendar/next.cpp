// From wall-clock times to instants: how a calendar meets the changes of a zone's offset.
//
// The zone is walked span by span, each with one offset. In a span, wall-clock time and instants differ by a constant,
// so that the calendar's next wall-clock time is the next instant, if the span still lasts then. What is left are the
// joints: a jump forward leaves a gap of wall-clock times that no span has, a jump back shows some of them twice.
#include <algorithm>

#include "calendar/calendar_impl.h"
#include "calendar/zone_impl.h"

namespace takt {
namespace {

// Offsets lie between -12 and +14 hours, so no jump is longer.
constexpr Duration widest_jump = std::chrono::hours(26);
// A longer gap is a move of the date line: the days it leaves out are not made up for.
constexpr Duration longest_made_up = std::chrono::hours(3);
constexpr Duration tick{1};

LocalTime local(WallTime at, std::chrono::seconds offset) {
  return LocalTime(at.time_since_epoch() + offset);
}
WallTime instant(LocalTime at, std::chrono::seconds offset) {
  return WallTime(at.time_since_epoch() - offset);
}

// The firing that the gap at the beginning of `span` owes, if any: an instant in the gap moves to the gap's end.
std::optional<Occurrence> made_up(const CalendarFields& fields, const OffsetSpan& before, const OffsetSpan& span) {
  const LocalTime gap_begin = local(span.begin, before.offset);
  const LocalTime gap_end = local(span.begin, span.offset);
  if (gap_end <= gap_begin || gap_end - gap_begin > longest_made_up) return std::nullopt;
  const auto missed = fields.next(gap_begin);
  if (!missed || *missed >= gap_end) return std::nullopt;
  // It is not shifted when the calendar asks for the gap's end in its own right.
  return Occurrence{span.begin, fields.next(gap_end) != gap_end};
}

// Where to look on when the next match, at local time `match`, lies beyond the span's end. Spans that neither it nor
// anything shown twice can lie in are skipped, so that a far instant costs no more than a near one.
WallTime look_on(const CalendarFields& fields, const OffsetSpan& span, LocalTime looked_from, LocalTime match) {
  const bool nothing_close = fields.next(looked_from - widest_jump) == match;
  const WallTime near_match = instant(match, span.offset) - 2 * widest_jump;
  return nothing_close ? std::max(span.end, near_match) : span.end;
}

std::optional<Occurrence> next_occurrence(const CalendarFields& fields, const Zone::Impl& zone, WallTime after,
                                          DaylightSaving dst) {
  const bool systemd = dst == DaylightSaving::systemd;
  const WallTime first = std::clamp(after, earliest, latest) + tick;
  WallTime at = first;
  while (true) {
    const OffsetSpan span = zone.span_at(at);
    const OffsetSpan before = zone.span_at(span.begin - tick);
    const bool once = !systemd && !fields.follows_clock;
    if (once && at == span.begin) {
      if (const auto owed = made_up(fields, before, span)) return owed;
    }
    LocalTime from = local(at, span.offset);
    // What the span before has shown already has had its firing.
    if (once || (systemd && at > first)) from = std::max(from, local(span.begin, before.offset));
    const auto match = fields.next(from);
    if (!match && !fields.next(from - widest_jump)) return std::nullopt;
    if (match && instant(*match, span.offset) < span.end) return Occurrence{instant(*match, span.offset)};
    at = match ? look_on(fields, span, from, *match) : span.end;
  }
}

}  // namespace

std::optional<Occurrence> Calendar::next(WallTime after, const Zone& zone, DaylightSaving dst) const {
  return next_occurrence(impl_->fields, (impl_->zone ? *impl_->zone : zone).impl(), after, dst);
}

std::optional<WallTime> Calendar::last(WallTime until, const Zone& zone) const {
  const auto found = [&](WallTime after) {
    const auto occurrence = next(after, zone);
    return occurrence && occurrence->at <= until ? std::optional(occurrence->at) : std::nullopt;
  };
  std::optional<WallTime> at = found(earliest);
  WallTime none = until;  // no instant lies behind it
  while (at && *at < none) {
    const WallTime middle = *at + (none - *at) / 2;
    if (const auto later = found(middle))
      at = later;
    else
      none = middle;
  }
  return at;
}

std::string Calendar::to_string() const {
  return impl_->text;
}

std::optional<Zone> Calendar::zone() const {
  return impl_->zone;
}

Duration Calendar::finest_step() const {
  Duration finest = std::chrono::minutes(1);
  for (const SecondSteps& steps : impl_->fields.seconds)
    if (steps.start + steps.step <= steps.stop) finest = std::min(finest, steps.step);
  return finest;
}

}  // namespace takt
