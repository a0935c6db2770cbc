#include "calendar/tzif.h"

#include <algorithm>
#include <array>
#include <cstdint>

namespace takt {
namespace {

using std::chrono::seconds;

// Takes big-endian numbers off the front of some bytes. What is past their end is zero, and the cut is remembered.
class Bytes {
 public:
  explicit Bytes(std::string_view bytes) : left_(bytes) {}

  std::string_view take(std::size_t count) {
    if (count > left_.size()) {
      cut_ = true;
      count = left_.size();
    }
    const std::string_view taken = left_.substr(0, count);
    left_.remove_prefix(count);
    return taken;
  }
  std::int64_t number(std::size_t size) {
    std::uint64_t value = 0;
    const std::string_view taken = take(size);
    for (const char c : taken) value = value << 8U | static_cast<unsigned char>(c);
    const std::size_t unused = 64 - 8 * taken.size();  // its sign is that of its own highest bit
    return taken.empty() ? 0 : static_cast<std::int64_t>(value << unused) >> unused;
  }
  [[nodiscard]] bool cut() const { return cut_; }
  [[nodiscard]] std::string_view left() const { return left_; }

 private:
  std::string_view left_;
  bool cut_ = false;
};

struct Header {
  char version = 0;
  std::size_t utc_marks = 0, standard_marks = 0, leaps = 0, changes = 0, types = 0, letters = 0;

  [[nodiscard]] std::size_t block(std::size_t time_size) const {
    return changes * (time_size + 1) + types * 6 + letters + leaps * (time_size + 4) + standard_marks + utc_marks;
  }
};

Result<Header> read_header(Bytes& bytes) {
  if (bytes.take(4) != "TZif") return fail(ErrorCode::invalid_argument, "it is no file of the tz database");
  Header header;
  header.version = static_cast<char>(bytes.number(1));
  bytes.take(15);
  for (std::size_t* count :
       {&header.utc_marks, &header.standard_marks, &header.leaps, &header.changes, &header.types, &header.letters})
    *count = static_cast<std::size_t>(static_cast<std::uint32_t>(bytes.number(4)));
  if (header.types == 0 || header.types > 256)
    return fail(ErrorCode::invalid_argument, "it has no types of local time");
  return header;
}

WallTime clamped(std::int64_t unix_seconds) {
  return WallTime(std::clamp<seconds>(seconds(unix_seconds),
                                      std::chrono::duration_cast<seconds>(earliest.time_since_epoch()),
                                      std::chrono::duration_cast<seconds>(latest.time_since_epoch())));
}

// Before the first change the first type holds (RFC 8536, 3.2). Changes of a name alone are none here.
std::vector<OffsetSpan> make_spans(const std::vector<std::int64_t>& times, std::string_view types,
                                   const std::vector<seconds>& offsets) {
  std::vector<OffsetSpan> spans{{earliest, latest, offsets.front()}};
  for (std::size_t i = 0; i < times.size(); ++i) {
    const auto type = std::min<std::size_t>(static_cast<unsigned char>(types[i]), offsets.size() - 1);
    const WallTime at = std::max(clamped(times[i]), spans.back().begin);
    if (offsets[type] == spans.back().offset) continue;
    spans.back().end = at;
    if (spans.back().begin == at) spans.pop_back();
    spans.push_back({at, latest, offsets[type]});
  }
  return spans;
}

}  // namespace

Result<ZoneTable> parse_tzif(std::string_view text) {
  Bytes bytes(text);
  TAKT_ASSIGN(Header header, read_header(bytes));
  std::size_t time_size = 4;
  if (header.version >= '2') {  // the first block is for readers of 1980; the same follows with 64 bits
    bytes.take(header.block(time_size));
    TAKT_ASSIGN(header, read_header(bytes));
    time_size = 8;
  }
  if (header.leaps != 0) return fail(ErrorCode::invalid_argument, "it counts leap seconds, which clocks here do not");
  if (header.block(time_size) > bytes.left().size()) return fail(ErrorCode::invalid_argument, "it is cut short");

  std::vector<std::int64_t> times;
  for (std::size_t i = 0; i < header.changes; ++i) times.push_back(bytes.number(time_size));
  const std::string_view types = bytes.take(header.changes);
  std::vector<seconds> offsets;
  for (std::size_t i = 0; i < header.types; ++i) {
    offsets.emplace_back(bytes.number(4));
    bytes.take(2);  // whether it is daylight-saving time, and what it is called
  }
  if (!std::is_sorted(times.begin(), times.end()))
    return fail(ErrorCode::invalid_argument, "its changes are in no order");
  bytes.take(header.letters + header.standard_marks + header.utc_marks);
  ZoneTable table{make_spans(times, types, offsets), std::nullopt};
  std::string_view footer = bytes.left();
  if (time_size == 8 && footer.size() > 2 && footer.front() == '\n' && footer.back() == '\n')
    table.tail = PosixRules::parse(footer.substr(1, footer.size() - 2));
  return table;
}

}  // namespace takt
