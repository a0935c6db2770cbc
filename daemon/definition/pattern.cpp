#include "definition/pattern.h"

#include <algorithm>
#include <array>

#include "definition/limits.h"

namespace takt {
namespace {

// How large the compiled pattern can get: the C library writes x{n} out n times, and does so again in what surrounds
// it.
std::size_t worst_size(const std::string& text) {
  std::size_t size = text.size();
  for (std::size_t at = 0; at < text.size() && size <= limits::pattern_size; ++at) {
    if (text[at] == '\\') {
      ++at;
    } else if (text[at] == '{') {
      std::size_t greatest = 1;
      std::size_t number = 0;
      for (++at; at < text.size() && text[at] != '}'; ++at) {
        number = text[at] >= '0' && text[at] <= '9' ? number * 10 + static_cast<std::size_t>(text[at] - '0') : 0;
        greatest = std::clamp(number, greatest, limits::pattern_size);
      }
      size *= greatest;
    }
  }
  return size;
}

bool has_back_reference(const std::string& text) {
  for (std::size_t at = 0; at + 1 < text.size(); ++at)
    if (text[at] == '\\') {
      if (text[at + 1] >= '1' && text[at + 1] <= '9') return true;
      ++at;
    }
  return false;
}

}  // namespace

void Pattern::Free::operator()(regex_t* regex) const {
  ::regfree(regex);
  delete regex;
}

Result<Pattern> Pattern::compile(const std::string& text) {
  if (has_back_reference(text)) return fail(ErrorCode::invalid_argument, "a pattern has no back references");
  if (worst_size(text) > limits::pattern_size)
    return fail(ErrorCode::invalid_argument, "its repetitions multiply to too much");
  auto regex = std::make_unique<regex_t>();
  if (const int error = ::regcomp(regex.get(), text.c_str(), REG_EXTENDED | REG_NOSUB); error != 0) {
    std::array<char, 128> message{};
    ::regerror(error, regex.get(), message.data(), message.size());
    return fail(ErrorCode::invalid_argument, "not a regular expression: {}", message.data());
  }
  return Pattern(std::unique_ptr<regex_t, Free>(regex.release()));
}

Result<bool> Pattern::matches(const std::string& subject) const {
  if (subject.size() > limits::pattern_subject_bytes)
    return fail(ErrorCode::invalid_input, "{} bytes; a text with a pattern has at most {}", subject.size(),
                limits::pattern_subject_bytes);
  // regexec(3) would stop at a NUL, and let pass what stands behind it.
  if (subject.find('\0') != std::string::npos) return fail(ErrorCode::invalid_input, "it holds a NUL character");
  const int status = ::regexec(regex_.get(), subject.c_str(), 0, nullptr, 0);
  if (status != 0 && status != REG_NOMATCH) return fail(ErrorCode::limit_exceeded, "the pattern takes too much memory");
  return status == 0;
}

}  // namespace takt
