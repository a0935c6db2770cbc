#include "bus/errors.h"

#include <gtest/gtest.h>
#include <sdbus-c++/Error.h>

#include <fstream>
#include <set>
#include <sstream>
#include <stdexcept>

#include "bus/limits.h"

namespace takt {
namespace {

// The last code there is: a new one behind it makes this test incomplete, and the switch of dbus_error_name a warning.
constexpr ErrorCode last = ErrorCode::unavailable;

std::vector<ErrorCode> all_codes() {
  std::vector<ErrorCode> codes;
  for (int code = 0; code <= static_cast<int>(last); ++code) codes.push_back(static_cast<ErrorCode>(code));
  return codes;
}

std::string manager_xml() {
  std::ifstream file(TAKT_SOURCE_DIR "/dbus/org.taktd.Takt1.Manager.xml");
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

TEST(Errors, EachCodeHasANameOfItsOwn) {
  std::set<std::string> names;
  for (const ErrorCode code : all_codes()) EXPECT_TRUE(names.insert(dbus_error_name(code)).second);
  EXPECT_EQ(names.size(), 17u);
}

TEST(Errors, EachNameIsDocumented) {
  const std::string xml = manager_xml();
  ASSERT_FALSE(xml.empty());
  for (const ErrorCode code : all_codes()) {
    const std::string name = dbus_error_name(code);
    EXPECT_NE(xml.find(name.substr(name.rfind('.') + 1)), std::string::npos) << name;
  }
}

TEST(Errors, StandardNamesWhereThereAreSome) {
  EXPECT_EQ(dbus_error_name(ErrorCode::access_denied), "org.freedesktop.DBus.Error.AccessDenied");
  EXPECT_EQ(dbus_error_name(ErrorCode::invalid_argument), "org.freedesktop.DBus.Error.InvalidArgs");
  EXPECT_EQ(dbus_error_name(ErrorCode::no_such_process), "org.taktd.Takt1.Error.NoSuchProcess");
  EXPECT_EQ(dbus_error_name(ErrorCode::io), "org.taktd.Takt1.Error.IO");
}

TEST(Errors, MessagesAreBoundedAndUtf8) {
  const sdbus::Error error = to_dbus_error({ErrorCode::io, std::string(limits::error_bytes * 2, '\xff')});
  EXPECT_LE(error.getMessage().size(), limits::error_bytes);
  EXPECT_TRUE(error.getMessage().starts_with("\xef\xbf\xbd"));
}

TEST(Errors, NothingButAnSdbusErrorLeavesAHandler) {
  EXPECT_EQ(value_or_throw([]() -> Result<int> { return 7; }), 7);
  const auto name_of = [](auto work) -> std::string {
    try {
      value_or_throw(work);
    } catch (const sdbus::Error& error) {
      return error.getName();
    }
    return "none";
  };
  EXPECT_EQ(name_of([]() -> Status { return fail(ErrorCode::disabled, "x"); }), "org.taktd.Takt1.Error.Disabled");
  EXPECT_EQ(name_of([]() -> Status { throw std::runtime_error("x"); }), "org.taktd.Takt1.Error.Internal");
  EXPECT_EQ(name_of([]() -> Status { throw sdbus::Error("a.b", "x"); }), "a.b");
  EXPECT_EQ(status_of([]() -> Status { throw std::runtime_error("x"); }).error().code, ErrorCode::internal);
}

}  // namespace
}  // namespace takt
