#include "cli/program.h"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "base/nearest.h"
#include "cli/verbs.h"
#include "cli/version.h"

namespace takt {
namespace {

struct CommonOptions {
  bool system = false;
  bool user = false;
  std::string address;
  std::string json = "off";
  bool json_short_cut = false;
  bool no_legend = false;
  bool no_pager = false;
};

void add_common(CLI::App& app, CommonOptions& options) {
  app.add_flag("--system", options.system, "Talk to the system's taktd (the default)");
  app.add_flag("--user", options.user, "Talk to the user's own taktd");
  app.add_option("--bus", options.address, "Talk to the taktd on the bus at this D-Bus address")->type_name("ADDRESS");
  app.add_option("--json", options.json, "Print JSON")
      ->type_name("short|pretty|off")
      ->check([](const std::string& word) {
        return word == "short" || word == "pretty" || word == "off" ? "" : "write short, pretty or off";
      });
  app.add_flag("-j", options.json_short_cut, "As --json=pretty on a terminal, else as --json=short");
  app.add_flag("--no-legend", options.no_legend, "Print no headers and footers");
  app.add_flag("--no-pager", options.no_pager, "Do not pipe output into a pager");
}

void add_verbs(Command& taktctl) {
  add_status(taktctl);
  add_top(taktctl);
  add_list(taktctl);
  add_show(taktctl);
  add_graph(taktctl);
  add_start(taktctl);
  add_pause_and_resume(taktctl);
  add_cancel(taktctl);
  add_retry(taktctl);
  add_rollback(taktctl);
  add_approve_and_reject(taktctl);
  add_emit(taktctl);
  add_skip(taktctl);
  add_wait(taktctl);
  add_logs(taktctl);
  add_history(taktctl);
  add_stats(taktctl);
  add_next(taktctl);
  add_why(taktctl);
  add_reload(taktctl);
  add_check(taktctl);
  add_enable_and_disable(taktctl);
  add_versions(taktctl);
  add_diff(taktctl);
  add_put(taktctl);
  add_delete(taktctl);
  add_cache(taktctl);
  add_simulate(taktctl);
  add_import(taktctl);
  add_template(taktctl);
  add_calendar(taktctl);
  add_monitor(taktctl);
  add_version(taktctl);
}

Result<BusChoice> bus_choice(const CommonOptions& options) {
  const int named = int{options.system} + int{options.user} + int{!options.address.empty()};
  if (named > 1) return fail(ErrorCode::invalid_argument, "--system, --user and --bus exclude each other");
  if (options.user) return BusChoice{BusPlace::user, ""};
  if (!options.address.empty()) return BusChoice{BusPlace::address, options.address};
  return BusChoice{};
}

OutputOptions output_options(const CommonOptions& options, std::FILE* out) {
  JsonMode json = options.json == "short" ? JsonMode::compact : JsonMode::off;
  if (options.json == "pretty") json = JsonMode::pretty;
  if (options.json_short_cut) json = look_of(out, true).terminal ? JsonMode::pretty : JsonMode::compact;
  return {json, !options.no_legend, !options.no_pager};
}

void write(std::FILE* stream, const std::string& text) {
  std::fwrite(text.data(), 1, text.size(), stream);
}

// "unknown verb frob" instead of CLI11's words, with the verb that was probably meant; empty for other errors.
std::string unknown_verb(const CLI::App& app) {
  const std::vector<std::string> rest = app.remaining();
  if (!app.get_subcommands().empty() || rest.empty() || rest.front().starts_with('-')) return "";
  std::vector<std::string_view> verbs;
  for (const CLI::App* verb : app.get_subcommands(nullptr)) verbs.push_back(verb->get_name());
  const std::string_view meant = nearest_name(rest.front(), verbs);
  return fmt::format("unknown verb {}{}", rest.front(), meant.empty() ? "" : fmt::format("; did you mean {}?", meant));
}

// Help and --version are no errors to CLI11's callers, but are told as such.
int tell_parse_error(const CLI::App& app, const CLI::ParseError& error, std::FILE* out, std::FILE* err) {
  if (error.get_exit_code() == 0) {
    std::ostringstream text;
    app.exit(error, text, text);
    write(out, text.str());
    return static_cast<int>(ExitCode::ok);
  }
  const auto verbs = app.get_subcommands();
  const std::string verb = verbs.empty() ? "" : " " + verbs.front()->get_name();
  const std::string unknown = unknown_verb(app);
  const std::string what = unknown.empty() ? error.what() : unknown;
  write(err, fmt::format("taktctl: {}\nTry 'taktctl{} --help'.\n", what, verb));
  return static_cast<int>(ExitCode::usage);
}

}  // namespace

ExitCode for_each_word(Session& session, const std::vector<std::string>& words,
                       const std::function<Status(const std::string&)>& act) {
  ExitCode worst = ExitCode::ok;
  for (const std::string& word : words) {
    if (const Status done = act(word); !done) {
      session.output().message(words.size() == 1 ? done.error().message : word + ": " + done.error().message);
      worst = exit_code(done.error().code);
    }
  }
  return worst;
}

int run_taktctl(int argc, const char* const* argv, std::FILE* out, std::FILE* error) {
  CLI::App app("Drives and watches taktd, the automation daemon.", "taktctl");
  app.fallthrough();
  app.require_subcommand(0, 1);
  app.set_version_flag("--version", std::string("taktctl ") + taktctl_version());
  CommonOptions options;
  Run run = show_overview;
  add_common(app, options);
  app.footer("The options of 'taktctl --help' go with it too. See taktctl(1).");  // of the verbs, which take it over
  Command taktctl(app, run);
  add_verbs(taktctl);
  app.footer("Without a verb, the status of everything is shown. See taktctl(1).");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& caught) {
    return tell_parse_error(app, caught, out, error);
  }
  Output output(out, error, output_options(options, out));
  const auto bus = bus_choice(options);
  if (!bus) {
    output.message(bus.error().message);
    return static_cast<int>(ExitCode::usage);
  }
  Session session(*bus, output);
  const Result<ExitCode> done = run(session);
  output.close();
  const Error* error_told = !done ? &done.error() : !output.written() ? &output.written().error() : nullptr;
  if (error_told == nullptr) return static_cast<int>(*done);
  output.message(error_told->message);
  return static_cast<int>(exit_code(error_told->code));
}

}  // namespace takt
