// taktd: options, the object graph, run. The one place that knows everybody.
#include <fcntl.h>
#include <sys/stat.h>
#include <systemd/sd-id128.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <optional>

#include "action/action_runner.h"
#include "base/fd.h"
#include "base/names.h"
#include "bus/bus.h"
#include "command_line.h"
#include "definition/limits.h"
#include "executor/direct.h"
#include "expression/expression.h"
#include "loop/alarms.h"
#include "loop/clock.h"
#include "loop/log.h"
#include "loop/loop.h"
#include "loop/notify.h"
#include "loop/signals.h"
#include "runtime/folder_source.h"
#include "runtime/runtime.h"
#include "store/sqlite_store.h"
#include "watch/watches.h"
#include "watch/zones.h"

namespace takt {
namespace {

// Hands on what the executor has to say to a runtime that is made after it.
class RuntimeEvents final : public ExecutorEvents {
 public:
  explicit RuntimeEvents(const std::unique_ptr<Runtime>& runtime) : runtime_(runtime) {}
  void attempt_ended(AttemptEnded ended) override { runtime_->attempt_ended(std::move(ended)); }
  void attempt_lost(AttemptLost lost) override { runtime_->attempt_lost(std::move(lost)); }
  void executor_ready(std::string runner) override { runtime_->executor_ready(std::move(runner)); }

 private:
  const std::unique_ptr<Runtime>& runtime_;
};

// A file that is not there says nothing, unless it was asked for by name.
SettingsOutcome read_settings(const std::string& path, bool by_name, const Environment& environment) {
  const UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  const bool missing = !file.valid() && errno == ENOENT;
  Result<std::string> text = fail_errno("open");
  if (file.valid()) text = read_whole(file.get(), limits::definition_bytes);
  SettingsOutcome outcome = parse_settings(path, text.value_or(""), environment);
  if (!text && (by_name || !missing))
    outcome.diagnostics.push_back({.severity = Severity::error,
                                   .file = path,
                                   .line = 0,
                                   .column = 0,
                                   .key = {},
                                   .message = std::move(text).error().message,
                                   .excerpt = {}});
  return outcome;
}

std::string id_text(int (*get)(sd_id128_t*)) {
  sd_id128_t id{};
  char text[SD_ID128_STRING_MAX] = "";
  return get(&id) < 0 ? std::string() : std::string(sd_id128_to_string(id, text));
}

BusAddress bus_address(const CommandLine& options) {
  if (!options.bus.empty()) return {BusAddress::Kind::address, options.bus};
  return {options.user ? BusAddress::Kind::session : BusAddress::Kind::system, ""};
}

// The buses that steps call on: the one that the daemon serves is given by its address. The machine's daemon has a
// session only when somebody started it within theirs.
ActionBuses action_buses(const CommandLine& options, const Environment& environment) {
  if (options.user) return {"", options.bus};
  const auto session = environment.find("DBUS_SESSION_BUS_ADDRESS");
  const bool within = session != environment.end() && !session->second.empty();
  return {options.bus, within ? std::optional(session->second) : std::nullopt};
}

// All that the runtime stands on, in the order it is built; taken down in reverse. The runtime comes last, and what
// calls back into it does so through `runtime`: nothing calls before the loop runs.
struct Daemon {
  CommandLine options;
  Environment environment = read_environment();
  Places places = find_places(options, environment);
  Settings settings;
  SystemLog log{LogLevel::info, SystemLog::connected()};
  SystemClock clock;
  Evaluator evaluator;
  std::unique_ptr<Loop> loop;
  std::unique_ptr<Signals> signals;
  std::unique_ptr<Notify> notify;
  std::unique_ptr<SqliteStore> store;
  std::unique_ptr<FolderSource> source;
  std::unique_ptr<Bus> bus;
  std::unique_ptr<ActionRunner> actions;
  std::unique_ptr<LoopAlarms> alarms;
  std::unique_ptr<Runtime> runtime;
  RuntimeEvents runtime_events{runtime};
  std::unique_ptr<DirectExecutor> executor;
  std::unique_ptr<ZoneWatch> zones;
  std::unique_ptr<MachineWatches> watches;
  bool ready = false;  // the name is ours: the service manager was told
  Status ended;

