// "Did you mean …": the known name that a misspelt one is nearest to.
#pragma once

#include <span>
#include <string_view>

namespace takt {

// The one of `names` with the fewest single-letter edits from `wrong`, regardless of case; empty when even that one
// differs in more than a third of the letters. Points into `names`.
std::string_view nearest_name(std::string_view wrong, std::span<const std::string_view> names);

}  // namespace takt
