// Reading and writing the files of definitions.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace takt {

struct FileText {
  std::string text;
  uid_t owner = 0;
};

// A regular file of at most limits::definition_bytes, relative to `folder`. Symbolic links are followed, as systemd
// does, and it is their target that is judged: one that others than root or `owner` own or may write is
// ErrorCode::access_denied. Nothing when it is empty or /dev/null: such a file masks.
Result<std::optional<FileText>> read_file(int folder, const std::string& name, uid_t owner);

// Replaces folder/name by `text`, mode 0644, so that a crash leaves the old or the new one.
Status replace_file(int folder, const std::string& name, std::string_view text);

// Whether others than root or `owner` own an open file or folder, or may write to it; the error says which.
Status check_permissions(int fd, uid_t owner);

// The names in an open folder, sorted, without those that begin with a dot.
Result<std::vector<std::string>> list_folder(int folder);

}  // namespace takt
