// What the runner keeps on disk, below one state folder:
//   work/EXECUTION   the work directory of an execution: of the child's user, 0700
//   attempt/TOKEN    the private folder of an attempt, with `context` and `result`: of the child's user, 0700
//   log/EXECUTION.log   the output of an execution's steps: of the runner's user, 0600
//   runner.lock      held while a runner uses the folder
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>

#include "base/fd.h"
#include "base/result.h"
#include "runner/child.h"

namespace takt {

// Owns the folders' descriptors and the lock. Inside them it trusts no name: what belongs to a child's user is opened
// relative to a directory that is held, without following links.
class StateFolders {
 public:
  // Makes what is missing. `lock`: the lock's descriptor, after a re-exec; else -1, and ErrorCode::unavailable when
  // another runner uses the folder.
  static Result<StateFolders> open(const std::string& path, int lock);

  [[nodiscard]] int lock() const { return lock_.get(); }

  // The work directory's path; made if it is not there, given to this user if it was another's.
  Result<std::string> make_work(std::uint64_t execution, const ChildUser& user) const;
  // A fresh private folder, with the context in it.
  Status make_attempt(const std::string& token, const ChildUser& user, const std::string& context) const;
  [[nodiscard]] std::string context_path(const std::string& token) const;
  [[nodiscard]] std::string result_path(const std::string& token) const;
  // Nothing: the child left no result. Refused: what is no regular file, is another user's, or is larger than
  // limits::value_bytes.
  [[nodiscard]] Result<std::optional<std::string>> read_result(const std::string& token, uid_t uid) const;

  Result<UniqueFd> append_log(std::uint64_t execution) const;
  Result<UniqueFd> read_log(std::uint64_t execution) const;

  // Both remove at once what is small, and leave the rest to a child of the runner, which this waits for nowhere.
  void remove_attempt(const std::string& token) const;
  void forget(std::uint64_t execution) const;

 private:
  StateFolders() = default;
  void remove_aside(int parent, const std::string& name) const;

  std::string path_;
  UniqueFd work_;
  UniqueFd attempt_;
  UniqueFd log_;
  UniqueFd lock_;
};

}  // namespace takt
