// Constraint: the network is online, which is to say that the kernel knows a way out.
#include <arpa/inet.h>
#include <linux/rtnetlink.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>

#include "base/fd.h"
#include "watch/condition.h"
#include "watch/limits.h"

namespace takt {
namespace {

// Whether there is a route to an address that is nobody's. Connecting a UDP socket asks the kernel for one, all rules
// considered, and sends nothing.
template <class Address>
bool has_route(int family, const Address& address) {
  const UniqueFd socket(::socket(family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  return socket.valid() && ::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
}

// Addresses of documentation (RFC 5737, RFC 3849): no network has them, so that only a default route leads there.
bool is_online() {
  sockaddr_in four{};
  four.sin_family = AF_INET;
  four.sin_port = htons(9);
  ::inet_pton(AF_INET, "192.0.2.1", &four.sin_addr);
  sockaddr_in6 six{};
  six.sin6_family = AF_INET6;
  six.sin6_port = htons(9);
  ::inet_pton(AF_INET6, "2001:db8::1", &six.sin6_addr);
  return has_route(AF_INET, four) || has_route(AF_INET6, six);
}

// Owns a socket on which the kernel tells of changed routes (rtnetlink(7)), whatever manages the network.
class Network final : public Condition {
 public:
  Network(Loop& loop, Tell tell) : loop_(loop), tell_(std::move(tell)) {}

  void look() override {
    if (const Status listening = listen(); !listening) return tell_(listening.error().message);
    tell_(is_online() ? "" : "there is no default route");
  }

 private:
  Status listen() {
    if (watch_.active()) return {};
    changes_.reset(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE));
    sockaddr_nl address{};
    address.nl_family = AF_NETLINK;
    address.nl_groups = RTMGRP_LINK | RTMGRP_IPV4_ROUTE | RTMGRP_IPV6_ROUTE;
    if (!changes_.valid() || ::bind(changes_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) < 0)
      return fail_errno("listen for changes of the network");
    TAKT_ASSIGN(watch_, loop_.add(changes_.get(), EPOLLIN, [this](std::uint32_t) { changed(); }));
    return {};
  }
  // What they say is of no interest, and so is what was lost of it: the kernel is asked anew.
  void changed() {
    std::array<char, 16 * 1024> message{};
    for (int i = 0; i < limits::network_events; ++i)
      if (::recv(changes_.get(), message.data(), message.size(), 0) < 0 && errno != ENOBUFS) break;
    look();
  }

  Loop& loop_;
  Tell tell_;
  UniqueFd changes_;
  Loop::Watch watch_;
};

}  // namespace

std::unique_ptr<Condition> make_network(Loop& loop, const NetworkConstraint& constraint, Condition::Tell tell) {
  switch (constraint.state) {
    case NetworkState::online:
      return std::make_unique<Network>(loop, std::move(tell));
  }
  return nullptr;
}

}  // namespace takt
