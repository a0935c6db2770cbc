#include "trigger/timed.h"

#include <algorithm>

#include "definition/definition.h"
#include "trigger/limits.h"

namespace takt {
namespace {

template <class Kind>
const Kind* kind_of(const Trigger& trigger) {
  return std::get_if<Kind>(&trigger.kind);
}

CatchUp catch_up_of(const Trigger& trigger) {
  if (const auto* calendar = kind_of<CalendarTrigger>(trigger)) return calendar->catch_up;
  if (const auto* at = kind_of<AtTrigger>(trigger)) return at->catch_up;
  return CatchUp::latest;
}

// The wall clock's reading at an instant of boot time, as the two stand now.
WallTime wall_of(BootTime at, Now now) {
  return now.wall + (at - now.boot);
}

}  // namespace

bool is_timed(const Trigger& trigger) {
  return kind_of<CalendarTrigger>(trigger) != nullptr || kind_of<EveryTrigger>(trigger) != nullptr ||
         kind_of<AtTrigger>(trigger) != nullptr || kind_of<BootTrigger>(trigger) != nullptr;
}

double jitter_place(const std::string& machine_id, const std::string& process, const std::string& key) {
  std::uint64_t hash = 0xcbf29ce484222325;  // FNV-1a over the three, each ended by a NUL
  for (const std::string* text : {&machine_id, &process, &key}) {
    for (const char* at = text->c_str(); at <= text->c_str() + text->size(); ++at) {
      hash = (hash ^ static_cast<unsigned char>(*at)) * 0x100000001b3;
    }
  }
  // FNV leaves its high bits poorly mixed for short texts; the finaliser of SplitMix64 mixes them.
  hash = (hash ^ (hash >> 30)) * 0xbf58476d1ce4e5b9;
  hash = (hash ^ (hash >> 27)) * 0x94d049bb133111eb;
  hash ^= hash >> 31;
  return static_cast<double>(hash >> 11) * 0x1p-53;
}

TimedTrigger::TimedTrigger(Definition definition, const Trigger& trigger, double place)
    : definition_(std::move(definition)), trigger_(&trigger), place_(place) {}

void TimedTrigger::adopt(Definition definition, const Trigger& trigger) {
  definition_ = std::move(definition);
  trigger_ = &trigger;
  arrange();
}

std::optional<TriggerMark> TimedTrigger::begin(const TriggerMark* mark, bool starting, const std::string& boot_id,
                                               Now now) {
  handled_ = mark != nullptr ? mark->fired_at : now.wall;
  // That of an `at` is its own instant once it fired or was let go, and else the one from which it was followed.
  const auto* once = kind_of<AtTrigger>(*trigger_);
  fired_ = mark != nullptr && (once == nullptr || once->at == handled_);
  if (const auto* every = kind_of<EveryTrigger>(*trigger_)) {
    // By the wall clock, the one that both lives have in common. A mark in the future tells of a clock set back.
    span_at_ = now.boot + std::min(handled_ - now.wall + every->period, every->period);
  } else if (const auto* boot = kind_of<BootTrigger>(*trigger_)) {
    const BootTime at = BootTime() + boot->delay;
    if (mark != nullptr && mark->boot_id == boot_id) return std::nullopt;
    if (starting || at > now.boot) {
      span_at_ = at;
      return std::nullopt;  // a mark would say that it fired in this boot
    }
    return TriggerMark{process(), key(), wall_of(at, now), boot_id};
  } else {
    auto moved = clock_changed(boot_id, now);
    if (mark != nullptr) return moved;
  }
  if (mark != nullptr) return std::nullopt;
  return TriggerMark{process(), key(), handled_, boot_id};
}

bool TimedTrigger::goes_by_wall() const {
  return kind_of<CalendarTrigger>(*trigger_) != nullptr || kind_of<AtTrigger>(*trigger_) != nullptr;
}

std::optional<BootTime> TimedTrigger::boot_at() const {
  if (!span_at_ || held_) return std::nullopt;
  return *span_at_ + span_offset();
}

std::size_t TimedTrigger::take_due(const std::string& boot_id, Now now, std::vector<Firing>& firings,
                                   std::vector<TriggerMark>& let_go) {
  if (wall_at_ && *wall_at_ <= now.wall) return take_instants(boot_id, now, firings, let_go);
  if (boot_at() && *boot_at() <= now.boot) return take_span(boot_id, now, firings);
  return 0;
}

// ---- Instants: calendars and `at`

std::optional<Occurrence> TimedTrigger::instant_after(WallTime after) const {
  if (const auto* calendar = kind_of<CalendarTrigger>(*trigger_))
    return calendar->calendar.next(after, calendar->zone, calendar->dst);
  if (const auto* once = kind_of<AtTrigger>(*trigger_); once != nullptr && once->at > after)
    return Occurrence{once->at};
  return std::nullopt;
}

// With the jitter, which stays below the gap to the instant that follows.
std::optional<TimedTrigger::Due> TimedTrigger::due_after(WallTime after) const {
  const auto nominal = instant_after(after);
  if (!nominal) return std::nullopt;
  const auto* calendar = kind_of<CalendarTrigger>(*trigger_);
  if (calendar == nullptr || calendar->jitter == Duration(0)) return Due{*nominal, nominal->at};
  const auto following = instant_after(nominal->at);
  const Duration gap = following ? following->at - nominal->at : calendar->jitter;
  return Due{*nominal, nominal->at + offset(calendar->jitter, gap)};
}

void TimedTrigger::arrange() {
  next_ = due_after(handled_);
  wall_at_ = next_ ? std::optional(next_->at) : std::nullopt;
}

std::optional<TriggerMark> TimedTrigger::clock_changed(const std::string& boot_id, Now now) {
  // An instant that was only a beginning never fired, so what lies before it may. An `at` fires once for ever.
  const bool once = fired_ && kind_of<AtTrigger>(*trigger_) != nullptr;
  const bool moves = handled_ > now.wall && !once && (!fired_ || handled_ - now.wall > limits::clock_set_back);
  if (moves) {
    handled_ = now.wall;
    fired_ = false;
  }
  arrange();
  return moves ? std::optional(TriggerMark{process(), key(), handled_, boot_id}) : std::nullopt;
}

// Moves next_ to the newest instant that is due at `now`, without counting those before it. Instants are due in the
// order in which they stand, so it can be found by halving.
void TimedTrigger::skip_to_newest(WallTime now) {
  WallTime before = handled_;  // the instant after this one is due
  WallTime beyond = now;       // and the one after this is not
  while (beyond - before > Duration(1)) {
    const WallTime middle = before + (beyond - before) / 2;
    const auto due = due_after(middle);
    (due && due->at <= now ? before : beyond) = middle;
  }
  handled_ = before;
  arrange();
}

std::size_t TimedTrigger::take_instants(const std::string& boot_id, Now now, std::vector<Firing>& firings,
                                        std::vector<TriggerMark>& let_go) {
  const CatchUp catch_up = catch_up_of(*trigger_);
  const std::size_t each = catch_up == CatchUp::all ? limits::catch_up - 1 : 0;  // that fire for themselves alone
  // What is let go has its row, also when the newest one is on time.
  const WallTime counted_until = catch_up == CatchUp::none ? now.wall - limits::lateness : now.wall;
  std::size_t passed = 0;
  Due newest = *next_;
  WallTime before_newest;
  do {
    if (++passed > limits::instants_counted) skip_to_newest(counted_until);
    before_newest = newest.nominal.at;
    newest = *next_;
    handled_ = newest.nominal.at;
    if (passed <= each) firings.push_back(firing(handled_, 1, newest.nominal.shifted, boot_id));
    arrange();
  } while (wall_at_ && *wall_at_ <= now.wall);
  fired_ = true;
  if (passed <= each) return passed;

  if (catch_up != CatchUp::none) {
    firings.push_back(firing(handled_, passed - each, newest.nominal.shifted, boot_id));
  } else if (now.wall - newest.at <= limits::lateness) {
    if (passed > 1) let_go.push_back({process(), key(), before_newest, boot_id});
    firings.push_back(firing(handled_, 1, newest.nominal.shifted, boot_id));
  } else {
    let_go.push_back({process(), key(), handled_, boot_id});
  }
  return passed;
}

// ---- Spans: `every` and `boot`

std::size_t TimedTrigger::take_span(const std::string& boot_id, Now now, std::vector<Firing>& firings) {
  std::int64_t passed = 1;
  BootTime nominal_at = *span_at_;
  if (const auto* every = kind_of<EveryTrigger>(*trigger_)) {
    passed += (now.boot - span_offset() - nominal_at) / every->period;
    nominal_at += (passed - 1) * every->period;
    span_at_ = every->anchor == Anchor::start ? nominal_at + every->period : now.boot + every->period;
  } else {
    span_at_.reset();
  }
  // After the wall clock was set back, or on a machine whose clock begins anew with each boot, the same reading would
  // come again; the name of an instant must not.
  WallTime nominal = wall_of(nominal_at, now);
  if (fired_ && nominal <= handled_ && handled_ - nominal <= limits::clock_set_back) nominal = handled_ + Duration(1);
  handled_ = nominal;
  fired_ = true;
  firings.push_back(firing(nominal, static_cast<std::uint64_t>(passed), false, boot_id));
  return 1;
}

void TimedTrigger::hold(bool live, Now now) {
  const auto* every = kind_of<EveryTrigger>(*trigger_);
  if (every == nullptr || every->anchor != Anchor::finish) return;
  held_ = live;
  if (!live) span_at_ = now.boot + every->period;
}

// ---- Both

Duration TimedTrigger::offset(Duration jitter, Duration gap) const {
  return Duration(static_cast<std::int64_t>(static_cast<double>(std::min(jitter, gap).count()) * place_));
}

Duration TimedTrigger::span_offset() const {
  const auto* every = kind_of<EveryTrigger>(*trigger_);
  return every != nullptr ? offset(every->jitter, every->period) : Duration(0);
}

Firing TimedTrigger::firing(WallTime nominal, std::uint64_t stands_for, bool shifted,
                            const std::string& boot_id) const {
  Value fields = {
      {"kind", trigger_word(*trigger_)}, {"at", format_utc(nominal)}, {"stands_for", stands_for}, {"shifted", shifted}};
  return {process(), key(), nominal, stands_for, shifted, std::move(fields), boot_id};
}

std::optional<TimedTrigger::Instant> TimedTrigger::upcoming(const std::optional<Instant>& previous, Now now) const {
  if (next_) {
    const auto due = previous ? due_after(previous->nominal) : next_;
    return due ? std::optional(Instant{due->at, due->nominal.at}) : std::nullopt;
  }
  if (!boot_at()) return std::nullopt;
  if (!previous) return Instant{wall_of(*boot_at(), now), wall_of(*span_at_, now)};
  // What follows the first one is known only of a rhythm that no run's end disturbs.
  const auto* every = kind_of<EveryTrigger>(*trigger_);
  if (every == nullptr || every->anchor != Anchor::start) return std::nullopt;
  return Instant{previous->at + every->period, previous->nominal + every->period};
}

std::string TimedTrigger::zone() const {
  const auto* calendar = kind_of<CalendarTrigger>(*trigger_);
  if (calendar == nullptr) return "";
  return calendar->calendar.zone().value_or(calendar->zone).name();
}

const std::string& TimedTrigger::process() const {
  return definition_->name;
}

}  // namespace takt
