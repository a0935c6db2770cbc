// Text for people, out of what servers and services sent.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace takt {

bool is_utf8(const std::string& text);

// The same text with U+FFFD in place of what is not UTF-8.
std::string as_utf8(const std::string& text);

// Its first `most` bytes at most, cut between characters and then ending in "…"; UTF-8, and one line: what is a control
// character is a space.
std::string beginning(std::string_view text, std::size_t most);

}  // namespace takt
