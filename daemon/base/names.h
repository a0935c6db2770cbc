// All names that stand on the outside: D-Bus, the journal, the environment. One place, so that they are spelt once.
#pragma once

#include <string_view>

namespace takt::names {

inline constexpr const char* bus_name = "org.taktd.Takt1";
inline constexpr const char* bus_path = "/org/taktd/Takt1";
inline constexpr const char* manager_interface = "org.taktd.Takt1.Manager";
inline constexpr const char* process_interface = "org.taktd.Takt1.Process";
inline constexpr const char* execution_interface = "org.taktd.Takt1.Execution";
inline constexpr std::string_view error_prefix = "org.taktd.Takt1.Error.";

// Fields of journal entries, and the environment of children.
inline constexpr std::string_view process = "TAKT_PROCESS";
inline constexpr std::string_view execution = "TAKT_EXECUTION";
inline constexpr std::string_view step = "TAKT_STEP";
inline constexpr std::string_view attempt = "TAKT_ATTEMPT";
inline constexpr std::string_view trigger = "TAKT_TRIGGER";
inline constexpr std::string_view stream = "TAKT_STREAM";
inline constexpr std::string_view context_file = "TAKT_CONTEXT";
inline constexpr std::string_view result_file = "TAKT_RESULT";
inline constexpr std::string_view work_directory = "TAKT_WORKDIR";
inline constexpr std::string_view input_prefix = "TAKT_INPUT_";

// MESSAGE_IDs (sd-id128(3)), listed in taktd(8).
inline constexpr std::string_view id_started = "3c0d7ad9d1ab4a2b9d1c0f3e6a1b7c01";
inline constexpr std::string_view id_stopping = "3c0d7ad9d1ab4a2b9d1c0f3e6a1b7c02";
inline constexpr std::string_view id_next_run = "3c0d7ad9d1ab4a2b9d1c0f3e6a1b7c03";
inline constexpr std::string_view id_execution_failed = "3c0d7ad9d1ab4a2b9d1c0f3e6a1b7c04";
inline constexpr std::string_view id_firing_skipped = "3c0d7ad9d1ab4a2b9d1c0f3e6a1b7c05";
inline constexpr std::string_view id_definition_refused = "3c0d7ad9d1ab4a2b9d1c0f3e6a1b7c06";
inline constexpr std::string_view id_execution = "3c0d7ad9d1ab4a2b9d1c0f3e6a1b7c07";  // every transition, at debug
inline constexpr std::string_view id_runner_lost = "3c0d7ad9d1ab4a2b9d1c0f3e6a1b7c08";
inline constexpr std::string_view id_store = "3c0d7ad9d1ab4a2b9d1c0f3e6a1b7c09";
inline constexpr std::string_view id_clock = "3c0d7ad9d1ab4a2b9d1c0f3e6a1b7c0a";
inline constexpr std::string_view id_trigger = "3c0d7ad9d1ab4a2b9d1c0f3e6a1b7c0b";
inline constexpr std::string_view id_bus = "3c0d7ad9d1ab4a2b9d1c0f3e6a1b7c0c";

}  // namespace takt::names
