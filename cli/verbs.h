// The verbs of taktctl: each adds its subcommand, and when the command line chose it leaves what is to run.
#pragma once

#include <CLI/App.hpp>
#include <functional>

#include "cli/session.h"

namespace takt {

using Run = std::function<Result<ExitCode>(Session&)>;

void add_approve_and_reject(CLI::App& app, Run& run);
void add_cache(CLI::App& app, Run& run);
void add_calendar(CLI::App& app, Run& run);
void add_cancel(CLI::App& app, Run& run);
void add_check(CLI::App& app, Run& run);
void add_delete(CLI::App& app, Run& run);
void add_diff(CLI::App& app, Run& run);
void add_emit(CLI::App& app, Run& run);
void add_enable_and_disable(CLI::App& app, Run& run);
void add_graph(CLI::App& app, Run& run);
void add_history(CLI::App& app, Run& run);
void add_import(CLI::App& app, Run& run);
void add_list(CLI::App& app, Run& run);
void add_logs(CLI::App& app, Run& run);
void add_monitor(CLI::App& app, Run& run);
void add_next(CLI::App& app, Run& run);
void add_pause_and_resume(CLI::App& app, Run& run);
void add_put(CLI::App& app, Run& run);
void add_reload(CLI::App& app, Run& run);
void add_retry(CLI::App& app, Run& run);
void add_rollback(CLI::App& app, Run& run);
void add_show(CLI::App& app, Run& run);
void add_simulate(CLI::App& app, Run& run);
void add_skip(CLI::App& app, Run& run);
void add_start(CLI::App& app, Run& run);
void add_stats(CLI::App& app, Run& run);
void add_status(CLI::App& app, Run& run);
void add_template(CLI::App& app, Run& run);
void add_top(CLI::App& app, Run& run);
void add_version(CLI::App& app, Run& run);
void add_versions(CLI::App& app, Run& run);
void add_wait(CLI::App& app, Run& run);
void add_why(CLI::App& app, Run& run);

// `taktctl` without a verb.
Result<ExitCode> show_overview(Session& session);

// Does one thing to each of several words. What fails is told and the rest goes on; the last failure's exit code wins.
ExitCode for_each_word(Session& session, const std::vector<std::string>& words,
                       const std::function<Status(const std::string&)>& act);

}  // namespace takt
