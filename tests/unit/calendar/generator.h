// Random cron lines and calendar expressions, most of them right.
#pragma once

#include <fmt/core.h>

#include <algorithm>
#include <random>
#include <sstream>
#include <string>
#include <vector>

namespace takt {

class Generator {
 public:
  explicit Generator(std::uint64_t seed) : random_(seed) {}

  int upto(int most) { return std::uniform_int_distribution<int>(0, most)(random_); }
  bool one_in(int count) { return upto(count - 1) == 0; }
  template <class List>
  auto pick(const List& list) {
    return list[static_cast<std::size_t>(upto(static_cast<int>(std::size(list)) - 1))];
  }

  std::string expression() {
    if (one_in(25))
      return pick(std::vector<std::string>{"hourly", "daily", "Weekly", "monthly", "quarterly", "yearly"});
    if (one_in(5)) return damaged(regular());
    return regular();
  }
  // A cron line.
  std::string line() {
    const std::string minute_and_hour = cron_field(0, 59) + " " + cron_field(0, 23);
    const std::string text = minute_and_hour + " " + dates() + " " + cron_field(1, 12) + " " + cron_weekdays();
    return one_in(3) ? cron_field(0, 59) + " " + text : text;
  }
  // "2026-03-28 23:59:30", as often as not a day or so before an offset changes in one of the zones.
  std::string base() {
    constexpr const char* changes[] = {"03-28", "03-29", "10-24", "10-25", "03-08", "11-01",
                                       "04-04", "10-03", "04-23", "10-29", "09-05"};
    const std::string day = one_in(2) ? pick(changes) : fmt::format("{:02}-{:02}", 1 + upto(11), 1 + upto(27));
    return fmt::format("{}-{} {:02}:{:02}:{:02}", one_in(2) ? 2026 : 2000 + upto(60), day, upto(23), upto(59),
                       upto(59));
  }

 private:
  std::string regular() {
    std::string text;
    if (one_in(3)) text += weekdays();
    if (!one_in(4)) text += (text.empty() ? "" : " ") + date();
    if (text.empty() || !one_in(4)) text += (text.empty() ? "" : " ") + time();
    // None whose overlap begins with midnight (Havana): which pass systemd takes there hangs on what glibc computed
    // last.
    constexpr const char* zones[] = {"UTC",          "Europe/Berlin", "America/New_York",  "Australia/Lord_Howe",
                                     "Asia/Tehran",  "America/Nuuk",  "Africa/Casablanca", "Europe/Dublin",
                                     "Pacific/Apia", "Africa/Cairo",  "America/Santiago",  "Asia/Kathmandu"};
    if (one_in(2)) text += std::string(" ") + pick(zones);
    return text;
  }
  // A character more, less or other than there was.
  std::string damaged(std::string text) {
    const auto at = static_cast<std::size_t>(upto(static_cast<int>(text.size()) - 1));
    const char character = "0123456789*.,:/~- Mo@"[upto(20)];
    switch (upto(2)) {
      case 0:
        text.erase(at, 1);
        break;
      case 1:
        text.insert(at, 1, character);
        break;
      default:
        text[at] = character;
    }
    // Blanks where none are needed are let pass by us alone.
    std::string words;
    std::istringstream all(text);
    for (std::string word; all >> word;) words += (words.empty() ? "" : " ") + word;
    // What a list after `~` is, systemd 252 does not know as its manual does (see date()).
    const auto tilde = words.find('~');
    const auto list = tilde == std::string::npos ? tilde : words.find(',', tilde);
    return list < words.find(' ', std::min(tilde, words.size())) ? regular() : words;
  }
  std::string number(int low, int high) {
    // Now and then beyond what is allowed.
    const int value = one_in(60) ? high + 1 : low + upto(high - low);
    return one_in(3) && value < 10 ? "0" + std::to_string(value) : std::to_string(value);
  }
  std::string item(int low, int high, int widest_open_step) {
    const int first = low + upto(high - low);
    const int last = one_in(20) ? low : first + upto(high - first);
    switch (upto(4)) {
      case 0:
        return std::to_string(first) + ".." + std::to_string(last);
      case 1:
        return std::to_string(first) + ".." + std::to_string(last) + "/" + std::to_string(1 + upto(9));
      case 2:
        return std::to_string(first) + "/" + std::to_string(1 + upto(widest_open_step - 1));
      default:
        return number(low, high);
    }
  }
  std::string list(int low, int high, int widest_open_step) {
    if (one_in(3)) return "*";
    std::string text = item(low, high, widest_open_step);
    while (one_in(3)) text += "," + item(low, high, widest_open_step);
    return text;
  }
  std::string list(int low, int high) { return list(low, high, (high - low) / 2); }
  std::string seconds() {
    if (!one_in(3)) return list(0, 59);
    // From 1, because systemd 252 takes fractions that a step leads beyond a minute's end with it into the next.
    std::string text = number(1, 59) + "." + std::to_string(upto(9'999'999));
    if (one_in(2)) text += "/" + std::to_string(upto(20)) + "." + std::to_string(1 + upto(999'999));
    return text;
  }
  std::string weekdays() {
    constexpr const char* names[] = {"Mon", "tue", "Wednesday", "Thu", "FRI", "saturday", "Sun"};
    std::string text = pick(names);
    if (one_in(3)) text += std::string("..") + pick(names);
    while (one_in(2)) text += std::string(",") + pick(names);
    return text;
  }
  std::string date() {
    std::string text;
    if (one_in(2)) text += one_in(2) ? "*-" : (one_in(3) ? list(10, 60) : list(2000, 2060)) + "-";
    text += list(1, 12);
    // Two things of systemd 252 that its manual does not say: the elements of a list after `~` go only up to 28, 25,
    // 22… in turn; and an open step of days that leads beyond the month's end leads into the next month.
    return text + (one_in(4) ? "~" + item(1, 28, 1) : "-" + list(1, 31, 1));
  }
  std::string time() {
    std::string text = list(0, 23) + ":" + list(0, 59);
    return one_in(2) ? text : text + ":" + seconds();
  }

  std::string cron_item(int low, int high) {
    const int first = low + upto(high - low);
    const int last = first + upto(high - first);
    switch (upto(3)) {
      case 0:
        return one_in(2) ? "*" : "*/" + std::to_string(1 + upto(high - low - 1));
      case 1:
        return fmt::format("{}-{}", first, last);
      case 2:
        return fmt::format("{}-{}/{}", first, last, 1 + upto(high - low - 1));
      default:
        return std::to_string(first);
    }
  }
  std::string cron_field(int low, int high) {
    std::string text = cron_item(low, high);
    while (one_in(3)) text += "," + cron_item(low, high);
    return text;
  }
  std::string dates() {
    std::string text = one_in(3) ? "?" : cron_field(1, 31);
    constexpr const char* special[] = {"L", "LW", "L-1", "l-20", "1W", "15w", "31W"};
    while (one_in(2)) text += std::string(",") + pick(special);
    return text;
  }
  std::string cron_weekdays() {
    std::string text = std::string(one_in(4) ? "+" : "") + (one_in(3) ? "?" : cron_field(0, 7));
    constexpr const char* special[] = {"mon", "SUN", "fri-sun", "fri#1", "0#5", "7L", "tue#L", "mon-fri/2"};
    while (one_in(2)) text += std::string(",") + pick(special);
    return text;
  }

  std::mt19937_64 random_;
};

}  // namespace takt
