// Who may do what.
#pragma once

#include <functional>
#include <string>

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
  // as; empty where it is not known without a look.
  struct Subject {
    std::string process;
    std::string user;
    ExecutionId execution = 0;
  };

  // `own_uid` is the daemon's.
  explicit Authority(std::uint32_t own_uid);

  // Those who may do everything, without a question to anybody.
  [[nodiscard]] bool trusts(Caller caller) const;

  // `then` is called once; an error is ErrorCode::access_denied, in a sentence that says who may.
  void authorize(const Peer& peer, Deed deed, const Subject& subject, const std::function<void(Status)>& then) const;

 private:
  std::uint32_t own_uid_;
  std::string who_may_;  // "root", or "root and user takt"
};

}  // namespace takt
