#include "runner/protocol.h"

#include <algorithm>
#include <csignal>
#include <nlohmann/json.hpp>

#include "base/limits.h"
#include "runner/limits.h"

namespace nlohmann {
// What is not there is null; the library learns this by itself only after 3.11.
template <class T>
struct adl_serializer<std::optional<T>> {
  static void to_json(json& value, const std::optional<T>& held) { held ? value = *held : value = nullptr; }
  static void from_json(const json& value, std::optional<T>& held) {
    value.is_null() ? held.reset() : void(held = value.get<T>());
  }
};
}  // namespace nlohmann

namespace takt {

using Json = nlohmann::json;

NLOHMANN_JSON_SERIALIZE_ENUM(Capture, {{Capture::nothing, "nothing"},
                                       {Capture::file, "file"},
                                       {Capture::output, "output"},
                                       {Capture::lines, "lines"}})
// These two also pass from one runner to the next, which may know more members: what is missing has its default.
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(StartOrder, token, execution, process, step, attempt, argv, environment,
                                                user, directory, standard_input, context, capture, leftovers, log_bytes)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(EndedReport, token, exit_code, signal, error, capture, result,
                                                result_error, cpu_user_us, cpu_system_us, memory_peak_bytes,
                                                io_read_bytes, io_write_bytes, output_bytes, output_cut, output_tail,
                                                ended_at_us)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(SignalOrder, token, signal)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(FreezeOrder, token)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(ThawOrder, token)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(KillOrder, token)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(ListOrder, tokens)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(AcknowledgeOrder, token)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(ForgetOrder, execution)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(OpenLogOrder, execution)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(HelloReport, runner)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(StartedReport, token, pid)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(RunningReport, token, pid)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(LostReport, token)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(LogReport, execution, error)

namespace {

// One word a type, in the order of the variants.
constexpr std::string_view order_words[] = {"start", "signal",      "freeze", "thaw",    "kill",
                                            "list",  "acknowledge", "forget", "open_log"};
constexpr std::string_view report_words[] = {"hello", "started", "running", "ended", "lost", "log"};
static_assert(std::size(order_words) == std::variant_size_v<RunnerOrder>);
static_assert(std::size(report_words) == std::variant_size_v<RunnerReport>);

template <class Message>
std::string encode_as(const Message& message, std::string_view word) {
  Json value = std::visit([](const auto& one) { return Json(one); }, message);
  value["message"] = word;
  std::string bytes;
  Json::to_cbor(value, bytes);
  return bytes;
}

template <class Message, std::size_t I = 0, class Words>
Result<Message> decode_as(const Json& value, std::string_view word, const Words& words) {
  if constexpr (I == std::variant_size_v<Message>) {
    return fail(ErrorCode::invalid_argument, "unknown message \"{}\"", word);
  } else {
    if (words[I] != word) return decode_as<Message, I + 1>(value, word, words);
    return Message(value.get<std::variant_alternative_t<I, Message>>());
  }
}

template <class Message, class Words>
Result<Message> decode_bytes(std::string_view bytes, const Words& words) {
  if (bytes.size() > limits::runner_message_bytes)
    return fail(ErrorCode::invalid_argument, "a message of {} bytes; at most {} are taken", bytes.size(),
                limits::runner_message_bytes);
  try {
    const Json value = Json::from_cbor(bytes);
    return decode_as<Message>(value, value.at("message").get<std::string>(), words);
  } catch (const Json::exception& error) {
    return fail(ErrorCode::invalid_argument, "a malformed message: {}", error.what());
  }
}

bool good_token(std::string_view token) {
  constexpr std::string_view allowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
  return !token.empty() && token.size() <= limits::name_bytes && token.front() != '.' &&
         token.find_first_not_of(allowed) == std::string_view::npos;
}

bool good_name(std::string_view name) {
  return name.size() <= limits::name_bytes &&
         std::none_of(name.begin(), name.end(), [](unsigned char c) { return c <= ' ' || c == 0x7f; });
}

Status check(const StartOrder& order) {
  if (!good_token(order.token)) return fail(ErrorCode::invalid_argument, "\"{}\" is no token", order.token);
  if (order.process.empty() || !good_name(order.process) || order.step.empty() || !good_name(order.step))
    return fail(ErrorCode::invalid_argument, "{}: its process or step has no good name", order.token);
  if (order.argv.empty() || order.argv.front().empty())
    return fail(ErrorCode::invalid_argument, "{}: no command", order.token);
  const auto has_nul = [](const std::string& text) { return text.find('\0') != std::string::npos; };
  for (const std::string& argument : order.argv)
    if (has_nul(argument)) return fail(ErrorCode::invalid_argument, "{}: an argument holds a NUL", order.token);
  for (const auto& [name, value] : order.environment)
    if (name.empty() || name.find('=') != std::string::npos || has_nul(name) || has_nul(value))
      return fail(ErrorCode::invalid_argument, "{}: environment variable \"{}\" cannot be", order.token, name);
  if (has_nul(order.directory) || has_nul(order.user))
    return fail(ErrorCode::invalid_argument, "{}: its directory or user holds a NUL", order.token);
  return {};
}

Status check(const SignalOrder& order) {
  if (order.signal < 1 || order.signal >= NSIG)
    return fail(ErrorCode::invalid_argument, "there is no signal {}", order.signal);
  return {};
}

template <class Other>
Status check(const Other&) {
  return {};
}

}  // namespace

std::string encode(const RunnerOrder& order) {
  return encode_as(order, order_words[order.index()]);
}
std::string encode(const RunnerReport& report) {
  return encode_as(report, report_words[report.index()]);
}

Result<RunnerOrder> decode_order(std::string_view bytes) {
  TAKT_ASSIGN(RunnerOrder order, decode_bytes<RunnerOrder>(bytes, order_words));
  TAKT_TRY(std::visit([](const auto& one) { return check(one); }, order));
  return order;
}

Result<RunnerReport> decode_report(std::string_view bytes) {
  return decode_bytes<RunnerReport>(bytes, report_words);
}

}  // namespace takt
