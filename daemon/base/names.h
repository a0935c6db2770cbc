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

// Read by taktctl: the folder of templates.
inline constexpr std::string_view templates = "TAKT_TEMPLATES";

// In the storage folder.
inline constexpr std::string_view database_file = "history.db";
inline constexpr std::string_view lock_file = "lock";

// MESSAGE_IDs (sd-id128(3)), listed in taktd(8).
inline constexpr std::string_view id_started = "4c7939f7dd73434c94d513800032ce4c";
inline constexpr std::string_view id_stopping = "79c7b9e1a17641838dd6bab0437d973b";
inline constexpr std::string_view id_next_run = "5f98a5cb0b6f414ba3d20a4047336790";
inline constexpr std::string_view id_execution_failed = "b0332695f47a403a952de4a1c030df44";
inline constexpr std::string_view id_firing_skipped = "2156c64068384875bd1ab1e481bab107";
inline constexpr std::string_view id_definition_refused = "ea8b1c1a3d064ad2a862eda47d50786e";
inline constexpr std::string_view id_execution = "5f88cabaf6f8432b86f37ef6ca5e4621";  // every transition, at debug
inline constexpr std::string_view id_runner_lost = "37a6e795fb7c43c48f32c86ec13c6f00";
inline constexpr std::string_view id_store = "441b2cb5ddce4b39a5c9b6d549ef43e6";
inline constexpr std::string_view id_clock = "32dac0f46179482b9833477e01ff0ff5";
inline constexpr std::string_view id_trigger = "9fd210e3663b431c8c0aa738881139cb";
inline constexpr std::string_view id_bus = "bb5f64b5cdd046e9a0a9240580d3608e";

inline constexpr std::string_view id_approval = "3185796d11dc448f9eeb3df926c89d36";  // a step waits for a person
inline constexpr std::string_view id_rollback = "50b9bd81addb43348f48eed597d39423";

}  // namespace takt::names
