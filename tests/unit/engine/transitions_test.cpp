// The table of docs/transitions.md is the code's, and every line of it happens in these tests.
#include "engine/transitions.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "harness.h"

namespace takt::test {
namespace {

template <class Table>
std::string table_text(const Table& table) {
  std::string text = "| from | to | when |\n|---|---|---|\n";
  for (const auto& one : table)
    text += fmt::format("| `{}` | `{}` | {} |\n", to_word(one.from), to_word(one.to), one.cause);
  return text;
}

std::string page() {
  return "# Transitions\n\nWhich state may follow which. Printed from `daemon/engine/transitions.h`, which the engine "
         "asserts\neach change against; `TAKT_WRITE_DOCS=1 ctest -R unit.engine` writes it anew.\n\n## "
         "Executions\n\n" +
         table_text(execution_transitions) + "\n## Steps\n\n" + table_text(step_transitions);
}

TEST(Transitions, TheTableInTheDocsIsTheCodes) {
  const std::string path = TAKT_SOURCE_DIR "/docs/transitions.md";
  if (std::getenv("TAKT_WRITE_DOCS") != nullptr) std::ofstream(path) << page();
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  EXPECT_EQ(text.str(), page());
}

// After all tests: with a filter, only some of them ran.
class EveryTransitionIsTested : public testing::Environment {
 public:
  void TearDown() override {
    if (testing::GTEST_FLAG(filter) != "*") return;
    for (const auto& one : execution_transitions)
      EXPECT_TRUE(states_seen().executions.contains({one.from, one.to}))
          << "no test has an execution go from " << to_word(one.from) << " to " << to_word(one.to);
    for (const auto& one : step_transitions)
      EXPECT_TRUE(states_seen().steps.contains({one.from, one.to}))
          << "no test has a step go from " << to_word(one.from) << " to " << to_word(one.to);
  }
};

const testing::Environment* const environment = testing::AddGlobalTestEnvironment(new EveryTransitionIsTested);

}  // namespace
}  // namespace takt::test
