#include "cli/session.h"

#include <charconv>
#include <ctime>

#include "base/limits.h"

namespace takt {

WallTime wall_now() {
  timespec now{};
  ::clock_gettime(CLOCK_REALTIME, &now);
  return WallTime(Duration(now.tv_sec * 1'000'000 + now.tv_nsec / 1'000));
}

Result<Client*> Session::client() {
  if (!client_) {
    TAKT_ASSIGN(client_, Client::connect(choice_));
  }
  return client_.get();
}

std::optional<std::uint64_t> to_execution_id(std::string_view word) {
  std::uint64_t id = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), id);
  if (error != std::errc() || end != word.data() + word.size()) return std::nullopt;
  return id;
}

Result<std::uint64_t> parse_execution_id(const std::string& word) {
  const auto id = to_execution_id(word);
  if (!id) {
    return fail(ErrorCode::invalid_argument, "\"{}\" is no execution: write its id, as 'taktctl history' shows it",
                word);
  }
  return *id;
}

Result<Value> live_executions(Client& client, const std::string& process) {
  if (!process.empty()) TAKT_TRY(client.process(process));
  HistoryFilter filter;
  filter.process = process;
  filter.states = {"queued", "running", "paused", "interrupted"};
  return client.executions(filter, limits::max_queued + limits::max_concurrent);
}

}  // namespace takt
