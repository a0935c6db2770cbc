// The one word for how something ended.
#pragma once

#include <optional>
#include <string_view>

namespace takt {

// How a step or an execution ended.
enum class Outcome { succeeded, failed, timed_out, cancelled, skipped, interrupted };

// "timed-out"; outcome_from_word gives nothing for an unknown one.
std::string_view to_word(Outcome value);
std::optional<Outcome> outcome_from_word(std::string_view word);

}  // namespace takt
