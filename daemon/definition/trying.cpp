// How a step is tried again, and how it is told to end: `retry` and `kill`.
#include <fmt/core.h>

#include <cstring>

#include "definition/parts.h"
#include "definition/words.h"

namespace takt {
namespace {

constexpr double greatest_backoff = 100;
constexpr std::int64_t greatest_retry_limit = 1'000'000;
constexpr std::int64_t greatest_exit_code = 255;

// `on`: outcomes, and exit codes of failures.
void parse_retried(TableReader& reader, Retry& retry) {
  const auto* node = reader.find("on");
  if (node == nullptr) return;
  const auto* array = std::get_if<TomlArray>(&node->value);
  if (array == nullptr || array->empty())
    return reader.error("on", "expected a list of outcomes (\"failed\", \"timed-out\") and exit codes");
  retry.on.clear();
  for (std::size_t i = 0; i < array->size(); ++i) {
    const TomlNode& one = (*array)[i];
    const auto path = reader.path_of(fmt::format("on[{}]", i + 1));
    if (const auto* code = std::get_if<std::int64_t>(&one.value)) {
      if (*code < 1 || *code > greatest_exit_code)
        reader.report().error(one.place, path,
                              fmt::format("expected an exit code from 1 to {}, got {}", greatest_exit_code, *code));
      retry.exit_codes.push_back(static_cast<int>(*code));
      continue;
    }
    const auto* word = std::get_if<std::string>(&one.value);
    const auto* known = word == nullptr ? retry_words.end()
                                        : std::find_if(retry_words.begin(), retry_words.end(),
                                                       [&](const auto& other) { return other.first == *word; });
    if (known == retry_words.end())
      reader.report().error(one.place, path,
                            fmt::format("expected \"failed\", \"timed-out\" or an exit code{}",
                                        word == nullptr ? "" : fmt::format(", got \"{}\"", *word)));
    else
      retry.on.push_back(known->second);
  }
}

// "SIGTERM", "TERM" (signal(7)); 0: none.
int signal_number(std::string_view name) {
  if (name.starts_with("SIG")) name.remove_prefix(3);
  for (int number = 1; number < NSIG; ++number)
    if (const char* known = ::sigabbrev_np(number); known != nullptr && name == known) return number;
  return 0;
}

}  // namespace

std::optional<Retry> parse_retry(TableReader& outer) {
  const auto* node = outer.find("retry");
  if (node == nullptr || outer.table("retry") == nullptr) return std::nullopt;
  TableReader reader(outer.report(), std::get<TomlTable>(node->value), outer.path_of("retry"), node->place);
  Retry retry;
  if (!reader.has("limit")) reader.error("", "expected `limit`, the number of tries after the first");
  retry.limit = static_cast<int>(reader.integer("limit", 0, greatest_retry_limit).value_or(0));
  retry.delay = reader.duration("delay").value_or(Duration(0));
  retry.backoff = reader.number("backoff", 1, greatest_backoff).value_or(1);
  retry.max_delay = reader.duration("max_delay");
  retry.jitter = reader.number("jitter", 0, 1).value_or(0);
  parse_retried(reader, retry);
  reader.finish();
  return retry;
}

Kill parse_kill(TableReader& outer) {
  Kill kill;
  const auto* node = outer.find("kill");
  if (node == nullptr || outer.table("kill") == nullptr) return kill;
  TableReader reader(outer.report(), std::get<TomlTable>(node->value), outer.path_of("kill"), node->place);
  if (const auto name = reader.text("signal")) {
    kill.signal = signal_number(*name);
    if (kill.signal == 0)
      reader.error("signal", fmt::format("expected the name of a signal such as \"SIGTERM\", got \"{}\"", *name));
  }
  kill.grace = reader.duration("grace").value_or(kill.grace);
  kill.leftovers = reader.boolean("leftovers").value_or(false);
  reader.finish();
  return kill;
}

}  // namespace takt
