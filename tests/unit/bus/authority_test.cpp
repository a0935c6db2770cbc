#include "bus/authority.h"

#include <gtest/gtest.h>

namespace takt {
namespace {

// What authorize() says, at once; "" is yes.
std::string said(const Authority& authority, std::uint32_t uid, Deed deed) {
  std::string words = "nothing";
  authority.authorize({":1.7", {uid}}, deed, {"nightly", "", 0}, [&words](const Status& status) {
    words = status ? "" : status.error().message;
    if (!status) {
      EXPECT_EQ(status.error().code, ErrorCode::access_denied);
    }
  });
  return words;
}

constexpr std::uint32_t own = 4'000'000'001;      // nobody's
constexpr std::uint32_t another = 4'000'000'002;  // nobody's either

TEST(Authority, RootAndTheDaemonsUserMayDoEverything) {
  const Authority authority(own);
  for (const Deed deed : {Deed::start, Deed::control, Deed::define, Deed::read_private}) {
    EXPECT_EQ(said(authority, 0, deed), "");
    EXPECT_EQ(said(authority, own, deed), "");
  }
  EXPECT_TRUE(authority.trusts({0}));
  EXPECT_TRUE(authority.trusts({own}));
  EXPECT_FALSE(authority.trusts({another}));
}

TEST(Authority, OthersAreToldWhoMay) {
  const Authority authority(own);
  EXPECT_EQ(said(authority, another, Deed::start),
            "only root and uid 4000000001 may start processes; you are uid 4000000002");
  EXPECT_EQ(said(authority, another, Deed::control),
            "only root and uid 4000000001 may control executions and processes; you are uid 4000000002");
  EXPECT_EQ(said(Authority(0), another, Deed::define), "only root may change definitions; you are uid 4000000002");
  EXPECT_EQ(said(Authority(0), another, Deed::read_private),
            "only root may read inputs, results, logs and definitions; you are uid 4000000002");
}

TEST(Authority, ASubjectMayNameOthers) {
  const auto allowed = [](std::uint32_t uid, std::vector<std::string> users, std::vector<std::string> groups) {
    bool yes = false;
    Authority::Subject subject;
    subject.users = std::move(users);
    subject.groups = std::move(groups);
    Authority(own).authorize({":1.7", {uid}}, Deed::control, subject,
                             [&yes](const Status& status) { yes = status.has_value(); });
    return yes;
  };
  constexpr std::uint32_t daemon = 1;  // a user, and its group, that each Debian has
  EXPECT_FALSE(allowed(daemon, {}, {}));
  EXPECT_TRUE(allowed(daemon, {"nobody", "daemon"}, {}));
  EXPECT_TRUE(allowed(daemon, {}, {"daemon"}));
  EXPECT_FALSE(allowed(daemon, {"root"}, {"root", "no-such-group"}));
  EXPECT_FALSE(allowed(another, {"daemon"}, {"daemon"}));
}

}  // namespace
}  // namespace takt
