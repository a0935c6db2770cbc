// Everything that the daemon is on one connection to the bus.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>

#include "bus/authority.h"
#include "bus/desk.h"
#include "bus/execution_object.h"
#include "bus/manager.h"
#include "bus/one_reply.h"
#include "bus/process_object.h"
#include "bus/requests.h"
#include "loop/loop.h"
#include "runtime/control.h"
#include "runtime/ports.h"

namespace takt {

// Owns the objects on the bus and sends their signals. It goes with its connection; the next one gets a new Session,
// which reads from Control how things stand.
//
// There is an object for each process. There is one for a live execution only once somebody looks for it: calls pass
// through look_ahead() before sd-bus looks for their object, so that there it can still be made.
//
// Signals of executions go out in announce(), in order. Changes of properties, and of which processes there are, are
// gathered and told once at the end of the turn.
class Session {
 public:
  // Puts the objects there; throws sdbus::Error. Everything handed in outlives it.
  Session(Loop& loop, sdbus::IConnection& connection, Control& control, const Authority& authority,
          const std::string& version);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  // Asks the bus for the name, without queueing for it. `then` is called when it has answered.
  void request_name(std::function<void(Status)> then);

  void announce(const Announcement& announcement);

 private:
  struct Tell;
  void look_ahead(const sdbus::Message& call);
  void make_execution(ExecutionId id);
  [[nodiscard]] bool asks_approval(const StepWaits& waits) const;
  void execution_changed(ExecutionId id);
  void process_changed(const std::string& name);
  void plan_flush();
  void flush();
  void flush_process(const std::string& name);

  Loop& loop_;
  sdbus::IConnection& connection_;
  Control& control_;
  OneReply reply_;
  Desk desk_;
  Requests requests_;
  Manager manager_;
  std::map<std::string, std::unique_ptr<ProcessObject>> processes_;
  std::map<ExecutionId, std::unique_ptr<ExecutionObject>> executions_;

  std::set<std::string> changed_processes_;
  std::set<ExecutionId> changed_executions_;
  std::set<ExecutionId> ended_executions_;
  bool flush_planned_ = false;

  std::unique_ptr<sdbus::IProxy> bus_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);  // for what is deferred
  sdbus::Slot calls_;
};

}  // namespace takt
