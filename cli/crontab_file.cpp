#include "cli/crontab_file.h"

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

namespace takt {
namespace {

constexpr std::string_view field_blanks = " \t";
constexpr int schedule_fields = 5;

void skip_blanks(std::string_view& text) {
  text.remove_prefix(std::min(text.find_first_not_of(field_blanks), text.size()));
}

std::string_view take_field(std::string_view& text) {
  skip_blanks(text);
  const std::string_view word = text.substr(0, text.find_first_of(field_blanks));
  text.remove_prefix(word.size());
  return word;
}

std::string_view without_end_blanks(std::string_view text) {
  return text.substr(0, text.find_last_not_of(" \t\r") + 1);
}

// What stands in a pair of quotes at the beginning, if there is one; the text goes on behind it.
std::optional<std::string_view> take_quoted(std::string_view& text) {
  if (text.empty() || (text.front() != '"' && text.front() != '\'')) return std::nullopt;
  const std::size_t end = text.find(text.front(), 1);
  if (end == std::string_view::npos) return std::nullopt;
  const std::string_view inside = text.substr(1, end - 1);
  text.remove_prefix(end + 1);
  return inside;
}

// NAME = VALUE, each in quotes or without; nothing when the line is none.
std::optional<std::pair<std::string, std::string>> read_variable(std::string_view line) {
  std::string_view name;
  if (const auto quoted = take_quoted(line)) {
    name = *quoted;
  } else {
    name = line.substr(0, line.find_first_of(" \t="));
    line.remove_prefix(name.size());
  }
  skip_blanks(line);
  if (name.empty() || !line.starts_with('=')) return std::nullopt;
  line.remove_prefix(1);
  skip_blanks(line);
  std::string_view rest = line;
  const auto quoted = take_quoted(rest);
  const bool whole = quoted && without_end_blanks(rest).empty();
  return std::pair(std::string(name), std::string(whole ? *quoted : without_end_blanks(line)));
}

// do_command.c, child_process: the command ends at the first % without a backslash; "\%" is a percent sign.
std::string take_command(std::string_view& text) {
  std::string command;
  bool escaped = false;
  while (!text.empty() && (text.front() != '%' || escaped)) {
    if (text.front() == '%') command.pop_back();
    command += text.front();
    escaped = !escaped && text.front() == '\\';
    text.remove_prefix(1);
  }
  if (!text.empty()) text.remove_prefix(1);
  return command;
}

// The same function: of what is left each % is a newline, and the last line is ended.
std::string input_of(std::string_view text) {
  std::string input;
  for (const char c : text) {
    const bool escaped = input.ends_with('\\');
    if (c == '%' && escaped) {
      input.back() = '%';
    } else {
      input += c == '%' ? '\n' : c;
    }
  }
  if (!input.empty() && input.back() != '\n') input += '\n';
  return input;
}

Result<CrontabJob> read_job(std::string_view line, bool with_user) {
  CrontabJob job;
  job.quiet = line.starts_with('-');
  if (job.quiet) line.remove_prefix(1);
  job.schedule = take_field(line);
  for (int field = 1; field < schedule_fields && !job.schedule.starts_with('@'); ++field)
    job.schedule.append(" ").append(take_field(line));
  if (with_user) {
    job.user = take_field(line);
    if (job.user.empty()) return fail(ErrorCode::invalid_input, "it ends before the user");
  }
  skip_blanks(line);
  line = line.substr(0, line.find_last_not_of('\r') + 1);
  job.command = take_command(line);
  job.input = input_of(line);
  if (job.command.find_first_not_of(field_blanks) == std::string::npos) {
    return fail(ErrorCode::invalid_input, "it ends before the command: expected {}",
                with_user ? "five fields or @WORD, a user and a command" : "five fields or @WORD, and a command");
  }
  return job;
}

}  // namespace

Result<std::vector<CrontabJob>> read_crontab(const std::string& text, bool with_user) {
  std::vector<CrontabJob> jobs;
  std::map<std::string, std::string> environment;
  std::uint32_t number = 0;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    std::string_view line(text.data() + at, end - at);
    at = end + 1;
    ++number;
    skip_blanks(line);
    if (line.empty() || line == "\r" || line.front() == '#') continue;
    if (auto variable = read_variable(line)) {
      environment.insert_or_assign(std::move(variable->first), std::move(variable->second));
      continue;
    }
    Result<CrontabJob> job = read_job(line, with_user);
    if (!job) return tl::unexpected<Error>(std::move(job).error().in(fmt::format("line {}", number)));
    job->line = number;
    job->text = line;
    job->environment = environment;
    jobs.push_back(*std::move(job));
  }
  return jobs;
}

}  // namespace takt
