#include "cli/import_crontab.h"

#include <algorithm>
#include <charconv>
#include <set>

#include "calendar/calendar.h"
#include "cli/crontab_file.h"
#include "cli/vixie_cron.h"

namespace takt {
namespace {

constexpr int max_instances = 10;

using Variables = std::map<std::string, std::string>;

std::string take(Variables& variables, const std::string& name) {
  const auto found = variables.extract(name);
  return found.empty() ? "" : std::move(found.mapped());
}

// What cron itself would do with its output.
void turn_mail(Variables& variables, DraftProcess& draft) {
  const std::string kept = fmt::format("it is kept here: taktctl logs {}", draft.name);
  if (!variables.contains("MAILTO")) {
    draft.comments.push_back("cron mailed what it wrote to its user; " + kept);
  } else if (const std::string to = take(variables, "MAILTO"); !to.empty()) {
    draft.notes.push_back(fmt::format("MAILTO = {}: what it writes is not mailed; {}", to, kept));
  }
  for (const char* name : {"MAILFROM", "CONTENT_TYPE", "CONTENT_TRANSFER_ENCODING"}) {
    if (variables.contains(name))
      draft.notes.push_back(fmt::format("{} = {}: nothing is mailed", name, take(variables, name)));
  }
}

// Variables that are cron's own words beside those of its children.
void turn_words(Variables& variables, DraftProcess& draft) {
  if (const std::string zone = take(variables, "CRON_TZ"); !zone.empty()) {
    draft.keys.emplace_back("timezone", toml_value(zone));
    draft.notes.push_back(fmt::format(
        "CRON_TZ = {}: cronie runs the line by this zone's clock, and so does taktd; Debian's cron by the machine's",
        zone));
  }
  if (variables.contains("LOGNAME"))
    draft.notes.push_back(
        fmt::format("LOGNAME = {}: cron sets it to the user, and so does taktd", take(variables, "LOGNAME")));
  if (variables.contains("RANDOM_DELAY"))
    draft.notes.push_back(fmt::format("RANDOM_DELAY = {}: cronie delays by up to so many minutes; say `jitter`",
                                      variables.at("RANDOM_DELAY")));
}

void turn_environment(Variables variables, const std::string& shell, DraftProcess& draft) {
  variables.insert_or_assign("SHELL", shell);
  variables.emplace("PATH", "/usr/bin:/bin");  // cron's own, where the crontab says none
  for (const auto& [name, value] : variables) {
    if (is_variable_name(name)) {
      draft.environment.emplace_back(name, toml_value(literal_text(value)));
    } else {
      draft.notes.push_back(fmt::format("{} = {}: a definition cannot set a variable of this name", name, value));
    }
  }
}

// cron lets a step be wider than its field, such as */60, which leaves the first value alone: that value, if so.
std::string narrowed(std::string_view element, int field) {
  constexpr int sizes[] = {60, 24, 31, 12, 7};
  constexpr std::string_view firsts[] = {"0", "0", "1", "1", "0"};
  const std::size_t slash = element.find('/');
  int step = 0;
  if (slash != std::string_view::npos)
    std::from_chars(element.data() + slash + 1, element.data() + element.size(), step);
  if (field > 4 || step < sizes[field]) return std::string(element);
  const std::string_view range = element.substr(0, slash);
  return std::string(range == "*" ? firsts[field] : range.substr(0, range.find('-')));
}

std::string with_narrow_steps(std::string_view schedule) {
  std::string narrow;
  int field = 0;
  for (std::size_t at = 0; at < schedule.size();) {
    const std::size_t end = std::min(schedule.find_first_of(", ", at), schedule.size());
    narrow += narrowed(schedule.substr(at, end - at), field);
    if (end < schedule.size()) narrow += schedule[end];
    if (end < schedule.size() && schedule[end] == ' ') ++field;
    at = end + 1;
  }
  return narrow;
}

// The schedule as the trigger's; nothing when only cron reads it, which is noted in `why`.
Result<std::optional<DraftTrigger>> turn_schedule(const CrontabJob& job, std::string& why) {
  if (job.schedule == "@reboot") return boot_trigger("0s");
  const std::string schedule = with_narrow_steps(job.schedule);
  const auto ours = Calendar::parse_cron(schedule);
  const auto theirs = VixieCron::parse(job.schedule);
  if (!ours && job.schedule.find('~') != std::string::npos) {
    why = "`~` is an instant that cronie draws by lot; say a time and `jitter`";
    return std::nullopt;
  }
  if (!ours && !theirs) return tl::unexpected<Error>(ours.error());
  if (!ours) {
    why = ours.error().message;
    return std::nullopt;
  }
  DraftTrigger trigger{.keys = {{"cron", toml_value(schedule)}, {"catch_up", toml_value("none")}},
                       .old = OldSchedule::cron,
                       .expression = job.schedule};
  if (schedule != job.schedule)
    trigger.comments.push_back(
        fmt::format("{}: a step that is wider than its field leaves the first value alone.", job.schedule));
  return trigger;
}

DraftStep turn_command(const CrontabJob& job, const std::string& shell, const std::string& home, DraftProcess& draft) {
  std::set<std::string> taken;
  DraftStep step;
  step.name = step_name_like(program_of(job.command), taken);
  step.keys.emplace_back("shell", toml_script(job.command));
  if (shell.starts_with('/') && shell != "/bin/sh") step.keys.emplace_back("interpreter", toml_value(shell));
  if (!shell.starts_with('/')) draft.notes.push_back(fmt::format("SHELL = {}: it is no absolute path", shell));
  if (!job.input.empty()) step.keys.emplace_back("stdin", toml_value(literal_text(job.input)));
  if (home.starts_with('/')) {
    step.keys.emplace_back("directory", toml_value(literal_text(home)));
  } else {
    draft.notes.push_back(
        "the home of its user, which is its working directory with cron, is not known here; say `directory`");
  }
  step.keys.emplace_back("kill", "{ leftovers = true }");
  return step;
}

// FreeBSD writes user:group/class there.
std::string user_in(const std::string& text) {
  return text.substr(0, text.find_first_of(":/"));
}

// Who runs it.
std::string turn_user(const std::string& text, DraftProcess& draft) {
  std::string user = user_in(text);
  if (user != text)
    draft.notes.push_back(fmt::format("user {}: the groups and the class of {} are its own", text, user));
  if (user.empty()) {
    draft.notes.push_back("whose crontab it is is not known: say `user`, or import it with --user");
  } else {
    draft.keys.emplace_back("user", toml_value(user));
  }
  return user;
}

DraftProcess turn_job(const CrontabJob& job, DraftTrigger trigger, const CrontabSource& source, const HomeOf& home_of,
                      DraftBatch& batch) {
  const std::string program = process_name_like(program_of(job.command));
  const bool same = program.empty() || process_name_like(source.name) == program;
  DraftProcess draft;
  draft.name = process_name_like(same ? source.name : source.name + "-" + program, batch.names);
  draft.comments.push_back(fmt::format("From {}, line {}: {}", source.file, job.line, job.text));
  draft.comments.emplace_back(
      "As with cron, it starts though an earlier one still runs (overlap; at most max_instances),");
  draft.comments.emplace_back("is not caught up (catch_up), and what it leaves in the background lives on (kill).");
  draft.keys.emplace_back("description", toml_value(fmt::format("{}, line {}", source.file, job.line)));
  const std::string user = turn_user(job.user.empty() ? source.user : job.user, draft);
  draft.keys.emplace_back("overlap", toml_value("allow"));
  draft.keys.emplace_back("max_instances", std::to_string(max_instances));
  if (job.quiet) draft.notes.emplace_back("the `-` before it keeps it out of cron's log; taktd records each execution");
  Variables variables = job.environment;
  turn_mail(variables, draft);
  turn_words(variables, draft);
  const std::string home = variables.contains("HOME") ? variables.at("HOME") : home_of(user);
  const std::string shell = variables.contains("SHELL") ? take(variables, "SHELL") : "/bin/sh";
  draft.steps.push_back(turn_command(job, shell, home, draft));
  turn_environment(std::move(variables), shell, draft);
  draft.triggers.push_back(std::move(trigger));
  return draft;
}

}  // namespace

std::string program_of(std::string_view command) {
  static const std::set<std::string_view> joints{"&&", "||", ";", "|", "&"};
  static const std::set<std::string_view> prefixes{"{", "(", "!", "exec", "command", "then", "if", "nice", "ionice"};
  static const std::set<std::string_view> beforehand{"cd", "test", "[", "sleep", "umask", "export", "set", "."};
  bool skip = false;
  std::string_view first;
  for (std::size_t at = 0; (at = command.find_first_not_of(" \t", at)) != std::string_view::npos;) {
    const std::size_t end = std::min(command.find_first_of(" \t", at), command.size());
    std::string_view word = command.substr(at, end - at);
    at = end;
    const bool ends = joints.contains(word) || word.ends_with(';');
    const bool assigns = word.find('=') != std::string_view::npos;
    if (!skip && !ends && !assigns && !prefixes.contains(word) && !word.starts_with('-')) {
      word.remove_prefix(std::min(word.find_first_not_of("\"'("), word.size()));
      const std::string_view name = word.substr(word.find_last_of('/') + 1);
      if (first.empty()) first = name;
      if (!beforehand.contains(word)) return std::string(name);
      skip = true;
    }
    if (ends) skip = false;
  }
  return std::string(first);
}

Status import_crontab(const std::string& text, const CrontabSource& source, const HomeOf& home_of, DraftBatch& batch) {
  TAKT_ASSIGN(const std::vector<CrontabJob> jobs, read_crontab(text, source.with_user));
  for (const CrontabJob& job : jobs) {
    if (source.with_user && user_in(job.user).empty())
      return fail(ErrorCode::invalid_input, "line {}: \"{}\" is no user; in this file one stands before the command",
                  job.line, job.user);
    std::string why;
    Result<std::optional<DraftTrigger>> trigger = turn_schedule(job, why);
    if (!trigger) return tl::unexpected<Error>(std::move(trigger).error().in(fmt::format("line {}", job.line)));
    if (!*trigger) {
      batch.notes.push_back(fmt::format("{}, line {}: {}: {}", source.file, job.line, job.text, why));
      continue;
    }
    batch.drafts.push_back(turn_job(job, **std::move(trigger), source, home_of, batch));
  }
  return {};
}

}  // namespace takt
