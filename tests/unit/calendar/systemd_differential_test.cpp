// Random expressions, given to us and to the systemd that is installed: accepted or refused alike, the same normal
// form, the same instants, with dst = "systemd" also where the offset changes. In the environment, TAKT_SEED repeats a
// run (it is printed with every difference) and TAKT_CASES says how many expressions there are.
#include <sys/wait.h>

#include <cstdio>
#include <cstdlib>
#include <optional>
#include <random>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "support.h"

namespace takt {
namespace {

constexpr int default_cases = 2'000;
constexpr int iterations = 4;
constexpr int together = 20;  // expressions of one call, because starting a program takes longest

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
  // "2026-03-28 23:59:30", as often as not a day or so before an offset changes in one of the zones.
  std::string base() {
    constexpr const char* changes[] = {"03-28", "03-29", "10-24", "10-25", "03-08", "11-01", "04-04", "10-03"};
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
    constexpr const char* zones[] = {"UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu",
                                     "Australia/Lord_Howe"};
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
    return text;
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
    std::string text = number(0, 59) + "." + std::to_string(upto(9'999'999));
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

  std::mt19937_64 random_;
};

// What `systemd-analyze calendar` makes of an expression.
struct Answer {
  bool accepted = false;
  bool given_up = false;  // it loses its way in some gaps ("Resource deadlock avoided")
  std::string normal_form;
  std::vector<std::string> instants;  // "2026-12-19 04:00:00", UTC, cut to the second
};

std::optional<std::string> output_of(const std::string& command, int& status) {
  FILE* const pipe = ::popen(command.c_str(), "re");
  if (pipe == nullptr) return std::nullopt;
  std::string output;
  char buffer[4096];
  while (const auto count = std::fread(buffer, 1, sizeof buffer, pipe)) output.append(buffer, count);
  status = ::pclose(pipe);
  return output;
}

std::string after_label(const std::string& line) {
  const auto colon = line.find(": ");
  return colon == std::string::npos ? "" : line.substr(colon + 2);
}

// Adds a line of an expression's answer.
void read_line(const std::string& line, Answer& answer) {
  answer.accepted = true;
  if (line.find("Normalized form") != std::string::npos) answer.normal_form = after_label(line);
  const bool instant = line.find("Next elapse") != std::string::npos || line.find("Iter") != std::string::npos;
  // "Sat 2026-12-19 04:00:00 UTC", or "never"
  if (instant && after_label(line) != "never") answer.instants.push_back(after_label(line).substr(4, 19));
}

// One answer for each of the expressions: they come in their order with an empty line between them, and before them
// the errors, which name the expression.
std::vector<Answer> ask_systemd(const std::vector<std::string>& expressions, const std::string& base) {
  std::string command =
      "exec 3>&1; answers=$(LC_ALL=C TZ=UTC systemd-analyze calendar --iterations=" + std::to_string(iterations) +
      " --base-time='" + base + " UTC' --";
  for (const std::string& expression : expressions) command += " '" + expression + "'";
  command += " 2>&3); echo; echo \"$answers\"";
  int status = 0;
  std::istringstream output(output_of(command, status).value_or(""));
  std::vector<Answer> answers(expressions.size());
  std::string line;
  while (std::getline(output, line) && !line.empty()) {
    for (std::size_t i = 0; i < expressions.size(); ++i)
      if (line.find("determine next elapse for '" + expressions[i] + "'") != std::string::npos)
        answers[i].given_up = true;
  }
  for (std::size_t i = 0; i < answers.size() && std::getline(output, line);) {
    if (line.empty()) {
      ++i;
    } else {
      read_line(line, answers[i]);
    }
  }
  return answers;
}

// A gap or an overlap is near by: there our own rule is not systemd's.
bool near_change(const Zone& zone, WallTime at) {
  const Duration near = std::chrono::hours(50);
  return zone.offset(at - near) != zone.offset(at + near);
}

std::string cut_to_second(WallTime at) {
  std::string text = Zone::utc().format(at);
  return text.substr(0, 19);
}

void compare_instants(const Calendar& ours, const std::string& base, const Answer& theirs, DaylightSaving dst) {
  const Zone zone = ours.zone().value_or(Zone::utc());
  WallTime last = at(base + "Z");
  for (std::size_t i = 0; i < iterations; ++i) {
    const auto next = ours.next(last, zone, dst);
    const bool near = near_change(zone, last) || (next && near_change(zone, next->at));
    if (near && dst != DaylightSaving::systemd) return;
    if (i >= theirs.instants.size()) {
      EXPECT_FALSE(next) << "ours: " << cut_to_second(next->at) << ", theirs: never";
      return;
    }
    ASSERT_TRUE(next) << "ours: never, theirs: " << theirs.instants[i];
    ASSERT_EQ(cut_to_second(next->at), theirs.instants[i]) << "iteration " << i;
    last = next->at;
  }
}

void compare(const std::string& expression, const std::string& base, const Answer& theirs) {
  const auto ours = Calendar::parse_calendar(expression);
  if (!ours && ours.error().message.starts_with("never fires")) {
    EXPECT_TRUE(theirs.given_up || (theirs.accepted && theirs.instants.empty())) << "we say: " << ours.error().message;
    return;
  }
  ASSERT_EQ(ours.has_value(), theirs.accepted) << "we say: " << (ours ? ours->to_string() : ours.error().message);
  if (!ours) return;
  ASSERT_EQ(ours->to_string(), theirs.normal_form);
  ASSERT_EQ(calendar(ours->to_string()).to_string(), ours->to_string());
  if (theirs.given_up) return;
  for (const auto dst : {DaylightSaving::takt, DaylightSaving::systemd}) {
    SCOPED_TRACE(dst == DaylightSaving::takt ? "dst = takt" : "dst = systemd");
    compare_instants(*ours, base, theirs, dst);
  }
}

std::uint64_t from_environment(const char* name, std::uint64_t fallback) {
  const char* given = std::getenv(name);
  return given != nullptr ? std::strtoull(given, nullptr, 10) : fallback;
}

TEST(SystemdDifferential, random_expressions) {
  int status = 0;
  if (!output_of("systemd-analyze --version 2>/dev/null", status) || status != 0)
    GTEST_SKIP() << "systemd-analyze is not installed";
  const std::uint64_t seed = from_environment("TAKT_SEED", std::random_device{}());
  const std::uint64_t cases = from_environment("TAKT_CASES", default_cases);
  std::printf("TAKT_SEED=%llu\n", static_cast<unsigned long long>(seed));
  Generator generator(seed);
  for (std::uint64_t done = 0; done < cases; done += together) {
    const std::string base = generator.base();
    std::vector<std::string> expressions(together);
    for (std::string& expression : expressions) expression = generator.expression();
    const std::vector<Answer> answers = ask_systemd(expressions, base);
    for (std::size_t i = 0; i < expressions.size(); ++i) {
      SCOPED_TRACE(fmt::format("\"{}\" after {} (TAKT_SEED={})", expressions[i], base, seed));
      compare(expressions[i], base, answers[i]);
    }
  }
}

}  // namespace
}  // namespace takt
