#include "runner/output.h"

#include <fmt/core.h>
#include <sys/uio.h>
#include <systemd/sd-journal.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <iterator>
#include <nlohmann/json.hpp>

#include "base/limits.h"
#include "base/names.h"
#include "runner/limits.h"

namespace takt {
namespace {

std::string_view word(Stream stream) {
  return stream == Stream::out ? "out" : "err";
}

}  // namespace

std::int64_t utc_us() {
  const auto since = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::microseconds>(since).count();
}

OutputLog::OutputLog(OutputLabel label, UniqueFd file, bool journal, std::uint64_t allowance, bool capture)
    : label_(std::move(label)), file_(std::move(file)), journal_(journal), allowance_(allowance), capture_(capture) {}

void OutputLog::take(Stream stream, std::string_view bytes) {
  bytes_ += bytes.size();
  tail_.append(bytes.substr(bytes.size() - std::min(bytes.size(), limits::tail_bytes)));
  if (tail_.size() > limits::tail_bytes) tail_.erase(0, tail_.size() - limits::tail_bytes);
  if (capture_ && stream == Stream::out)
    captured_.append(bytes.substr(0, limits::value_bytes + 1 - std::min(captured_.size(), limits::value_bytes + 1)));

  std::string& unfinished = unfinished_[static_cast<std::size_t>(stream)];
  while (!bytes.empty() && !cut_) {
    const std::size_t end = bytes.find('\n');
    const std::size_t room = limits::log_line_bytes - unfinished.size();
    const std::size_t taken = std::min({end, room, bytes.size()});
    unfinished.append(bytes.substr(0, taken));
    const bool ends = taken == end;
    bytes.remove_prefix(taken + (ends ? 1 : 0));
    if (!ends && unfinished.size() < limits::log_line_bytes) break;
    line(stream, unfinished);
    unfinished.clear();
  }
  flush();
}

void OutputLog::finish() {
  for (const Stream stream : {Stream::out, Stream::err}) {
    std::string& unfinished = unfinished_[static_cast<std::size_t>(stream)];
    if (!unfinished.empty() && !cut_) line(stream, unfinished);
    unfinished.clear();
  }
  if (cut_) {
    const std::string note = fmt::format("[output cut: {} of {} bytes kept]", kept_, bytes_);
    fmt::format_to(std::back_inserter(batch_), "{} {} {} err {}\n", utc_us(), label_.step, label_.attempt, note);
    to_journal(Stream::err, note);
  }
  flush();
}

void OutputLog::line(Stream stream, std::string_view text) {
  const std::size_t before = batch_.size();
  fmt::format_to(std::back_inserter(batch_), "{} {} {} {} ", utc_us(), label_.step, label_.attempt, word(stream));
  batch_.append(text);
  batch_.push_back('\n');
  // What stands before the text counts too, or empty lines would be free.
  const std::size_t size = batch_.size() - before;
  if (size > allowance_ - spent_) {
    batch_.resize(before);
    cut_ = true;
    for (std::string& unfinished : unfinished_) std::string().swap(unfinished);
    return;
  }
  spent_ += size;
  kept_ += text.size();
  to_journal(stream, text);
}

// A full disk costs lines, never the child: what could not be written counts as cut.
void OutputLog::flush() {
  for (std::string_view rest = batch_; !rest.empty();) {
    const ssize_t wrote = write(file_.get(), rest.data(), rest.size());
    if (wrote <= 0) {
      cut_ = true;
      break;
    }
    rest.remove_prefix(static_cast<std::size_t>(wrote));
  }
  batch_.clear();
}

void OutputLog::to_journal(Stream stream, std::string_view text) const {
  if (!journal_) return;
  const std::string fields[] = {
      fmt::format("MESSAGE={}", text),
      fmt::format("PRIORITY={}", stream == Stream::out ? 6 : 5),
      fmt::format("SYSLOG_IDENTIFIER={}", label_.process),
      fmt::format("{}={}", names::process, label_.process),
      fmt::format("{}={}", names::execution, label_.execution),
      fmt::format("{}={}", names::step, label_.step),
      fmt::format("{}={}", names::attempt, label_.attempt),
      fmt::format("{}={}", names::stream, word(stream)),
  };
  iovec parts[std::size(fields)];
  for (std::size_t i = 0; i < std::size(fields); ++i)
    parts[i] = {const_cast<char*>(fields[i].data()), fields[i].size()};
  sd_journal_sendv(parts, static_cast<int>(std::size(parts)));
}

std::string OutputLog::tail() const {
  if (bytes_ <= tail_.size()) return tail_;
  const std::size_t start = tail_.find('\n');  // the first line is torn
  return start == std::string::npos || start + 1 == tail_.size() ? tail_ : tail_.substr(start + 1);
}

nlohmann::json OutputLog::save() const {
  return {{"file", file_.get()}, {"bytes", bytes_},           {"kept", kept_}, {"spent", spent_},
          {"cut", cut_},         {"unfinished", unfinished_}, {"tail", tail_}, {"captured", captured_}};
}

void OutputLog::resume(const nlohmann::json& saved) {
  saved.at("bytes").get_to(bytes_);
  saved.at("kept").get_to(kept_);
  spent_ = saved.value("spent", kept_);
  saved.at("cut").get_to(cut_);
  saved.at("unfinished").get_to(unfinished_);
  saved.at("tail").get_to(tail_);
  saved.at("captured").get_to(captured_);
}

}  // namespace takt
