// The limits of the history; base/limits.h says what a limit is.
#pragma once

#include <cstddef>
#include <cstdint>

namespace takt::limits {

inline constexpr std::size_t versions = 20;                  // of one process, kept though nothing ran with them
inline constexpr std::int64_t audit_rows = 100'000;          // of the audit trail; the oldest go
inline constexpr std::int64_t wal_bytes = 64 * 1024 * 1024;  // what the write-ahead log shrinks to once it was larger

}  // namespace takt::limits
