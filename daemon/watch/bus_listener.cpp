#include "watch/bus_listener.h"

#include <fmt/core.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/assert.h"
#include "base/bus_names.h"
#include "loop/bus_arguments.h"
#include "watch/limits.h"

namespace takt {

namespace {

constexpr const char* bus_name = "org.freedesktop.DBus";
constexpr const char* bus_object = "/org/freedesktop/DBus";

bool is_unique(const std::string& name) {
  return name.starts_with(':') || name == bus_name;
}

// The match rule (D-Bus Specification, "Match Rules"). Names and paths hold no quotes; an argument may.
std::string rule_of(const BusTrigger& pattern) {
  std::string rule = fmt::format("type='signal',sender='{}',interface='{}',member='{}'", pattern.sender,
                                 pattern.interface, pattern.member);
  if (!pattern.object.empty()) rule += fmt::format(",path='{}'", pattern.object);
  if (pattern.args.empty() || !pattern.args[0].is_string()) return rule;
  const auto& first = pattern.args[0].text();
  if (first.find('\'') == std::string::npos) rule += fmt::format(",arg0='{}'", first);
  return rule;
}

std::string owner_rule(const std::string& name) {
  return fmt::format("type='signal',sender='{}',interface='{}',member='NameOwnerChanged',arg0='{}'", bus_name, bus_name,
                     name);
}

bool fits(const Value& pattern, const Value& args) {
  if (pattern.size() > args.size()) return false;
  for (std::size_t i = 0; i < pattern.size(); ++i)
    if (!pattern[i].is_null() && pattern[i] != args[i]) return false;
  return true;
}

// Always the list of them.
Result<Value> arguments_of(sd_bus_message* message) {
  const char* signature = sd_bus_message_get_signature(message, 1);
  const std::size_t count = bus_types(signature == nullptr ? "" : signature).value_or(0);
  TAKT_ASSIGN(Value value, read_arguments(message));
  if (count == 0) return Value::array();
  return count == 1 ? Value::array({std::move(value)}) : std::move(value);
}

}  // namespace

BusListener::BusListener(Loop& loop, BusKind kind, std::string address, Callbacks callbacks)
    : loop_(loop),
      callbacks_(std::move(callbacks)),
      connection_(loop, kind, std::move(address), {[this] { tell(); }, [this](const Error& why) { lost(why); }}),
      retry_(loop, [this] { connect(); }) {}

BusListener::~BusListener() {
  questions_.clear();  // before the connection that their slots belong to
}

std::uint64_t BusListener::listen(BusTrigger pattern, Heard heard) {
  const std::string rule = rule_of(pattern);
  const std::string sender = pattern.sender;
  listeners_[++last_number_] = {std::move(pattern), rule, std::move(heard)};
  const std::uint64_t number = last_number_;
  if (connection_.get() == nullptr) {
    ++rules_[rule];
    if (!retry_.is_set()) connect();
  } else {
    if (!is_unique(sender) && !owners_.contains(sender)) learn_owner(sender);
    if (++rules_[rule] == 1) add_rule(rule);
  }
  return number;
}

void BusListener::forget(std::uint64_t number) {
  const auto at = listeners_.find(number);
  if (at == listeners_.end()) return;
  const auto rule = rules_.find(at->second.rule);
  const std::string sender = at->second.pattern.sender;
  listeners_.erase(at);
  if (--rule->second == 0) {
    remove_rule(rule->first);
    rules_.erase(rule);
  }
  const bool heard_on =
      std::ranges::any_of(listeners_, [&](const auto& listener) { return listener.second.pattern.sender == sender; });
  if (!heard_on && owners_.erase(sender) > 0) remove_rule(owner_rule(sender));
  if (!listeners_.empty()) return;
  questions_.clear();
  added_.clear();
  filter_.reset();
  connection_.close();
  retry_.cancel();
}

// ---- The bus

void BusListener::connect() {
  retry_.cancel();
  if (const Status opened = connection_.open(); !opened) return lost(opened.error());
  sd_bus_slot* slot = nullptr;
  TAKT_ASSERT(sd_bus_add_filter(connection_.get(), &slot, &BusListener::on_message, this) >= 0);
  filter_.reset(slot);
  owners_.clear();
  added_.clear();
  for (const auto& [number, listener] : listeners_) {
    const std::string& sender = listener.pattern.sender;
    if (!is_unique(sender) && !owners_.contains(sender)) learn_owner(sender);
  }
  for (const auto& [rule, users] : rules_) add_rule(rule);
  heard_.emplace_back([this] {
    if (connected()) callbacks_.connected();
  });
}

void BusListener::lost(const Error& why) {
  filter_.reset();
  questions_.clear();
  retry_later();
  tell();  // what came before
  if (std::exchange(told_, true)) return;
  callbacks_.disconnected();
  callbacks_.failed(
      fmt::format("{} is not there: {}; its signals are not seen until it is back", connection_.name(), why.message));
}

void BusListener::retry_later() {
  if (const Status set = retry_.set(limits::bus_listen_retry); !set) callbacks_.failed(set.error().message);
}

void BusListener::add_rule(const std::string& rule) {
  if (added_.size() >= limits::bus_rules)
    return callbacks_.failed(fmt::format(
        "the bus takes no more than {} match rules of one client; not listening for {}", limits::bus_rules, rule));
  added_.insert(rule);
  ask(bus_name, bus_object, bus_name, "AddMatch", {rule}, [this, rule](const Result<Value>& answer) {
    if (!answer) callbacks_.failed(fmt::format("the bus refuses {}: {}", rule, answer.error().message));
  });
}

void BusListener::remove_rule(const std::string& rule) {
  if (added_.erase(rule) == 0) return;
  ask(bus_name, bus_object, bus_name, "RemoveMatch", {rule}, [](const Result<Value>&) {});
}

// Changes first, then who it is now: whatever happens in between is then seen.
void BusListener::learn_owner(const std::string& name) {
  owners_[name] = "";
  add_rule(owner_rule(name));
  call(bus_name, bus_object, bus_name, "GetNameOwner", {name}, [this, name](const Result<Value>& answer) {
    const auto owner = owners_.find(name);
    if (owner != owners_.end() && answer && answer->is_string()) owner->second = answer->get<std::string>();
  });
}

void BusListener::ask(const std::string& service, const std::string& object, const std::string& interface,
                      const std::string& method, const std::vector<std::string>& texts, Answered answered) {
  call(service, object, interface, method, texts, [this, answered = std::move(answered)](Result<Value> answer) {
    heard_.emplace_back([answered, answer = std::move(answer)] { answered(answer); });
  });
}

// `answered` is told with sd-bus on the stack.
void BusListener::call(const std::string& service, const std::string& object, const std::string& interface,
                       const std::string& method, const std::vector<std::string>& texts, Answered answered) {
  if (connection_.get() == nullptr) return;
  loop_.defer([] {});  // the next turn's pump says what sd-bus has to wait for
  sd_bus_message* raw = nullptr;
  int r = sd_bus_message_new_method_call(connection_.get(), &raw, service.c_str(), object.c_str(), interface.c_str(),
                                         method.c_str());
  const BusMessage message(raw);
  for (const std::string& text : texts)
    if (r >= 0) r = sd_bus_message_append(raw, "s", text.c_str());
  auto question = std::make_unique<Question>(Question{this, ++last_number_, std::move(answered), nullptr});
  sd_bus_slot* slot = nullptr;
  if (r >= 0) r = sd_bus_call_async(connection_.get(), &slot, raw, &BusListener::on_answer, question.get(), 0);
  if (r < 0) return question->answered(fail(ErrorCode::io, "call {} of {}: {}", method, service, errno_text(-r)));
  question->slot.reset(slot);
  questions_[last_number_] = std::move(question);
}

// ---- What comes

int BusListener::on_answer(sd_bus_message* message, void* context, sd_bus_error*) {
  auto& question = *static_cast<Question*>(context);
  BusListener& self = *question.listener;
  if (sd_bus_is_ready(self.connection_.get()) <= 0) return 0;  // the bus goes; lost() is next
  const sd_bus_error* error = sd_bus_message_get_error(message);
  Result<Value> answer = error == nullptr ? read_arguments(message) : fail(ErrorCode::io, "{}", error->message);
  self.told_ = false;  // the bus, which says Hello first, is there
  Answered answered = std::move(question.answered);
  self.questions_.erase(question.number);  // sd-bus holds the slot while it calls back
  answered(std::move(answer));
  return 0;
}

int BusListener::on_message(sd_bus_message* message, void* self, sd_bus_error*) {
  if (sd_bus_message_is_signal(message, nullptr, nullptr) > 0) static_cast<BusListener*>(self)->take(message);
  return 0;
}

void BusListener::take(sd_bus_message* message) {
  const auto text = [](const char* one) { return std::string(one == nullptr ? "" : one); };
  const std::string sender = text(sd_bus_message_get_sender(message));
  const std::string interface = text(sd_bus_message_get_interface(message));
  const std::string member = text(sd_bus_message_get_member(message));
  const std::string object = text(sd_bus_message_get_path(message));
  std::optional<Value> args;  // read when somebody wants them
  const auto read = [&]() -> const Value& {
    if (!args) {
      const auto all = arguments_of(message);
      if (!all)
        callbacks_.failed(fmt::format("{}.{} of {}: {}; ignoring it", interface, member, sender, all.error().message));
      args = all.value_or(Value());
      sd_bus_message_rewind(message, 1);
    }
    return *args;
  };
  if (sender == bus_name && member == "NameOwnerChanged") take_owner(read());
  for (const auto& [number, listener] : listeners_) {
    const BusTrigger& pattern = listener.pattern;
    if (pattern.interface != interface || pattern.member != member) continue;
    if (!pattern.object.empty() && pattern.object != object) continue;
    const auto owner = owners_.find(pattern.sender);
    if (sender != (is_unique(pattern.sender) || owner == owners_.end() ? pattern.sender : owner->second)) continue;
    if (!read().is_array() || !fits(pattern.args, *args)) continue;
    heard_.emplace_back([this, number = number, signal = BusSignal{pattern.sender, object, interface, member, *args}] {
      const auto still = listeners_.find(number);
      if (still == listeners_.end()) return;
      const Heard heard = still->second.heard;  // which may take itself out
      heard(signal);
    });
  }
}

void BusListener::take_owner(const Value& args) {
  if (!args.is_array() || args.size() != 3 || !args[0].is_string() || !args[2].is_string()) return;
  const auto owner = owners_.find(args[0].get<std::string>());
  if (owner != owners_.end()) owner->second = args[2].get<std::string>();
}

void BusListener::tell() {
  for (const auto& one : std::exchange(heard_, {})) one();
}

}  // namespace takt
