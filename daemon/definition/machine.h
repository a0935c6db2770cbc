// What of the machine triggers, constraints and actions refer to.
#pragma once

#include <string_view>

namespace takt {

enum class BusKind { system, session };
enum class UnitState { active, inactive, failed };
enum class PressureResource { cpu, memory, io };

// The words of the enumerations, as definitions, D-Bus, records and people write them.
std::string_view to_word(BusKind value);
std::string_view to_word(UnitState value);
std::string_view to_word(PressureResource value);

}  // namespace takt
