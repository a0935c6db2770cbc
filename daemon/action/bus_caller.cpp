#include "action/bus_caller.h"

#include "base/names.h"
#include "loop/bus_arguments.h"

namespace takt {

namespace {

Status check_names(const CallAction& action) {
  const auto check = [](bool valid, const std::string& text, std::string_view what) -> Status {
    if (valid && text.find('\0') == std::string::npos) return {};
    return fail(ErrorCode::invalid_input, "'{}' is not {}", text, what);
  };
  TAKT_TRY(check(sd_bus_service_name_is_valid(action.service.c_str()) > 0, action.service, "the name of a service"));
  TAKT_TRY(check(sd_bus_object_path_is_valid(action.path.c_str()) > 0, action.path, "the path of an object"));
  TAKT_TRY(check(sd_bus_interface_name_is_valid(action.interface.c_str()) > 0, action.interface,
                 "the name of an interface"));
  return check(sd_bus_member_name_is_valid(action.method.c_str()) > 0, action.method, "the name of a method");
}

Result<Value> reply_value(sd_bus_message* message) {
  if (const sd_bus_error* error = sd_bus_message_get_error(message))
    return fail(ErrorCode::io, "{}: {}", error->name, error->message == nullptr ? "" : error->message);
  return read_arguments(message);
}

}  // namespace

BusCaller::BusCaller(Loop& loop, Log& log, BusKind kind, std::string address, Done done)
    : loop_(loop),
      log_(log),
      connection_(loop, kind, std::move(address), {[this] { tell(); }, [this](const Error& why) { drop(why); }}),
      done_(std::move(done)) {}

BusCaller::~BusCaller() {
  calls_.clear();  // before the connection that their slots belong to
}

Status BusCaller::start(const std::string& token, const CallAction& action) {
  TAKT_TRY(check_names(action));
  TAKT_TRY(connection_.open());
  // Whatever sd-bus has to wait for now, it says when it is pumped in the next turn, which is to follow at once.
  loop_.defer([] {});
  sd_bus_message* raw = nullptr;
  int r = sd_bus_message_new_method_call(connection_.get(), &raw, action.service.c_str(), action.path.c_str(),
                                         action.interface.c_str(), action.method.c_str());
  const BusMessage message(raw);
  if (r >= 0) TAKT_TRY(write_arguments(raw, action.signature, action.args));
  auto call = std::make_unique<Call>(Call{this, token, nullptr});
  sd_bus_slot* slot = nullptr;
  if (r >= 0) r = sd_bus_call_async(connection_.get(), &slot, raw, &BusCaller::on_reply, call.get(), UINT64_MAX);
  if (r < 0)
    return fail(ErrorCode::unavailable, "call {} on {}: {}", action.method, connection_.name(), errno_text(-r));
  call->slot.reset(slot);
  calls_[token] = std::move(call);
  return {};
}

int BusCaller::on_reply(sd_bus_message* message, void* call, sd_bus_error*) {
  auto& [caller, token, slot] = *static_cast<Call*>(call);
  caller->ended_.emplace_back(token, reply_value(message));
  caller->calls_.erase(std::string(token));  // sd-bus holds the slot while it calls back
  return 0;
}

void BusCaller::tell() {
  for (auto& [token, result] : std::exchange(ended_, {})) done_(token, std::move(result));
}

// sd-bus has told the calls it knew that the connection is over; the others hear it here.
void BusCaller::drop(const Error& why) {
  const std::string text = fmt::format("{} went away: {}", connection_.name(), why.message);
  log_.write({LogPriority::notice, names::id_bus, text + "; the next call of a step connects to it again", {}});
  for (const auto& [token, call] : calls_)
    ended_.emplace_back(token, tl::unexpected<Error>(Error{ErrorCode::unavailable, text}));
  calls_.clear();
}

}  // namespace takt
