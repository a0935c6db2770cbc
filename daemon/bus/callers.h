// Who calls.
#pragma once

#include <sdbus-c++/IConnection.h>
#include <sdbus-c++/IProxy.h>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "engine/engine.h"

namespace takt {

// Knows the user behind each caller's unique name, by asking the bus (GetConnectionUnixUser) without waiting, once for
// each caller; and tells who has left the bus. Owns that cache, whose entries go when their callers do. It never
// believes what a caller says of itself, and never looks at pids, which can be another's by the time one looks.
class Callers {
 public:
  using Left = std::function<void(const std::string& unique_name)>;
  // Waits for the bus once, while it subscribes. `left` is called for everyone who leaves.
  Callers(sdbus::IConnection& connection, Left left);
  ~Callers();

  // At once if the caller is known, else when the bus has answered; ErrorCode::access_denied for one it does not know
  // any more. Never calls back after the destruction of this.
  void resolve(const std::string& unique_name, std::function<void(Result<Caller>)> then);

 private:
  void ask(const std::string& unique_name);
  void answered(const std::string& unique_name, const Result<Caller>& caller);

  std::unique_ptr<sdbus::IProxy> bus_;
  std::unordered_map<std::string, Caller> known_;
  std::map<std::string, std::vector<std::function<void(Result<Caller>)>>> asked_;
  sdbus::Slot departures_;
};

}  // namespace takt
