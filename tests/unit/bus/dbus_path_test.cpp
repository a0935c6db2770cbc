#include "bus/dbus_path.h"

#include <gtest/gtest.h>

namespace takt {
namespace {

struct Escape {
  const char* text;
  const char* element;
};

// The first ones are those of sd_bus_path_encode(3) and of systemd's own unit paths.
constexpr Escape escapes[] = {
    {"", "_"},
    {"a", "a"},
    {"Ab9", "Ab9"},
    {"a-b@1", "a_2db_401"},
    {"foo.service", "foo_2eservice"},
    {"9lives", "_39lives"},
    {"99", "_399"},
    {"_", "_5f"},
    {"a_b", "a_5fb"},
    {"etl.nightly-2", "etl_2enightly_2d2"},
    {"\xc3\xa9", "_c3_a9"},
};

TEST(DbusPath, EscapesAsSystemdDoes) {
  for (const Escape& escape : escapes) EXPECT_EQ(bus_path_escape(escape.text), escape.element) << escape.text;
}

TEST(DbusPath, UnescapesWhatItEscaped) {
  for (const Escape& escape : escapes) EXPECT_EQ(bus_path_unescape(escape.element), escape.text) << escape.element;
}

TEST(DbusPath, UnescapesNothingElse) {
  for (const char* element : {"", "a_", "a_2", "a_2D", "a_zz", "a-b", "9lives", "a_61", "__"})
    EXPECT_EQ(bus_path_unescape(element), std::nullopt) << element;
}

TEST(DbusPath, PathsOfProcessesAndExecutions) {
  EXPECT_EQ(process_path("a-b"), "/org/taktd/Takt1/process/a_2db");
  EXPECT_EQ(execution_path(17), "/org/taktd/Takt1/execution/17");
}

TEST(DbusPath, KnowsTheExecutionOfAPath) {
  EXPECT_EQ(execution_of_path("/org/taktd/Takt1/execution/17"), 17u);
  EXPECT_EQ(execution_of_path("/org/taktd/Takt1/execution/18446744073709551615"), 18446744073709551615u);
  for (const char* path :
       {"/org/taktd/Takt1/execution/", "/org/taktd/Takt1/execution", "/org/taktd/Takt1/execution/017",
        "/org/taktd/Takt1/execution/18446744073709551616", "/org/taktd/Takt1/execution/1/2",
        "/org/taktd/Takt1/execution/a", "/org/taktd/Takt1/process/17"})
    EXPECT_EQ(execution_of_path(path), std::nullopt) << path;
}

}  // namespace
}  // namespace takt
