#include "calendar/posix_rules.h"

#include <utility>

namespace takt {
namespace {

using std::chrono::days;
using std::chrono::seconds;

// Reads a TZ string from left to right; the first thing that is not as it should be makes all that follows fail.
class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}

  bool take(char wanted) {
    if (rest_.empty() || rest_.front() != wanted) return false;
    rest_.remove_prefix(1);
    return true;
  }
  void expect(char wanted) { good_ = take(wanted) && good_; }

  int number(int most) {
    int value = 0;
    std::size_t digits = 0;
    for (; digits < rest_.size() && digits < 4 && rest_[digits] >= '0' && rest_[digits] <= '9'; ++digits)
      value = value * 10 + (rest_[digits] - '0');
    rest_.remove_prefix(digits);
    good_ = good_ && digits > 0 && value <= most;
    return value;
  }

  // "CET" or "<+0330>".
  void name() {
    const bool quoted = take('<');
    std::size_t length = 0;
    const auto in_name = [quoted](char c) {
      return quoted ? c != '>' : (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
    };
    while (length < rest_.size() && in_name(rest_[length])) ++length;
    rest_.remove_prefix(length);
    good_ = good_ && length >= 3;
    if (quoted) expect('>');
  }

  // "[+-]hh[:mm[:ss]]", up to a week (RFC 8536).
  seconds time() {
    const bool negative = take('-');
    if (!negative) take('+');
    seconds value = std::chrono::hours(number(167));
    if (take(':')) value += std::chrono::minutes(number(59));
    if (take(':')) value += seconds(number(59));
    return negative ? -value : value;
  }

  YearlyChange change() {
    YearlyChange change;
    if (take('M')) {
      change.kind = YearlyChange::Kind::month_week_day;
      change.month = static_cast<unsigned>(number(12));
      expect('.');
      change.week = static_cast<unsigned>(number(5));
      expect('.');
      change.weekday = static_cast<unsigned>(number(6));
      good_ = good_ && change.month > 0 && change.week > 0;
    } else {
      const bool julian = take('J');
      change.kind = julian ? YearlyChange::Kind::julian : YearlyChange::Kind::day_of_year;
      change.day = number(365);
    }
    if (take('/')) change.time = time();
    return change;
  }

  [[nodiscard]] bool good() const { return good_; }
  [[nodiscard]] bool at_end() const { return rest_.empty(); }
  [[nodiscard]] bool at_time() const { return !rest_.empty() && rest_.front() != ','; }

 private:
  std::string_view rest_;
  bool good_ = true;
};

}  // namespace

std::chrono::sys_days YearlyChange::date(int year_number) const {
  using namespace std::chrono;
  const year in(year_number);
  switch (kind) {
    case Kind::month_week_day:
      if (week == 5) return sys_days(in / std::chrono::month(month) / std::chrono::weekday(weekday)[last]);
      return sys_days(in / std::chrono::month(month) / std::chrono::weekday(weekday)[week]);
    case Kind::julian:  // 29 February is never counted
      return sys_days(in / January / 1) + days(day - 1 + (in.is_leap() && day >= 60 ? 1 : 0));
    case Kind::day_of_year:
      break;
  }
  return sys_days(in / January / 1) + days(day);
}

std::optional<PosixRules> PosixRules::parse(std::string_view text) {
  Reader reader(text);
  PosixRules rules;
  reader.name();
  rules.standard = -reader.time();  // POSIX counts west of UTC
  reader.name();
  rules.daylight = rules.standard + std::chrono::hours(1);
  if (reader.at_time()) rules.daylight = -reader.time();
  reader.expect(',');
  rules.to_daylight = reader.change();
  reader.expect(',');
  rules.to_standard = reader.change();
  if (!reader.good() || !reader.at_end()) return std::nullopt;
  return rules;
}

std::array<PosixRules::Change, 2> PosixRules::changes(int year) const {
  const auto at = [year](const YearlyChange& change, seconds offset_before) {
    return WallTime(Duration(change.date(year).time_since_epoch()) + change.time - offset_before);
  };
  std::array<Change, 2> both{Change{at(to_daylight, standard), daylight}, Change{at(to_standard, daylight), standard}};
  if (both[1].at < both[0].at) std::swap(both[0], both[1]);
  return both;
}

}  // namespace takt
