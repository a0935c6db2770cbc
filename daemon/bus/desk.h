// Where method calls come in: who calls, whether they may, who waits, who listens.
#pragma once

#include <sdbus-c++/IConnection.h>
#include <sdbus-c++/IObject.h>
#include <sdbus-c++/Message.h>

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>

#include "bus/authority.h"
#include "bus/callers.h"
#include "bus/owed_replies.h"
#include "runtime/control.h"

namespace takt {

// Takes every call that depends on its caller, finds out who that is, asks the Authority, and only then lets the work
// be done. Owns, for one connection, the replies under way, the waits and the subscriptions; forgets those of a caller
// who leaves the bus. It decides nothing about executions and processes: that is Control's.
class Desk {
 public:
  // Waits for the bus once (Callers).
  Desk(sdbus::IConnection& connection, Control& control, const Authority& authority);
  ~Desk();
  Desk(const Desk&) = delete;
  Desk& operator=(const Desk&) = delete;

  // Does `work`, a Status(const Peer&, const OwedReply<T...>&), if the caller may do the deed. An error of it, or an
  // exception, is the reply; else it sees to it that the answer is given. `object` is the one that is being called.
  template <class... T, class Work>
  void serve(const sdbus::IObject& object, sdbus::Result<T...>&& result, Deed deed, Authority::Subject subject,
             Work work) {
    know(object, std::move(result),
         [this, deed, subject = std::move(subject), work = std::move(work)](const Peer& peer, const auto& answer) {
           authority_.authorize(peer, deed, subject, [peer, answer, work](const Status& allowed) {
             if (!allowed) return answer.refuse(allowed.error());
             run(peer, answer, work);
           });
         });
  }

  // The same for what everybody may do, but not everybody sees all of.
  template <class... T, class Work>
  void serve_all(const sdbus::IObject& object, sdbus::Result<T...>&& result, Work work) {
    know(object, std::move(result),
         [work = std::move(work)](const Peer& peer, const auto& answer) { run(peer, answer, work); });
  }

  // Whether what is private may be shown to them.
  [[nodiscard]] bool shows_private(const Peer& peer) const { return authority_.trusts(peer.caller); }

  // OwedReplies with outcome and result when the execution ends.
  void wait(const Peer& peer, ExecutionId id, const OwedReply<std::string, std::string>& answer);

  // ErrorCode::limit_exceeded. Twice by the same caller is once.
  Status subscribe(const std::string& unique_name);
  void unsubscribe(const std::string& unique_name) { subscribers_.erase(unique_name); }
  [[nodiscard]] bool has_subscribers() const { return !subscribers_.empty(); }

 private:
  struct Wait {
    std::string caller;
    std::uint64_t waiter = 0;  // Control's number
  };

  template <class... T, class Then>
  void know(const sdbus::IObject& object, sdbus::Result<T...>&& result, Then then) {
    const std::string sender = object.getCurrentlyProcessedMessage()->getSender();
    const OwedReply<T...> answer(owed_replies_, sender, std::move(result));
    callers_.resolve(sender, [sender, answer, then = std::move(then)](const Result<Caller>& caller) {
      if (!caller) return answer.refuse(caller.error());
      then(Peer{sender, *caller}, answer);
    });
  }

  // Nothing for a caller who has left in the meantime.
  template <class Ans, class Work>
  static void run(const Peer& peer, const Ans& answer, const Work& work) {
    if (!answer.owed()) return;
    const Status done = status_of([&]() -> Status { return work(peer, answer); });
    if (!done) answer.refuse(done.error());
  }

  void left(const std::string& unique_name);

  Control& control_;
  const Authority& authority_;
  OwedReplies owed_replies_;
  std::map<std::uint64_t, Wait> waits_;
  std::uint64_t last_wait_ = 0;
  std::set<std::string> subscribers_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);  // for waits that Control answers after this is gone
  Callers callers_;                                             // last: it calls what stands above
};

}  // namespace takt
