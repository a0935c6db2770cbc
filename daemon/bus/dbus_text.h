// Text as the bus takes it.
#pragma once

#include <cstddef>
#include <limits>
#include <string>
#include <string_view>

namespace takt {

// The bus ends the connection of whoever sends a string that is not UTF-8 or holds a NUL (D-Bus Specification, "Basic
// types"), so whatever a child, a file name or a caller may have made passes through here: what is wrong becomes
// U+FFFD. A text of more than `most` bytes is cut between characters, and ends in "…" to show it.
std::string dbus_text(std::string_view text, std::size_t most = std::numeric_limits<std::size_t>::max());
// A text for people, of at most limits::message_bytes.
std::string message_text(std::string_view text);

}  // namespace takt
