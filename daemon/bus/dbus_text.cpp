#include "bus/dbus_text.h"

#include "base/limits.h"

namespace takt {

namespace {

constexpr std::string_view replacement = "\xef\xbf\xbd";
constexpr std::string_view ellipsis = "…";

bool continues(char c) {
  return (static_cast<unsigned char>(c) & 0xc0) == 0x80;
}

// Bytes of the well-formed character that `text` begins with (Unicode, table 3-7); 0: there is none.
std::size_t character_bytes(std::string_view text) {
  const auto byte = [text](std::size_t at) { return static_cast<unsigned char>(text[at]); };
  if (byte(0) == 0) return 0;
  if (byte(0) < 0x80) return 1;
  const std::size_t size = byte(0) >= 0xf0 ? 4 : byte(0) >= 0xe0 ? 3 : 2;
  if (byte(0) < 0xc2 || byte(0) > 0xf4 || text.size() < size) return 0;
  for (std::size_t i = 1; i < size; ++i)
    if (!continues(text[i])) return 0;
  // Longer than need be, a surrogate, or beyond U+10FFFF.
  if (byte(0) == 0xe0 && byte(1) < 0xa0) return 0;
  if (byte(0) == 0xed && byte(1) > 0x9f) return 0;
  if (byte(0) == 0xf0 && byte(1) < 0x90) return 0;
  if (byte(0) == 0xf4 && byte(1) > 0x8f) return 0;
  return size;
}

// Bytes of the longest prefix that is well-formed, ends with a character, and has at most `most`.
std::size_t well_formed_bytes(std::string_view text, std::size_t most) {
  std::size_t size = 0;
  while (size < text.size()) {
    const std::size_t bytes = character_bytes(text.substr(size));
    if (bytes == 0 || size + bytes > most) break;
    size += bytes;
  }
  return size;
}

std::string cut(std::string text, std::size_t most) {
  while (!text.empty() && text.size() + ellipsis.size() > most) {
    while (continues(text.back())) text.pop_back();
    text.pop_back();
  }
  return text.append(ellipsis);
}

}  // namespace

std::string dbus_text(std::string_view text, std::size_t most) {
  std::string out;
  for (;;) {
    const std::size_t bytes = well_formed_bytes(text, most - out.size());
    out.append(text.substr(0, bytes));
    text.remove_prefix(bytes);
    if (text.empty()) return out;
    if (character_bytes(text) != 0 || out.size() + replacement.size() > most) return cut(std::move(out), most);
    out.append(replacement);
    text.remove_prefix(1);
  }
}

std::string message_text(std::string_view text) {
  return dbus_text(text, limits::message_bytes);
}

}  // namespace takt
