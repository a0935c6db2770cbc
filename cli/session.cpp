#include "cli/session.h"

#include <charconv>
#include <ctime>

#include "cli/documents.h"
#include "definition/limits.h"

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

namespace {

HistoryFilter live_ones(const std::string& process) {
  HistoryFilter filter;
  filter.process = process;
  filter.states = {"queued", "running", "paused", "interrupted"};
  return filter;
}

}  // namespace

Result<Value> live_executions(Client& client, const std::string& process) {
  if (!process.empty()) TAKT_TRY(client.process(process));
  return client.executions(live_ones(process), limits::max_queued + limits::max_concurrent);
}

// One that ended between the two calls is still there to be described.
Result<Value> describe_live(Client& client, const std::string& process, std::size_t most) {
  TAKT_ASSIGN(const Value rows, client.executions(live_ones(process), most));
  Value descriptions = Value::array();
  for (const Value& row : rows) {
    TAKT_ASSIGN(Value description, client.execution(count_of(row, "id")));
    descriptions.push_back(std::move(description));
  }
  return descriptions;
}

}  // namespace takt