  explicit Daemon(CommandLine given) : options(std::move(given)) {}
  Status build();
  Status build_runtime();
  Status build_watches();
  Status serve();
  void on_signal(int signal);
  void end(const Error& error);
  [[nodiscard]] std::string status_text() const;
};

Status Daemon::build() {
  const SettingsOutcome configured = read_settings(places.config, !options.config.empty(), environment);
  settings = configured.settings;
  log.set_level(settings.log_level);
  for (const Diagnostic& diagnostic : configured.diagnostics)
    log.write({LogPriority::error, names::id_definition_refused, to_text(diagnostic) + "keeping the default", {}});
  apply_storage(places, options, settings);
  ::umask(022);  // definitions are readable; the store sees to its own secrets

  TAKT_ASSIGN(loop, Loop::create());
  TAKT_ASSIGN(signals, Signals::create(*loop, {SIGTERM, SIGINT, SIGHUP}, [this](int signal) { on_signal(signal); }));
  TAKT_ASSIGN(notify, Notify::create(*loop));
  TAKT_ASSIGN(auto opened, SqliteStore::open(*loop, {places.storage, settings.durability, nullptr}));
  if (opened.set_aside)
    log.write({LogPriority::error,
               names::id_store,
               fmt::format("the database was broken and is now {}; the history begins anew", *opened.set_aside),
               {}});
  store = std::move(opened.store);
  source = std::make_unique<FolderSource>(places.folders, places.kept, places.transient, evaluator, environment,
                                          settings.pools);
  TAKT_ASSIGN(bus, Bus::create(*loop, bus_address(options), TAKT_VERSION, log));
  return {};
}

Status Daemon::build_runtime() {
  TAKT_ASSIGN(actions, ActionRunner::create(*loop, log, action_buses(options, environment)));
  TAKT_ASSIGN(alarms, LoopAlarms::create(*loop, {[this] { runtime->alarm(); }, [this] { runtime->clock_changed(); }}));
  TAKT_ASSIGN(executor,
              DirectExecutor::create(*loop, runtime_events, log,
                                     {places.runner_socket, options.runner, {"--state", places.runner_state}}));
  const Runtime::Ports ports{clock,
                             *alarms,
                             *executor,
                             *actions,
                             *store,
                             *source,
                             *bus,
                             log,
                             [this](std::function<void()> then) { loop->defer(std::move(then)); },
                             [this](bool began) {
                               if (ready) began ? notify->reloading() : notify->ready(status_text());
                             },
                             [this](const Error& error) { end(Error(error).in("the history cannot be written")); }};
  runtime = std::make_unique<Runtime>(
      ports, settings, evaluator,
      Runtime::Machine{id_text(sd_id128_get_machine), id_text(sd_id128_get_boot), environment});
  TAKT_TRY(runtime->start());

  return build_watches();
}

Status Daemon::build_watches() {
  const auto failed = [this](const std::string& process, const std::string& message) {
    log.write({LogPriority::warning, names::id_trigger, message, {{std::string(names::process), process}}});
  };
  const ActionBuses buses = action_buses(options, environment);
  TAKT_ASSIGN(watches,
              MachineWatches::create(*loop, clock, {buses.system, buses.session, options.user},
                                     {[this](const Firing& firing) { runtime->fire(firing); },
                                      [this](const TriggerSeen& seen) { runtime->seen(seen); },
                                      [this](std::vector<TriggerMark> marks) { runtime->let_go(std::move(marks)); },
                                      [this](FilesSeen seen) { runtime->files_seen(std::move(seen)); }, failed,
                                      [this](const ConstraintSeen& seen) { runtime->constraint_seen(seen); }}));
  runtime->follow(*watches);
  TAKT_ASSIGN(zones, ZoneWatch::create(*loop, {}, [this] { runtime->zones_changed(); }));
  return {};
}

Status Daemon::serve() {
  TAKT_TRY(bus->serve(*runtime, [this](const Status& status) {
    if (status && !ready) {
      ready = true;
      log.write({LogPriority::info, names::id_started, "taktd " TAKT_VERSION " is ready: " + status_text(), {}});
      notify->ready(status_text());
    } else if (!status && !ready) {
      end(status.error());  // nobody could ever reach this daemon
    }
  }));
  TAKT_TRY(loop->run());
  if (ended) log.write({LogPriority::info, names::id_stopping, "taktd stops", {}});
  return ended;
}

void Daemon::on_signal(int signal) {
  if (signal == SIGHUP) return runtime->reload();
  notify->stopping("waiting for what was begun to be recorded");
  const auto stop = [this] { runtime->stop([this] { loop->stop(); }); };
  if (settings.stop_steps)
    runtime->cancel_all("the daemon stops", stop);
  else
    stop();
}

void Daemon::end(const Error& error) {
  ended = tl::unexpected(error);
  loop->stop();
}

std::string Daemon::status_text() const {
  const Totals totals = runtime->totals();
  return fmt::format("{} processes, {} executions running, {} queued", totals.processes, totals.running, totals.queued);
}

Status run(CommandLine options) {
  Daemon daemon(std::move(options));
  TAKT_TRY(daemon.build());
  TAKT_TRY(daemon.build_runtime());
  return daemon.serve();
}

}  // namespace
}  // namespace takt

int main(int argc, char** argv) {
  takt::CommandLine options;
  if (const std::optional<int> status = takt::read_command_line(argc, argv, options)) return *status;
  ::signal(SIGPIPE, SIG_IGN);  // a server that hangs up is a request's failure, not ours
  if (const auto status = takt::run(std::move(options)); !status) {
    std::fprintf(stderr, "taktd: %s\n", status.error().message.c_str());
    return 1;
  }
  return 0;
}
