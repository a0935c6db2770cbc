// Looks at paths that may be on a share whose server is gone.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "loop/loop.h"

namespace takt {

// A network file system whose server does not answer keeps whoever looks there for as long as it likes. So each path is
// looked at in a thread of its own, for which nobody waits: one for each path, limits::path_looks in all.
class PathLooks {
 public:
  using Answer = std::function<void(int error)>;  // an errno; 0: there is something

  // `loop` must outlive it.
  explicit PathLooks(Loop& loop);
  ~PathLooks();
  PathLooks(const PathLooks&) = delete;
  PathLooks& operator=(const PathLooks&) = delete;

  // Calls `answer` in the loop, never within a call of this, unless another one or forget() comes first for this path.
  // Why that will not be soon, in words; empty: nothing is known against it.
  std::string look(const std::string& path, Answer answer);
  void forget(const std::string& path);

 private:
  struct Look {
    Answer answer;  // none: nobody waits for it any more
    std::chrono::steady_clock::time_point begun_at;
  };
  struct Owner;  // what the threads know of this, and outlives it

  void answer(const std::string& path, int error);

  std::map<std::string, Look> looks_;  // by path: those whose thread has not come back
  std::shared_ptr<Owner> owner_;
};

}  // namespace takt
