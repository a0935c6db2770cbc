#include "cli/version_choice.h"

#include "cli/documents.h"

namespace takt {

Result<std::string> choose_version(const Value& versions, const std::string& beginning, const std::string& process) {
  std::string chosen;
  for (const Value& row : versions) {
    const std::string hash = text_of(row, "version");
    if (beginning.empty() ? !truth_of(row, "in_force") : !hash.starts_with(beginning)) continue;
    if (!chosen.empty())
      return fail(ErrorCode::invalid_argument, "several versions of {} begin with {}", process, beginning);
    chosen = hash;
  }
  if (!chosen.empty()) return chosen;
  if (beginning.empty()) return fail(ErrorCode::no_such_version, "no version of {} is in force", process);
  return fail(ErrorCode::no_such_version, "{} has no version {}: 'taktctl versions {}' lists them", process, beginning,
              process);
}

}  // namespace takt
