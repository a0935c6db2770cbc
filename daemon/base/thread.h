// Threads beside the loop's.
#pragma once

#include <pthread.h>

#include <csignal>
#include <thread>
#include <utility>

#include "base/assert.h"

namespace takt {

// Blocks all signals for the calling thread, as long as this lives.
class SignalsBlocked {
 public:
  SignalsBlocked() {
    sigset_t all;
    ::sigfillset(&all);
    TAKT_ASSERT(::pthread_sigmask(SIG_SETMASK, &all, &before_) == 0);
  }
  ~SignalsBlocked() { TAKT_ASSERT(::pthread_sigmask(SIG_SETMASK, &before_, nullptr) == 0); }
  SignalsBlocked(const SignalsBlocked&) = delete;
  SignalsBlocked& operator=(const SignalsBlocked&) = delete;

 private:
  sigset_t before_;
};

// A thread that takes no signals, which are the loop's: it inherits the mask that it is created under
// (pthread_sigmask(3)). Throws std::system_error when the machine has no room for one more.
template <class Function>
std::thread thread_without_signals(Function function) {
  const SignalsBlocked blocked;
  return std::thread(std::move(function));
}

}  // namespace takt
