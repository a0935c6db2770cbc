// Layers, masks, drop-ins and permissions, in folders of the test's own. Runs as root, or leaves out what needs root.
#include "definition/folders.h"
#include "definition/definition.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "definition/limits.h"
#include "support.h"
#include "support/temp_folder.h"

namespace takt {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

class FoldersTest : public testing::Test {
 protected:
  FoldersTest() {
    for (const auto* layer : {"low", "high"}) fs::create_directories(top_ / layer);
    folders_.layers = {top_ / "low", top_ / "missing", top_ / "high"};
    folders_.owner = ::geteuid();
  }

  void put(const std::string& path, const std::string& text, mode_t mode = 0644) {
    fs::create_directories((top_ / path).parent_path());
    std::ofstream(top_ / path) << text;
    ::chmod((top_ / path).c_str(), mode);
  }
  std::string get(const std::string& path) {
    std::stringstream text;
    text << std::ifstream(top_ / path).rdbuf();
    return text.str();
  }
  LoadedDefinitions load(const std::string& name = "", const std::map<std::string, Definition>& known = {}) {
    return load_definitions(folders_, context_, name, known);
  }
  static std::vector<std::string> names(const LoadedDefinitions& loaded) {
    std::vector<std::string> result;
    for (const auto& [name, definition] : loaded.good) result.push_back(name);
    return result;
  }

