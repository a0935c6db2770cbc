// PathWatch on the kernel's inotify, in a folder of the test's own. That something does not fire is shown by a later
// event that does: the kernel keeps their order.
#pragma once

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <map>
#include <set>

#include "definition/definition.h"
#include "loop/clock.h"
#include "loop/loop.h"
#include "support/patience.h"
#include "support/temp_folder.h"
#include "watch/path.h"

namespace takt::test {

namespace fs = std::filesystem;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

inline constexpr Duration deadline = patience;
inline constexpr Duration millisecond = std::chrono::milliseconds(1);

inline UniqueFd open_file(const fs::path& path) {
  UniqueFd fd(::open(path.c_str(), O_CREAT | O_WRONLY | O_APPEND | O_CLOEXEC, 0644));
  EXPECT_TRUE(fd.valid()) << path;
  return fd;
}
inline void write_to(const UniqueFd& fd) {
  ASSERT_EQ(::write(fd.get(), "x", 1), 1);
}
inline void write_file(const fs::path& path) {
  write_to(open_file(path));
}

class PathWatchTest : public testing::Test {
 protected:
  explicit PathWatchTest(const fs::path& parent = fs::temp_directory_path()) : folder(parent) {
    loop = Loop::create().value();
    live();
  }

  // A daemon begins, with what is recorded.
  void live() {
    PathWatch::Callbacks callbacks;
    callbacks.seen = [this](const FilesSeen& seen) { record(seen); };
    callbacks.fired = [this](Firing firing) { firings.push_back(std::move(firing)); };
    callbacks.failed = [this](const std::string& process, const std::string& message) {
      failures.push_back(process + ": " + message);
    };
    watch = PathWatch::create(*loop, clock, std::move(callbacks)).value();
    std::vector<SeenFileRow> rows;
    for (const auto& [key, row] : seen_files) rows.push_back(row);
    watch->restore(std::move(rows));
  }
  void record(const FilesSeen& seen) {
    for (const ForgetSeenFiles& gone : seen.gone)
      std::erase_if(seen_files, [&](const auto& one) {
        return one.first.first == gone.key && one.first.second == gone.path.value_or(one.first.second);
      });
    for (const SeenFileRow& row : seen.seen) seen_files[{row.key, row.path}] = row;
  }

  static Trigger trigger(const PathTrigger& path) {
    std::string key = "path " + path.glob;
    return {.key = key, .kind = path, .when = "", .inputs = Value::object(), .enabled = true};
  }
  void follow(std::vector<Trigger> triggers, bool enabled = true) {
    auto definition = std::make_shared<ProcessDefinition>();
    definition->name = "p";
    definition->enabled = enabled;
    definition->triggers = std::move(triggers);
    watch->set_triggers({{"p", definition}});
  }
  void follow(const PathTrigger& path) { follow({trigger(path)}); }
  void follow(const std::string& glob, std::vector<PathEvent> events = {PathEvent::created},
              Duration settle = Duration(0)) {
    follow({trigger({root / glob, std::move(events), settle})});
  }

  // Turns the loop until so many have fired since the last call; what they say: "created a/b.csv".
  std::vector<std::string> wait(std::size_t count) {
    const BootTime end = clock.now().boot + deadline;
    while (firings.size() < count && clock.now().boot < end) {
      EXPECT_TRUE(loop->turn(end - clock.now().boot).has_value());
    }
    std::vector<std::string> result;
    for (const Firing& firing : firings) {
      const fs::path path = firing.fields["path"].get<std::string>();
      EXPECT_EQ(firing.fields["name"], path.filename().string());
      result.push_back(firing.fields["event"].get<std::string>() + " " + path.lexically_relative(root).string());
    }
    last = std::exchange(firings, {});
    return result;
  }
  void wait_for_failure() {
    const BootTime end = clock.now().boot + deadline;
    while (failures.empty() && clock.now().boot < end) {
      EXPECT_TRUE(loop->turn(end - clock.now().boot).has_value());
    }
  }

  TempFolder folder;
  fs::path root{folder.path()};
  SystemClock clock;
  std::unique_ptr<Loop> loop;
  std::unique_ptr<PathWatch> watch;
  std::vector<Firing> firings;
  std::vector<Firing> last;
  std::vector<std::string> failures;
  std::map<std::pair<std::string, std::string>, SeenFileRow> seen_files;  // what is recorded, by key and path
};

inline const std::vector<PathEvent> all{PathEvent::created, PathEvent::modified, PathEvent::deleted};

}  // namespace takt::test
