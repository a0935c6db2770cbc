// What the tests of definitions share.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "definition/parser.h"

namespace takt {

inline const std::map<std::string, std::string> test_environment{{"HOUR", "6"}, {"FOLDER", "/srv/in"}};

// Parses as the file /x/job.toml, whose children run as root.
inline ParseOutcome parse(const std::string& text, const std::vector<SourceText>& drop_ins = {}) {
  Evaluator evaluator;
  const ParseContext context{evaluator, test_environment, Zone::find("Asia/Tehran").value(), "root"};
  return parse_definition("job", {"/x/job.toml", text}, drop_ins, context);
}

inline std::string all_text(const Diagnostics& diagnostics) {
  std::string text;
  for (const auto& diagnostic : diagnostics) text += to_text(diagnostic);
  return text;
}

inline const std::string one_step = "[[step]]\nname = \"a\"\nrun = [\"true\"]\n";

}  // namespace takt
