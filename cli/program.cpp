#include "cli/program.h"

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

void add_verbs(CLI::App& app, Run& run) {
  add_status(app, run);
  add_top(app, run);
  add_list(app, run);
  add_show(app, run);
  add_graph(app, run);
  add_start(app, run);
  add_pause_and_resume(app, run);
  add_cancel(app, run);
  add_retry(app, run);
  add_rollback(app, run);
  add_approve_and_reject(app, run);
  add_emit(app, run);
  add_skip(app, run);
  add_wait(app, run);
  add_logs(app, run);
  add_history(app, run);
  add_stats(app, run);
  add_next(app, run);
  add_why(app, run);
  add_reload(app, run);
  add_check(app, run);
  add_enable_and_disable(app, run);
  add_versions(app, run);
  add_diff(app, run);
  add_put(app, run);
  add_delete(app, run);
  add_cache(app, run);
  add_simulate(app, run);
  add_import(app, run);
  add_template(app, run);
  add_calendar(app, run);
  add_monitor(app, run);
  add_version(app, run);
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
  add_verbs(app, run);
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
