// The options and filters that methods take as a{sv}.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "base/time.h"
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

  // Empty when the key is not there; a longer one is ErrorCode::limit_exceeded.
  Result<std::string> take_text(const std::string& key, std::size_t most) {
    TAKT_ASSIGN(const auto text, take<std::string>(key));
    if (text && text->size() > most)
      return fail(ErrorCode::limit_exceeded, "option {} has {} bytes; at most {} are taken", key, text->size(), most);
    return text.value_or("");
  }

  // Of microseconds of UTC; nothing for 0, too. Beyond the year 9999 nothing happens: an instant there becomes its end.
  Result<std::optional<WallTime>> take_instant(const std::string& key) {
    constexpr std::uint64_t last = 253'402'300'799'999'999;
    TAKT_ASSIGN(const auto us, take<std::uint64_t>(key));
    if (us.value_or(0) == 0) return std::nullopt;
    return wall_from_us(static_cast<std::int64_t>(*us < last ? *us : last));
  }

  [[nodiscard]] Status finish() const {
    if (dict_.empty()) return {};
    return fail(ErrorCode::invalid_argument, "unknown option {}", dict_.begin()->first);
  }

 private:
  Dict dict_;
};

}  // namespace takt
