// The limits of what is watched; base/limits.h says what a limit is.
#pragma once

#include <chrono>
#include <cstddef>

#include "base/time.h"

namespace takt::limits {

inline constexpr Duration bus_listen_retry = std::chrono::seconds(5);  // and to one that is only listened to
inline constexpr std::size_t bus_rules = 480;  // match rules on one bus, which takes 512 of a client
inline constexpr Duration zones_settle = std::chrono::milliseconds(200);  // of quiet after a change of the tz database
inline constexpr std::size_t path_events = 1'000;            // that one turn of the loop takes from inotify
inline constexpr std::size_t path_pending = 10'000;          // files that settle at once, of one trigger
inline constexpr std::size_t path_names = 2'000;             // that one turn of the loop reads in folders
inline constexpr std::size_t path_seen = 200'000;            // files remembered, of one trigger
inline constexpr std::size_t path_batch = 1'000;             // files in one firing of a batch
inline constexpr std::size_t path_batch_bytes = 256 * 1024;  // and of their paths together
inline constexpr Duration path_found_settle = std::chrono::milliseconds(500);  // of files that came before their watch
inline constexpr Duration path_batch_settle = std::chrono::seconds(1);         // of a burst, without `settle`
inline constexpr std::size_t path_watches = 10'000;                            // folders watched, of all path triggers
inline constexpr int device_events = 64;                            // that one turn of the loop takes from udev
inline constexpr std::size_t device_properties = 256;               // of one device, that a firing tells
inline constexpr int journal_entries = 256;                         // that one turn of the loop takes from the journal
inline constexpr std::size_t journal_marked = 10'000;               // read at most twice when the daemon dies
inline constexpr Duration journal_delay = std::chrono::minutes(1);  // between an entry's time and its being there
inline constexpr int network_events = 64;                           // that one turn of the loop takes from the kernel
inline constexpr Duration condition_period = std::chrono::seconds(10);  // between looks at what changes in silence
inline constexpr std::size_t path_looks = 64;                           // of `path_exists`, that have not come back
inline constexpr Duration path_patience = std::chrono::seconds(1);      // until one of them is said not to

}  // namespace takt::limits
