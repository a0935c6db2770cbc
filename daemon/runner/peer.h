// The one who gives orders: taktd, at the other end of the socket.
#pragma once

#include <sys/types.h>

#include <deque>
#include <functional>
#include <memory>
#include <optional>

#include "base/fd.h"
#include "base/result.h"
#include "runner/packet.h"
#include "runner/protocol.h"
#include "runner/reactor.h"

namespace takt {

// True if the process that connected (SO_PEERCRED, unix(7)) is root, the runner's own user, or `allowed`.
bool may_give_orders(int socket, std::optional<uid_t> allowed);

// Owns the connection, and the reports that wait until it can take them. What comes in that is no order ends it, and so
// does a peer that reads nothing: it can connect again, and ask.
class RunnerPeer {
 public:
  using Handler = std::function<void(RunnerOrder)>;
  // `gone` may destroy this peer.
  RunnerPeer(Reactor& reactor, UniqueFd socket, Handler handler, std::function<void()> gone);
  ~RunnerPeer();

  void send(const RunnerReport& report, UniqueFd fd = {});
  [[nodiscard]] int socket() const { return socket_.get(); }
  // The other end is closed, whether or not all that it sent was read.
  [[nodiscard]] bool hung_up() const;
  // Handles what has come. False: that was the last, and gone() was called.
  bool receive();

 private:
  void flush();

  Reactor& reactor_;
  UniqueFd socket_;
  Handler handler_;
  std::function<void()> gone_;
  std::deque<Packet> waiting_;
  bool broken_ = false;
};

}  // namespace takt
