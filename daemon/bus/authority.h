// Who may do what.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/result.h"
#include "engine/engine.h"

namespace takt {

// Kinds of deeds, as an administrator may want to grant them apart.
enum class Deed { start, control, define, read_private };

// Somebody on the bus: the unique name is what polkit is to be asked about, the uid what is known of it.
struct Peer {
  std::string unique_name;
  Caller caller;
};

// Decides. Root and the daemon's own user may do everything; nobody else may change anything, or read what is private
// (inputs, results, logs, definitions). This is the one place that says so, and the place where polkit is to be asked
// for others: hence an answer that may come later, and a subject, which is looked up only when somebody asks for it.
class Authority {
 public:
  // What is to be done with: a process by name, and (for an execution's) its id, or 0. `user` is whom its children run
  // as; empty where it is not known without a look. `event` is the one that is to be emitted. `users` and `groups` may
  // do this one thing, too: a definition says so of an approval.
  struct Subject {
    std::string process;
    std::string user;
    ExecutionId execution = 0;
    std::string event = {};
    std::vector<std::string> users = {};
    std::vector<std::string> groups = {};
  };

  // `own_uid` is the daemon's.
  explicit Authority(std::uint32_t own_uid);

  // Those who may do everything, without a question to anybody.
  [[nodiscard]] bool trusts(Caller caller) const;

  // Looks into the system's user database, and may wait for it, only for a subject with users or groups: a caller's
  // groups may have changed since its last call, and approvals are rare. `then` is called once; an error is
  // ErrorCode::access_denied, in a sentence that says who may.
  void authorize(const Peer& peer, Deed deed, const Subject& subject, const std::function<void(Status)>& then) const;

 private:
  std::uint32_t own_uid_;
  std::string who_may_;  // "root", or "root and user takt"
};

}  // namespace takt
