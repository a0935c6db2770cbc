// logs: what an execution's steps wrote.
#include <deque>

#include "cli/documents.h"
#include "cli/follow.h"
#include "cli/verbs.h"

namespace takt {
namespace {

struct LogsOptions {
  std::string word;
  std::string step;
  std::optional<std::size_t> lines;
  bool follow = false;
  bool raw = false;
};

// An id, or the newest execution of a process that was not skipped.
Result<std::uint64_t> execution_of(Client& client, const std::string& word) {
  if (const auto id = to_execution_id(word)) return *id;
  TAKT_ASSIGN(const Value process, client.process(word));
  const std::uint64_t id = count_of(process, "last_execution");
  if (id == 0) return fail(ErrorCode::no_such_execution, "{} has not run yet", word);
  return id;
}

LogSink printer(Session& session, const LogsOptions& options) {
  return [&session, &options](const LogLine& line) {
    Output& output = session.output();
    if (!options.step.empty() && line.step != options.step) return;
    if (output.json()) {
      output.print_json_line(to_json(line));
    } else if (options.raw) {
      output.print(line.text + "\n");
    } else {
      output.print(to_text(line, session.zone(), session.look()));
    }
    if (options.follow) output.flush();
  };
}

Status print_log(Session& session, Client& client, std::uint64_t id, const LogsOptions& options) {
  TAKT_ASSIGN(UniqueFd log, client.open_log(id));
  TAKT_ASSIGN(LogReader reader, LogReader::open(std::move(log), false));
  const LogSink print = printer(session, options);
  session.output().open_pager();
  if (!options.lines) {
    TAKT_TRY(reader.read(print));
    reader.finish(print);
    return {};
  }
  std::deque<LogLine> last;
  const LogSink keep = [&](const LogLine& line) {
    if (!options.step.empty() && line.step != options.step) return;
    last.push_back(line);
    if (last.size() > *options.lines) last.pop_front();
  };
  TAKT_TRY(reader.read(keep));
  reader.finish(keep);
  for (const LogLine& line : last) print(line);
  return {};
}

Result<ExitCode> logs(Session& session, const LogsOptions& options) {
  TAKT_ASSIGN(Client * client, session.client());
  TAKT_ASSIGN(const std::uint64_t id, execution_of(*client, options.word));
  if (!options.follow) {
    TAKT_TRY(print_log(session, *client, id, options));
    return ExitCode::ok;
  }
  FollowHooks hooks;
  hooks.line = printer(session, options);
  TAKT_TRY(follow(*client, id, hooks, std::nullopt));
  return ExitCode::ok;
}

}  // namespace

void add_logs(Command& taktctl) {
  const auto options = std::make_shared<LogsOptions>();
  Command verb = taktctl.verb("logs", "Show what an execution's steps wrote");
  verb.option("ID|NAME", options->word, "An execution, or the newest one of a process").required();
  const CommandOption follow = verb.flag("-f,--follow", options->follow, "Go on with what is written, until it ends");
  verb.option("--step", options->step, "Only this step's output").type_name("STEP");
  verb.option("-n,--lines", options->lines, "Only the last lines").type_name("N").not_negative().excludes(follow);
  verb.flag("--raw", options->raw, "Print what was written and nothing else");
  verb.run([options](Session& session) { return logs(session, *options); });
}

}  // namespace takt
