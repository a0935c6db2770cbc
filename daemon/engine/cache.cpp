// Results that are kept for later executions (takt.process(5), CACHE): in memory and in the store, bounded in both.
#include "engine/limits.h"
#include "engine/state.h"

namespace takt {

namespace {

std::size_t bytes_of(const CacheRow& row) {
  return row.key.size() + value_text(row.result).size();
}

}  // namespace

void Engine::Impl::on(const CacheCleared& event) {
  drop_cached(event.what);
  audit(event.caller, "ClearCache", event.what.process, std::nullopt, event.what.step);
  answer(event.request, ExecutionId{0});
}

// Null: there is none, or its time is over.
const CacheRow* Engine::Impl::find_cached(const std::string& process, const std::string& step, const std::string& key) {
  const auto at = cache.find({process, step, key});
  if (at == cache.end()) return nullptr;
  if (at->second.expires_at > now.wall) return &at->second;
  drop_cached({process, step, key});
  return nullptr;
}

// Of a step that says `cache` and has succeeded.
Status Engine::Impl::keep_result(const Execution& execution, std::uint32_t place) {
  const Step& step = execution.definition->steps[place];
  if (!step.cache) return {};
  auto key = evaluator.expand(step.cache->key, expression_context(execution, {place, 0}));
  if (!key) return tl::unexpected(std::move(key).error().in("cache"));
  if (key->size() > limits::key_bytes)
    return fail(ErrorCode::limit_exceeded, "cache: a key of {} bytes; at most {} are kept", key->size(),
                limits::key_bytes);
  CacheRow row{execution.row.process,         step.name, *std::move(key),
               execution.steps[place].result, now.wall,  now.wall + step.cache->ttl};
  record(row);
  insert_cached(std::move(row));
  return {};
}

// The oldest make way when there are too many.
void Engine::Impl::insert_cached(CacheRow row) {
  drop_from_memory({row.process, row.step, row.key});
  cache_bytes += bytes_of(row);
  cache_ages.insert({row.stored_at, {row.process, row.step, row.key}});
  cache[{row.process, row.step, row.key}] = std::move(row);
  while (cache.size() > limits::cache_entries || cache_bytes > limits::cache_bytes) {
    const auto [process, step, key] = cache_ages.begin()->second;
    drop_cached({process, step, key});
  }
}

void Engine::Impl::drop_from_memory(const CacheKey& key) {
  const auto at = cache.find(key);
  if (at == cache.end()) return;
  cache_bytes -= bytes_of(at->second);
  cache_ages.erase({at->second.stored_at, key});
  cache.erase(at);
}

void Engine::Impl::drop_cached(const ForgetCache& what) {
  std::vector<CacheKey> gone;
  if (what.key) {
    gone.emplace_back(what.process, what.step, *what.key);
  } else {
    for (const auto& [key, row] : cache)
      if ((what.process.empty() || row.process == what.process) && (what.step.empty() || row.step == what.step))
        gone.push_back(key);
  }
  for (const CacheKey& key : gone) drop_from_memory(key);
  record(what);
}

}  // namespace takt
