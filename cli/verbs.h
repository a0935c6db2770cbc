// The verbs of taktctl: each adds itself to the command line.
#pragma once

#include <functional>

#include "cli/command.h"
#include "cli/session.h"

namespace takt {

void add_approve_and_reject(Command& taktctl);
void add_cache(Command& taktctl);
void add_calendar(Command& taktctl);
void add_cancel(Command& taktctl);
void add_check(Command& taktctl);
void add_delete(Command& taktctl);
void add_diff(Command& taktctl);
void add_emit(Command& taktctl);
void add_enable_and_disable(Command& taktctl);
void add_graph(Command& taktctl);
void add_history(Command& taktctl);
void add_import(Command& taktctl);
void add_list(Command& taktctl);
void add_logs(Command& taktctl);
void add_monitor(Command& taktctl);
void add_next(Command& taktctl);
void add_pause_and_resume(Command& taktctl);
void add_put(Command& taktctl);
void add_reload(Command& taktctl);
void add_retry(Command& taktctl);
void add_rollback(Command& taktctl);
void add_show(Command& taktctl);
void add_simulate(Command& taktctl);
void add_skip(Command& taktctl);
void add_start(Command& taktctl);
void add_stats(Command& taktctl);
void add_status(Command& taktctl);
void add_template(Command& taktctl);
void add_top(Command& taktctl);
void add_version(Command& taktctl);
void add_versions(Command& taktctl);
void add_wait(Command& taktctl);
void add_why(Command& taktctl);

// `taktctl` without a verb.
Result<ExitCode> show_overview(Session& session);

// Does one thing to each of several words. What fails is told and the rest goes on; the last failure's exit code wins.
ExitCode for_each_word(Session& session, const std::vector<std::string>& words,
                       const std::function<Status(const std::string&)>& act);

}  // namespace takt
