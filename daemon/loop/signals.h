// The signals that the daemon answers, as events of the loop.
#pragma once

#include <functional>
#include <initializer_list>
#include <memory>

#include "base/fd.h"
#include "loop/loop.h"

namespace takt {

// Owns a signalfd. Its signals are blocked from create() on and stay so when it goes: a late SIGTERM must not cut off
// the closing of the database. Create it before any thread, for threads inherit the mask; a child that is to have the
// default handling must be given it (sigprocmask(2), signalfd(2)).
class Signals {
 public:
  static Result<std::unique_ptr<Signals>> create(Loop& loop, std::initializer_list<int> signals,
                                                 std::function<void(int signal)> received);

 private:
  Signals(UniqueFd fd, std::function<void(int)> received) : received_(std::move(received)), fd_(std::move(fd)) {}
  void ready();

  std::function<void(int)> received_;
  UniqueFd fd_;
  Loop::Watch watch_;
};

}  // namespace takt
