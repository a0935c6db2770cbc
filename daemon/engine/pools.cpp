// Slots: of the daemon's pools (taktd.toml(5), [pools]), that executions and steps take while they run.
//
// A pool is served strictly in one order, that of the queues: what is nested, then by priority, then by age. The first
// that does not fit holds the rest, so that a large one is not starved.
#include <algorithm>

#include "base/assert.h"
#include "engine/state.h"

namespace takt {

namespace {

// One that asks for more than there are takes all: its definition is older than the pool's size.
std::uint32_t share(const PoolState& pool, std::uint32_t slots) {
  return std::min(slots, pool.slots);
}

bool fits(const PoolState& pool, std::uint32_t slots) {
  return pool.taken + share(pool, slots) <= pool.slots;
}

void give(PoolState& pool, std::uint32_t slots) {
  TAKT_ASSERT(pool.taken >= share(pool, slots));
  pool.taken -= share(pool, slots);
}

}  // namespace

// Null: there is no limit, because the text says no pool, or one that taktd.toml no longer has.
PoolState* Engine::Impl::find_pool(const std::string& name) {
  const auto at = pools.find(name);
  return at == pools.end() ? nullptr : &at->second;
}

// Whether an execution, the step that it is nested in, or one further up holds of a pool while it runs. What is done
// within takes no more of it: it could wait for itself, or for another that waits so, for ever.
bool Engine::Impl::holds_of(const Execution& execution, const std::string& pool) const {
  const Execution* one = &execution;
  while (true) {
    if (one->in_pool && one->definition->pool == pool) return true;
    const auto waits = one->row.parent ? tokens.find(one->row.parent_token) : tokens.end();
    if (waits == tokens.end()) return false;
    const auto [id, unit] = waits->second;
    one = live.at(id).get();
    if (one->slots_held.contains(unit.step) && one->definition->steps[unit.step].pool == pool) return true;
  }
}

bool Engine::Impl::take_slots(Execution& execution, std::uint32_t place) {
  const Step& step = execution.definition->steps[place];
  PoolState* pool = find_pool(step.pool);
  if (pool == nullptr || holds_of(execution, step.pool)) return true;
  const PoolKey key{queue_key(execution.row), place};
  const bool first = (pool->waiting.empty() || key <= *pool->waiting.begin()) && !execution_before(*pool, key);
  if (!first || !fits(*pool, step.slots)) {
    pool->waiting.insert(key);
    execution.pool_waits.insert(place);
    return false;
  }
  pool->waiting.erase(key);
  execution.pool_waits.erase(place);
  retake_slots(execution, place);
  return true;
}

void Engine::Impl::retake_slots(Execution& execution, std::uint32_t place) {
  const Step& step = execution.definition->steps[place];
  PoolState* pool = find_pool(step.pool);
  if (pool == nullptr || holds_of(execution, step.pool)) return;
  pool->taken += share(*pool, step.slots);
  ++execution.slots_held[place];
}

void Engine::Impl::give_slots(Execution& execution, std::uint32_t place) {
  const auto held_here = execution.slots_held.find(place);
  if (held_here == execution.slots_held.end()) return;
  const Step& step = execution.definition->steps[place];
  give(*find_pool(step.pool), step.slots);
  if (--held_here->second == 0) execution.slots_held.erase(held_here);
}

// Whether an execution that could start but for the pool comes before this step.
bool Engine::Impl::execution_before(const PoolState& pool, const PoolKey& key) const {
  return std::any_of(pool.ready.begin(), pool.ready.end(),
                     [&](const QueueKey& other) { return may_run_beside(other) && other < key.first; });
}

// Whether an execution that is the head of its queue fits into its pool now, and nobody waits there before it.
bool Engine::Impl::pool_admits(const Execution& execution) {
  const PoolState* pool = find_pool(execution.definition->pool);
  if (pool == nullptr || holds_of(execution, execution.definition->pool)) return true;
  const bool first = pool->waiting.empty() || queue_key(execution.row) < pool->waiting.begin()->first;
  return first && fits(*pool, execution.definition->slots);
}

void Engine::Impl::enter_pool(Execution& execution) {
  PoolState* pool = find_pool(execution.definition->pool);
  if (pool == nullptr || holds_of(execution, execution.definition->pool)) return;
  pool->taken += share(*pool, execution.definition->slots);
  execution.in_pool = true;
}

void Engine::Impl::stop_waiting(Execution& execution, std::uint32_t place) {
  if (execution.pool_waits.erase(place) == 0) return;
  PoolState* pool = find_pool(execution.definition->steps[place].pool);
  if (pool != nullptr) pool->waiting.erase({queue_key(execution.row), place});
}

void Engine::Impl::stop_waiting(Execution& execution) {
  for (const std::uint32_t place : std::set(execution.pool_waits)) stop_waiting(execution, place);
}

void Engine::Impl::leave_pools(Execution& execution) {
  stop_waiting(execution);
  if (!execution.in_pool) return;
  if (PoolState* pool = find_pool(execution.definition->pool)) give(*pool, execution.definition->slots);
  execution.in_pool = false;
}

// Lets the step that waits longest for a pool have its slots, if it can: its execution goes on, and asks again. Whether
// there was one.
bool Engine::Impl::serve_pools() {
  for (auto& [name, pool] : pools) {
    if (pool.waiting.empty()) continue;
    const auto [key, place] = *pool.waiting.begin();
    const ExecutionId id = std::get<ExecutionId>(key);
    Execution* execution = find(id);
    TAKT_ASSERT(execution != nullptr);  // leave_pools() took its waits along
    if (!fits(pool, execution->definition->steps[place].slots)) continue;
    if (execution_before(pool, *pool.waiting.begin())) continue;  // it is its turn
    pool.waiting.erase(pool.waiting.begin());
    execution->pool_waits.erase(place);
    touched.insert(id);
    advance(*execution);
    return true;
  }
  return false;
}

}  // namespace takt
