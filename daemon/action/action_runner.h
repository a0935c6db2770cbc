// What steps do beside running commands: HTTP requests and D-Bus calls.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "base/result.h"
#include "loop/loop.h"
#include "runtime/ports.h"

namespace takt {

class BusCaller;
class HttpClient;

// Where steps with `call` find the buses. An address is the D-Bus Specification's ("unix:path=/run/x").
struct ActionBuses {
  std::string system;                  // empty: where every program looks for the machine's
  std::optional<std::string> session;  // empty: where every program looks for the user's; nothing: there is none
};

// Owns the requests under way, the connections they are made on, and a connection to each bus from its first use on. A
// bus that goes fails the calls under way and is connected to again by the next one. It never blocks, never bounds a
// request's time (but that curl gives a connection five minutes to be made), and never tries one again: both are the
// engine's.
class ActionRunner final : public ActionPerformer {
 public:
  // `loop` and `log` must outlive it. Refused (not_supported): a libcurl that would block while it looks up a name.
  static Result<std::unique_ptr<ActionRunner>> create(Loop& loop, Log& log, ActionBuses buses);
  ~ActionRunner() override;

  // To be called before the first start().
  void set_ended(std::function<void(ActionEnded)> ended) override { ended_ = std::move(ended); }
  // At most limits::requests at once; one more fails.
  void start(const ActionSpec& spec) override;
  void stop(const std::string& token) override;

 private:
  explicit ActionRunner(Loop& loop);
  Status begin(const ActionSpec& spec);
  void finish(const std::string& token, Result<Value> result);
  void fail_later(const std::string& token, Error error);

  Loop& loop_;
  std::function<void(ActionEnded)> ended_;
  std::set<std::string> live_;  // tokens whose end is owed
  std::unique_ptr<HttpClient> http_;
  std::unique_ptr<BusCaller> system_;
  std::unique_ptr<BusCaller> session_;                          // null: there is none
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);  // for what is deferred
};

}  // namespace takt
