#include "action/action_runner.h"

#include <utility>
#include <variant>

#include "action/bus_caller.h"
#include "action/http_client.h"
#include "action/limits.h"
#include "base/assert.h"

namespace takt {

ActionRunner::ActionRunner(Loop& loop) : loop_(loop) {}

ActionRunner::~ActionRunner() = default;

Result<std::unique_ptr<ActionRunner>> ActionRunner::create(Loop& loop, Log& log, ActionBuses buses) {
  std::unique_ptr<ActionRunner> runner(new ActionRunner(loop));
  const auto done = [self = runner.get()](const std::string& token, Result<Value> result) {
    self->finish(token, std::move(result));
  };
  TAKT_ASSIGN(runner->http_, HttpClient::create(loop, done));
  runner->system_ = std::make_unique<BusCaller>(loop, log, BusKind::system, std::move(buses.system), done);
  if (buses.session)
    runner->session_ = std::make_unique<BusCaller>(loop, log, BusKind::session, std::move(*buses.session), done);
  return runner;
}

void ActionRunner::start(const ActionSpec& spec) {
  TAKT_ASSERT(ended_ != nullptr);
  const bool room = live_.size() < limits::requests;
  TAKT_ASSERT(live_.insert(spec.token).second);
  Status begun =
      room ? begin(spec)
           : Status(fail(ErrorCode::limit_exceeded, "{} calls and requests are under way already", limits::requests));
  if (!begun) fail_later(spec.token, std::move(begun).error());
}

Status ActionRunner::begin(const ActionSpec& spec) {
  if (const auto* http = std::get_if<HttpAction>(&spec.action)) return http_->start(spec.token, *http);
  const auto& call = std::get<CallAction>(spec.action);
  switch (call.bus) {
    case BusKind::system:
      return system_->start(spec.token, call);
    case BusKind::session:
      if (session_) return session_->start(spec.token, call);
      return fail(ErrorCode::unavailable, "the system's daemon has no session bus; a user's own (taktd --user) has");
  }
  TAKT_ASSERT(false);
}

void ActionRunner::stop(const std::string& token) {
  live_.erase(token);
  http_->stop(token);
  system_->stop(token);
  if (session_) session_->stop(token);
}

void ActionRunner::finish(const std::string& token, Result<Value> result) {
  if (live_.erase(token) == 0) return;  // stopped by what heard of another end in the same turn
  ended_({token, std::move(result)});
}

// What is deferred from a function that was deferred belongs to the next turn.
void ActionRunner::fail_later(const std::string& token, Error error) {
  loop_.defer([this, alive = std::weak_ptr<bool>(alive_), token, error = std::move(error)]() mutable {
    if (alive.expired()) return;
    loop_.defer([this, alive, token, error = std::move(error)] {
      if (!alive.expired()) finish(token, tl::unexpected<Error>(error));
    });
  });
}

}  // namespace takt
