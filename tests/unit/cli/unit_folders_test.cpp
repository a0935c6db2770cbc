// Units, their drop-ins, links and masks in folders of the test's own: systemd.unit(5).
#include "cli/unit_folders.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "support/temp_folder.h"

namespace takt {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;

class UnitFoldersTest : public testing::Test {
 protected:
  void put(const std::string& path, const std::string& text) {
    fs::create_directories((top_ / path).parent_path());
    std::ofstream(top_ / path) << text;
  }
  void link(const std::string& path, const std::string& target) {
    fs::create_directories((top_ / path).parent_path());
    fs::create_symlink(target, top_ / path);
  }
  // The values of [S] K in the unit, in their order.
  std::vector<std::string> values(const std::string& name) {
    Result<SystemdUnit> unit = load_unit(place_, name, {});
    if (!unit) return {unit.error().message};
    std::vector<std::string> all;
    for (const UnitSetting& setting : unit->take_list("S", "K")) all.push_back(setting.value);
    return all;
  }

  test::TempFolder top_;
  UnitFolders place_{{top_ / "high", top_ / "low"}, ""};
};

std::string setting(const std::string& value) {
  return "[S]\nK=" + value + "\n";
}

TEST_F(UnitFoldersTest, AnEarlierFolderWinsAndAnInstanceHasItsTemplate) {
  put("low/a.timer", setting("low"));
  put("low/b@.timer", setting("template"));
  put("low/b@own.timer", setting("own"));
  EXPECT_THAT(values("a.timer"), ElementsAre("low"));
  put("high/a.timer", setting("high"));
  EXPECT_THAT(values("a.timer"), ElementsAre("high"));
  EXPECT_THAT(values("b@x.timer"), ElementsAre("template"));
  EXPECT_THAT(values("b@own.timer"), ElementsAre("own"));
  EXPECT_THAT(values("c.timer"), ElementsAre("there is no unit c.timer"));
}

TEST_F(UnitFoldersTest, DropInsComeInTheOrderOfTheirNamesWhereverTheyAre) {
  put("low/a-b@.timer", setting("file"));
  put("high/timer.d/40.conf", setting("of its kind"));
  put("low/a-.timer.d/30.conf", setting("of its prefix"));
  put("high/a-b@.timer.d/20.conf", setting("of its template"));
  put("low/a-b@i.timer.d/10.conf", setting("its own"));
  put("low/a-b@i.timer.d/README", "nothing");
  EXPECT_THAT(values("a-b@i.timer"), ElementsAre("file", "its own", "of its template", "of its prefix", "of its kind"));
}

TEST_F(UnitFoldersTest, OfDropInsWithTheSameNameTheMoreSpecialCounts) {
  put("low/a-b.timer", setting("file"));
  put("high/timer.d/10.conf", setting("of its kind"));
  EXPECT_THAT(values("a-b.timer"), ElementsAre("file", "of its kind"));
  put("low/a-.timer.d/10.conf", setting("of its prefix"));
  EXPECT_THAT(values("a-b.timer"), ElementsAre("file", "of its prefix"));
  put("low/a-b.timer.d/10.conf", setting("its own"));
  EXPECT_THAT(values("a-b.timer"), ElementsAre("file", "its own"));
  link("high/a-b.timer.d/10.conf", "/dev/null");  // an earlier folder's, of the same kind
  EXPECT_THAT(values("a-b.timer"), ElementsAre("file"));
}

TEST_F(UnitFoldersTest, AMaskedUnitIsToldOf) {
  put("low/a.timer", setting("file"));
  link("high/a.timer", "/dev/null");
  put("high/b.timer", "");
  EXPECT_THAT(values("a.timer"), ElementsAre("a.timer is masked"));
  EXPECT_THAT(values("b.timer"), ElementsAre("b.timer is masked"));
}

TEST_F(UnitFoldersTest, UnitsAreThoseWithFilesAndTheInstancesThatAreWanted) {
  for (const char* name : {"low/a.timer", "low/b@.timer", "low/other.service"}) put(name, setting("x"));
  link("high/alias.timer", "../low/a.timer");
  link("high/timers.target.wants/a.timer", "../../low/a.timer");
  link("high/timers.target.wants/alias.timer", "../../low/a.timer");
  link("high/timers.target.wants/b@wanted.timer", "../../low/b@.timer");
  link("high/x.service.requires/b@required.timer", "../../low/b@.timer");
  EXPECT_THAT(units_in(place_, ".timer"), ElementsAre("a.timer", "b@required.timer", "b@wanted.timer"));
  EXPECT_TRUE(is_enabled(place_, "b@required.timer"));
  EXPECT_TRUE(is_enabled(place_, "a.timer"));
  EXPECT_FALSE(is_enabled(place_, "b@.timer"));
}

TEST_F(UnitFoldersTest, WhatIsNoNameOfAUnitIsAnError) {
  for (const char* name : {"a", "../a.timer"})
    EXPECT_THAT(load_unit(place_, name, {}).error().message, HasSubstr("is not the name of a unit")) << name;
}

}  // namespace
}  // namespace takt