  Evaluator evaluator_;
  ParseContext context_{evaluator_, test_environment};
  test::TempFolder top_;
  Folders folders_;
};

std::string described(const std::string& description) {
  return "description = '" + description + "'\nuser = 'root'\n" + one_step;
}

TEST_F(FoldersTest, ALaterLayerWinsTheWholeFile) {
  put("low/a.toml", described("low a"));
  put("low/b.toml", "priority = 5\n" + described("low b"));
  put("high/b.toml", described("high b"));
  put("high/.hidden.toml", "x");
  put("high/README", "x");
  const auto loaded = load();
  EXPECT_THAT(loaded.diagnostics, IsEmpty());
  EXPECT_THAT(names(loaded), ElementsAre("a", "b"));
  EXPECT_EQ(loaded.good.at("b")->description, "high b");
  EXPECT_EQ(loaded.good.at("b")->priority, 0);
  EXPECT_EQ(loaded.good.at("b")->origin, top_ / "high/b.toml");
}

TEST_F(FoldersTest, AnEmptyFileAndALinkToNullMask) {
  put("low/a.toml", described("a"));
  put("low/b.toml", described("b"));
  put("low/c.toml", described("c"));
  put("high/a.toml", "");
  fs::create_symlink("/dev/null", top_ / "high/b.toml");
  const auto loaded = load();
  EXPECT_THAT(names(loaded), ElementsAre("c"));
  EXPECT_THAT(loaded.refused, IsEmpty());
  EXPECT_THAT(loaded.diagnostics, IsEmpty());
}

TEST_F(FoldersTest, AWrongFileIsRefusedAndDisturbsNoOther) {
  put("low/a.toml", described("a"));
  put("low/b.toml", described("low b"));
  put("high/b.toml", "nonsense = 1\n" + described("high b"));
  const auto loaded = load();
  EXPECT_THAT(names(loaded), ElementsAre("a"));
  EXPECT_THAT(loaded.refused, ElementsAre("b"));
  EXPECT_THAT(all_text(loaded.diagnostics), HasSubstr("high/b.toml:1:1: error: nonsense: unknown key"));
}

TEST_F(FoldersTest, DropInsOfAllLayersAreMergedInTheOrderOfTheirNames) {
  put("low/a.toml", described("a"));
  put("low/a.toml.d/20-b.toml", "priority = 20\ndescription = 'from low 20'\n");
  put("high/a.toml.d/10-a.toml", "priority = 10\nenabled = false\n");
  put("low/a.toml.d/30-c.toml", "timeout = 5\n");
  put("high/a.toml.d/30-c.toml", "");
  put("low/a.toml.d/notes.txt", "x");
  const auto loaded = load();
  ASSERT_THAT(names(loaded), ElementsAre("a")) << all_text(loaded.diagnostics);
  const auto& a = *loaded.good.at("a");
  EXPECT_EQ(a.priority, 20);
  EXPECT_EQ(a.description, "from low 20");
  EXPECT_FALSE(a.enabled);
  EXPECT_FALSE(a.timeout);
  put("high/a.toml.d/20-b.toml", "priority = 7\n");
  EXPECT_EQ(load().good.at("a")->priority, 7);
  EXPECT_EQ(load().good.at("a")->description, "a");
}

TEST_F(FoldersTest, ADropInWithoutAFileIsWarnedOf) {
  put("high/a.toml.d/10.toml", "priority = 1\n");
  const auto loaded = load();
  EXPECT_THAT(loaded.refused, IsEmpty());
  EXPECT_THAT(all_text(loaded.diagnostics), HasSubstr("10.toml: warning: there is no a.toml that it could add to"));
}

TEST_F(FoldersTest, OneProcessIsReadAloneAndPutInPlaceOfWhatThereWas) {
  put("low/a.toml", described("low a"));
  put("low/b.toml", "nonsense = 1\n" + described("b"));
  put("low/b-too.toml", "nonsense = 1\n" + described("b-too"));
  auto all = load();
  EXPECT_THAT(all.refused, ElementsAre("b", "b-too"));
  put("low/a.toml", described("unread"));
  put("low/b.toml", described("b"));
  put("high/b.toml.d/10.toml", "priority = 7\n");
  all.replace("b", load("b"));
  EXPECT_THAT(names(all), ElementsAre("a", "b"));
  EXPECT_EQ(all.good.at("a")->description, "low a");
  EXPECT_EQ(all.good.at("b")->priority, 7);
  EXPECT_THAT(all.refused, ElementsAre("b-too"));
  EXPECT_THAT(all_text(all.diagnostics), AllOf(HasSubstr("b-too.toml"), Not(HasSubstr("b.toml:"))));

  put("high/b.toml.d/10.toml", "nonsense = 7\n");
  all.replace("b", load("b"));
  EXPECT_THAT(names(all), ElementsAre("a"));
  EXPECT_THAT(all.refused, ElementsAre("b", "b-too"));
  EXPECT_THAT(all_text(all.diagnostics), HasSubstr("b.toml.d/10.toml:1:1: error: nonsense"));
  fs::remove_all(top_ / "low/b.toml");
  fs::remove_all(top_ / "high/b.toml.d");
  all.replace("b", load("b"));
  EXPECT_THAT(all.refused, ElementsAre("b-too"));
  EXPECT_THAT(all_text(all.diagnostics), Not(HasSubstr("b.toml.d")));
}

// It is wrong of all of them, and told when all are read.
TEST_F(FoldersTest, WhatIsTheSameIsNotParsedAgain) {
  put("low/a.toml", described("a"));
  put("low/a.toml.d/50.toml", "priority = 1\n");
  put("low/warned.toml", "max_instances = 2\n" + described("warned"));
  const auto first = load();
  const auto is_same = [&](const std::string& name, const LoadedDefinitions& now) {
    return now.good.at(name) == first.good.at(name);
  };
  auto now = load("", first.good);
  EXPECT_TRUE(is_same("a", now));
  EXPECT_THAT(now.diagnostics, SizeIs(1)) << "a warning is told each time";
  EXPECT_FALSE(is_same("a", load("", {}))) << "unless it is known, such as after a change of the zones";

  put("low/a.toml.d/50.toml", "priority = 2\n");
  now = load("", first.good);
  EXPECT_FALSE(is_same("a", now));
  EXPECT_EQ(now.good.at("a")->priority, 2);
  put("low/a.toml.d/50.toml", "priority = 1\n");
  EXPECT_TRUE(is_same("a", load("a", first.good)));
  put("high/a.toml", described("a"));
  EXPECT_FALSE(is_same("a", load("", first.good))) << "it comes from another file";
  fs::remove(top_ / "high/a.toml");
  context_.local_zone = Zone::find("Asia/Tehran").value();
  EXPECT_FALSE(is_same("a", load("", first.good))) << "its zone is the machine's";
  context_.local_zone = Zone::utc();
  folders_.owner_user = "ann";
  EXPECT_FALSE(is_same("a", load("", first.good))) << "its children run as somebody else";
}

TEST_F(FoldersTest, OfOneProcessNothingIsToldThatIsWrongWithItsFolder) {
  put("low/a.toml", described("a"));
  ::chmod((top_ / "low").c_str(), 0777);
  EXPECT_THAT(load().diagnostics, SizeIs(1));
  const auto one = load("a");
  EXPECT_THAT(one.refused, ElementsAre("a"));
  EXPECT_THAT(one.diagnostics, IsEmpty());
}

TEST_F(FoldersTest, ALayerThatCannotBeReadIsNoEmptyOne) {
  put("low/job.toml", one_step);
  fs::remove_all(top_ / "high");
  std::ofstream(top_ / "high") << "no folder";
  const LoadedDefinitions loaded = load();
  EXPECT_THAT(loaded.unread, ElementsAre((top_ / "high").string()));
  EXPECT_TRUE(loaded.good.contains("job"));
  EXPECT_THAT(all_text(loaded.diagnostics), HasSubstr("Not a directory; what was taken from it goes on"));
}

TEST_F(FoldersTest, AFileThatOthersMayWriteIsRefused) {
  put("low/a.toml", described("a"), 0664);
  put("low/b.toml", described("b"), 0646);
  put("low/c.toml", described("c"), 0600);
  put("low/d.toml", described("d"));
  put("low/d.toml.d/1.toml", "priority = 1", 0666);
  const auto loaded = load();
  EXPECT_THAT(names(loaded), ElementsAre("c"));
  EXPECT_THAT(loaded.refused, ElementsAre("a", "b", "d"));
  EXPECT_THAT(all_text(loaded.diagnostics),
              HasSubstr("low/a.toml: error: others than its owner may write to it (mode 0664); \"chmod go-w\" it"));
}

TEST_F(FoldersTest, ALinkIsJudgedByItsTarget) {
  put("elsewhere/a.toml", described("a"));
  put("elsewhere/b.toml", described("b"), 0666);
  fs::create_symlink(top_ / "elsewhere/a.toml", top_ / "low/a.toml");
  fs::create_symlink(top_ / "elsewhere/b.toml", top_ / "low/b.toml");
  fs::create_symlink(top_ / "nowhere", top_ / "low/c.toml");
  const auto loaded = load();
  EXPECT_THAT(names(loaded), ElementsAre("a"));
  EXPECT_THAT(loaded.refused, ElementsAre("b", "c"));
  EXPECT_THAT(all_text(loaded.diagnostics), HasSubstr("low/c.toml: error: open: No such file or directory"));
}

TEST_F(FoldersTest, AFolderThatOthersMayWriteRefusesItsFiles) {
  put("low/a.toml", described("a"));
  put("high/b.toml", described("b"));
  ::chmod((top_ / "high").c_str(), 0777);
  const auto loaded = load();
  EXPECT_THAT(names(loaded), ElementsAre("a"));
  EXPECT_THAT(loaded.refused, ElementsAre("b"));
  EXPECT_THAT(all_text(loaded.diagnostics), HasSubstr("high: error: others than its owner may write to it"));
}

TEST_F(FoldersTest, WhatIsNoRegularFileIsRefusedAtOnce) {
  ASSERT_EQ(::mkfifo((top_ / "low/a.toml").c_str(), 0600), 0);
  fs::create_directories(top_ / "low/b.toml");
  const auto loaded = load();
  EXPECT_THAT(loaded.refused, ElementsAre("a", "b"));
  EXPECT_THAT(all_text(loaded.diagnostics), HasSubstr("a.toml: error: it is not a regular file"));
}

TEST_F(FoldersTest, SizesAndNamesAreBounded) {
  put("low/a.toml", std::string(limits::definition_bytes + 1, '#'));
  put("low/Bad Name.toml", described("x"));
  put("low/c.toml", described("c"));
  for (std::size_t i = 0; i <= limits::drop_ins; ++i)
    put("low/c.toml.d/" + std::to_string(i) + ".toml", "priority = 1");
  const auto loaded = load();
  EXPECT_THAT(loaded.refused, ElementsAre("a", "c"));
  EXPECT_THAT(all_text(loaded.diagnostics), HasSubstr("it holds more than 262144 bytes"));
  EXPECT_THAT(all_text(loaded.diagnostics), HasSubstr("Bad Name.toml: warning: its name is not that of a process"));
  EXPECT_THAT(all_text(loaded.diagnostics), HasSubstr("more than 64 drop-ins"));
}

TEST_F(FoldersTest, TheDefaultUserGoesByWhoCouldWriteTheFile) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root, to give files away";
  constexpr uid_t other = 4711;
  put("low/roots.toml", one_step);
  put("low/others.toml", one_step);
  put("low/strangers.toml", one_step);
  ASSERT_EQ(::chown((top_ / "low/others.toml").c_str(), other, other), 0);
  ASSERT_EQ(::chown((top_ / "low/strangers.toml").c_str(), other + 1, other), 0);
  folders_.owner = other;
  const auto systems = load();
  EXPECT_EQ(systems.good.at("roots")->user, "root");
  EXPECT_THAT(systems.refused, ElementsAre("others", "strangers"));
  EXPECT_THAT(all_text(systems.diagnostics), HasSubstr("others.toml: error: expected `user`"));
  EXPECT_THAT(all_text(systems.diagnostics),
              HasSubstr("strangers.toml: error: it belongs to uid 4712; only root and uid 4711 may own it"));
  folders_.owner_user = "ada";
  const auto personal = load();
  EXPECT_EQ(personal.good.at("roots")->user, "ada");
  EXPECT_EQ(personal.good.at("others")->user, "ada");
}

