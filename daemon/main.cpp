// taktd: options, the object graph, run. The one place that knows everybody.
#include <sys/stat.h>
#include <systemd/sd-id128.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>

#include "base/names.h"
#include "bus/bus.h"
#include "executor/direct.h"
#include "expression/expression.h"
#include "loop/alarms.h"
#include "loop/clock.h"
#include "loop/log.h"
#include "loop/loop.h"
#include "loop/notify.h"
#include "loop/signals.h"
#include "options.h"
#include "runtime/folder_source.h"
#include "runtime/runtime.h"
#include "store/sqlite_store.h"
#include "watch/path.h"

namespace takt {
namespace {

// The folders of files that trigger, told of every change of the definitions.
class PathWatches final : public Watches {
 public:
  explicit PathWatches(PathWatch& watch) : watch_(watch) {}
  void follow(const std::map<std::string, Definition>& definitions) override { watch_.set_triggers(definitions); }

 private:
  PathWatch& watch_;
};

// Hands on what the executor has to say to a runtime that is made after it.
class RuntimeEvents final : public ExecutorEvents {
 public:
  explicit RuntimeEvents(const std::unique_ptr<Runtime>& runtime) : runtime_(runtime) {}
  void attempt_ended(AttemptEnded ended) override { runtime_->attempt_ended(std::move(ended)); }
  void attempt_lost(AttemptLost lost) override { runtime_->attempt_lost(std::move(lost)); }
  void executor_ready() override { runtime_->executor_ready(); }

