// SQLite as the tables use it: a connection, and queries that bind and take C++ values.
#pragma once

#include <sqlite3.h>

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>

#include "base/assert.h"
#include "base/result.h"
#include "base/time.h"
#include "base/value.h"
#include "engine/records.h"

namespace takt {

class Database;

// One use of a prepared statement: bind, then next() for each row or run(). Its end makes the statement ready for the
// next use, so there is one Query of a text at a time. The first error of a bind is told by next() and run().
//
// What a column holds: integers as they are, instants as microseconds UTC, enumerations as their words, a Value as JSON
// text; an empty optional and a null Value as NULL.
class Query {
 public:
  Query(Query&& other) noexcept
      : database_(other.database_), statement_(std::exchange(other.statement_, nullptr)), code_(other.code_) {}
  Query& operator=(Query&&) = delete;
  ~Query();

  // To ?1, ?2, … in order.
  template <class... Values>
  void bind(const Values&... values) {
    int parameter = 0;
    (bind_one(++parameter, values), ...);
  }
  template <class... Values>
  void bind(const std::tuple<Values...>& values) {
    std::apply([this](const auto&... value) { this->bind(value...); }, values);
  }

  template <class T>
  void bind_at(int parameter, const T& value) {
    bind_one(parameter, value);
  }

  // Goes to the next row; false when there is none.
  Result<bool> next();
  // To its end, for a statement that gives no rows.
  Status run();

  // The columns of this row, in order. An error says that a column holds what it never should.
  template <class... Fields>
  Status take(Fields&... fields) {
    int column = -1;
    const bool good = (take_one(++column, fields) && ...);
    return good ? Status() : bad_column(column);
  }
  template <class... Fields>
  Status take(const std::tuple<Fields&...>& fields) {
    return std::apply([this](auto&... field) { return this->take(field...); }, fields);
  }
  // Bytes of text in this row.
  [[nodiscard]] std::size_t row_bytes() const;

 private:
  friend class Database;
  Query(Database& database, sqlite3_stmt* statement) : database_(&database), statement_(statement) {}

  void bind_null(int parameter) { keep(sqlite3_bind_null(statement_, parameter)); }
  void bind_one(int parameter, std::string_view text);
  void bind_one(int parameter, const std::string& text) { bind_one(parameter, std::string_view(text)); }
  void bind_one(int parameter, const Value& value);
  void bind_one(int parameter, WallTime at) { bind_one(parameter, to_us(at)); }
  template <class T>
  requires std::is_integral_v<T>
  void bind_one(int parameter, T number) {
    TAKT_ASSERT(std::in_range<std::int64_t>(static_cast<std::conditional_t<std::is_same_v<T, bool>, int, T>>(number)));
    keep(sqlite3_bind_int64(statement_, parameter, static_cast<sqlite3_int64>(number)));
  }
  template <class T>
  requires std::is_enum_v<T>
  void bind_one(int parameter, T word) { bind_one(parameter, to_word(word)); }
  template <class T>
  void bind_one(int parameter, const std::optional<T>& value) {
    value ? bind_one(parameter, *value) : bind_null(parameter);
  }
  void keep(int code) {
    if (code_ == SQLITE_OK) code_ = code;
  }

  bool take_one(int column, std::string& text);
  bool take_one(int column, Value& value);
  bool take_one(int column, WallTime& at);
  bool take_one(int column, bool& truth);
  bool take_one(int column, Outcome& outcome) { return take_word(column, outcome, outcome_from_word); }
  bool take_one(int column, ExecutionState& state) { return take_word(column, state, execution_state_from_word); }
  bool take_one(int column, StepState& state) { return take_word(column, state, step_state_from_word); }
  bool take_one(int column, Phase& phase) { return take_word(column, phase, phase_from_word); }
  bool take_one(int column, AttemptKind& kind) { return take_word(column, kind, attempt_kind_from_word); }
  template <class T>
  requires std::is_integral_v<T>
  bool take_one(int column, T& number) {
    const sqlite3_int64 value = sqlite3_column_int64(statement_, column);
    if (sqlite3_column_type(statement_, column) != SQLITE_INTEGER || !std::in_range<T>(value)) return false;
    number = static_cast<T>(value);
    return true;
  }
  template <class T>
  bool take_one(int column, std::optional<T>& value) {
    value.reset();
    return sqlite3_column_type(statement_, column) == SQLITE_NULL || take_one(column, value.emplace());
  }
  template <class T>
  bool take_word(int column, T& value, std::optional<T> (*from_word)(std::string_view)) {
    std::string word;
    if (!take_one(column, word)) return false;
    const std::optional<T> found = from_word(word);
    if (found) value = *found;
    return found.has_value();
  }
  [[nodiscard]] Status bad_column(int column) const;

  Database* database_;
  sqlite3_stmt* statement_;
  int code_ = SQLITE_OK;
};

// Owns one connection and its prepared statements. Belongs to one thread at a time. It knows no table.
class Database {
 public:
  enum class Mode { write, read };
  // `vfs` is a VFS of SQLite by its name; null: the default one. The file must exist, and stay where it is.
  static Result<std::unique_ptr<Database>> open(const std::string& path, Mode mode, const char* vfs = nullptr);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  // The statement of this text, prepared at its first use.
  Result<Query> query(std::string_view sql);
  // Statements that give no rows, once.
  Status execute(const char* sql);
  // One value of one row: PRAGMA user_version and the like.
  Result<std::int64_t> integer(std::string_view sql);

  [[nodiscard]] const std::string& path() const { return path_; }
  // SQLite has found the file not to be a database, or a damaged one.
  [[nodiscard]] bool broken() const { return broken_; }
  void found_broken() { broken_ = true; }
  [[nodiscard]] bool in_transaction() const { return sqlite3_get_autocommit(connection_) == 0; }

 private:
  friend class Query;
  Database(std::string path, sqlite3* connection) : path_(std::move(path)), connection_(connection) {}
  // already_exists: a row that must be the only one of its key. internal: another rule of the tables is violated.
  // io: all else, and then the fault is the disk's (or the machine's), not the statement's.
  tl::unexpected<Error> failure(int code);

  std::string path_;
  sqlite3* connection_;
  std::map<std::string, sqlite3_stmt*, std::less<>> statements_;
  bool broken_ = false;
};

}  // namespace takt
