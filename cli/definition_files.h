// Definitions as files, read and checked by taktctl itself: no daemon is asked.
#pragma once

#include <map>
#include <string>

#include "base/result.h"
#include "base/value.h"
#include "cli/bus_choice.h"
#include "definition/folders.h"

namespace takt {

// A file of at most limits::definition_bytes; "-" is standard input.
Result<std::string> read_definition(const std::string& path);
// The process that a file defines: its stem. ErrorCode::invalid_argument when that is no process's name.
Result<std::string> process_of_file(const std::string& path);

// A text as the daemon of that bus would take it, were it the file of the process `name`.
ParseOutcome parse_here(const std::string& name, const SourceText& file, const std::vector<SourceText>& drop_ins,
                        const BusChoice& choice);
// What is wrong with such a text.
Diagnostics check_definition(const std::string& name, const SourceText& file, const BusChoice& choice);
// ErrorCode::already_exists when something is there.
Status check_new_definition(const std::string& path);
// Writes a text to a file, whole or not at all; ErrorCode::already_exists when it is there and `force` is false.
// The result is the path.
Result<std::string> write_new_definition(const std::string& path, const std::string& text, bool force);

// What is wrong with a file, its drop-ins (PATH.d/*.toml) merged over it.
Result<Diagnostics> check_file(const std::string& path, const BusChoice& choice);
// What is wrong with the files in the daemon's folders, of one process or of all with an empty name.
// ErrorCode::no_such_process when no file is the process's.
Result<Diagnostics> check_folders(const std::string& name, const BusChoice& choice);

// What is in the daemon's folders.
LoadedDefinitions folder_definitions(const BusChoice& choice);
// The variables of taktctl itself.
std::map<std::string, std::string> own_environment();

// Those of the diagnostics that are about the process's file or its drop-ins.
Value diagnostics_of(const Value& diagnostics, const std::string& name);

}  // namespace takt
