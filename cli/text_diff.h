// What differs between two texts, as diff(1) tells it.
#pragma once

#include <string>

#include "base/result.h"

namespace takt {

struct NamedText {
  std::string label;
  const std::string& text;
};

// In the unified format; empty when they are the same. Runs diff(1); ErrorCode::not_supported when there is none.
Result<std::string> text_diff(const NamedText& before, const NamedText& after);

}  // namespace takt
