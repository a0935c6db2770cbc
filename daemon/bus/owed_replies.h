// The replies that are owed on one connection.
#pragma once

#include <sdbus-c++/MethodResult.h>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "base/result.h"
#include "bus/errors.h"

namespace takt {

// Owns every reply that is still owed, so that they go with the connection: those who are to give one hold an
// OwedReply, which does nothing once its reply is gone. (A reply refers to its connection, and must not outlive it.)
class OwedReplies {
 public:
  struct Owed {
    std::map<std::uint64_t, std::pair<std::string, std::shared_ptr<void>>> replies;  // with whom each is owed to
    std::uint64_t last = 0;
  };

  // The caller has left the bus.
  void drop(const std::string& caller) {
    std::erase_if(owed_->replies, [&caller](const auto& reply) { return reply.second.first == caller; });
  }

 private:
  template <class... T>
  friend class OwedReply;
  std::shared_ptr<Owed> owed_ = std::make_shared<Owed>();
};

// One reply, to be given once: a copyable hold on what OwedReplies owns.
template <class... T>
class OwedReply {
 public:
  OwedReply(OwedReplies& replies, const std::string& caller, sdbus::Result<T...>&& result)
      : owed_(replies.owed_), key_(++replies.owed_->last) {
    auto kept = std::make_shared<sdbus::Result<T...>>(std::move(result));
    result_ = kept;
    replies.owed_->replies.emplace(key_, std::pair(caller, std::move(kept)));
  }

  void give(const T&... values) const {
    settle([&](sdbus::Result<T...>& result) { result.returnResults(values...); });
  }
  void refuse(const Error& error) const {
    settle([&](sdbus::Result<T...>& result) { result.returnError(to_dbus_error(error)); });
  }

  // False once it was given, or when nobody is there any more to have it.
  [[nodiscard]] bool owed() const { return !result_.expired(); }

  // For runtime/control.h: `pack` makes the reply of what comes, and gives it.
  template <class From>
  std::function<void(Result<From>)> when(std::function<void(const OwedReply&, From)> pack) const {
    return [answer = *this, pack = std::move(pack)](Result<From> from) {
      if (!from) return answer.refuse(from.error());
      const Status packed = status_of([&]() -> Status {
        pack(answer, std::move(*from));
        return {};
      });
      if (!packed) answer.refuse(packed.error());
    };
  }

 private:
  template <class Send>
  void settle(Send send) const {
    const auto result = result_.lock();
    if (!result) return;
    owed_.lock()->replies.erase(key_);
    try {
      try {
        send(*result);
      } catch (const sdbus::Error& error) {  // what the reply should hold cannot be put into a message
        result->returnError(to_dbus_error(Error{ErrorCode::internal, error.getMessage()}));
      }
    } catch (const sdbus::Error&) {
      // The connection is gone, which its source tells; there is nobody to answer.
    }
  }

  std::weak_ptr<OwedReplies::Owed> owed_;
  std::weak_ptr<sdbus::Result<T...>> result_;
  std::uint64_t key_;
};

}  // namespace takt
