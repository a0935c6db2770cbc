// [constraints]: what their words become, and what is refused.
#include <gmock/gmock.h>

#include "support.h"

namespace takt {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::string with(const std::string& keys) {
  return "timezone = 'Asia/Tehran'\n[constraints]\n" + keys + "\n" + one_step;
}

std::vector<std::string> keys_of(const std::string& keys) {
  EXPECT_THAT(told(with(keys)), IsEmpty());
  std::vector<std::string> found;
  const auto outcome = parse(with(keys));
  if (outcome.definition)
    for (const Constraint& one : outcome.definition->constraints.all) found.push_back(one.key);
  return found;
}

TEST(Constraints, SayWhatTheyAsk) {
  EXPECT_THAT(keys_of("ac_power = false"), ElementsAre("ac_power = false"));
  EXPECT_THAT(keys_of("idle = '600s'"), ElementsAre("idle = 10min"));
  EXPECT_THAT(keys_of("network = 'online'"), ElementsAre("network = online"));
  EXPECT_THAT(keys_of("pressure = { memory = 10, cpu = 2.5 }"),
              ElementsAre("pressure.cpu = 2.5", "pressure.memory = 10"));
  EXPECT_THAT(keys_of("path_exists = '/mnt/backup'"), ElementsAre("path_exists = /mnt/backup"));
  EXPECT_THAT(keys_of("path_exists = ['/a', '/b']"), ElementsAre("path_exists = /a", "path_exists = /b"));
  EXPECT_THAT(keys_of("unit_active = 'postgresql.service'"), ElementsAre("unit_active = postgresql.service"));
  EXPECT_THAT(keys_of("[constraints.not_between]\nfrom = 'Mon..Fri 8:00'\nto = '18:00'"),
              ElementsAre("not_between = Mon..Fri *-*-* 08:00:00 and *-*-* 18:00:00 (Asia/Tehran)"));
  EXPECT_THAT(keys_of("not_between = [{ from = '8:00 UTC', to = '9:00 UTC' }, { from = 'Sat', to = 'Mon' }]"),
              ElementsAre("not_between = *-*-* 08:00:00 UTC and *-*-* 09:00:00 UTC (UTC)",
                          "not_between = Sat *-*-* 00:00:00 and Mon *-*-* 00:00:00 (Asia/Tehran)"));
}

TEST(Constraints, MayBeWaitedForForSoLong) {
  const auto outcome = parse(with("ac_power = true\nmax_wait = '2h'"));
  ASSERT_TRUE(outcome.definition);
  EXPECT_EQ(outcome.definition->constraints.max_wait, std::chrono::hours(2));
}

struct WrongConstraint {
  std::string keys;
  std::string expected;
};
class Refused : public testing::TestWithParam<WrongConstraint> {};

TEST_P(Refused, WithThePlaceAndWhatWouldBeRight) {
  EXPECT_THAT(told(with(GetParam().keys)), ElementsAre(HasSubstr(GetParam().expected)));
}

INSTANTIATE_TEST_SUITE_P(
    Constraints, Refused,
    testing::Values(
        WrongConstraint{"ac_powr = true", "3:1 constraints.ac_powr: unknown key (did you mean \"ac_power\"?)"},
        WrongConstraint{"ac_power = 'yes'", "3:12 constraints.ac_power: expected true or false, got a string"},
        WrongConstraint{"network = 'up'", "3:11 constraints.network: expected \"online\", got \"up\""},
        WrongConstraint{"pressure = 10", "3:12 constraints.pressure: expected a table, got an integer"},
        WrongConstraint{"pressure = {}", "constraints.pressure: expected `cpu`, `memory` or `io`"},
        WrongConstraint{"pressure = { memory = 101 }", "constraints.pressure.memory: expected a number from 0 to 100"},
        WrongConstraint{"path_exists = 'mnt'", "3:15 constraints.path_exists: \"mnt\" is not an absolute path"},
        WrongConstraint{"unit_active = 'nginx'", "constraints.unit_active: \"nginx\" is not the full name of a unit"},
        WrongConstraint{"not_between = '8:00'", "constraints.not_between: expected a table"},
        WrongConstraint{"not_between = { from = '8:00' }", "constraints.not_between: expected `to`"},
        WrongConstraint{"not_between = [{ from = '25:00', to = '1:00' }]", "constraints.not_between[1].from: "},
        WrongConstraint{"max_wait = '1h'", "3:12 constraints.max_wait: there is no constraint to wait for"},
        WrongConstraint{"ac_power = true\nmax_wait = '0s'", "constraints.max_wait: expected a span of at least 1us"}),
    [](const auto& one) { return std::to_string(one.index); });

}  // namespace
}  // namespace takt
