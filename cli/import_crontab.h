// crontabs -> drafts of definitions, one for each job. Pure.
//
// What cron does by its nature the definition says: a job starts while an earlier one still runs, nothing is caught up,
// what a job leaves in the background lives on, and the working directory is the user's home.
#pragma once

#include <functional>
#include <string>

#include "base/result.h"
#include "cli/import_draft.h"

namespace takt {

struct CrontabSource {
  std::string file;        // as messages name it
  std::string name;        // what the names of its processes begin with
  std::string user;        // whose it is; empty: the lines say it, or nobody does
  bool with_user = false;  // the sixth field of each line is its user
};

// The home of a user; empty when there is no such user here.
using HomeOf = std::function<std::string(const std::string& user)>;

// Adds the jobs of a crontab to `batch`. ErrorCode::invalid_input with the line for what neither cron nor taktd reads.
Status import_crontab(const std::string& text, const CrontabSource& source, const HomeOf& home_of, DraftBatch& batch);

// The program that a shell command is about, for a name: "cd / && run-parts /etc/cron.hourly" is run-parts.
std::string program_of(std::string_view command);

}  // namespace takt
