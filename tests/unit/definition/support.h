// What the tests of definitions share.
#pragma once

#include <gtest/gtest.h>

#include <fmt/core.h>

#include <map>
#include <string>
#include <vector>

#include "definition/definition.h"
#include "definition/parser.h"

namespace takt {

inline const std::map<std::string, std::string> test_environment{{"HOUR", "6"}, {"FOLDER", "/srv/in"}};

inline const std::map<std::string, std::uint32_t> test_pools{{"disk", 2}, {"licences", 10}};

// Parses as the file /x/job.toml, whose children run as root.
inline ParseOutcome parse(const std::string& text, const std::vector<SourceText>& drop_ins = {}) {
  Evaluator evaluator;
  const ParseContext context{evaluator, test_environment, Zone::find("Asia/Tehran").value(), "root", &test_pools};
  return parse_definition("job", {"/x/job.toml", text}, drop_ins, context);
}

inline std::string all_text(const Diagnostics& diagnostics) {
  std::string text;
  for (const auto& diagnostic : diagnostics) text += to_text(diagnostic);
  return text;
}

// The one step of a text that stands below [[step]] and its name.
inline Step good_step(const std::string& text) {
  auto outcome = parse("[[step]]\nname = 'a'\n" + text);
  EXPECT_EQ(all_text(outcome.diagnostics), "");
  return outcome.definition ? outcome.definition->steps.at(0) : Step{};
}

// "LINE:COLUMN KEY: MESSAGE" of each diagnostic; a warning with a "~" before it.
inline std::vector<std::string> told(const std::string& text) {
  std::vector<std::string> lines;
  for (const auto& one : parse(text).diagnostics)
    lines.push_back(fmt::format("{}{}:{} {}: {}", one.severity == Severity::warning ? "~" : "", one.line, one.column,
                                one.key, one.message));
  return lines;
}

inline const std::string one_step = "[[step]]\nname = \"a\"\nrun = [\"true\"]\n";

}  // namespace takt
