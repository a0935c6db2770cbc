// What holds for one reply, or one signal, however many properties it is made of.
#pragma once

#include <optional>
#include <string>

#include "base/limits.h"
#include "bus/errors.h"
#include "bus/rows.h"
#include "definition/definition.h"
#include "runtime/control.h"

namespace takt {

// GetAll and GetManagedObjects call property after property: this keeps them from asking Control anew for each, and
// together below what a reply may have. Whoever begins a reply resets it.
class OneReply {
 public:
  explicit OneReply(Control& control) : control_(control) {}

  void begin() {
    budget_.reset();
    summary_.reset();
  }

  // Throws an sdbus::Error when it is too much for this reply.
  std::string text(std::string text) {
    take(text.size());
    return text;
  }
  std::vector<std::string> texts(std::vector<std::string> texts) {
    for (const std::string& text : texts) take(text.size() + 8);
    return texts;
  }

  // Of a process that there is; throws.
  const ProcessSummary& summary(const std::string& name) {
    if (!summary_ || summary_->definition->name != name)
      summary_ = value_or_throw([&] { return control_.process(name); });
    return *summary_;
  }

 private:
  void take(std::size_t bytes) {
    if (budget_.take(bytes)) return;
    throw to_dbus_error(
        Error{ErrorCode::limit_exceeded,
              fmt::format("more than {} bytes of properties; ListProcesses takes a filter", limits::page_bytes)});
  }

  Control& control_;
  ReplyBudget budget_;
  std::optional<ProcessSummary> summary_;
};

}  // namespace takt
