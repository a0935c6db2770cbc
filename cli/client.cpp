#include "cli/client.h"

#include <fcntl.h>
#include <poll.h>

#include <algorithm>
#include <cerrno>
#include <tuple>
#include <type_traits>

#include "base/limits.h"
#include "base/names.h"
#include "cli/bus_values.h"
#include "cli/documents.h"
#include "cli/manager_events.h"

namespace takt {
namespace {

using DiagnosticRow =
    sdbus::Struct<std::string, std::string, std::uint32_t, std::uint32_t, std::string, std::string, std::string>;

// A row as the tuple that it is, which can be taken apart by name.
template <class... Fields>
const std::tuple<Fields...>& fields(const sdbus::Struct<Fields...>& row) {
  return row;
}

Value to_documents(const std::vector<DiagnosticRow>& rows) {
  Value out = Value::array();
  for (const DiagnosticRow& row : rows) {
    const auto& [severity, file, line, column, key, message, excerpt] = fields(row);
    out.push_back(to_json(Diagnostic{severity == "warning" ? Severity::warning : Severity::error, file, line, column,
                                     key, message, excerpt}));
  }
  return out;
}

Value to_object(const VariantMap& variants) {
  Value out = Value::object();
  for (const auto& [key, variant] : variants) out[key] = to_value(variant);
  return out;
}

std::uint64_t to_usec(WallTime at) {
  return static_cast<std::uint64_t>(std::max<std::int64_t>(0, to_us(at)));
}

VariantMap to_variants(const HistoryFilter& filter) {
  VariantMap variants;
  if (!filter.process.empty()) variants.emplace("process", filter.process);
  if (!filter.states.empty()) variants.emplace("states", filter.states);
  if (filter.since) variants.emplace("since", to_usec(*filter.since));
  if (filter.until) variants.emplace("until", to_usec(*filter.until));
  return variants;
}

VariantMap to_variants(const StatisticsRequest& request) {
  VariantMap variants;
  if (!request.process.empty()) variants.emplace("process", request.process);
  if (request.since) variants.emplace("since_usec", to_usec(*request.since));
  if (request.until) variants.emplace("until_usec", to_usec(*request.until));
  return variants;
}

VariantMap to_variants(const StartTerms& terms) {
  VariantMap variants;
  if (terms.priority) variants.emplace("priority", static_cast<std::int32_t>(*terms.priority));
  if (!terms.version.empty()) variants.emplace("version", terms.version);
  if (terms.at) variants.emplace("at_usec", to_usec(*terms.at));
  if (!terms.key.empty()) variants.emplace("idempotency_key", terms.key);
  return variants;
}

Value all_properties(sdbus::IConnection& connection, const std::string& path, const char* interface) {
  const auto proxy = sdbus::createProxy(connection, names::bus_name, path);
  VariantMap properties;
  proxy->callMethod("GetAll")
      .onInterface("org.freedesktop.DBus.Properties")
      .withArguments(std::string(interface))
      .storeResultsTo(properties);
  return to_object(properties);
}

// The library says "Failed to open bus (No such file or directory)"; the reason is enough.
std::string reason_of(const std::string& message) {
  const std::size_t begin = message.find('(');
  return begin != std::string::npos && message.ends_with(')') ? message.substr(begin + 1, message.size() - begin - 2)
                                                              : message;
}

std::unique_ptr<sdbus::IConnection> open(const BusChoice& choice) {
  switch (choice.kind) {
    case BusPlace::system:
      return sdbus::createSystemBusConnection();
    case BusPlace::user:
      return sdbus::createSessionBusConnection();
    case BusPlace::address:
      break;
  }
  return sdbus::createSessionBusConnectionWithAddress(choice.address);
}

}  // namespace

template <class Call>
auto Client::guarded(Call call) -> Result<decltype(call())> {
  try {
    if constexpr (std::is_void_v<decltype(call())>) {
      call();
      return {};
    } else {
      return call();
    }
  } catch (const sdbus::Error& caught) {
    return tl::unexpected(error(caught.getName(), caught.getMessage()));
  }
}

Client::Client(BusChoice choice, std::unique_ptr<sdbus::IConnection> connection)
    : choice_(std::move(choice)),
      connection_(std::move(connection)),
      manager_(std::make_unique<ManagerProxy>(*connection_, events_)) {}

Client::~Client() = default;

Result<std::unique_ptr<Client>> Client::connect(const BusChoice& choice) {
  try {
    return std::unique_ptr<Client>(new Client(choice, open(choice)));
  } catch (const sdbus::Error& caught) {
    return fail(ErrorCode::unavailable, "{} cannot be reached: {}", to_text(choice), reason_of(caught.getMessage()));
  }
}

Error Client::error(const std::string& name, const std::string& message) const {
  return from_bus_error(name, message, choice_);
}

Result<Value> Client::daemon() {
  return guarded(
      [&] { return daemon_document(all_properties(*connection_, names::bus_path, names::manager_interface)); });
}

Result<Value> Client::processes(const ProcessFilter& filter) {
  VariantMap variants;
  if (!filter.name.empty()) variants.emplace("name", filter.name);
  if (!filter.tag.empty()) variants.emplace("tag", filter.tag);
  if (filter.enabled) variants.emplace("enabled", *filter.enabled);
  return guarded([&] {
    Value out = Value::array();
    for (const auto& row : manager_->ListProcesses(variants)) {
      const auto& [name, object, description, enabled, paused, next, last, outcome, running, queued, more] =
          fields(row);
      out.push_back(process_row({name, object, description, enabled, paused, next, last, outcome, running, queued},
                                to_object(more)));
    }
    return out;
  });
}

Result<Value> Client::process(const std::string& name) {
  return guarded([&] {
    return process_document(all_properties(*connection_, manager_->GetProcess(name), names::process_interface));
  });
}

Result<Value> Client::executions(const HistoryFilter& filter, std::size_t most) {
  const VariantMap variants = to_variants(filter);
  return guarded([&] {
    Value out = Value::array();
    std::string cursor;
    while (out.size() < most) {
      const auto rows = std::min(most - out.size(), limits::page_rows);
      const auto [page, next] = manager_->ListExecutions(variants, cursor, static_cast<std::uint32_t>(rows));
      for (const auto& row : page) {
        const auto& [id, process, state, trigger, queued, started, ended, reason, more] = fields(row);
        if (out.size() < most) {
          out.push_back(execution_row({id, process, state, trigger, queued, started, ended, reason}, to_object(more)));
        }
      }
      if (next.empty()) break;
      cursor = next;
    }
    return out;
  });
}

Result<Value> Client::execution(std::uint64_t id) {
  return guarded([&] { return execution_document(to_object(manager_->DescribeExecution(id))); });
}

Result<Value> Client::upcoming(const std::string& process, std::uint32_t count) {
  VariantMap variants;
  if (!process.empty()) variants.emplace("process", process);
  return guarded([&] {
    Value out = Value::array();
    for (const auto& row : manager_->ListUpcoming(variants, count)) {
      const auto& [at, name, trigger, zone, more] = fields(row);
      out.push_back(upcoming_row(at, name, trigger, zone, to_object(more)));
    }
    return out;
  });
}

Result<Value> Client::diagnostics() {
  return guarded([&] { return to_documents(manager_->ListDiagnostics()); });
}

Result<std::string> Client::definition(const std::string& name, const std::string& version) {
  return guarded([&] { return manager_->GetDefinition(name, version); });
}

Result<Value> Client::process_definition(const std::string& name) {
  return guarded([&] { return definition_document(to_object(manager_->DescribeProcess(name))); });
}

Result<Value> Client::versions(const std::string& name) {
  return guarded([&] {
    Value out = Value::array();
    for (const auto& row : manager_->ListVersions(name)) {
      const auto& [hash, loaded, more] = fields(row);
      out.push_back(version_row(hash, loaded, to_object(more)));
    }
    return out;
  });
}

Result<Value> Client::statistics(const StatisticsRequest& request) {
  return guarded([&] { return statistics_document(to_object(manager_->Statistics(to_variants(request)))); });
}

Result<std::uint64_t> Client::start(const std::string& name, const Value& inputs, const StartTerms& terms) {
  TAKT_ASSIGN(const VariantMap variants, takt::to_variants(inputs));
  return guarded([&] { return std::get<0>(manager_->StartProcess(name, variants, to_variants(terms))); });
}

Status Client::control(Verb verb, std::uint64_t id, const VerbOptions& given) {
  VariantMap options;
  if (!given.reason.empty()) options.emplace("reason", given.reason);
  if (!given.step.empty()) options.emplace("step", given.step);
  if (given.item) options.emplace("item", *given.item);
  if (given.current) options.emplace("current", true);
  if (!given.undo) options.emplace("undo", false);
  return guarded([&] {
    switch (verb) {
      case Verb::pause:
        return manager_->PauseExecution(id, options);
      case Verb::resume:
        return manager_->ResumeExecution(id, options);
      case Verb::cancel:
        return manager_->CancelExecution(id, options);
      case Verb::retry:
        return manager_->RetryExecution(id, options);
    }
  });
}

Status Client::rollback(std::uint64_t id, const std::string& to) {
  VariantMap options;
  if (!to.empty()) options.emplace("to", to);
  return guarded([&] { manager_->RollbackExecution(id, options); });
}

Status Client::approve(std::uint64_t id, const std::string& step, bool yes, const std::string& comment) {
  return guarded([&] { manager_->Approve(id, step, yes, comment); });
}

Result<std::uint32_t> Client::emit(const std::string& event, const Value& payload) {
  TAKT_ASSIGN(const VariantMap variants, takt::to_variants(payload));
  return guarded([&] { return manager_->Emit(event, variants); });
}

Result<std::uint32_t> Client::skip_next(const std::string& name, std::uint32_t count) {
  return guarded([&] { return manager_->SkipNext(name, count); });
}

Status Client::clear_cache(const CacheChoice& choice) {
  VariantMap options;
  if (!choice.process.empty()) options.emplace("process", choice.process);
  if (!choice.step.empty()) options.emplace("step", choice.step);
  if (choice.key) options.emplace("key", *choice.key);
  return guarded([&] { manager_->ClearCache(options); });
}

Status Client::pause_process(const std::string& name, std::optional<WallTime> until) {
  VariantMap options;
  if (until) options.emplace("until_usec", to_usec(*until));
  return guarded([&] { manager_->PauseProcess(name, options); });
}

Status Client::resume_process(const std::string& name) {
  return guarded([&] { manager_->ResumeProcess(name, {}); });
}

Status Client::enable_process(const std::string& name) {
  return guarded([&] { manager_->EnableProcess(name, {}); });
}

Status Client::disable_process(const std::string& name) {
  return guarded([&] { manager_->DisableProcess(name, {}); });
}

Result<Value> Client::put(const std::string& name, const std::string& text, bool transient) {
  VariantMap options;
  if (transient) options.emplace("transient", true);
  return guarded([&] { return to_documents(manager_->PutDefinition(name, text, options)); });
}

Result<Value> Client::reload() {
  return guarded([&] { return to_documents(manager_->Reload()); });
}

Status Client::remove(const std::string& name) {
  return guarded([&] { manager_->DeleteDefinition(name, {}); });
}

Result<UniqueFd> Client::open_log(std::uint64_t id) {
  TAKT_ASSIGN(const UniqueFd received, guarded([&] { return UniqueFd(manager_->OpenLog(id, {}).release()); }));
  UniqueFd log(::fcntl(received.get(), F_DUPFD_CLOEXEC, 3));  // the library's own copy would pass to a pager
  if (!log.valid()) return fail_errno("the log of execution {}", id);
  return log;
}

Status Client::listen(bool steps) {
  return guarded([&] {
    manager_->listen();
    if (steps) manager_->Subscribe();
  });
}

Status Client::begin_wait(std::uint64_t id) {
  return guarded([&] { manager_->begin_wait(id); });
}

Status Client::wait(int fd, std::optional<Duration> timeout) {
  TAKT_TRY(guarded([&] {
    while (connection_->processPendingRequest()) {
    }
  }));
  if (!events_.empty()) return {};
  const sdbus::IConnection::PollData bus = connection_->getEventLoopPollData();
  int wait_ms = bus.getPollTimeout();  // -1: for ever
  if (timeout) {
    const auto own = std::chrono::ceil<std::chrono::milliseconds>(*timeout).count();
    const int own_ms = static_cast<int>(std::clamp<std::int64_t>(own, 0, INT32_MAX));
    wait_ms = wait_ms < 0 ? own_ms : std::min(wait_ms, own_ms);
  }
  pollfd fds[2] = {{bus.fd, bus.events, 0}, {fd, POLLIN, 0}};  // poll(2) passes over a negative descriptor
  if (::poll(fds, 2, wait_ms) < 0 && errno != EINTR) return fail_errno("wait for the bus");
  return guarded([&] {
    while (connection_->processPendingRequest()) {
    }
  });
}

std::optional<BusEvent> Client::take_event() {
  if (events_.empty()) return std::nullopt;
  BusEvent event = std::move(events_.front());
  events_.pop_front();
  return event;
}

}  // namespace takt
