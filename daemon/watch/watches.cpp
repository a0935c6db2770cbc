#include "watch/watches.h"

namespace takt {

Result<std::unique_ptr<MachineWatches>> MachineWatches::create(Loop& loop, const Clock& clock,
                                                               const Callbacks& callbacks) {
  TAKT_ASSIGN(auto path, PathWatch::create(loop, clock, {callbacks.fired, callbacks.failed}));
  return std::unique_ptr<MachineWatches>(new MachineWatches(loop, clock, callbacks, std::move(path)));
}

MachineWatches::MachineWatches(Loop& loop, const Clock& clock, const Callbacks& callbacks,
                               std::unique_ptr<PathWatch> path)
    : path_(std::move(path)),
      journal_(loop, clock, {callbacks.fired, callbacks.let_go, callbacks.failed}),
      device_(loop, {callbacks.seen, callbacks.failed}),
      pressure_(loop, {callbacks.seen, callbacks.failed}) {}

std::vector<TriggerMark> MachineWatches::follow(const std::map<std::string, Definition>& definitions,
                                                const TriggerMarks& marks) {
  path_->set_triggers(definitions);
  device_.set_triggers(definitions);
  pressure_.set_triggers(definitions);
  return journal_.set_triggers(definitions, marks);
}

}  // namespace takt
