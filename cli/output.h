// Where taktctl's words go: standard output (through a pager if asked), and standard error for messages.
#pragma once

#include <sys/types.h>

#include <cstdio>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/value.h"
#include "cli/look.h"

namespace takt {

enum class JsonMode { off, compact, pretty };

struct OutputOptions {
  JsonMode json = JsonMode::off;
  bool legend = true;
  bool pager = true;
};

// How texts look on a stream, from what it is and from NO_COLOR, TERM, COLUMNS and the locale.
Look look_of(std::FILE* stream, bool legend);

// Writes to the two streams it is given, and owns neither; it owns the pager it started, and close() waits for it.
class Output {
 public:
  Output(std::FILE* out, std::FILE* error, const OutputOptions& options);
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;
  ~Output() { close(); }

  // Sends what print() gets from here on through a pager, if standard output is a terminal: $TAKT_PAGER,
  // $SYSTEMD_PAGER, $PAGER, or less(1). An empty one or "cat" means none.
  void open_pager();
  void close();
  // Whether all that was printed has arrived so far.
  [[nodiscard]] const Status& written() const { return written_; }

  void print(std::string_view text);
  void flush();
  // A document as --json has it.
  void print_json(const Value& document);
  // A document on a line of its own, whatever the mode: for streams of events.
  void print_json_line(const Value& document);
  // "taktctl: MESSAGE" on standard error.
  void message(std::string_view text);

  [[nodiscard]] const Look& look() const { return look_; }
  [[nodiscard]] bool json() const { return options_.json != JsonMode::off; }
  [[nodiscard]] bool error_is_terminal() const;

 private:
  void note_failure();

  std::FILE* out_;
  std::FILE* error_;
  OutputOptions options_;
  Look look_;
  std::FILE* pipe_ = nullptr;  // to the pager
  pid_t pager_ = -1;
  Status written_;
};

}  // namespace takt
