#include "cli/follow_display.h"

#include <algorithm>

#include "cli/documents.h"
#include "cli/time_text.h"

namespace takt {

std::string progress_bar(std::uint64_t done, std::uint64_t total, std::size_t width, bool unicode) {
  const std::size_t filled = total == 0 ? 0 : static_cast<std::size_t>(std::min(done, total) * width / total);
  std::string bar = "[";
  for (std::size_t i = 0; i < width; ++i) bar += i < filled ? (unicode ? "█" : "#") : (unicode ? "░" : " ");
  return bar + "]";
}

FollowHooks FollowDisplay::hooks() {
  FollowHooks hooks;
  hooks.event = [this](const BusEvent& what) { event(what); };
  hooks.line = [this](const LogLine& line) {
    if (session_.output().json()) {
      Value document = to_json(line);
      document["event"] = "output";
      session_.output().print_json_line(document);
    } else {
      say(to_text(line, session_.zone(), session_.look()));
    }
  };
  if (session_.look().terminal && !session_.output().json()) {
    hooks.second = [this] {
      erase_progress();
      draw_progress();
    };
  }
  return hooks;
}

void FollowDisplay::event(const BusEvent& what) {
  if (session_.output().json()) {
    Value document = what.data;
    document["at"] = format_utc(wall_now());
    document["event"] = to_word(what.kind);
    session_.output().print_json_line(document);
    return;
  }
  const std::string clock = toned(format_local(wall_now(), session_.zone()), Tone::faint, session_.look());
  const std::string step = harmless(text_of(what.data, "step"));
  const bool runs = what.kind == EventKind::execution_started || what.kind == EventKind::step_started;
  if (runs) started_at_ = started_at_.value_or(wall_now());
  const auto tell = [&](const std::string& text) { say(clock + " " + text + "\n"); };
  switch (what.kind) {
    case EventKind::execution_started:
      total_ = count_of(what.data, "total_steps");
      return tell(fmt::format("execution {} of {} started", id_, process_));
    case EventKind::step_started: {
      step_ = step;
      const std::uint64_t attempt = count_of(what.data, "attempt");
      return tell(attempt > 1 ? fmt::format("{} started, attempt {}", step, attempt) : step + " started");
    }
    case EventKind::step_waiting: {
      const std::string message = harmless(text_of(what.data, "message"));
      return tell(fmt::format("{} waits for an approval{} ('taktctl approve {} {}')", step,
                              message.empty() ? "" : ": " + message, id_, step));
    }
    case EventKind::emitted:
      return tell("emitted " + harmless(text_of(what.data, "name")));
    case EventKind::execution_paused:
      return tell("paused");
    case EventKind::execution_resumed:
      return tell("resumed");
    case EventKind::step_finished: {
      const std::string outcome = text_of(what.data, "outcome");
      const std::string error = harmless(text_of(what.data, "error"));
      return tell(fmt::format("{} {}{}", step, toned(outcome, state_tone(outcome), session_.look()),
                              error.empty() ? "" : ": " + error));
    }
    case EventKind::progress:
      step_ = harmless(text_of(what.data, "current_step"));
      done_ = count_of(what.data, "done_steps");
      total_ = count_of(what.data, "total_steps");
      erase_progress();
      return draw_progress();
    case EventKind::daemon_left:
      return tell("taktd left the bus; steps that run go on, waiting for it");
    case EventKind::daemon_came:
      return tell("taktd is back");
    case EventKind::execution_queued:
    case EventKind::execution_finished:
    case EventKind::process_changed:
    case EventKind::process_paused:
    case EventKind::process_resumed:
    case EventKind::reloaded:
    case EventKind::wait_answered:
    case EventKind::wait_refused:
      return;
  }
}

void FollowDisplay::finish(const std::optional<FollowedEnd>& end) {
  erase_progress();
  if (session_.output().json()) return;
  const std::string clock = toned(format_local(wall_now(), session_.zone()), Tone::faint, session_.look());
  const std::string outcome = end ? toned(end->outcome, state_tone(end->outcome), session_.look()) : "goes on";
  session_.output().print(fmt::format("{} execution {} of {} {}\n", clock, id_, process_, outcome));
}

void FollowDisplay::say(const std::string& line) {
  erase_progress();
  session_.output().print(line);
  draw_progress();
}

void FollowDisplay::draw_progress() {
  if (session_.look().terminal) {
    const Look& look = session_.look();
    const std::string since = started_at_ ? format_span(wall_now() - *started_at_) : "queued";
    const std::string text =
        fmt::format("{} {}/{} {} {}", progress_bar(done_, total_, 20, look.unicode), done_, total_, since, step_);
    session_.output().print(look.width == 0 ? text : shortened(text, look.width - 1, look.unicode));
    drawn_ = true;
  }
  session_.output().flush();
}

void FollowDisplay::erase_progress() {
  if (drawn_) session_.output().print("\r\x1b[K");
  drawn_ = false;
}

}  // namespace takt
