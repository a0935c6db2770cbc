// top: a live view of what runs, what waits and what fires next.
#include <chrono>

#include "cli/documents.h"
#include "cli/terminal.h"
#include "cli/top_view.h"
#include "cli/verbs.h"

namespace takt {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t most_shown = 100;  // executions
constexpr std::size_t firings_shown = 10;
constexpr auto least_pause = std::chrono::milliseconds(500);  // between two questions to the daemon
constexpr auto most_pause = std::chrono::seconds(1);          // between two drawings: times go on

Result<Value> collect(Client& client) {
  Value document = Value::object();
  TAKT_ASSIGN(document["daemon"], client.daemon());
  TAKT_ASSIGN(document["executions"], describe_live(client, "", most_shown));
  TAKT_ASSIGN(document["next"], client.upcoming("", firings_shown));
  return document;
}

Result<ExitCode> snapshot(Session& session) {
  TAKT_ASSIGN(Client * client, session.client());
  TAKT_ASSIGN(const Value document, collect(*client));
  Output& output = session.output();
  if (output.json()) {
    output.print_json(document);
  } else {
    output.print(top_text(document, "", 0, {session.look(), session.zone(), wall_now()}));
  }
  return ExitCode::ok;
}

// Refers to its session and client. Asks the daemon when a signal said that something changed, and draws.
class LiveView {
 public:
  LiveView(Session& session, Client& client, Terminal& terminal)
      : session_(session), client_(client), terminal_(terminal) {}
  Status run();

 private:
  Status take_events();
  Status refresh();
  void draw();

  Session& session_;
  Client& client_;
  Terminal& terminal_;
  Value document_ = Value::object();
  std::string notice_;
  bool stale_ = true;
};

Status LiveView::take_events() {
  while (const auto event = client_.take_event()) {
    if (event->kind == EventKind::daemon_left) {
      notice_ = "taktd left the bus; steps that run go on, waiting for it";
      stale_ = false;
      continue;
    }
    if (event->kind == EventKind::daemon_came) TAKT_TRY(client_.listen(true));
    stale_ = true;
  }
  return {};
}

Status LiveView::refresh() {
  stale_ = false;
  Result<Value> fresh = collect(client_);
  if (fresh) {
    document_ = *std::move(fresh);
    notice_.clear();
    return {};
  }
  // It is on its way back, or out; its coming is a signal.
  notice_ = fresh.error().message;
  return fresh.error().code == ErrorCode::unavailable ? Status{} : tl::unexpected(std::move(fresh).error());
}

void LiveView::draw() {
  const TerminalSize size = Terminal::size();
  Look look = session_.look();
  look.width = size.columns;
  terminal_.draw(top_text(document_, notice_, size.rows - 1, {look, session_.zone(), wall_now()}));
}

Status LiveView::run() {
  Clock::time_point asked = Clock::now() - least_pause;
  while (!terminal_.read_keys()) {
    TAKT_TRY(take_events());
    if (stale_ && Clock::now() - asked >= least_pause) {
      asked = Clock::now();
      TAKT_TRY(refresh());
      draw();
    } else if (!stale_) {
      draw();
    }
    // A signal of the daemon's ends the wait at once, and what it told waits for its turn.
    const auto next = asked + (stale_ ? Clock::duration(least_pause) : Clock::duration(most_pause));
    const auto pause = std::max(Clock::duration(std::chrono::milliseconds(10)), next - Clock::now());
    TAKT_TRY(client_.wait(terminal_.watch_fd(), std::chrono::duration_cast<Duration>(pause)));
  }
  return {};
}

Result<ExitCode> top(Session& session) {
  if (session.output().json() || !Terminal::is_there(session.output())) return snapshot(session);
  TAKT_ASSIGN(Client * client, session.client());
  TAKT_TRY(client->listen(true));
  TAKT_ASSIGN(const std::unique_ptr<Terminal> terminal, Terminal::create(session.output()));
  TAKT_TRY(LiveView(session, *client, *terminal).run());
  return ExitCode::ok;
}

}  // namespace

void add_top(Command& taktctl) {
  Command verb = taktctl.verb("top", "Watch what runs, what waits and what fires next; q quits");
  verb.run(top);
}

}  // namespace takt
