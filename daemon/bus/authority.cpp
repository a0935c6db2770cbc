#include "bus/authority.h"

#include <grp.h>
#include <pwd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <optional>

#include "base/assert.h"

namespace takt {

namespace {

struct User {
  std::string name;
  gid_t group = 0;
};

std::optional<User> user_of(std::uint32_t uid) {
  passwd entry{};
  passwd* found = nullptr;
  std::array<char, 4096> buffer{};
  if (::getpwuid_r(uid, &entry, buffer.data(), buffer.size(), &found) != 0 || found == nullptr) return std::nullopt;
  return User{entry.pw_name, entry.pw_gid};
}

std::string user_name(std::uint32_t uid) {
  const auto user = user_of(uid);
  return user ? fmt::format("user {}", user->name) : fmt::format("uid {}", uid);
}

std::vector<gid_t> groups_of(const User& user) {
  std::vector<gid_t> groups(64);
  int count = static_cast<int>(groups.size());
  while (::getgrouplist(user.name.c_str(), user.group, groups.data(), &count) < 0)
    groups.resize(static_cast<std::size_t>(count = std::max(count, 2 * static_cast<int>(groups.size()))));
  groups.resize(static_cast<std::size_t>(count));
  return groups;
}

// A group's entry holds its members' names, so it may be long.
std::optional<gid_t> group_id(const std::string& name) {
  constexpr std::size_t most = 16 * 1024 * 1024;
  group entry{};
  group* found = nullptr;
  for (std::vector<char> buffer(4096); buffer.size() <= most; buffer.resize(4 * buffer.size())) {
    const int error = ::getgrnam_r(name.c_str(), &entry, buffer.data(), buffer.size(), &found);
    if (error == ERANGE) continue;
    if (error != 0 || found == nullptr) return std::nullopt;
    return entry.gr_gid;
  }
  return std::nullopt;
}

bool names(const Authority::Subject& subject, Caller caller) {
  if (subject.users.empty() && subject.groups.empty()) return false;
  const auto user = user_of(caller.uid);
  if (!user) return false;
  if (std::find(subject.users.begin(), subject.users.end(), user->name) != subject.users.end()) return true;
  if (subject.groups.empty()) return false;
  const std::vector<gid_t> groups = groups_of(*user);
  return std::any_of(subject.groups.begin(), subject.groups.end(), [&groups](const std::string& name) {
    const auto id = group_id(name);
    return id && std::find(groups.begin(), groups.end(), *id) != groups.end();
  });
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

void Authority::authorize(const Peer& peer, Deed deed, const Subject& subject,
                          const std::function<void(Status)>& then) const {
  if (trusts(peer.caller) || names(subject, peer.caller)) return then({});
  then(
      fail(ErrorCode::access_denied, "only {} may {}; you are {}", who_may_, phrase(deed), user_name(peer.caller.uid)));
}

}  // namespace takt
