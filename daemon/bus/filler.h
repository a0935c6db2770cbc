// How the dictionaries of descriptions are made.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/limits.h"
#include "base/value.h"
#include "bus/dbus_text.h"
#include "bus/rows.h"

namespace takt {

// Of a dictionary's fixed values, with their keys.
inline constexpr std::size_t dictionary_bytes = 1024;

// Fills one dictionary; counts the bytes of texts, and leaves out those that do not fit.
class Filler {
 public:
  Filler(ReplyBudget& budget, bool& truncated) : budget_(budget), truncated_(truncated) {}

  template <class T>
  void put(const char* key, const T& value) {
    dict_[key] = value;
  }
  template <class T>
  void put(const char* key, const std::optional<T>& value) {
    if (value) dict_[key] = *value;
  }
  void put(const char* key, std::optional<WallTime> at) {
    if (at) dict_[key] = usec(at);
  }
  void text(const char* key, std::string_view value, std::size_t most) {
    if (value.empty()) return;
    const std::string text = dbus_text(value, most);
    if (budget_.take(text.size()))
      dict_[key] = text;
    else
      truncated_ = true;
  }
  // All of them or none.
  void texts(const char* key, const std::vector<std::string>& values, std::size_t most) {
    if (values.empty()) return;
    std::vector<std::string> texts;
    for (const std::string& value : values) {
      texts.push_back(dbus_text(value, most));
      if (budget_.take(texts.back().size() + 8)) continue;
      truncated_ = true;
      return;
    }
    dict_[key] = texts;
  }
  void json(const char* key, const Value& value) {
    if (!value.is_null()) text(key, value_text(value), limits::page_bytes);
  }
  // Only when it is so.
  void flag(const char* key, bool value) {
    if (value) dict_[key] = true;
  }
  Dict take() { return std::move(dict_); }

 private:
  ReplyBudget& budget_;
  bool& truncated_;
  Dict dict_;
};

}  // namespace takt
