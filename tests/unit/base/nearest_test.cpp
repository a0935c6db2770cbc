#include "base/nearest.h"

#include <array>
#include <string>

#include <gtest/gtest.h>

namespace takt {
namespace {

TEST(NearestName, finds_what_was_meant) {
  constexpr std::string_view keys[] = {"timeout", "timezone", "retry", "tags", "run", "cron"};
  const std::pair<std::string, std::string_view> table[] = {
      {"timeuot", "timeout"},
      {"corn", "cron"},
      {"TIMEZONE", "timezone"},
      {"time_zone", "timezone"},
      {"retri", "retry"},
      {"tag", "tags"},
      {"rum", "run"},
      {"catch_up", ""},
      {"", ""},
      {"x", ""},
      {"ru", ""},
      {std::string(100'000, 'x'), ""},
  };
  for (const auto& [wrong, meant] : table) EXPECT_EQ(nearest_name(wrong, keys), meant) << wrong.substr(0, 20);
}

}  // namespace
}  // namespace takt
