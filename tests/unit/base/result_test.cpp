#include "base/result.h"

#include <memory>

#include <gmock/gmock.h>

namespace takt {
namespace {

Result<int> half(int value) {
  if (value % 2 != 0) return fail(ErrorCode::invalid_argument, "{} is odd", value);
  return value / 2;
}

Result<int> quarter(int value) {
  TAKT_ASSIGN(const int once, half(value));
  TAKT_ASSIGN(const int twice, half(once));
  return twice;
}

Status check_twice(int value, int& checks) {
  TAKT_TRY(half(value));
  ++checks;
  TAKT_TRY(half(value / 2));
  ++checks;
  return {};
}

Result<std::unique_ptr<int>> boxed(int value) {
  TAKT_ASSIGN(auto box, Result<std::unique_ptr<int>>(std::make_unique<int>(value)));
  return box;
}

TEST(Result, assign_takes_the_value_or_leaves_with_the_error) {
  EXPECT_EQ(quarter(12), 3);
  ASSERT_FALSE(quarter(6));
  EXPECT_EQ(quarter(6).error().message, "3 is odd");
  EXPECT_EQ(quarter(6).error().code, ErrorCode::invalid_argument);
  EXPECT_EQ(*boxed(5).value(), 5);
}

TEST(Result, try_leaves_at_the_first_error) {
  int checks = 0;
  EXPECT_TRUE(check_twice(4, checks));
  EXPECT_EQ(checks, 2);
  EXPECT_EQ(check_twice(6, checks).error().message, "3 is odd");
  EXPECT_EQ(checks, 3);
}

TEST(Result, errors_gather_context_from_the_outside) {
  Error error{ErrorCode::io, "no space"};
  error = std::move(error).in("write x").in("store");
  EXPECT_EQ(error.message, "store: write x: no space");
  EXPECT_EQ(error.code, ErrorCode::io);
}

TEST(Result, fail_errno_keeps_the_reason_of_the_call) {
  errno = ENOENT;
  const Status status = fail_errno("open {}", "/x");
  EXPECT_EQ(status.error().message, "open /x: No such file or directory");
  EXPECT_EQ(status.error().code, ErrorCode::io);
}

}  // namespace
}  // namespace takt
