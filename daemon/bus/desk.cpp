#include "bus/desk.h"

#include "bus/limits.h"

namespace takt {

Desk::Desk(sdbus::IConnection& connection, Control& control, const Authority& authority)
    : control_(control),
      authority_(authority),
      callers_(connection, [this](const std::string& unique_name) { left(unique_name); }) {}

Desk::~Desk() {
  for (const auto& [key, wait] : waits_) control_.stop_waiting(wait.waiter);
}

void Desk::wait(const Peer& peer, ExecutionId id, const OwedReply<std::string, std::string>& answer) {
  // Control may answer within the call, before its number is known; the wait is there all the same, to be taken out.
  const std::uint64_t key = ++last_wait_;
  waits_[key].caller = peer.unique_name;
  const auto reply = answer.when<Ended>([shown = shows_private(peer)](const auto& to, const Ended& ended) {
    to.give(std::string(to_word(ended.outcome)), shown && !ended.result.is_null() ? value_text(ended.result) : "");
  });
  const std::uint64_t waiter =
      control_.wait(id, [this, key, reply, alive = std::weak_ptr<bool>(alive_)](Result<Ended> ended) {
        if (alive.expired()) return;
        waits_.erase(key);
        reply(std::move(ended));
      });
  if (const auto found = waits_.find(key); found != waits_.end()) found->second.waiter = waiter;
}

Status Desk::subscribe(const std::string& unique_name) {
  if (subscribers_.size() >= limits::subscribers && !subscribers_.contains(unique_name))
    return fail(ErrorCode::limit_exceeded, "there are {} subscribers already", subscribers_.size());
  subscribers_.insert(unique_name);
  return {};
}

void Desk::left(const std::string& unique_name) {
  subscribers_.erase(unique_name);
  owed_replies_.drop(unique_name);
  for (auto wait = waits_.begin(); wait != waits_.end();) {
    if (wait->second.caller != unique_name) {
      ++wait;
      continue;
    }
    control_.stop_waiting(wait->second.waiter);
    wait = waits_.erase(wait);
  }
}

}  // namespace takt
