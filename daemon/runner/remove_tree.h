// Removing what a child's user may have built: any depth, any links, any modes.
#pragma once

#include <string>

#include "base/result.h"

namespace takt {

// Removes `name` in the directory `parent`, and all below it. No link is followed and no path is walked: only names in
// directories that are held open count. What cannot be removed (a mount point, a file that is made meanwhile) stays,
// and is told.
Status remove_tree(int parent, const std::string& name);

}  // namespace takt
