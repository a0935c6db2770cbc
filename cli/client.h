// The daemon as taktctl sees it: calls that give documents (documents.h) or an Error that a person understands.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/fd.h"
#include "base/result.h"
#include "base/time.h"
#include "base/value.h"
#include "cli/bus_choice.h"
#include "cli/bus_event.h"

namespace sdbus {
class IConnection;
}

namespace takt {

class ManagerProxy;

struct ProcessFilter {
  std::string name;  // a shell pattern; empty: all
  std::string tag;
  std::optional<bool> enabled;
};

struct HistoryFilter {
  std::string process;
  std::vector<std::string> states;
  std::optional<WallTime> since;
  std::optional<WallTime> until;
};

enum class Verb { pause, resume, cancel, retry };
struct VerbOptions {
  std::string reason;
  std::string step;                   // retry
  std::optional<std::uint32_t> item;  // retry: of the step's for_each, from 0
  bool current = false;               // retry
  bool undo = true;                   // cancel
};

// What a start may ask for beside its inputs.
struct StartTerms {
  std::optional<int> priority;
  std::string version;  // the beginning of a hash; empty: the one in force
  std::optional<WallTime> at;
  std::string key;  // of idempotency; empty: none
};

struct StatisticsRequest {
  std::string process;  // empty: all
  std::optional<WallTime> since;
  std::optional<WallTime> until;
};

// What is to be forgotten; empty: all. A step is one of the process, a key one of the step.
struct CacheChoice {
  std::string process;
  std::string step;
  std::optional<std::string> key;
};

// Owns one connection to one bus. Exceptions of the D-Bus library end here. It has no thread: signals are read by
// wait(), and by calls while they wait for their reply.
class Client {
 public:
  static Result<std::unique_ptr<Client>> connect(const BusChoice& choice);
  ~Client();

  Result<Value> daemon();
  Result<Value> processes(const ProcessFilter& filter);
  // ErrorCode::no_such_process when there is none of that name.
  Result<Value> process(const std::string& name);
  // Newest first, as many as `most`, over as many pages as that takes.
  Result<Value> executions(const HistoryFilter& filter, std::size_t most);
  Result<Value> execution(std::uint64_t id);
  Result<Value> upcoming(const std::string& process, std::uint32_t count);
  Result<Value> diagnostics();
  // The steps and triggers of the definition in force (definition_document).
  Result<Value> process_definition(const std::string& name);
  // Newest first.
  Result<Value> versions(const std::string& name);
  Result<Value> statistics(const StatisticsRequest& request);
  Result<std::string> definition(const std::string& name, const std::string& version);

  // Give the execution's id.
  Result<std::uint64_t> start(const std::string& name, const Value& inputs, const StartTerms& terms);
  Status control(Verb verb, std::uint64_t id, const VerbOptions& options);
  // To a step, which stays; empty: all is undone.
  Status rollback(std::uint64_t id, const std::string& to);
  Status approve(std::uint64_t id, const std::string& step, bool yes, const std::string& comment);
  // How many steps it woke.
  Result<std::uint32_t> emit(const std::string& event, const Value& payload);
  // How many firings are to be skipped now.
  Result<std::uint32_t> skip_next(const std::string& name, std::uint32_t count);
  Status clear_cache(const CacheChoice& choice);
  // Without an instant until it is resumed.
  Status pause_process(const std::string& name, std::optional<WallTime> until);
  Status resume_process(const std::string& name);
  Status enable_process(const std::string& name);
  Status disable_process(const std::string& name);
  // Give diagnostics.
  Result<Value> put(const std::string& name, const std::string& text, bool transient);
  Result<Value> reload();
  Status remove(const std::string& name);
  Result<UniqueFd> open_log(std::uint64_t id);

  // From here on signals come as events; with `steps` those that are for subscribers too. May be called again after the
  // daemon came back.
  Status listen(bool steps);
  Status begin_wait(std::uint64_t id);
  // Returns when there is an event, `fd` can be read (-1: none), or the time is over, whichever is first.
  Status wait(int fd, std::optional<Duration> timeout);
  std::optional<BusEvent> take_event();

  // What an error of D-Bus says to a person.
  [[nodiscard]] Error error(const std::string& name, const std::string& message) const;

 private:
  Client(BusChoice choice, std::unique_ptr<sdbus::IConnection> connection);
  template <class Call>
  auto guarded(Call call) -> Result<decltype(call())>;

  BusChoice choice_;
  EventQueue events_;
  std::unique_ptr<sdbus::IConnection> connection_;
  std::unique_ptr<ManagerProxy> manager_;
};

}  // namespace takt
