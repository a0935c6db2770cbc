// SHA-256 (FIPS 180-4), for the versions of definitions: a name for a text, not a secret.
#pragma once

#include <string>
#include <string_view>

namespace takt {

// The digest of `data`, as 64 lower-case hexadecimal digits.
std::string sha256_hex(std::string_view data);

}  // namespace takt
