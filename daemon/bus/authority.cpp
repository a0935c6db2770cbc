#include "bus/authority.h"

#include <pwd.h>

#include <array>

#include "base/assert.h"

namespace takt {

namespace {

std::string user_name(std::uint32_t uid) {
  passwd entry{};
  passwd* found = nullptr;
  std::array<char, 4096> buffer{};
  if (::getpwuid_r(uid, &entry, buffer.data(), buffer.size(), &found) == 0 && found != nullptr)
    return fmt::format("user {}", entry.pw_name);
  return fmt::format("uid {}", uid);
}

std::string_view phrase(Deed deed) {
  switch (deed) {
    case Deed::start:
      return "start processes";
    case Deed::control:
      return "control executions and processes";
    case Deed::define:
      return "change definitions";
    case Deed::read_private:
      return "read inputs, results, logs and definitions";
  }
  TAKT_ASSERT(false);
}

}  // namespace

Authority::Authority(std::uint32_t own_uid)
    : own_uid_(own_uid), who_may_(own_uid == 0 ? "root" : "root and " + user_name(own_uid)) {}

bool Authority::trusts(Caller caller) const {
  return caller.uid == 0 || caller.uid == own_uid_;
}

void Authority::authorize(const Peer& peer, Deed deed, const Subject& /*subject*/,
                          const std::function<void(Status)>& then) const {
  if (trusts(peer.caller)) return then({});
  then(
      fail(ErrorCode::access_denied, "only {} may {}; you are {}", who_may_, phrase(deed), user_name(peer.caller.uid)));
}

}  // namespace takt
