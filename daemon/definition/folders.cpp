#include "definition/folders.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <optional>

#include "base/fd.h"
#include "base/limits.h"
#include "base/sha256.h"
#include "definition/definition.h"
#include "definition/file.h"
#include "definition/limits.h"

namespace takt {
namespace {

constexpr std::string_view suffix = ".toml";
constexpr std::string_view drop_in_suffix = ".toml.d";

// Where one file was found. A later layer's takes an earlier one's place.
struct Found {
  std::string folder;
  std::string name;
  [[nodiscard]] std::string path() const { return folder + "/" + name; }
};

// What the layers hold of one process.
struct Candidate {
  std::optional<Found> file;
  std::map<std::string, Found> drop_ins;  // by file name, which is their order
  bool refused = false;
};

Diagnostic about(const std::string& path, std::string message, Severity severity = Severity::error) {
  return {.severity = severity,
          .file = path,
          .line = 0,
          .column = 0,
          .key = {},
          .message = std::move(message),
          .excerpt = {}};
}

UniqueFd open_folder(int at, const std::string& path) {
  return UniqueFd(::openat(at, path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
}

std::string user_name(uid_t uid) {
  std::array<char, 16384> buffer{};
  passwd entry{};
  passwd* found = nullptr;
  if (::getpwuid_r(uid, &entry, buffer.data(), buffer.size(), &found) == 0 && found != nullptr) return entry.pw_name;
  return std::to_string(uid);
}

bool exists(int folder, const std::string& name) {
  return ::faccessat(folder, name.c_str(), F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

// Reads the layers, first what is there, then what it says; of one process, when it has a name.
class Loader {
 public:
  Loader(const Folders& folders, const ParseContext& context, const std::string& name,
         const std::map<std::string, Definition>& known)
      : folders_(folders), context_(context), name_(name), known_(known) {}

  LoadedDefinitions load() {
    for (const auto& layer : folders_.layers) scan_layer(layer);
    for (const auto& [name, candidate] : candidates_) load_one(name, candidate);
    if (!name_.empty())  // what is wrong with a whole folder is no news of one process
      std::erase_if(loaded_.diagnostics, [this](const Diagnostic& one) { return !is_about(one.file, name_); });
    return std::move(loaded_);
  }

 private:
  void tell(Diagnostic diagnostic) { loaded_.diagnostics.push_back(std::move(diagnostic)); }

  void scan_layer(const std::string& layer) {
    const UniqueFd folder = open_folder(AT_FDCWD, layer);
    if (!folder.valid() && errno == ENOENT) return;
    const auto names = folder.valid() ? candidates_in(folder.get()) : fail_errno("open");
    if (!names) {
      loaded_.unread.push_back(layer);
      return tell(about(layer, names.error().message + "; what was taken from it goes on"));
    }
    // Whoever may write to a folder may put any file there, so that the files' own modes would say nothing.
    const auto safe = check_permissions(folder.get(), folders_.owner);
    if (!safe) tell(about(layer, safe.error().message));
    for (const auto& name : *names) {
      if (name.ends_with(suffix))
        add_file(layer, name, safe.has_value());
      else if (name.ends_with(drop_in_suffix))
        add_drop_ins(layer, name, safe ? open_folder(folder.get(), name) : UniqueFd());
    }
  }

  [[nodiscard]] Result<std::vector<std::string>> candidates_in(int folder) const {
    if (name_.empty()) return list_folder(folder);
    std::vector<std::string> names;
    for (const std::string_view ending : {suffix, drop_in_suffix})
      if (std::string name = name_ + std::string(ending); exists(folder, name)) names.push_back(std::move(name));
    return names;
  }

  // The candidate for a file or a folder of drop-ins; null when its name cannot be a process's.
  Candidate* candidate(const std::string& layer, const std::string& name, std::string_view ending) {
    const auto stem = name.substr(0, name.size() - ending.size());
    if (!valid_process_name(stem)) {
      tell(about(layer + "/" + name, "its name is not that of a process: expected a-z, 0-9, \".\", \"_\" and \"-\"",
                 Severity::warning));
      return nullptr;
    }
    if (candidates_.size() >= limits::definitions && !candidates_.contains(stem)) {
      if (!full_)
        tell(about(layer,
                   fmt::format("there are more than {} definitions; the others are left out", limits::definitions)));
      full_ = true;
      return nullptr;
    }
    return &candidates_[stem];
  }

  void add_file(const std::string& layer, const std::string& name, bool safe) {
    auto* found = candidate(layer, name, suffix);
    if (found == nullptr) return;
    found->file = Found{layer, name};
    found->refused = found->refused || !safe;
  }

  void add_drop_ins(const std::string& layer, const std::string& name, const UniqueFd& folder) {
    auto* found = candidate(layer, name, drop_in_suffix);
    if (found == nullptr) return;
    const auto path = layer + "/" + name;
    const auto refuse = [&](std::string_view why) {
      found->refused = true;
      if (!why.empty()) tell(about(path, std::string(why)));
    };
    if (!folder.valid()) return refuse("");
    if (const auto safe = check_permissions(folder.get(), folders_.owner); !safe) return refuse(safe.error().message);
    const auto names = list_folder(folder.get());
    if (!names) return refuse(names.error().message);
    for (const auto& drop_in : *names)
      if (drop_in.ends_with(suffix)) found->drop_ins[drop_in] = Found{path, drop_in};
    if (found->drop_ins.size() > limits::drop_ins) refuse(fmt::format("more than {} drop-ins", limits::drop_ins));
  }

  // A file's text, or that it masks; nothing at all, and told, when it is refused.
  std::optional<std::optional<FileText>> read(const Found& found) {
    const UniqueFd folder = open_folder(AT_FDCWD, found.folder);
    auto text = folder.valid() ? read_file(folder.get(), found.name, folders_.owner)
                               : Result<std::optional<FileText>>(fail_errno("open"));
    if (text) return std::move(text).value();
    tell(about(found.path(), text.error().message));
    return std::nullopt;
  }

  void load_one(const std::string& name, const Candidate& candidate) {
    if (!candidate.file) {
      tell(about(candidate.drop_ins.empty() ? name : candidate.drop_ins.begin()->second.path(),
                 fmt::format("there is no {}.toml that it could add to", name), Severity::warning));
      return;
    }
    const auto refuse = [&] { loaded_.refused.insert(name); };
    if (candidate.refused) return refuse();
    const auto file = read(*candidate.file);
    if (!file) return refuse();
    if (!*file) return;  // masked
    std::vector<SourceText> drop_ins;
    for (const auto& [drop_in, found] : candidate.drop_ins) {
      const auto text = read(found);
      if (!text) return refuse();
      if (!*text) continue;
      drop_ins.push_back({found.path(), (*text)->text});
    }
    ParseContext context = context_;
    context.default_user = folders_.owner_user.empty() && (*file)->owner == 0 ? "root" : folders_.owner_user;
    const SourceText source{candidate.file->path(), (*file)->text};
    std::string digest = digest_of(source, drop_ins, context);
    if (const auto same = known_.find(name); same != known_.end() && same->second->sources == digest) {
      loaded_.good.insert(*same);
      return;
    }
    auto outcome = parse_definition(name, source, drop_ins, context);
    if (outcome.definition) {
      if (outcome.diagnostics.empty()) outcome.definition->sources = std::move(digest);
      loaded_.good[name] = std::move(outcome.definition);
    } else {
      refuse();
    }
    for (auto& diagnostic : outcome.diagnostics) tell(std::move(diagnostic));
  }

  // Of all that one reload may find changed. A text with a NUL in it is refused, so that the parts cannot run together.
  static std::string digest_of(const SourceText& file, const std::vector<SourceText>& drop_ins,
                               const ParseContext& context) {
    std::string all = context.default_user + '\0' + context.local_zone.name();
    const auto add = [&all](const SourceText& source) { ((all += '\0') += source.path + '\0') += source.text; };
    add(file);
    for (const SourceText& drop_in : drop_ins) add(drop_in);
    return sha256_hex(all);
  }

  const Folders& folders_;
  const ParseContext& context_;
  const std::string& name_;
  const std::map<std::string, Definition>& known_;
  std::map<std::string, Candidate> candidates_;
  LoadedDefinitions loaded_;
  bool full_ = false;
};

// $VARIABLE, or `fallback` below the home folder; empty when neither is an absolute path, which the XDG base directory
// specification has us ignore.
std::string base_folder(const std::map<std::string, std::string>& environment, const char* variable,
                        const char* fallback) {
  const auto absolute = [&](const char* name) {
    const auto found = environment.find(name);
    return found != environment.end() && found->second.starts_with('/') ? found->second : std::string();
  };
  if (auto named = absolute(variable); !named.empty()) return named;
  const auto home = absolute("HOME");
  return home.empty() || fallback == nullptr ? "" : home + fallback;
}

// Makes a folder and those above it, as far as they are missing.
Status make_folders(const std::string& path) {
  for (std::size_t at = path.find('/', 1);; at = path.find('/', at + 1)) {
    const auto part = path.substr(0, at);
    if (::mkdir(part.c_str(), 0755) < 0 && errno != EEXIST) return fail_errno("create {}", part);
    if (at == std::string::npos) return {};
  }
}

// "NAME.toml" or "NAME.toml.d/DROP-IN.toml", taken apart; nothing for anything else.
struct Relative {
  std::string folder;  // of the drop-in; empty: none
  std::string file;
};
std::optional<Relative> take_apart(const std::string& relative) {
  const auto is_file = [](const std::string& name) {
    return name.ends_with(suffix) && valid_process_name(name.substr(0, name.size() - suffix.size()));
  };
  const auto slash = relative.find('/');
  if (slash == std::string::npos) return is_file(relative) ? std::optional(Relative{"", relative}) : std::nullopt;
  const Relative parts{relative.substr(0, slash), relative.substr(slash + 1)};
  const bool good =
      parts.folder.ends_with(".d") && is_file(parts.folder.substr(0, parts.folder.size() - 2)) && is_file(parts.file);
  return good ? std::optional(parts) : std::nullopt;
}

Status remove_file(int top, int folder, const Relative& parts) {
  if (::unlinkat(folder, parts.file.c_str(), 0) < 0) {
    if (errno == ENOENT) return fail(ErrorCode::no_such_process, "there is no {}", parts.file);
    return fail_errno("remove {}", parts.file);
  }
  // The last drop-in takes its folder along; one that is not empty stays.
  if (!parts.folder.empty()) ::unlinkat(top, parts.folder.c_str(), AT_REMOVEDIR);
  if (::fsync(top) < 0) return fail_errno("fsync");
  return {};
}

}  // namespace

bool valid_process_name(std::string_view name) {
  const auto letter_or_digit = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
  return !name.empty() && name.size() <= limits::name_bytes && letter_or_digit(name.front()) &&
         std::ranges::all_of(name, [&](char c) { return letter_or_digit(c) || c == '.' || c == '_' || c == '-'; });
}

Folders system_folders() {
  return {
      .layers = {"/usr/lib/takt/processes", "/var/lib/takt/processes", "/run/takt/processes", "/etc/takt/processes"},
      .owner = ::geteuid(),
      .owner_user = {}};
}

Folders user_folders(const std::map<std::string, std::string>& environment) {
  Folders folders{
      .layers = {"/usr/lib/takt/user-processes"}, .owner = ::geteuid(), .owner_user = user_name(::geteuid())};
  for (const auto& base :
       {base_folder(environment, "XDG_DATA_HOME", "/.local/share"),
        base_folder(environment, "XDG_RUNTIME_DIR", nullptr), base_folder(environment, "XDG_CONFIG_HOME", "/.config")})
    if (!base.empty()) folders.layers.push_back(base + "/takt/processes");
  return folders;
}

LoadedDefinitions load_definitions(const Folders& folders, const ParseContext& context, const std::string& name,
                                   const std::map<std::string, Definition>& known) {
  return Loader(folders, context, name, known).load();
}

void LoadedDefinitions::replace(const std::string& name, LoadedDefinitions one) {
  std::erase_if(diagnostics, [&](const Diagnostic& diagnostic) { return is_about(diagnostic.file, name); });
  std::move(one.diagnostics.begin(), one.diagnostics.end(), std::back_inserter(diagnostics));
  good.erase(name);
  good.merge(one.good);
  refused.erase(name);
  refused.merge(one.refused);
  unread = std::move(one.unread);
}

bool is_about(const std::string& file, const std::string& name) {
  const std::filesystem::path path = file;
  const std::string drop_ins = name + std::string(drop_in_suffix);
  return file == name || path.filename() == name + std::string(suffix) || path.filename() == drop_ins ||
         path.parent_path().filename() == drop_ins;
}

Status write_definition(const std::string& folder, const std::string& relative, std::string_view text) {
  const auto parts = take_apart(relative);
  if (!parts) return fail(ErrorCode::invalid_argument, "\"{}\" is not the file of a definition", relative);
  if (text.size() > limits::definition_bytes)
    return fail(ErrorCode::limit_exceeded, "{} bytes; at most {} are taken", text.size(), limits::definition_bytes);
  if (!text.empty()) TAKT_TRY(make_folders(parts->folder.empty() ? folder : folder + "/" + parts->folder));
  const UniqueFd top = open_folder(AT_FDCWD, folder);
  const UniqueFd within = parts->folder.empty() ? open_folder(AT_FDCWD, folder) : open_folder(top.get(), parts->folder);
  if (!top.valid() || !within.valid()) {
    if (errno == ENOENT && text.empty()) return fail(ErrorCode::no_such_process, "there is no {}", relative);
    return fail_errno("open {}/{}", folder, parts->folder);
  }
  auto done =
      text.empty() ? remove_file(top.get(), within.get(), *parts) : replace_file(within.get(), parts->file, text);
  if (!done) return tl::unexpected(std::move(done).error().in(folder + "/" + relative));
  return done;
}

}  // namespace takt
