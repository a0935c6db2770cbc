#include "watch/journal.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cstdlib>

#include "base/limits.h"
#include "base/names.h"
#include "base/text.h"
#include "definition/limits.h"
#include "trigger/limits.h"
#include "watch/limits.h"

namespace takt {
namespace {

// What a firing tells of its entry beside the message (systemd.journal-fields(7)).
constexpr std::array told{"_SYSTEMD_UNIT", "SYSLOG_IDENTIFIER", "PRIORITY", "_PID", "_UID", "_COMM", "MESSAGE_ID"};

std::string view_text(std::optional<std::string_view> text) {
  return beginning(text.value_or(""), limits::message_bytes);
}

}  // namespace

JournalWatch::JournalWatch(Loop& loop, const Clock& clock, Callbacks callbacks, std::string folder)
    : loop_(loop), clock_(clock), callbacks_(std::move(callbacks)), folder_(std::move(folder)) {}

std::vector<TriggerMark> JournalWatch::set_triggers(const std::map<std::string, Definition>& definitions,
                                                    const TriggerMarks& marks) {
  const auto wanted = triggers_of<JournalTrigger>(definitions);
  const auto gone = std::erase_if(followers_, [&](const auto& follower) { return !wanted.contains(follower.first); });
  for (auto& [name, follower] : followers_) follower.handled = std::max(follower.handled, up_to_);
  std::vector<TriggerMark> begun;
  bool more = false;
  for (const auto& [name, trigger] : wanted) {
    if (followers_.contains(name)) continue;
    more = true;
    Follower& follower = followers_[name];
    follower.trigger = trigger;
    if (auto pattern = Pattern::compile(trigger.pattern); !trigger.pattern.empty() && pattern)
      follower.pattern = std::move(*pattern);
    const auto mark = marks.find(name);
    follower.handled = mark != marks.end() ? mark->second.fired_at : clock_.now().wall;
    if (mark == marks.end()) begun.push_back({name.first, name.second, follower.handled, ""});
  }
  if (followers_.empty()) {
    watch_.reset();
    journal_.reset();
  } else if (more || gone > 0 || !journal_) {
    if (const Status status = begin(); !status) end(status.error().message);
  }
  return begun;
}

// ---- Where it reads

Status JournalWatch::begin() {
  if (!journal_) TAKT_TRY(open());
  TAKT_TRY(filter());
  TAKT_TRY(seek());
  for (auto& [name, follower] : followers_) follower.from = follower.handled;
  caught_up_ = false;
  plan_read();
  return {};
}

Status JournalWatch::open() {
  sd_journal* journal = nullptr;
  const int opened = folder_.empty() ? ::sd_journal_open(&journal, SD_JOURNAL_LOCAL_ONLY)
                                     : ::sd_journal_open_directory(&journal, folder_.c_str(), 0);
  if (opened < 0) return fail(ErrorCode::io, "open the journal: {}", errno_text(-opened));
  journal_.reset(journal);
  const int fd = ::sd_journal_get_fd(journal);
  const int events = ::sd_journal_get_events(journal);
  if (fd < 0 || events < 0) return fail(ErrorCode::io, "watch the journal: {}", errno_text(-std::min(fd, events)));
  // Files that may not be read are passed over in silence.
  if (folder_.empty() && ::sd_journal_has_persistent_files(journal) <= 0 &&
      ::sd_journal_has_runtime_files(journal) <= 0)
    callbacks_.failed("",
                      "no journal can be read: there is none, or it is for root and the group systemd-journal alone");
  TAKT_ASSIGN(watch_, loop_.add(fd, static_cast<std::uint32_t>(events), [this](std::uint32_t) {
    // Files that came and went (SD_JOURNAL_INVALIDATE) change nothing of where it stands.
    const int processed = ::sd_journal_process(journal_.get());
    if (processed < 0) return end("watch the journal: " + errno_text(-processed));
    plan_read();
  }));
  return {};
}

// The fields of a trigger all, of any trigger. One that asks for a pattern alone needs every entry.
Status JournalWatch::filter() {
  ::sd_journal_flush_matches(journal_.get());
  for (const auto& [name, follower] : followers_)
    if (follower.trigger.match.empty()) return {};
  for (const auto& [name, follower] : followers_) {
    for (const auto& [field, value] : follower.trigger.match) {
      const std::string match = fmt::format("{}={}", field, value);
      if (const int error = ::sd_journal_add_match(journal_.get(), match.data(), match.size()); error < 0)
        return fail(ErrorCode::io, "look for {} in the journal: {}", match, errno_text(-error));
    }
    if (const int error = ::sd_journal_add_disjunction(journal_.get()); error < 0)
      return fail(ErrorCode::io, "look for entries in the journal: {}", errno_text(-error));
  }
  return {};
}

// To the last entry that the one furthest behind has handled, so that it stands on an entry wherever there is one: a
// place in time alone would not be reached by entries of a clock that was set back.
Status JournalWatch::seek() {
  WallTime oldest = WallTime::max();
  for (const auto& [name, follower] : followers_) oldest = std::min(oldest, follower.handled);
  int error = ::sd_journal_seek_realtime_usec(journal_.get(), static_cast<std::uint64_t>(std::max(to_us(oldest), 0L)));
  if (error >= 0) error = ::sd_journal_previous(journal_.get());
  if (error == 0) error = ::sd_journal_seek_head(journal_.get());
  if (error < 0) return fail(ErrorCode::io, "seek in the journal: {}", errno_text(-error));
  return {};
}

void JournalWatch::end(const std::string& message) {
  watch_.reset();
  journal_.reset();
  callbacks_.failed("", message + "; no entry fires until the next reload");
}

// ---- What it reads

void JournalWatch::plan_read() {
  if (std::exchange(planned_, true)) return;
  loop_.defer([this] {
    planned_ = false;
    read();
  });
}

void JournalWatch::read() {
  if (!journal_) return;
  for (int i = 0; i < limits::journal_entries; ++i) {
    const int more = ::sd_journal_next(journal_.get());
    if (more < 0) return end("read the journal: " + errno_text(-more));
    if (more == 0) return caught_up();
    take();
  }
  plan_read();
}

void JournalWatch::take() {
  std::uint64_t at_us = 0;
  if (::sd_journal_get_realtime_usec(journal_.get(), &at_us) < 0) return;  // its file was just taken away
  const WallTime at = wall_from_us(static_cast<std::int64_t>(at_us));
  if (!field(std::string(names::process)))
    for (auto& [name, follower] : followers_)
      if ((caught_up_ || at > follower.from) && matches(follower)) fire(name, follower, at);
  // A trigger that seldom fires would else have all of it read again after a restart.
  if (++unmarked_ >= limits::journal_marked) mark(at);
}

void JournalWatch::caught_up() {
  up_to_ = clock_.now().wall - limits::journal_delay;
  if (!std::exchange(caught_up_, true)) mark(up_to_);
}

void JournalWatch::mark(WallTime up_to) {
  unmarked_ = 0;
  std::vector<TriggerMark> marks;
  for (auto& [name, follower] : followers_) {
    follower.handled = std::max(follower.handled, up_to);
    marks.push_back({name.first, name.second, follower.handled, ""});
  }
  callbacks_.let_go(std::move(marks));
}

void JournalWatch::fire(const TriggerName& name, Follower& follower, WallTime at) {
  if (at <= follower.handled && follower.handled - at <= limits::clock_set_back) at = follower.handled + Duration(1);
  follower.handled = at;
  Value fields = Value::object();
  for (const char* known : told)
    if (const auto text = field(known)) fields[known] = view_text(text);
  char* cursor = nullptr;
  (void)::sd_journal_get_cursor(journal_.get(), &cursor);
  const std::unique_ptr<char, decltype(&std::free)> owned(cursor, std::free);
  Firing firing;
  firing.process = name.first;
  firing.key = name.second;
  firing.nominal = at;
  firing.fields = {{"kind", "journal"},
                   {"at", format_utc(at)},
                   {"message", view_text(field("MESSAGE"))},
                   {"fields", std::move(fields)},
                   {"cursor", cursor == nullptr ? "" : cursor}};
  callbacks_.fired(std::move(firing));
}

bool JournalWatch::matches(const Follower& follower) const {
  const auto& match = follower.trigger.match;
  if (!std::ranges::all_of(match, [this](const auto& wanted) { return has(wanted.first, wanted.second); }))
    return false;
  if (!follower.pattern) return true;
  const auto message = field("MESSAGE");
  return message &&
         follower.pattern->matches(std::string(message->substr(0, limits::pattern_subject_bytes))).value_or(false);
}

// An entry may have a field several times.
bool JournalWatch::has(const std::string& name, const std::string& value) const {
  const auto first = field(name);
  if (!first || *first == value) return first.has_value();
  const std::string wanted = name + "=" + value;
  const void* data = nullptr;
  std::size_t length = 0;
  SD_JOURNAL_FOREACH_DATA(journal_.get(), data, length)
  if (std::string_view(static_cast<const char*>(data), length) == wanted) return true;
  return false;
}

std::optional<std::string_view> JournalWatch::field(const std::string& name) const {
  const void* data = nullptr;
  std::size_t length = 0;
  if (::sd_journal_get_data(journal_.get(), name.c_str(), &data, &length) < 0) return std::nullopt;
  return std::string_view(static_cast<const char*>(data), length).substr(name.size() + 1);
}

}  // namespace takt
