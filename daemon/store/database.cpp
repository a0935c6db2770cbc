#include "store/database.h"

namespace takt {

Query::~Query() {
  if (statement_ == nullptr) return;
  // What reset returns is the error that next() has told already.
  sqlite3_reset(statement_);
  sqlite3_clear_bindings(statement_);
}

void Query::bind_one(int parameter, std::string_view text) {
  // A null pointer would bind NULL.
  const char* data = text.data() == nullptr ? "" : text.data();
  keep(sqlite3_bind_text64(statement_, parameter, data, text.size(), SQLITE_TRANSIENT, SQLITE_UTF8));
}

void Query::bind_one(int parameter, const Value& value) {
  value.is_null() ? bind_null(parameter) : bind_one(parameter, value_text(value));
}

Result<bool> Query::next() {
  if (code_ != SQLITE_OK) return database_->failure(code_);
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  return database_->failure(code);
}

Status Query::run() {
  TAKT_ASSIGN(const bool row, next());
  TAKT_ASSERT(!row);
  return {};
}

std::size_t Query::row_bytes() const {
  std::size_t bytes = 0;
  for (int column = 0; column < sqlite3_column_count(statement_); ++column)
    bytes += static_cast<std::size_t>(sqlite3_column_bytes(statement_, column));
  return bytes;
}

bool Query::take_one(int column, std::string& text) {
  if (sqlite3_column_type(statement_, column) != SQLITE_TEXT) return false;
  const void* data = sqlite3_column_text(statement_, column);
  const auto bytes = static_cast<std::size_t>(sqlite3_column_bytes(statement_, column));
  text.assign(static_cast<const char*>(data), bytes);
  return true;
}

bool Query::take_one(int column, Value& value) {
  value = Value();
  if (sqlite3_column_type(statement_, column) == SQLITE_NULL) return true;
  std::string text;
  if (!take_one(column, text)) return false;
  std::optional<Value> parsed = Value::try_parse(text);
  if (!parsed) return false;
  value = *std::move(parsed);
  return true;
}

bool Query::take_one(int column, WallTime& at) {
  std::int64_t us = 0;
  if (!take_one(column, us)) return false;
  at = wall_from_us(us);
  return true;
}

bool Query::take_one(int column, bool& truth) {
  std::int64_t number = 0;
  if (!take_one(column, number)) return false;
  truth = number != 0;
  return true;
}

Status Query::bad_column(int column) const {
  return fail(ErrorCode::io, "{}: column {} holds what it never should", database_->path(),
              sqlite3_column_name(statement_, column));
}

Result<std::unique_ptr<Database>> Database::open(const std::string& path, Mode mode, const char* vfs) {
  sqlite3* connection = nullptr;
  const int flags = (mode == Mode::write ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY) | SQLITE_OPEN_NOMUTEX |
                    SQLITE_OPEN_EXRESCODE;
  const int code = sqlite3_open_v2(path.c_str(), &connection, flags, vfs);
  std::unique_ptr<Database> database(new Database(path, connection));
  if (code != SQLITE_OK) return database->failure(code);
  return database;
}

Database::~Database() {
  for (const auto& [sql, statement] : statements_) sqlite3_finalize(statement);
  TAKT_ASSERT(sqlite3_close(connection_) == SQLITE_OK);
}

Result<Query> Database::query(std::string_view sql) {
  auto found = statements_.find(sql);
  if (found == statements_.end()) {
    sqlite3_stmt* statement = nullptr;
    const int code = sqlite3_prepare_v3(connection_, sql.data(), static_cast<int>(sql.size()),
                                        SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
    if (code != SQLITE_OK) return failure(code);
    found = statements_.emplace(sql, statement).first;
  }
  TAKT_ASSERT(sqlite3_stmt_busy(found->second) == 0);
  return Query(*this, found->second);
}

Status Database::execute(const char* sql) {
  const int code = sqlite3_exec(connection_, sql, nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return failure(code);
  return {};
}

Result<std::int64_t> Database::integer(std::string_view sql) {
  TAKT_ASSIGN(Query one, query(sql));
  TAKT_ASSIGN(const bool row, one.next());
  TAKT_ASSERT(row);
  std::int64_t value = 0;
  TAKT_TRY(one.take(value));
  return value;
}

tl::unexpected<Error> Database::failure(int code) {
  const char* reason = connection_ == nullptr ? sqlite3_errstr(code) : sqlite3_errmsg(connection_);
  const int primary = code & 0xff;
  broken_ = broken_ || primary == SQLITE_CORRUPT || primary == SQLITE_NOTADB;
  if (code == SQLITE_CONSTRAINT_UNIQUE || code == SQLITE_CONSTRAINT_PRIMARYKEY)
    return fail(ErrorCode::already_exists, "{}: {}", path_, reason);
  if (primary == SQLITE_CONSTRAINT || primary == SQLITE_MISMATCH || primary == SQLITE_TOOBIG)
    return fail(ErrorCode::internal, "{}: {}", path_, reason);
  return fail(ErrorCode::io, "{}: {}", path_, reason);
}

}  // namespace takt
