// A POSIX extended regular expression whose cost is bounded: a pattern may come from anybody who may have a definition
// checked, and the C library's compiler and matcher have no bounds of their own.
#pragma once

#include <regex.h>

#include <memory>
#include <string>

#include "base/result.h"

namespace takt {

// Owns a compiled pattern.
class Pattern {
 public:
  // Refused beside what regcomp(3) refuses: back references, and repetitions that multiply beyond reason.
  static Result<Pattern> compile(const std::string& text);

  // Whether it matches somewhere in `subject`. A subject of more than limits::pattern_subject_bytes is an error.
  [[nodiscard]] Result<bool> matches(const std::string& subject) const;

 private:
  struct Free {
    void operator()(regex_t* regex) const;
  };
  explicit Pattern(std::unique_ptr<regex_t, Free> regex) : regex_(std::move(regex)) {}

  std::unique_ptr<regex_t, Free> regex_;
};

}  // namespace takt
