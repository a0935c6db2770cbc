#include "cli/import_batch.h"

#include <fmt/core.h>

#include <algorithm>

#include "cli/definition_files.h"
#include "cli/documents.h"
#include "cli/schedule_proof.h"
#include "cli/systemd_calendar.h"
#include "cli/vixie_cron.h"
#include "definition/definition.h"

namespace takt {
namespace {

Result<std::vector<WallTime>> old_instants(const DraftTrigger& trigger, const Zone& zone, WallTime from) {
  switch (trigger.old) {
    case OldSchedule::none:
      return {};
    case OldSchedule::cron: {
      TAKT_ASSIGN(const VixieCron cron, VixieCron::parse(trigger.expression));
      return cron.instants(from, zone, proof_instants);
    }
    case OldSchedule::systemd:
      return systemd_instants(trigger.expression, from, zone.name(), proof_instants);
  }
  return {};
}

// Of each trigger that was a calendar before; what came of it becomes the trigger's comment. The calendars compared are
// those of the parsed definition, which are what taktd will go by.
std::vector<ScheduleProof> prove(DraftProcess& draft, const ProcessDefinition& definition, WallTime from) {
  std::vector<ScheduleProof> proofs;
  for (std::size_t i = 0; i < std::min(draft.triggers.size(), definition.triggers.size()); ++i) {
    DraftTrigger& trigger = draft.triggers[i];
    const auto* calendar = std::get_if<CalendarTrigger>(&definition.triggers[i].kind);
    if (calendar == nullptr || trigger.old == OldSchedule::none) continue;
    const Result<std::vector<WallTime>> before = old_instants(trigger, calendar->zone, from);
    proofs.push_back(
        before
            ? prove_schedule(trigger, *before, *calendar, from)
            : ScheduleProof{.expression = trigger.expression, .old = trigger.old, .unproven = before.error().message});
    const std::vector<std::string> sentences = proof_sentences(proofs.back(), calendar->zone);
    trigger.comments.insert(trigger.comments.end(), sentences.begin(), sentences.end());
  }
  return proofs;
}

void tell(Output& output, const DraftProcess& draft, const std::vector<ScheduleProof>& proofs, const Zone& zone) {
  for (const std::string& note : draft.notes) output.message(fmt::format("{}: not turned: {}", draft.name, note));
  for (const ScheduleProof& proof : proofs) {
    if (proof.differences.empty() && proof.unproven.empty()) continue;
    for (const std::string& sentence : proof_sentences(proof, zone))
      output.message(fmt::format("{}: {}", draft.name, sentence));
  }
}

// What becomes of one draft, proven.
Result<Value> turn(Session& session, DraftProcess& draft, WallTime from) {
  Output& output = session.output();
  const ParseOutcome parsed = parse_here(draft.name, {draft.name + ".toml", draft_text(draft)}, {}, session.bus());
  for (const Diagnostic& diagnostic : parsed.diagnostics) output.message(to_text(diagnostic));
  if (!parsed.definition)
    return fail(ErrorCode::invalid_definition, "{}: what came of it is refused; {}", draft.name,
                draft.comments.front());
  const std::vector<ScheduleProof> proofs = prove(draft, *parsed.definition, from);
  tell(output, draft, proofs, session.zone());
  Value documents = Value::array();
  for (const ScheduleProof& proof : proofs) documents.push_back(proof_document(proof));
  return Value{{"process", draft.name},
               {"file", nullptr},
               {"text", draft_text(draft)},
               {"notes", draft.notes},
               {"proofs", documents}};
}

// Prints it, or writes it into its file.
Status give(Output& output, Value& process, const ImportTarget& target) {
  const std::string file = process["process"].get<std::string>() + ".toml";
  const auto& text = process["text"].text();
  std::string shown = fmt::format("# {}\n{}\n", file, text);
  if (!target.folder.empty()) {
    TAKT_ASSIGN(const std::string path, write_new_definition(target.folder + "/" + file, text, target.force));
    process["file"] = path;
    shown = path + "\n";
  }
  if (!output.json()) output.print(shown);
  return {};
}

// "3 processes; of 4 calendars 3 are proven, 1 differs, 0 are unproven".
std::string summary(const Value& processes) {
  std::size_t differ = 0;
  std::size_t unproven = 0;
  std::size_t all = 0;
  for (const Value& process : processes) {
    for (const Value& proof : process["proofs"]) {
      ++all;
      differ += proof["differences"].empty() ? 0 : 1;
      unproven += proof["unproven"].is_null() ? 0 : 1;
    }
  }
  return fmt::format("processes: {}; calendars: {}, proven {}, different {}, unproven {}", processes.size(), all,
                     all - differ - unproven, differ, unproven);
}

}  // namespace

void add_target(Command& verb, ImportTarget& target) {
  verb.option("-o,--output", target.folder, "Write PROCESS.toml files into this folder; else they are printed")
      .type_name("DIR");
  verb.flag("--force", target.force, "Replace files that are there");
}

Result<ExitCode> give_batch(Session& session, DraftBatch batch, const ImportTarget& target) {
  Output& output = session.output();
  for (const std::string& note : batch.notes) output.message("not turned: " + note);
  Value processes = Value::array();
  // systemd-analyze takes whole seconds.
  const WallTime from = std::chrono::time_point_cast<Duration>(std::chrono::floor<std::chrono::seconds>(wall_now()));
  std::size_t refused = 0;
  for (DraftProcess& draft : batch.drafts) {
    Result<Value> turned = turn(session, draft, from);
    if (turned && !target.folder.empty() && !target.force)
      if (Status free = check_new_definition(target.folder + "/" + draft.name + ".toml"); !free)
        turned = tl::unexpected<Error>(std::move(free).error());
    if (turned) {
      processes.push_back(*std::move(turned));
    } else {
      output.message(turned.error().message);
      ++refused;
    }
  }
  if (refused > 0)
    return fail(ErrorCode::invalid_definition, "nothing is written: {} of {} processes are refused", refused,
                batch.drafts.size());
  for (Value& process : processes) TAKT_TRY(give(output, process, target));
  output.message(summary(processes));
  if (output.json()) output.print_json({{"processes", processes}, {"notes", batch.notes}});
  return ExitCode::ok;
}

}  // namespace takt
