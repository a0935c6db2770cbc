// The object paths of processes and executions, and back.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "engine/records.h"

namespace takt {

// One element of an object path for any text, as systemd escapes it (sd_bus_path_encode(3)): what is not a letter or a
// digit becomes _ and two hexadecimal digits, a digit in front as well, and the empty text "_". "a-b@1": "a_2db_401".
std::string bus_path_escape(std::string_view text);
// The text again; nothing for what bus_path_escape never makes.
std::optional<std::string> bus_path_unescape(std::string_view element);

std::string process_path(std::string_view name);
std::string execution_path(ExecutionId id);
// Whose path it is; nothing for any other.
std::optional<ExecutionId> execution_of_path(std::string_view path);

}  // namespace takt
