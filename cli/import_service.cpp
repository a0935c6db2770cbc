#include "cli/import_service.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/time.h"
#include "cli/unit_command.h"

namespace takt {
namespace {

constexpr const char* service_section = "Service";

// What all commands of a service have in common.
struct ServiceSteps {
  std::map<std::string, std::string> variables;
  std::vector<std::pair<std::string, std::string>> keys;  // of each step
  std::optional<std::string> start_timeout;               // of what comes before and after the main command
  std::optional<std::string> main_timeout;
  std::set<std::string> names;
};

Error at_place(Error error, const UnitSetting& setting) {
  return std::move(error).in(fmt::format("{}: line {}: {}", setting.file, setting.line, setting.key));
}

Status take_environment(SystemdUnit& service, ServiceSteps& steps, DraftProcess& draft) {
  for (const UnitSetting& setting : service.take_list(service_section, "Environment")) {
    const Result<std::vector<std::string>> words = unit_words(setting.value);
    if (!words) return tl::unexpected<Error>(at_place(words.error(), setting));
    for (const std::string& word : *words) {
      const std::string text = service.expanded(word);
      const std::size_t equals = text.find('=');
      if (equals == std::string::npos || !is_variable_name(text.substr(0, equals))) {
        draft.notes.push_back(
            fmt::format("{}: Environment = {} sets no variable that a definition can", service.name(), text));
      } else {
        steps.variables.insert_or_assign(text.substr(0, equals), text.substr(equals + 1));
      }
    }
  }
  for (const auto& [name, value] : steps.variables)
    draft.environment.emplace_back(name, toml_value(literal_text(value)));
  for (const UnitSetting& setting : service.take_list(service_section, "EnvironmentFile"))
    draft.notes.push_back(
        fmt::format("{}: EnvironmentFile = {}: say its variables in [environment]", service.name(), setting.value));
  return {};
}

// Where and as whom it runs.
void take_place(SystemdUnit& service, const std::string& default_directory, ServiceSteps& steps, DraftProcess& draft) {
  if (const auto user = service.take(service_section, "User")) draft.keys.emplace_back("user", toml_value(*user));
  std::string directory = service.take(service_section, "WorkingDirectory").value_or(default_directory);
  if (directory.starts_with('-')) {
    directory.erase(0, 1);
    draft.notes.push_back(fmt::format("{}: WorkingDirectory = -{}: it has to be there", service.name(), directory));
  }
  if (directory == "~") {
    draft.notes.push_back(
        fmt::format("{}: WorkingDirectory = ~: say the home of its user as `directory`", service.name()));
  } else if (!directory.empty()) {
    steps.keys.emplace_back("directory", toml_value(literal_text(directory)));
  }
}

// The value of the key; nothing where it is no span, which systemd ignores.
std::optional<std::string> take_span(SystemdUnit& service, const std::string& key, DraftProcess& draft) {
  std::optional<std::string> text = service.take(service_section, key);
  if (!text || *text == "infinity" || unit_span(*text)) return text;
  draft.notes.push_back(fmt::format("{}: {} = {}: it is no time span", service.name(), key, *text));
  return std::nullopt;
}

// The span as a definition has it, where "infinity" and 0 are none.
std::optional<std::string> limit(const std::optional<std::string>& text) {
  const Result<Duration> span = unit_span(text.value_or("infinity"));
  if (!span || *span == Duration(0)) return std::nullopt;
  return format_duration(*span);
}

// Of a service that is no oneshot the main command may run for RuntimeMaxSec=, and TimeoutStartSec= is about what comes
// before it; each command has it anew.
void take_timeouts(SystemdUnit& service, bool oneshot, ServiceSteps& steps, DraftProcess& draft) {
  const auto both = take_span(service, "TimeoutSec", draft);
  const auto start = take_span(service, "TimeoutStartSec", draft);
  const auto stop = take_span(service, "TimeoutStopSec", draft);
  steps.start_timeout = limit(start ? start : both);
  steps.main_timeout = oneshot ? steps.start_timeout : limit(take_span(service, "RuntimeMaxSec", draft));
  std::vector<std::string> kill;
  if (const auto signal = service.take(service_section, "KillSignal"))
    kill.push_back("signal = " + toml_value(*signal));
  if (const auto grace = limit(stop ? stop : both)) kill.push_back("grace = " + toml_value(*grace));
  const std::string mode = service.take(service_section, "KillMode").value_or("control-group");
  if (mode == "process" || mode == "none") kill.emplace_back("leftovers = true");
  if (!kill.empty()) steps.keys.emplace_back("kill", fmt::format("{{ {} }}", fmt::join(kill, ", ")));
}

void note_type(const std::string& type, const SystemdUnit& service, ServiceSteps& steps, DraftProcess& draft) {
  if (type == "oneshot" || type == "simple" || type == "exec" || type == "idle") return;
  draft.notes.push_back(fmt::format("{}: Type = {}: the step ends when its program ends", service.name(), type));
  const auto has_kill = std::ranges::any_of(steps.keys, [](const auto& key) { return key.first == "kill"; });
  if (type == "forking" && !has_kill) steps.keys.emplace_back("kill", "{ leftovers = true }");
}

void note_command(const UnitCommand& command, const std::string& step, DraftProcess& draft) {
  if (command.other_name)
    draft.notes.push_back(fmt::format("step {}: `@`: the program sees its own name as the first argument", step));
  if (command.some_privileges) draft.notes.push_back(fmt::format("step {}: `!`: it runs as the process's user", step));
  for (const std::string& name : command.empty) {
    draft.notes.push_back(
        fmt::format("step {}: ${{{}}} has no value in the unit, and nothing was put in its place", step, name));
  }
}

Status add_steps(SystemdUnit& service, const std::string& key, const std::optional<std::string>& timeout,
                 ServiceSteps& steps, DraftProcess& draft) {
  for (const UnitSetting& setting : service.take_list(service_section, key)) {
    const Result<std::vector<UnitCommand>> commands = unit_commands(
        setting.value, steps.variables, [&service](std::string_view text) { return service.expanded(text); });
    if (!commands) return tl::unexpected<Error>(at_place(commands.error(), setting));
    for (const UnitCommand& command : *commands) {
      DraftStep step;
      const std::string& program = command.argv.front();
      step.name = step_name_like(program.substr(program.rfind('/') + 1), steps.names);
      Value argv = Value::array();
      for (const std::string& word : command.argv) argv.push_back(literal_text(word));
      step.keys.emplace_back("run", toml_value(argv));
      if (command.may_fail) step.keys.emplace_back("continue_on_failure", "true");
      if (command.as_root) step.keys.emplace_back("user", toml_value("root"));
      if (timeout) step.keys.emplace_back("timeout", toml_value(*timeout));
      step.keys.insert(step.keys.end(), steps.keys.begin(), steps.keys.end());
      note_command(command, step.name, draft);
      draft.steps.push_back(std::move(step));
    }
  }
  return {};
}

}  // namespace

Status import_service(SystemdUnit& service, const std::string& default_directory, DraftProcess& draft) {
  ServiceSteps steps;
  const std::string type = service.take(service_section, "Type").value_or("simple");
  if (const auto text = service.take("Unit", "Description")) draft.keys.emplace_back("description", toml_value(*text));
  for (const UnitSetting& setting : service.take_list("Unit", "Documentation"))
    draft.comments.push_back(fmt::format("{}: see {}", service.name(), setting.value));
  take_place(service, default_directory, steps, draft);
  TAKT_TRY(take_environment(service, steps, draft));
  take_timeouts(service, type == "oneshot", steps, draft);
  note_type(type, service, steps, draft);
  TAKT_TRY(add_steps(service, "ExecStartPre", steps.start_timeout, steps, draft));
  TAKT_TRY(add_steps(service, "ExecStart", steps.main_timeout, steps, draft));
  TAKT_TRY(add_steps(service, "ExecStartPost", steps.start_timeout, steps, draft));
  const std::vector<std::string> notes = service.notes();
  draft.notes.insert(draft.notes.end(), notes.begin(), notes.end());
  return {};
}

}  // namespace takt
