#include "cli/schedule_proof.h"

#include <fmt/core.h>

#include <algorithm>
#include <map>

#include "cli/documents.h"
#include "cli/time_text.h"
#include "definition/definition.h"

namespace takt {
namespace {

constexpr std::size_t told_differences = 3;

WallTime to_second(WallTime at) {
  return std::chrono::time_point_cast<Duration>(std::chrono::floor<std::chrono::seconds>(at));
}

bool near_change(const Zone& zone, WallTime at) {
  constexpr auto day = std::chrono::hours(24);
  return zone.offset(at - day) != zone.offset(at) || zone.offset(at) != zone.offset(at + day);
}

std::string rule_of(OldSchedule old, const Zone& zone, WallTime at) {
  if (!near_change(zone, at)) return "";
  switch (old) {
    case OldSchedule::none:
      return "";
    case OldSchedule::cron:
      return "where the clock is set forward, cron starts a line once for each of its times that are left out, and "
             "taktd once for all of them";
    case OldSchedule::systemd:
      return "where the clock is set forward, taktd fires at the change for times that are left out, and systemd does "
             "not; where it is set back, taktd fires in both passes if the hour or minute is a `*`, and systemd in one";
  }
  return "";
}

const char* witness(OldSchedule old) {
  switch (old) {
    case OldSchedule::none:
      return "";
    case OldSchedule::cron:
      return "cron's rule";
    case OldSchedule::systemd:
      return "systemd-analyze";
  }
  return "";
}

}  // namespace

ScheduleProof prove_schedule(const DraftTrigger& trigger, const std::vector<WallTime>& old_instants,
                             const CalendarTrigger& now, WallTime from) {
  ScheduleProof proof{.expression = trigger.expression, .old = trigger.old, .compared = old_instants.size()};
  struct Counts {
    std::size_t before = 0;
    std::size_t now = 0;
  };
  std::map<WallTime, Counts> counts;
  for (const WallTime at : old_instants) ++counts[to_second(at)].before;
  // As far as the old ones go; where they end for good, one more would be a difference.
  const bool cut_off = old_instants.size() >= proof_instants;
  std::size_t fired = 0;
  for (auto next = now.calendar.next(from, now.zone); next && fired <= 2 * proof_instants; ++fired) {
    const WallTime second = to_second(next->at);
    Counts& count = counts[second];
    const bool at_end = cut_off && second == to_second(old_instants.back());  // which is cut within a second too
    if ((cut_off && second > to_second(old_instants.back())) || (at_end && count.now == count.before)) break;
    ++count.now;
    next = now.calendar.next(next->at, now.zone);
  }
  for (const auto& [at, count] : counts) {
    if (count.before != count.now)
      proof.differences.push_back({at, count.before, count.now, rule_of(trigger.old, now.zone, at)});
  }
  return proof;
}

std::vector<std::string> proof_sentences(const ScheduleProof& proof, const Zone& zone) {
  if (!proof.unproven.empty()) return {fmt::format("Not proven to fire as before: {}.", proof.unproven)};
  const std::string instants =
      fmt::format("{} instants of \"{}\" by {}", proof.compared, proof.expression, witness(proof.old));
  if (proof.differences.empty()) return {fmt::format("Proven: it fires at the next {}.", instants)};
  std::vector<std::string> sentences{fmt::format("{} of the next {} differ:", proof.differences.size(), instants)};
  for (std::size_t i = 0; i < std::min(told_differences, proof.differences.size()); ++i) {
    const InstantDifference& one = proof.differences[i];
    sentences.push_back(fmt::format("{}: {} then, {} now{}", format_local_offset(one.at, zone), one.before, one.now,
                                    one.rule.empty() ? "" : " (" + one.rule + ")"));
  }
  return sentences;
}

Value proof_document(const ScheduleProof& proof) {
  Value differences = Value::array();
  for (const InstantDifference& one : proof.differences) {
    differences.push_back(
        {{"at", format_utc(one.at)}, {"before", one.before}, {"now", one.now}, {"rule", text_or_null(one.rule)}});
  }
  return {{"expression", proof.expression},
          {"compared", proof.compared},
          {"differences", differences},
          {"unproven", text_or_null(proof.unproven)}};
}

}  // namespace takt