 private:
  const std::unique_ptr<Runtime>& runtime_;
};

SettingsOutcome read_settings(const std::string& path, const Environment& environment) {
  std::ifstream file(path, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  return parse_settings(path, text, environment);
}

std::string id_text(int (*get)(sd_id128_t*)) {
  sd_id128_t id{};
  char text[SD_ID128_STRING_MAX] = "";
  return get(&id) < 0 ? std::string() : std::string(sd_id128_to_string(id, text));
}

BusAddress bus_address(const Options& options) {
  if (!options.bus.empty()) return {BusAddress::Kind::address, options.bus};
  return {options.user ? BusAddress::Kind::session : BusAddress::Kind::system, ""};
}

std::string status_text(Runtime& runtime) {
  const Totals totals = runtime.totals();
  return fmt::format("{} processes, {} executions running, {} queued", totals.processes, totals.running, totals.queued);
}

// Builds everything, runs until told to stop, and takes it down in reverse.
Status run(const Options& options) {
  const Environment environment = read_environment();
  Places places = find_places(options, environment);
  const SettingsOutcome configured = read_settings(places.config, environment);
  const Settings& settings = configured.settings;
  apply_storage(places, options, settings);
  SystemLog log(settings.log_level, SystemLog::connected());
  for (const Diagnostic& diagnostic : configured.diagnostics)
    log.write({LogPriority::error, names::id_definition_refused, to_text(diagnostic) + "keeping the default", {}});

  ::umask(022);  // definitions are readable; the store and the runner see to their own secrets
  TAKT_ASSIGN(const auto loop, Loop::create());
  TAKT_ASSIGN(const auto notify, Notify::create(*loop));
  TAKT_ASSIGN(auto opened, SqliteStore::open(*loop, {places.storage, settings.durability, nullptr}));
  if (opened.set_aside)
    log.write({LogPriority::error,
               names::id_store,
               fmt::format("the database was broken and is now {}; the history begins anew", *opened.set_aside),
               {}});

  SystemClock clock;
  Evaluator evaluator;
  FolderSource source(places.folders, places.kept, places.transient, evaluator, environment);
  TAKT_ASSIGN(const auto bus, Bus::create(*loop, bus_address(options), TAKT_VERSION, log));

  // The runtime comes after what it uses, and these call back into it: nothing happens before loop->run().
  std::unique_ptr<Runtime> runtime;
  Status ended;
  const auto end = [&](const Error& error) {
    ended = tl::unexpected(error);
    loop->stop();
  };
  TAKT_ASSIGN(const auto alarms,
              LoopAlarms::create(*loop, {[&] { runtime->alarm(); }, [&] { runtime->clock_changed(); }}));
  RuntimeEvents events(runtime);
  const DirectOptions runner{places.runner_socket, options.runner, {"--state", places.runner_state}};
  TAKT_ASSIGN(const auto executor, DirectExecutor::create(*loop, events, log, runner));
  const Runtime::Ports ports{clock,
                             *alarms,
                             *executor,
                             *opened.store,
                             source,
                             *bus,
                             log,
                             [&](std::function<void()> then) { loop->defer(std::move(then)); },
                             [&](const Error& error) { end(Error(error).in("the history cannot be written")); }};
  runtime = std::make_unique<Runtime>(
      ports, settings, evaluator,
      Runtime::Machine{id_text(sd_id128_get_machine), id_text(sd_id128_get_boot), environment});
  TAKT_TRY(runtime->start());

  TAKT_ASSIGN(
      const auto path_watch,
      PathWatch::create(
          *loop, clock,
          {[&](const Firing& firing) { runtime->fire(firing); },
           [&](const std::string& process, const std::string& message) {
             log.write({LogPriority::warning, names::id_trigger, message, {{std::string(names::process), process}}});
           }}));
  PathWatches watches(*path_watch);
  runtime->follow(watches);

  const auto stop = [&] { runtime->stop([&] { loop->stop(); }); };
  TAKT_ASSIGN(const auto signals, Signals::create(*loop, {SIGTERM, SIGINT, SIGHUP}, [&](int signal) {
                if (signal == SIGHUP) {
                  notify->reloading();
                  runtime->reload();
                  notify->ready(status_text(*runtime));
                } else {
                  notify->stopping("waiting for what was begun to be recorded");
                  if (settings.stop_steps)
                    runtime->cancel_all("the daemon stops", stop);
                  else
                    stop();
                }
              }));
  TAKT_TRY(bus->serve(*runtime, [&, named = false](const Status& status) mutable {
    if (status && !named) {
      named = true;
      log.write(
          {LogPriority::info, names::id_started, "taktd " TAKT_VERSION " is ready: " + status_text(*runtime), {}});
      notify->ready(status_text(*runtime));
    } else if (!status && !named) {
      end(status.error());  // nobody could ever reach this daemon
    }
  }));
  TAKT_TRY(loop->run());
  if (ended) log.write({LogPriority::info, names::id_stopping, "taktd stops; steps that run go on", {}});
  return ended;
}

}  // namespace
}  // namespace takt

int main(int argc, char** argv) {
  takt::Options options;
  CLI::App app("taktd: the automation daemon. Reads process definitions, fires their triggers and runs their steps.");
  app.set_version_flag("--version", "taktd " TAKT_VERSION);
  auto* user = app.add_flag("--user", options.user, "Serve the user who starts it, on the session bus");
  app.add_flag_callback(
         "--system", [] {}, "Serve the machine, on the system bus (the default)")
      ->excludes(user);
  app.add_option("--bus", options.bus, "Use the bus at this D-Bus address");
  app.add_option("--state", options.state, "Keep the history and what comes over D-Bus in this folder");
  app.add_option("--config", options.config, "Read the settings from this file");
  app.add_option("--processes", options.processes, "Read definitions from these folders instead of the default ones");
  app.add_option("--runner-socket", options.runner_socket, "Reach takt-runner at this socket");
  app.add_option("--runner", options.runner, "Start this program as takt-runner when nobody listens on its socket");
  CLI11_PARSE(app, argc, argv);
  if (const auto status = takt::run(options); !status) {
    std::fprintf(stderr, "taktd: %s\n", status.error().message.c_str());
    return 1;
  }
  return 0;
}
