// What an attempt writes to its stdout and stderr: kept line by line, within bounds.
//
// A line of the log file reads `<UTC µs> <step> <attempt> <out|err> <text>`. A line longer than limits::log_line_bytes
// is split. Once an attempt's lines have filled its allowance the rest is only counted, and a last line says so.
#pragma once

#include <array>
#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "base/fd.h"

namespace takt {

// The wall clock, in microseconds of UTC: lines and ends carry it.
std::int64_t utc_us();

enum class Stream { out, err };

// Whose output it is.
struct OutputLabel {
  std::string process;
  std::uint64_t execution = 0;
  std::string step;
  std::uint32_t attempt = 1;
};

// Owns the log file's descriptor, and what of the output is held in memory: two unfinished lines, the tail, and what is
// captured for the result. Never reads anything itself.
class OutputLog {
 public:
  // `allowance` bytes are written to the file. `capture`: stdout is gathered too, up to one byte over
  // limits::value_bytes.
  OutputLog(OutputLabel label, UniqueFd file, bool journal, std::uint64_t allowance, bool capture);

  void take(Stream stream, std::string_view bytes);
  // The end: unfinished lines, and what was cut.
  void finish();

  [[nodiscard]] std::uint64_t bytes() const { return bytes_; }
  [[nodiscard]] bool cut() const { return cut_; }
  // The last limits::tail_bytes of both streams, from the start of a line.
  [[nodiscard]] std::string tail() const;
  [[nodiscard]] const std::string& captured() const { return captured_; }

  // For a re-exec. The file's descriptor travels by its number.
  [[nodiscard]] nlohmann::json save() const;
  void resume(const nlohmann::json& saved);
  [[nodiscard]] int file() const { return file_.get(); }

 private:
  void line(Stream stream, std::string_view text);
  void flush();
  void to_journal(Stream stream, std::string_view text) const;

  OutputLabel label_;
  UniqueFd file_;
  bool journal_;
  std::uint64_t allowance_;
  bool capture_;
  std::uint64_t bytes_ = 0;  // seen
  std::uint64_t kept_ = 0;   // of these, written
  std::uint64_t spent_ = 0;  // of the allowance
  bool cut_ = false;
  std::array<std::string, 2> unfinished_;
  std::string tail_;
  std::string captured_;
  std::string batch_;  // formatted lines that are written together
};

}  // namespace takt
