// All chance of one simulation: the same seed throws the same dice on every machine. (Another compiler may throw those
// that are arguments of one call in another order.)
#pragma once

#include <cstdint>
#include <random>
#include <vector>

#include "base/time.h"

namespace takt::test {

class Dice {
 public:
  explicit Dice(std::uint64_t seed) : engine_(seed) {}

  // Both ends included. Not std::uniform_int_distribution, which differs from library to library.
  std::int64_t between(std::int64_t least, std::int64_t most) {
    return least + static_cast<std::int64_t>(engine_() % static_cast<std::uint64_t>(most - least + 1));
  }
  Duration between(Duration least, Duration most) { return Duration(between(least.count(), most.count())); }
  // Once in so many throws.
  bool once_in(std::int64_t throws) { return between(1, throws) == 1; }
  bool percent(std::int64_t chance) { return between(1, 100) <= chance; }
  template <class T>
  const T& pick(const std::vector<T>& of) {
    return of[static_cast<std::size_t>(between(0, static_cast<std::int64_t>(of.size()) - 1))];
  }

 private:
  std::mt19937_64 engine_;  // whose sequence the standard fixes
};

}  // namespace takt::test
