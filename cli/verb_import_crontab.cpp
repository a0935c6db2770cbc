// import crontab: the lines of cron's files, each as a definition. No daemon is asked.
#include <pwd.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>

#include "cli/definition_files.h"
#include "cli/import_batch.h"
#include "cli/import_crontab.h"

namespace takt {
namespace {

namespace fs = std::filesystem;

struct CrontabOptions {
  std::string file;
  std::string user;
  std::string name;
  std::string root;
  bool system = false;
  bool with_user = false;
  ImportTarget target;
};

// Of the machine's users, or of those in the passwd(5) of another root.
std::string home_of(const std::string& root, const std::string& user) {
  if (root.empty()) {
    const passwd* entry = ::getpwnam(user.c_str());
    return entry == nullptr ? "" : entry->pw_dir;
  }
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen((root + "/etc/passwd").c_str(), "re"),
                                                             &std::fclose);
  if (!file) return "";
  while (const passwd* entry = ::fgetpwent(file.get()))
    if (entry->pw_name == user) return entry->pw_dir;
  return "";
}

// cron(8) takes only names of letters, digits, "_" and "-" from /etc/cron.d.
bool is_read_by_cron(const std::string& name) {
  return std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  });
}

Result<std::vector<CrontabSource>> system_sources(const std::string& root, DraftBatch& batch) {
  std::vector<CrontabSource> sources;
  std::error_code error;
  if (fs::exists(root + "/etc/crontab", error)) sources.push_back({root + "/etc/crontab", "crontab", "", true});
  std::vector<fs::path> files;
  for (const fs::directory_entry& entry : fs::directory_iterator(root + "/etc/cron.d", error))
    files.push_back(entry.path());
  std::ranges::sort(files);
  for (const fs::path& file : files) {
    const std::string name = file.filename();
    if (!fs::is_regular_file(file, error)) {
      batch.notes.push_back(fmt::format("{}: it is no file", file.string()));
    } else if (is_read_by_cron(name)) {
      sources.push_back({file, name, "", true});
    } else if (!name.starts_with('.')) {
      batch.notes.push_back(fmt::format("{}: cron does not read a file of this name", file.string()));
    }
  }
  if (sources.empty())
    return fail(ErrorCode::io, "there is neither {0}/etc/crontab nor a file in {0}/etc/cron.d", root);
  return sources;
}

bool is_system_file(const std::string& path) {
  std::error_code gone;  // the folder it would be in, which is none of these then
  const fs::path file = fs::absolute(path, gone).lexically_normal();
  return file == "/etc/crontab" || file.parent_path() == "/etc/cron.d";
}

Result<std::vector<CrontabSource>> sources_of(const CrontabOptions& options, DraftBatch& batch) {
  if (int{!options.file.empty() || !options.user.empty()} + int{options.system} != 1)
    return fail(ErrorCode::invalid_argument, "expected one of FILE, --user and --system");
  if (options.system) return system_sources(options.root, batch);
  if (options.file.empty()) {
    return std::vector<CrontabSource>{
        {options.root + "/var/spool/cron/crontabs/" + options.user, options.user, options.user, false}};
  }
  const std::string name = options.file == "-" ? "crontab" : fs::path(options.file).filename().string();
  const bool with_user = options.user.empty() && (options.with_user || is_system_file(options.file));
  return std::vector<CrontabSource>{{options.file, name, options.user, with_user}};
}

Result<ExitCode> import(Session& session, const CrontabOptions& options) {
  DraftBatch batch;
  TAKT_ASSIGN(const std::vector<CrontabSource> sources, sources_of(options, batch));
  const auto homes = [&options](const std::string& user) { return home_of(options.root, user); };
  for (CrontabSource source : sources) {
    if (!options.name.empty()) source.name = options.name;
    TAKT_ASSIGN(const std::string text, read_definition(source.file));
    if (Status added = import_crontab(text, source, homes, batch); !added)
      return tl::unexpected<Error>(std::move(added).error().in(source.file));
  }
  return give_batch(session, std::move(batch), options.target);
}

}  // namespace

void add_import_crontab(Command& verb) {
  const auto options = std::make_shared<CrontabOptions>();
  Command one = verb.verb("crontab", "The lines of cron's files, each as a process");
  one.option("FILE", options->file, "A crontab; - is standard input");
  one.option("--user", options->user, "The crontab of this user, or FILE as this user's").type_name("USER");
  one.flag("--system", options->system, "/etc/crontab and the files in /etc/cron.d");
  one.flag("--system-format", options->with_user, "The sixth field of FILE is the user, as in /etc/crontab");
  one.option("--as", options->name, "What the names begin with, if not the file's name").type_name("NAME");
  one.option("--root", options->root, "Look for cron's files and users below this folder").type_name("DIR");
  add_target(one, options->target);
  one.run([options](Session& session) { return import(session, *options); });
}

}  // namespace takt
