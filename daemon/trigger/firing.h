// A firing: one trigger going off, at an instant.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "base/time.h"
#include "base/value.h"

namespace takt {

struct Firing {
  std::string process;
  std::string key;                 // Trigger::key
  WallTime nominal;                // the instant it stands for; with (process, key) unique for ever
  std::uint64_t stands_for = 1;    // instants that passed and that this one makes up for, itself included
  bool shifted = false;            // moved out of a daylight-saving gap
  Value fields = Value::object();  // `trigger.…`: "kind", "at", and the kind's own ("path", "event", …)
  std::string boot_id;             // of the boot it happened in, for its mark
};

// What is durably known of a trigger: where its history goes on after a restart.
struct TriggerMark {
  std::string process;
  std::string key;
  WallTime fired_at;    // up to here all is handled: the last nominal instant that fired, was skipped or let go; of a
                        // trigger that has had none, when it was first followed
  std::string boot_id;  // the boot in which that was
};
using TriggerMarks = std::map<std::pair<std::string, std::string>, TriggerMark>;  // by process and key

}  // namespace takt
