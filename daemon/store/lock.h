// The lock that lets one daemon alone use a storage folder.
#pragma once

#include <string>

#include "base/fd.h"
#include "base/result.h"

namespace takt {

// Owns the lock (flock(2)) on FOLDER/lock, which the kernel takes back however its holder ends. The file holds the
// holder's pid for those who come second; it is never removed, for that would let two hold locks on two files.
class FolderLock {
 public:
  // ErrorCode::unavailable, "FOLDER is in use by taktd, pid 1234", when another daemon holds it.
  static Result<FolderLock> take(const std::string& folder);

 private:
  explicit FolderLock(UniqueFd file) : file_(std::move(file)) {}
  UniqueFd file_;
};

}  // namespace takt