TEST_F(FoldersTest, WritesReplacesAndRemoves) {
  const std::string folder = top_ / "new/processes";
  ASSERT_TRUE(write_definition(folder, "a.toml", "one"));
  ASSERT_TRUE(write_definition(folder, "a.toml", "two"));
  ASSERT_TRUE(write_definition(folder, "a.toml.d/90-enabled.toml", "enabled = false\n"));
  EXPECT_EQ(get("new/processes/a.toml"), "two");
  EXPECT_EQ(get("new/processes/a.toml.d/90-enabled.toml"), "enabled = false\n");
  struct stat status {};
  ASSERT_EQ(::stat((folder + "/a.toml").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777U, 0644U);
  std::vector<std::string> left;
  for (const auto& entry : fs::directory_iterator(folder)) left.push_back(entry.path().filename());
  EXPECT_THAT(left, testing::UnorderedElementsAre("a.toml", "a.toml.d"));
  EXPECT_TRUE(write_definition(folder, "a.toml.d/90-enabled.toml", ""));
  EXPECT_TRUE(write_definition(folder, "a.toml", ""));
  EXPECT_TRUE(fs::is_empty(folder));
  for (const auto* gone : {"a.toml", "a.toml.d/90-enabled.toml"})
    EXPECT_EQ(write_definition(folder, gone, "").error().code, ErrorCode::no_such_process) << gone;
  EXPECT_EQ(write_definition(top_ / "never", "a.toml", "").error().code, ErrorCode::no_such_process);
}

TEST_F(FoldersTest, WritesNothingOutsideOfItsFolder) {
  for (const auto* name :
       {"", "a", "../a.toml", "/a.toml", "a.toml/b.toml", "a.toml.d/../../b.toml", "a.toml.d/.x.toml", "A.toml",
        "a.toml.d", "b.d/a.toml", "a.toml.d/b/c.toml", "..toml", "a\n.toml"})
    EXPECT_EQ(write_definition(top_ / "high", name, "x").error().code, ErrorCode::invalid_argument) << name;
  EXPECT_TRUE(fs::is_empty(top_ / "high"));
  EXPECT_EQ(write_definition(top_ / "high", "a.toml", std::string(limits::definition_bytes + 1, 'x')).error().code,
            ErrorCode::limit_exceeded);
  // A link that somebody left is replaced, not followed.
  put("victim", "kept");
  fs::create_symlink(top_ / "victim", top_ / "high/a.toml");
  fs::create_symlink(top_ / "victim", top_ / "high/.a.toml.new");
  ASSERT_TRUE(write_definition(top_ / "high", "a.toml", "new"));
  EXPECT_EQ(get("victim"), "kept");
  EXPECT_EQ(get("high/a.toml"), "new");
}

TEST(Layers, OfTheSystemAndOfAUser) {
  EXPECT_THAT(system_folders().layers, ElementsAre("/usr/lib/takt/processes", "/var/lib/takt/processes",
                                                   "/run/takt/processes", "/etc/takt/processes"));
  EXPECT_EQ(system_folders().owner_user, "");
  EXPECT_THAT(user_folders({{"HOME", "/home/ada"}, {"XDG_RUNTIME_DIR", "/run/user/7"}}).layers,
              ElementsAre("/usr/lib/takt/user-processes", "/home/ada/.local/share/takt/processes",
                          "/run/user/7/takt/processes", "/home/ada/.config/takt/processes"));
  EXPECT_THAT(user_folders({{"HOME", "/home/ada"}, {"XDG_DATA_HOME", "/d"}, {"XDG_CONFIG_HOME", "relative"}}).layers,
              ElementsAre("/usr/lib/takt/user-processes", "/d/takt/processes", "/home/ada/.config/takt/processes"));
  EXPECT_FALSE(user_folders({}).owner_user.empty());
}

}  // namespace
}  // namespace takt
