// The words between taktd and takt-runner: orders go to the runner, reports come back. One message is one CBOR object,
// carried by runner/packet.h. Both ends speak through these types alone; whatever comes in is checked and bounded here.
//
// A runner says hello to whoever connects.
// The way of an attempt:  StartOrder -> StartedReport -> EndedReport (kept, and told again to whoever asks) ->
// AcknowledgeOrder. A start of a token that is known already is answered, never done twice.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"

namespace takt {

// Where an attempt's result is found. `output` and `lines` are both its stdout; the difference is the reader's.
enum class Capture { file, output, lines, nothing };

// ---- Orders

struct StartOrder {
  std::string token;  // the attempt's name: letters, digits, '.', '_', '-'; at most limits::name_bytes
  std::uint64_t execution = 0;
  std::string process;
  std::string step;
  std::uint32_t attempt = 1;
  std::vector<std::string> argv;  // not empty
  std::map<std::string, std::string> environment;
  std::string user;            // empty: the runner's own
  std::string directory;       // empty: the execution's work directory
  std::string standard_input;  // empty: /dev/null
  std::string context;         // for the file TAKT_CONTEXT
  Capture capture = Capture::file;
  bool leftovers = false;       // let live what the child left running
  std::uint64_t log_bytes = 0;  // of output that is kept
};
struct SignalOrder {
  std::string token;
  int signal = 0;
};
struct FreezeOrder {
  std::string token;
};
struct ThawOrder {
  std::string token;
};
struct KillOrder {  // everything of the attempt, at once
  std::string token;
};
// All attempts that the peer still cares for. For each one comes a RunningReport, an EndedReport or a LostReport; the
// ends of others are let go.
struct ListOrder {
  std::vector<std::string> tokens;
};
struct AcknowledgeOrder {
  std::string token;
};
struct ForgetOrder {  // work directory and log of an execution
  std::uint64_t execution = 0;
};
struct OpenLogOrder {
  std::uint64_t execution = 0;
};
using RunnerOrder = std::variant<StartOrder, SignalOrder, FreezeOrder, ThawOrder, KillOrder, ListOrder,
                                 AcknowledgeOrder, ForgetOrder, OpenLogOrder>;

// ---- Reports

struct HelloReport {
  std::string runner;  // names it from its start to its end, through each re-exec; no other runner ever has this name
};
struct StartedReport {
  std::string token;
  int pid = 0;
};
struct RunningReport {
  std::string token;
  int pid = 0;
};
struct EndedReport {
  std::string token;
  std::optional<int> exit_code;
  std::optional<int> signal;
  std::string error;  // it did not start: "exec /usr/bin/x: No such file or directory"
  Capture capture = Capture::file;
  std::optional<std::string> result;  // the text of the result file or of stdout; nothing: there is none
  std::string result_error;           // why it could not be taken
  std::int64_t cpu_user_us = 0;
  std::int64_t cpu_system_us = 0;
  std::int64_t memory_peak_bytes = 0;
  std::int64_t io_read_bytes = 0;
  std::int64_t io_write_bytes = 0;
  std::uint64_t output_bytes = 0;
  bool output_cut = false;
  std::string output_tail;
  std::int64_t ended_at_us = 0;  // UTC
};
struct LostReport {  // the runner knows nothing of it
  std::string token;
};
struct LogReport {  // the descriptor comes with the packet, unless there is an error
  std::uint64_t execution = 0;
  std::string error;
};
using RunnerReport = std::variant<HelloReport, StartedReport, RunningReport, EndedReport, LostReport, LogReport>;

// Message <-> CBOR. Decoding refuses what is malformed, too large or out of bounds: ErrorCode::invalid_argument, with
// what is wrong.
std::string encode(const RunnerOrder& order);
std::string encode(const RunnerReport& report);
Result<RunnerOrder> decode_order(std::string_view bytes);
Result<RunnerReport> decode_report(std::string_view bytes);

}  // namespace takt
