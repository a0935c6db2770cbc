#include "schedules.h"

#include <fmt/core.h>

#include <vector>

namespace takt::test {

namespace {

// Zones that change their offset at odd hours, by odd amounts, by decree, twice a year or never again.
const std::vector<std::string> zones = {
    "UTC",
    "Africa/Cairo",
    "Africa/Casablanca",
    "Africa/El_Aaiun",
    "Africa/Johannesburg",
    "America/Adak",
    "America/Argentina/Buenos_Aires",
    "America/Asuncion",
    "America/Chicago",
    "America/Havana",
    "America/Los_Angeles",
    "America/Mexico_City",
    "America/Miquelon",
    "America/New_York",
    "America/Nuuk",
    "America/Santiago",
    "America/Sao_Paulo",
    "America/St_Johns",
    "Antarctica/Troll",
    "Asia/Amman",
    "Asia/Beirut",
    "Asia/Gaza",
    "Asia/Jerusalem",
    "Asia/Kathmandu",
    "Asia/Kolkata",
    "Asia/Tehran",
    "Asia/Tokyo",
    "Atlantic/Azores",
    "Australia/Adelaide",
    "Australia/Eucla",
    "Australia/Lord_Howe",
    "Europe/Berlin",
    "Europe/Chisinau",
    "Europe/Dublin",
    "Europe/London",
    "Pacific/Apia",
    "Pacific/Auckland",
    "Pacific/Chatham",
    "Pacific/Easter",
    "Pacific/Kiritimati",
};

struct Expression {
  bool cron = true;
  std::string text;
};

// Hours at which offsets change are as likely as all others together.
std::int64_t hour(Dice& dice) {
  return dice.percent(50) ? dice.between(0, 3) : dice.between(4, 23);
}

std::string month_day(Dice& dice) {
  switch (dice.between(0, 3)) {
    case 0:
      return "L";
    case 1:
      return fmt::format("{}W", dice.between(1, 28));
    case 2:
      return fmt::format("{},{}", dice.between(1, 15), dice.between(16, 31));
    default:
      return fmt::format("{}", dice.between(1, 31));
  }
}

Expression often(Dice& dice) {
  if (dice.percent(50)) return {true, fmt::format("*/{} * * * *", dice.between(10, 20))};
  return {false, fmt::format("*:{}/15:{}", dice.between(0, 14), dice.between(0, 59))};
}

Expression hourly(Dice& dice) {
  switch (dice.between(0, 3)) {
    case 0:
      return {true, fmt::format("{} * * * *", dice.between(0, 59))};
    case 1:
      return {true, fmt::format("{} {} * * * *", dice.between(0, 59), dice.between(0, 59))};
    case 2:
      return {false, fmt::format("*:{}:{}.5", dice.between(0, 59), dice.between(0, 59))};
    default:
      return {false, "hourly"};
  }
}

Expression some_hours(Dice& dice) {
  switch (dice.between(0, 3)) {
    case 0:
      return {true, fmt::format("{} */{} * * *", dice.between(0, 59), dice.between(2, 8))};
    case 1:
      return {true, fmt::format("{} 0-4 * * *", dice.between(0, 59))};
    case 2:
      return {false, fmt::format("*-*-* 0/{}:{}", dice.between(2, 8), dice.between(0, 59))};
    default:
      return {false, fmt::format("00..04:{}", dice.between(0, 59))};
  }
}

Expression daily(Dice& dice) {
  switch (dice.between(0, 2)) {
    case 0:
      return {true, fmt::format("{} {} * * *", dice.between(0, 59), hour(dice))};
    case 1:
      return {true, fmt::format("{} {} {} * * *", dice.between(0, 59), dice.between(0, 59), hour(dice))};
    default:
      return {false, fmt::format("{}:{}", hour(dice), dice.between(0, 59))};
  }
}

Expression weekly(Dice& dice) {
  switch (dice.between(0, 3)) {
    case 0:
      return {true, fmt::format("{} {} * * mon-fri", dice.between(0, 59), hour(dice))};
    case 1:
      return {true, fmt::format("{} {} * * {}", dice.between(0, 59), hour(dice), dice.between(0, 7))};
    case 2:
      return {false, fmt::format("Sat,Sun {}:{}", hour(dice), dice.between(0, 59))};
    default:
      return {false, fmt::format("Mon..Wed {}:{}:{}", hour(dice), dice.between(0, 59), dice.between(0, 59))};
  }
}

Expression monthly(Dice& dice) {
  switch (dice.between(0, 4)) {
    case 0:
      return {true, fmt::format("{} {} {} * *", dice.between(0, 59), hour(dice), month_day(dice))};
    case 1:
      return {true,
              fmt::format("{} {} * * {}#{}", dice.between(0, 59), hour(dice), dice.between(0, 6), dice.between(1, 5))};
    case 2:
      return {true, fmt::format("{} {} * * {}L", dice.between(0, 59), hour(dice), dice.between(0, 6))};
    case 3:
      return {false, fmt::format("*-*~{} {}:{}", dice.between(1, 7), hour(dice), dice.between(0, 59))};
    default:
      return {false, fmt::format("*-{}/3-{} {}:00", dice.between(1, 3), dice.between(1, 28), hour(dice))};
  }
}

// How many of a thousand are of each sort.
Expression random_expression(Dice& dice, int place) {
  const int part = place % 1000;
  if (part < 2) return often(dice);
  if (part < 20) return hourly(dice);
  if (part < 70) return some_hours(dice);
  if (part < 400) return daily(dice);
  if (part < 700) return weekly(dice);
  return monthly(dice);
}

std::string random_trigger(Dice& dice, int place) {
  const Expression expression = random_expression(dice, place);
  std::string text = fmt::format("[[trigger]]\n{} = \"{}\"\ncatch_up = \"{}\"\n", expression.cron ? "cron" : "calendar",
                                 expression.text, dice.pick<std::string>({"none", "latest", "all"}));
  if (dice.percent(20)) text += "dst = \"systemd\"\n";
  if (dice.percent(20)) text += fmt::format("jitter = \"{}s\"\n", dice.between(1, 3 * 3600));
  return text + "\n";
}

}  // namespace

std::map<std::string, std::string> make_schedules(Dice& dice, int count) {
  // Those that fire often are not all of one process.
  std::map<std::string, std::string> triggers;
  const int processes = (count + 3) / 4;
  for (int i = 0; i < count; ++i) triggers[fmt::format("p{}", i % processes)] += random_trigger(dice, i);

  std::map<std::string, std::string> texts;
  std::size_t place = 0;
  for (const auto& [name, text] : triggers) {
    const std::string step =
        dice.percent(50) ? "set = { done = true }" : fmt::format("wait = \"{}min\"", dice.between(1, 90));
    texts[name] = fmt::format(
        "timezone = \"{}\"\noverlap = \"{}\"\n\n{}[[step]]\nname = \"step\"\n{}\n", zones[place % zones.size()],
        // A queue before what often fires and takes long would only grow.
        dice.pick<std::string>({"skip", "skip", place <= 70 ? "skip" : "queue", "replace"}), text, step);
    ++place;
  }
  return texts;
}

}  // namespace takt::test
