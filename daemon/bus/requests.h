// The methods that the Manager and the objects of processes and executions offer alike.
#pragma once

#include <sdbus-c++/sdbus-c++.h>

#include <cstdint>
#include <string>

#include "bus/dbus_value.h"
#include "bus/desk.h"
#include "runtime/control.h"

namespace takt {

// Each function takes one call: it unpacks, asks the Desk, calls one function of Control, and packs the reply. `object`
// is the one that is being called. It owns nothing.
class Requests {
 public:
  Requests(Control& control, Desk& desk) : control_(control), desk_(desk) {}

  void start(const sdbus::IObject& object, sdbus::Result<std::uint64_t, sdbus::ObjectPath>&& result,
             const std::string& process, Dict inputs, Dict options);
  void control(const sdbus::IObject& object, sdbus::Result<>&& result, ExecutionVerb verb, ExecutionId id,
               Dict options);
  void open_log(const sdbus::IObject& object, sdbus::Result<sdbus::UnixFd>&& result, ExecutionId id, Dict options);
  // These three are the Manager's alone.
  void approve(const sdbus::IObject& object, sdbus::Result<>&& result, ExecutionId id, const std::string& step,
               bool yes, const std::string& comment);
  void emit(const sdbus::IObject& object, sdbus::Result<std::uint32_t>&& result, const std::string& event,
            Dict payload);
  void clear_cache(const sdbus::IObject& object, sdbus::Result<>&& result, Dict options);
  void set_enabled(const sdbus::IObject& object, sdbus::Result<>&& result, const std::string& process, bool enabled,
                   Dict options);
  void set_paused(const sdbus::IObject& object, sdbus::Result<>&& result, const std::string& process, bool paused,
                  Dict options);

 private:
  // For the Authority, which may want to know whose execution it is.
  [[nodiscard]] Authority::Subject subject_of(ExecutionId id) const;
  // With those who may answer, as the definition names them.
  [[nodiscard]] Authority::Subject approval_of(ExecutionId id, const std::string& step) const;

  Control& control_;
  Desk& desk_;
};

}  // namespace takt
