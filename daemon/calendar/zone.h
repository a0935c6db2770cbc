// A time zone of the system's tz database. Pure but for the database itself, which is read once.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"

namespace takt {

// Whether the wall clock shows an instant's reading once more, because it is set back near by.
enum class Pass { only, first, second };

// A handle, cheap to copy, never empty.
class Zone {
 public:
  // An IANA name ("Asia/Tehran", "UTC"); ErrorCode::invalid_argument with the nearest known name when there is none.
  static Result<Zone> find(std::string_view name);
  static Zone utc();
  // The machine's zone: what $TZ names, else what /etc/localtime is, or UTC when that is missing (localtime(5)). An
  // error when that is nothing that the database has; rules that stand in $TZ itself (tzset(3)) are not taken.
  static Result<Zone> local();

  [[nodiscard]] const std::string& name() const;
  // Seconds east of UTC at an instant.
  [[nodiscard]] std::chrono::seconds offset(WallTime at) const;
  [[nodiscard]] Pass pass(WallTime at) const;
  // "2026-12-19 07:30:00+03:30", with decimals when the instant has them.
  [[nodiscard]] std::string format(WallTime at) const;

  struct Impl;
  explicit Zone(std::shared_ptr<const Impl> impl) : impl_(std::move(impl)) {}
  [[nodiscard]] const Impl& impl() const { return *impl_; }

 private:
  std::shared_ptr<const Impl> impl_;
};

}  // namespace takt
