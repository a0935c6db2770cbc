// The folders of definitions: layers, masks, drop-ins, permissions (takt.process(5), FILES). Reads files and nothing
// else; which definitions are in force is decided by what it returns.
#pragma once

#include <sys/types.h>

#include <map>
#include <set>
#include <string>
#include <vector>

#include "definition/parser.h"

namespace takt {

struct Folders {
  std::vector<std::string> layers;  // absolute; later ones win
  uid_t owner = 0;                  // besides root, who may own and write the files
  // A user's own daemon: that user, as whom all children run. Empty, for the system's daemon: children of root's files
  // run as root, and a file of the owner's has to name its user, because the daemon's own must not lend itself to them.
  std::string owner_user;
};

// The default layers of the system's daemon, and of a user's (from $XDG_… and $HOME, as the XDG base directories have
// it).
Folders system_folders();
Folders user_folders(const std::map<std::string, std::string>& environment);

struct LoadedDefinitions {
  std::map<std::string, Definition> good;  // by name
  Diagnostics diagnostics;                 // of those that are not in `good`, and warnings
  std::set<std::string> refused;           // names of processes whose files are wrong: the last good version goes on
  std::vector<std::string> unread;         // layers that cannot be read: what was taken from them goes on

  // Puts what was read again of one process in place of what there is of it.
  void replace(const std::string& name, LoadedDefinitions one);
};

// Reads all layers, or with a `name` what they have of that process. A folder that is missing is empty. A file that
// others than its owner (root or `owner`) may write, or that is too large, is refused with a diagnostic; a folder that
// others may write refuses all its files. An empty file and a link to /dev/null mask. Drop-ins of all layers are merged
// in the order of their names, a later layer's in place of an earlier one's of the same name. The default user is
// decided by the definition's own file, as Folders says, and not by `context`. One that is in `known` and whose files
// are still the same, and said nothing to tell, is given back as it is, with the zones it has.
LoadedDefinitions load_definitions(const Folders& folders, const ParseContext& context, const std::string& name = "",
                                   const std::map<std::string, Definition>& known = {});

// Whether a diagnostic's file is the process's own, or a drop-in of it.
bool is_about(const std::string& file, const std::string& name);

// Writes NAME.toml (or a drop-in below NAME.toml.d/) into a folder so that a crash leaves the old or the new text, mode
// 0644. An empty `text` removes the file; removing what is not there is ErrorCode::no_such_process.
Status write_definition(const std::string& folder, const std::string& relative, std::string_view text);

// A process's name: [a-z0-9][a-z0-9._-]{0,127}.
bool valid_process_name(std::string_view name);

}  // namespace takt
