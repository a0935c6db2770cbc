// What the judges of a simulation found wrong.
#pragma once

#include <fmt/core.h>

#include <string>
#include <utility>
#include <vector>

#include "base/time.h"

namespace takt::test {

// Each with the moment of the simulation it was found at.
class Findings {
 public:
  explicit Findings(const Duration& moment) : moment_(moment) {}
  template <class... Args>
  void add(fmt::format_string<Args...> format, Args&&... args) {
    constexpr std::size_t enough = 10;
    if (all.size() < enough)
      all.push_back(fmt::format("at {}: ", format_duration(moment_)) +
                    fmt::format(format, std::forward<Args>(args)...));
  }
  [[nodiscard]] Duration moment() const { return moment_; }
  std::vector<std::string> all;

 private:
  const Duration& moment_;
};

}  // namespace takt::test
