#include "watch/bus_signals.h"

#include <fmt/core.h>

namespace takt {

BusSignals::BusSignals(BusListener& system, BusListener* session, WatchCallbacks callbacks)
    : system_(system), session_(session), callbacks_(std::move(callbacks)) {}

void BusSignals::set_triggers(const std::map<std::string, Definition>& definitions) {
  follow_triggers(
      followed_, triggers_of<BusTrigger>(definitions),
      [](const Followed& one) {
        if (one.listener != nullptr) one.listener->forget(one.number);
      },
      [this](const TriggerName& name, const BusTrigger& trigger) { come(name, trigger); });
}

void BusSignals::come(const TriggerName& name, const BusTrigger& trigger) {
  Followed& followed = followed_[name];
  followed.listener = trigger.bus == BusKind::system ? &system_ : session_;
  if (followed.listener == nullptr)
    return callbacks_.failed(name.first, about_trigger(name, "this daemon has no session bus; it never fires"));
  followed.number = followed.listener->listen(trigger, [this, name](const BusSignal& signal) {
    callbacks_.seen({name.first,
                     name.second,
                     {{"sender", signal.sender},
                      {"object", signal.object},
                      {"interface", signal.interface},
                      {"member", signal.member},
                      {"args", signal.args}}});
  });
}

}  // namespace takt
