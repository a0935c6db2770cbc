// Signals on one message bus, for those who wait for some of them.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/value.h"
#include "definition/trigger.h"
#include "loop/bus_connection.h"
#include "loop/loop.h"
#include "loop/timer.h"

namespace takt {

struct BusSignal {
  std::string sender;  // the name that was asked for
  std::string object;
  std::string interface;
  std::string member;
  Value args = Value::array();  // all of them
};

// Owns a connection while anybody listens, and opens it again when the bus has gone and come back. A signal counts only
// when the owner of the sender's name sent it: anybody may send any signal, and the bus's own rules let another
// listener's through. At most limits::bus_messages are taken in a turn of the loop; the rest waits in the socket.
class BusListener {
 public:
  struct Callbacks {
    std::function<void()> connected;                         // also each time the bus is back: read what was missed
    std::function<void(const std::string& message)> failed;  // the bus went, or refused something
    std::function<void()> disconnected = [] {};              // it went, or is not there yet
  };
  using Heard = std::function<void(const BusSignal&)>;
  using Answered = std::function<void(Result<Value>)>;

  // `address` empty: where sd-bus looks for it. `loop` must outlive this.
  BusListener(Loop& loop, BusKind kind, std::string address, Callbacks callbacks);
  ~BusListener();
  BusListener(const BusListener&) = delete;
  BusListener& operator=(const BusListener&) = delete;

  // From now on `heard` is told of what matches; it may listen and forget. Gives a number to forget it by.
  std::uint64_t listen(BusTrigger pattern, Heard heard);
  void forget(std::uint64_t number);

  // False: it is tried again, and `connected` tells.
  [[nodiscard]] bool connected() const { return connection_.get() != nullptr; }
  // Calls a method whose arguments are texts. `answered` is told in its place among the signals. No answer comes when
  // the bus goes first: `connected` then says so.
  void ask(const std::string& service, const std::string& object, const std::string& interface,
           const std::string& method, const std::vector<std::string>& texts, Answered answered);

 private:
  struct Listener {
    BusTrigger pattern;
    std::string rule;
    Heard heard;
  };
  struct Question {
    BusListener* listener = nullptr;
    std::uint64_t number = 0;
    Answered answered;
    BusSlot slot;
  };

  void connect();
  void retry_later();
  // As ask(), but for the answer's place: an owner has to be known before the signals behind it are judged.
  void call(const std::string& service, const std::string& object, const std::string& interface,
            const std::string& method, const std::vector<std::string>& texts, Answered answered);
  void lost(const Error& why);
  void add_rule(const std::string& rule);
  void remove_rule(const std::string& rule);
  void learn_owner(const std::string& name);
  static int on_message(sd_bus_message* message, void* self, sd_bus_error* error);
  static int on_answer(sd_bus_message* message, void* question, sd_bus_error* error);
  void take(sd_bus_message* message);
  void take_owner(const Value& args);
  void tell();

  Loop& loop_;
  Callbacks callbacks_;
  BusConnection connection_;
  BusSlot filter_;
  Timer retry_;
  std::map<std::uint64_t, Listener> listeners_;
  std::uint64_t last_number_ = 0;
  bool told_ = false;                          // that the bus is not there
  std::map<std::string, std::size_t> rules_;   // and how many listeners each is for
  std::set<std::string> added_;                // rules that this connection's bus was given
  std::map<std::string, std::string> owners_;  // of the senders' names, as the bus has them; empty: nobody
  std::map<std::uint64_t, std::unique_ptr<Question>> questions_;
  std::vector<std::function<void()>> heard_;  // told once sd-bus is off the stack
};

}  // namespace takt
