// How a database is found at the start: new, old, newer, broken, another's, in use.
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <gmock/gmock.h>

#include <array>
#include <ctime>
#include <filesystem>
#include <fstream>

#include "store/schema.h"
#include "unit/store/support.h"

namespace takt {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

class OpenTest : public StoreTest {
 protected:
  Error refusal() {
    auto opened = SqliteStore::open(*loop_, {.folder = folder_.path()});
    EXPECT_FALSE(opened);
    return opened ? Error{} : opened.error();
  }
  void write_file(const std::string& bytes) { std::ofstream(database_path(), std::ios::binary) << bytes; }
  std::string read_file(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  std::int64_t version() {
    return *(*Database::open(database_path(), Database::Mode::read))->integer("PRAGMA user_version");
  }
  // As the one who tries out sqlite3 on it would.
  void execute(const char* sql) {
    ASSERT_TRUE((*Database::open(database_path(), Database::Mode::write))->execute(sql));
  }
};

TEST_F(OpenTest, ANewFolderGetsADatabaseForItsOwnerAlone) {
  auto opened = SqliteStore::open(*loop_, {.folder = folder_.path() + "/deep/state"});
  ASSERT_TRUE(opened) << opened.error().message;
  EXPECT_FALSE(opened->set_aside);
  bool committed = false;
  opened->store->commit({execution_row(1)}, [&](const Status& status) { committed = status.has_value(); });
  wait_for([&] { return committed; });
  const auto mode = [&](const char* name) {
    struct stat status {};
    EXPECT_EQ(::stat((folder_.path() + "/deep/state" + name).c_str(), &status), 0) << name;
    return status.st_mode & 07777;
  };
  EXPECT_EQ(mode(""), 0700u);
  for (const char* name : {"/history.db", "/history.db-wal", "/history.db-shm", "/lock"}) EXPECT_EQ(mode(name), 0600u);
}

TEST_F(OpenTest, AnEmptyFileIsANewDatabase) {
  write_file("");
  open();
  EXPECT_FALSE(set_aside_);
  EXPECT_TRUE(commit({execution_row(1)}));
  EXPECT_EQ(version(), schema_version());
}

TEST_F(OpenTest, EveryTableIsStrict) {
  open();
  const auto database = *Database::open(database_path(), Database::Mode::read);
  EXPECT_EQ(*database->integer("SELECT count(*) FROM pragma_table_list "
                               "WHERE schema = 'main' AND type = 'table' AND name NOT LIKE 'sqlite_%' AND NOT strict"),
            0);
  EXPECT_EQ(*database->integer("SELECT count(*) FROM pragma_table_list WHERE schema = 'main' AND strict"), 10);
}

TEST_F(OpenTest, ANewerDatabaseIsRefusedAndLeftAsItIs) {
  open();
  store_.reset();
  execute("PRAGMA user_version = 99");
  const std::string before = read_file(database_path());
  const Error error = refusal();
  EXPECT_EQ(error.code, ErrorCode::not_supported);
  EXPECT_THAT(error.message,
              HasSubstr(fmt::format("{} was written by a newer taktd (its schema is 99, this one knows {})",
                                    database_path(), schema_version())));
  EXPECT_EQ(read_file(database_path()), before);
}

TEST_F(OpenTest, TheDatabaseOfAnotherProgramIsRefusedAndLeftAsItIs) {
  write_file("");
  execute("CREATE TABLE bookmarks (url TEXT)");
  const std::string before = read_file(database_path());
  const Error error = refusal();
  EXPECT_EQ(error.code, ErrorCode::not_supported);
  EXPECT_THAT(error.message, EndsWith("is the database of another program"));
  EXPECT_EQ(read_file(database_path()), before);
}

TEST_F(OpenTest, AMigrationThatFailsLeavesNothingOfItself) {
  write_file("");
  // Ours by its header, but with a table that the first migration wants to make at its end.
  execute("PRAGMA application_id = 0x54414b54; CREATE TABLE audit (x TEXT)");
  EXPECT_THAT(refusal().message, HasSubstr("bring the history to schema 1: "));
  const auto database = *Database::open(database_path(), Database::Mode::read);
  EXPECT_EQ(*database->integer("PRAGMA user_version"), 0);
  EXPECT_EQ(*database->integer("SELECT count(*) FROM sqlite_schema WHERE type = 'table'"), 1);
}

TEST_F(OpenTest, WhatIsNoDatabaseIsSetAsideAndKept) {
  const std::string bytes = "this is not a database, but somebody may know what it is " + std::string(4096, '!');
  write_file(bytes);
  open();
  ASSERT_TRUE(set_aside_);
  EXPECT_THAT(*set_aside_, StartsWith(database_path() + ".broken-20"));
  EXPECT_EQ(read_file(*set_aside_), bytes);
  EXPECT_TRUE(commit({execution_row(1)}));
}

TEST_F(OpenTest, ADamagedDatabaseIsSetAsideAfterAnUncleanEnd) {
  open();
  std::vector<Record> batch;
  for (ExecutionId id = 1; id <= 500; ++id) batch.emplace_back(execution_row(id));
  ASSERT_TRUE(commit(std::move(batch)));
  store_.reset();
  std::string bytes = read_file(database_path());
  ASSERT_GT(bytes.size(), 40'000u);
  // All but the first page, which holds the header and the schema.
  std::fill(bytes.begin() + 4096, bytes.end(), '\x5a');
  write_file(bytes);
  // A daemon that was killed leaves its write-ahead log; one byte of it says nothing to SQLite.
  std::ofstream(database_path() + "-wal") << 'x';
  open();
  ASSERT_TRUE(set_aside_);
  EXPECT_EQ(read_file(*set_aside_).size(), bytes.size());
  EXPECT_TRUE(store_->load()->executions.empty());
}

// The runner may still know attempts by the ids that were given before.
TEST_F(OpenTest, IdsGoOnFarAwayFromThoseOfAHistoryThatWasLost) {
  write_file("not a database " + std::string(4096, '!'));
  const std::time_t before = std::time(nullptr);
  open();
  ASSERT_TRUE(set_aside_);
  EXPECT_GE(store_->load()->last_execution, static_cast<ExecutionId>(before));
}

TEST_F(OpenTest, TheSecondDaemonIsToldWhoHoldsTheFolder) {
  open();
  const Error error = refusal();
  EXPECT_EQ(error.code, ErrorCode::unavailable);
  EXPECT_EQ(error.message, fmt::format("{} is in use by taktd, pid {}", folder_.path(), ::getpid()));
  store_.reset();
  open();
}

TEST_F(OpenTest, ALockDiesWithItsHolder) {
  std::array<int, 2> ends{};
  ASSERT_EQ(::pipe(ends.data()), 0);
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    const auto lock = FolderLock::take(folder_.path());
    if (!lock || ::write(ends[1], "x", 1) != 1) ::_exit(1);
    for (;;) ::pause();
  }
  ::close(ends[1]);
  const UniqueFd held(ends[0]);
  char byte = 0;
  ASSERT_EQ(::read(held.get(), &byte, 1), 1);
  EXPECT_EQ(refusal().message, fmt::format("{} is in use by taktd, pid {}", folder_.path(), child));
  ASSERT_EQ(::kill(child, SIGKILL), 0);
  ASSERT_EQ(::waitpid(child, nullptr, 0), child);
  open();
}

TEST_F(OpenTest, AFolderThatCannotBeMadeIsAnError) {
  write_file("");
  auto opened = SqliteStore::open(*loop_, {.folder = database_path() + "/below/a/file"});
  ASSERT_FALSE(opened);
  EXPECT_THAT(opened.error().message, EndsWith("Not a directory"));
}

}  // namespace
}  // namespace takt
