#include "loop/signals.h"

#include <sys/signalfd.h>

#include <csignal>

namespace takt {

Result<std::unique_ptr<Signals>> Signals::create(Loop& loop, std::initializer_list<int> signals,
                                                 std::function<void(int)> received) {
  sigset_t set;
  ::sigemptyset(&set);
  for (const int signal : signals) ::sigaddset(&set, signal);
  if (const int error = ::pthread_sigmask(SIG_BLOCK, &set, nullptr); error != 0)
    return fail(ErrorCode::io, "block signals: {}", errno_text(error));
  UniqueFd fd(::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
  if (!fd.valid()) return fail_errno("create a signalfd");
  std::unique_ptr<Signals> self(new Signals(std::move(fd), std::move(received)));
  TAKT_ASSIGN(self->watch_, loop.add(self->fd_.get(), EPOLLIN, [self = self.get()](std::uint32_t) { self->ready(); }));
  return self;
}

// One at a time: the callback may end us, and what else came is still there in the next turn.
void Signals::ready() {
  signalfd_siginfo info{};
  if (::read(fd_.get(), &info, sizeof info) != static_cast<ssize_t>(sizeof info)) return;
  received_(static_cast<int>(info.ssi_signo));
}

}  // namespace takt
