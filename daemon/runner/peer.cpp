#include "runner/peer.h"

#include <poll.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdio>

#include "runner/limits.h"

namespace takt {

bool may_give_orders(int socket, std::optional<uid_t> allowed) {
  ucred peer{};
  socklen_t size = sizeof peer;
  if (getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &size) < 0) return false;
  return peer.uid == 0 || peer.uid == geteuid() || peer.uid == allowed;
}

RunnerPeer::RunnerPeer(Reactor& reactor, UniqueFd socket, Handler handler, std::function<void()> gone)
    : reactor_(reactor), socket_(std::move(socket)), handler_(std::move(handler)), gone_(std::move(gone)) {
  reactor_.add(socket_.get(), EPOLLIN, [this](std::uint32_t events) {
    if ((events & EPOLLOUT) != 0) flush();
    if ((events & ~static_cast<std::uint32_t>(EPOLLOUT)) != 0) receive();
  });
}

RunnerPeer::~RunnerPeer() {
  reactor_.remove(socket_.get());
}

bool RunnerPeer::hung_up() const {
  pollfd one{socket_.get(), 0, 0};
  return poll(&one, 1, 0) > 0 && (one.revents & (POLLHUP | POLLERR)) != 0;
}

bool RunnerPeer::receive() {
  while (!broken_) {
    auto packet = receive_packet(socket_.get());
    if (packet && !*packet) break;
    if (packet) {
      if (auto order = decode_order((*packet)->body)) {
        handler_(std::move(*order));
        continue;
      } else {
        std::fprintf(stderr, "takt-runner: closing the connection: %s\n", order.error().message.c_str());
      }
    } else if (packet.error().code != ErrorCode::unavailable) {
      std::fprintf(stderr, "takt-runner: closing the connection: %s\n", packet.error().message.c_str());
    }
    broken_ = true;
  }
  if (broken_) gone_();
  return !broken_;
}

void RunnerPeer::send(const RunnerReport& report, UniqueFd fd) {
  if (broken_) return;
  if (waiting_.size() >= limits::runner_queue) {
    std::fprintf(stderr, "takt-runner: closing the connection: the peer reads nothing\n");
    waiting_.clear();
    shutdown(socket_.get(), SHUT_RDWR);  // the next turn reads the end of it
    return;
  }
  waiting_.push_back(Packet{encode(report), std::move(fd)});
  if (waiting_.size() == 1) flush();
}

void RunnerPeer::flush() {
  while (!waiting_.empty()) {
    const auto sent = send_packet(socket_.get(), waiting_.front());
    if (sent && !*sent) break;
    if (!sent) {
      // It is gone, or cannot be told (no descriptor for a large report) and is to ask again: receive() finds the end.
      waiting_.clear();
      shutdown(socket_.get(), SHUT_RDWR);
      break;
    }
    waiting_.pop_front();
  }
  const std::uint32_t writable = waiting_.empty() ? 0u : static_cast<std::uint32_t>(EPOLLOUT);
  reactor_.change(socket_.get(), EPOLLIN | writable);
}

}  // namespace takt
