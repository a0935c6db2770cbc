// The machine's zone, and the tz database that its rules come from.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/fd.h"
#include "base/result.h"
#include "loop/loop.h"
#include "watch/inotify.h"

namespace takt {

// Tells when /etc/localtime leads elsewhere, or the database was updated, once it has been quiet for a moment: a
// package brings hundreds of files. It reads none of them.
class ZoneWatch {
 public:
  struct Folders {
    std::string etc = "/etc";
    std::string database = "/usr/share/zoneinfo";
  };
  // A folder that is not there is not watched. `loop` must outlive it.
  static Result<std::unique_ptr<ZoneWatch>> create(Loop& loop, const Folders& folders, std::function<void()> changed);

 private:
  ZoneWatch(Inotify inotify, UniqueFd timer, std::function<void()> changed);
  void read();

  std::function<void()> changed_;
  Inotify inotify_;
  UniqueFd timer_;
  Loop::Watch inotify_watch_;
  Loop::Watch timer_watch_;
};

}  // namespace takt
