#include "watch/watches.h"

#include "base/assert.h"
#include "definition/definition.h"

namespace takt {

Result<std::unique_ptr<MachineWatches>> MachineWatches::create(Loop& loop, const Clock& clock, const Buses& buses,
                                                               const Callbacks& callbacks) {
  TAKT_ASSERT(!buses.user || buses.session);  // a user's daemon serves on it
  TAKT_ASSIGN(auto path, PathWatch::create(loop, clock, {callbacks.files_seen, callbacks.fired, callbacks.failed}));
  return std::unique_ptr<MachineWatches>(new MachineWatches(loop, clock, buses, callbacks, std::move(path)));
}

MachineWatches::MachineWatches(Loop& loop, const Clock& clock, const Buses& buses, const Callbacks& callbacks,
                               std::unique_ptr<PathWatch> path)
    : path_(std::move(path)),
      journal_(loop, clock, {callbacks.fired, callbacks.let_go, callbacks.failed}),
      device_(loop, {callbacks.seen, callbacks.failed}),
      pressure_(loop, {callbacks.seen, callbacks.failed}),
      system_bus_(listen(loop, BusKind::system, buses.system, buses, callbacks)),
      session_bus_(buses.session ? listen(loop, BusKind::session, *buses.session, buses, callbacks) : nullptr),
      signals_(*system_bus_, session_bus_.get(), {callbacks.seen, callbacks.failed}),
      units_(buses.user ? *session_bus_ : *system_bus_, {callbacks.seen, callbacks.failed}),
      conditions_(loop, {*system_bus_, buses.user ? *session_bus_ : *system_bus_}, callbacks.constraint_seen) {}

// It says that it is connected only once somebody listens, which nobody does before all is made.
std::unique_ptr<BusListener> MachineWatches::listen(Loop& loop, BusKind kind, const std::string& address,
                                                    const Buses& buses, const Callbacks& callbacks) {
  const bool has_manager = (kind == BusKind::session) == buses.user;
  return std::make_unique<BusListener>(
      loop, kind, address,
      BusListener::Callbacks{[this, has_manager] {
                               if (has_manager) units_.connected();
                               conditions_.look();
                             },
                             [failed = callbacks.failed](const std::string& message) { failed("", message); },
                             [this] { conditions_.look(); }});
}

std::vector<TriggerMark> MachineWatches::follow(const std::map<std::string, Definition>& definitions,
                                                const TriggerMarks& marks) {
  path_->set_triggers(definitions);
  device_.set_triggers(definitions);
  pressure_.set_triggers(definitions);
  signals_.set_triggers(definitions);
  units_.set_triggers(definitions);
  return journal_.set_triggers(definitions, marks);
}

}  // namespace takt
