// Where units stand: systemd.unit(5), UNIT FILE LOAD PATH. Reads files and nothing else.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/result.h"
#include "cli/unit_file.h"

namespace takt {

struct UnitFolders {
  std::vector<std::string> folders;  // earlier ones win
  std::string root;                  // which they stand below, and which a link's "/" is; empty: the machine's
};

// The folders of the system's manager, or of a user's, as the machine that stands below `root` has them.
UnitFolders system_unit_folders(const std::string& root);
UnitFolders user_unit_folders(const std::string& root, const std::map<std::string, std::string>& environment);

// The units of these folders that end so (".timer"), in order: those with files, and the instances of templates that
// are enabled. Aliases and templates themselves are left out.
std::vector<std::string> units_in(const UnitFolders& place, const std::string& suffix);

// Whether a unit is enabled: another one wants or requires it.
bool is_enabled(const UnitFolders& place, const std::string& name);

// A unit with its drop-ins, its template's file if it has none of its own. ErrorCode::invalid_argument when there is no
// such unit, or it is masked.
Result<SystemdUnit> load_unit(const UnitFolders& place, const std::string& name, const Specifiers& machine);

}  // namespace takt
