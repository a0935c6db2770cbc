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

#include "generator.h"
#include "support.h"

namespace takt {
namespace {

constexpr int default_cases = 2'000;
constexpr int iterations = 4;
constexpr int together = 20;  // expressions of one call, because starting a program takes longest

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

bool has_open_step(const std::string& normal_form) {
  std::string item;
  for (const char character : normal_form + " ") {
    if (std::string_view(" ,-~:").find(character) == std::string_view::npos) {
      item += character;
    } else {
      if (item.find('/') != std::string::npos && item.find("..") == std::string::npos && !std::isalpha(item.front()))
        return true;
      item.clear();
    }
  }
  return false;
}

// Where an open step leads over the end of a day, systemd 252 goes on with what is left of the step.
bool step_leads_too_far(const Calendar& calendar, const Zone& zone, WallTime last, WallTime next) {
  return has_open_step(calendar.to_string()) && zone.format(last).substr(0, 10) != zone.format(next).substr(0, 10);
}

// In winter these have what counts as daylight saving, with less of an offset. There systemd 252 may lose the rest of a
// day that has a gap.
bool saves_in_winter(const Zone& zone) {
  return zone.name() == "Africa/Casablanca" || zone.name() == "Europe/Dublin";
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
    if (near && (dst != DaylightSaving::systemd || saves_in_winter(zone))) return;
    if (i >= theirs.instants.size()) {
      EXPECT_FALSE(next) << "ours: " << cut_to_second(next->at) << ", theirs: never";
      return;
    }
    ASSERT_TRUE(next) << "ours: never, theirs: " << theirs.instants[i];
    if (step_leads_too_far(ours, zone, last, next->at)) return;
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
  ASSERT_EQ(ours.has_value(), theirs.accepted || theirs.given_up)
      << "we say: " << (ours ? ours->to_string() : ours.error().message);
  if (!ours || theirs.given_up) return;
  ASSERT_EQ(ours->to_string(), theirs.normal_form);
  ASSERT_EQ(calendar(ours->to_string()).to_string(), ours->to_string());
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
