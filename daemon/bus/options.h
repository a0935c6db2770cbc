// The options and filters that methods take as a{sv}.
#pragma once

#include <optional>
#include <string>
#include <utility>

#include "bus/dbus_value.h"

namespace takt {

// Owns a dictionary that is taken apart key by key, each once. finish() then refuses whatever nobody took, so that a
// misspelt option is told, not ignored. Errors are ErrorCode::invalid_argument.
class Options {
 public:
  explicit Options(Dict dict) : dict_(std::move(dict)) {}

  // Nothing when the key is not there; an error when its value is not of T's D-Bus type.
  template <class T>
  Result<std::optional<T>> take(const std::string& key) {
    const auto found = dict_.find(key);
    if (found == dict_.end()) return std::nullopt;
    if (!found->second.containsValueOfType<T>())
      return fail(ErrorCode::invalid_argument, "option {} is of type '{}', not '{}'", key,
                  found->second.peekValueType(), sdbus::signature_of<T>::str());
    const T value = found->second.get<T>();
    dict_.erase(found);
    return value;
  }

  [[nodiscard]] Status finish() const {
    if (dict_.empty()) return {};
    return fail(ErrorCode::invalid_argument, "unknown option {}", dict_.begin()->first);
  }

 private:
  Dict dict_;
};

}  // namespace takt
