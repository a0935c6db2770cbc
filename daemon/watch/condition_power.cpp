// Constraint: the machine runs on mains power, or on battery.
#include <filesystem>
#include <fstream>

#include "watch/condition.h"
#include "watch/udev_monitor.h"

namespace takt {
namespace {

std::string first_line(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return line;
}

// As systemd's ConditionACPower= has it: on mains when a supply that is no battery is online; on battery when there are
// such supplies and none is, or when a battery of the machine's discharges; else on mains, as a machine without
// batteries is (Documentation/ABI/testing/sysfs-class-power).
bool on_mains(const std::string& folder) {
  bool battery = false;
  std::error_code error;
  // A supply may go while it is looked at.
  for (std::filesystem::directory_iterator supply(folder, error), end; supply != end; supply.increment(error)) {
    const std::filesystem::path& path = supply->path();
    if (first_line(path / "scope") == "Device") continue;  // a mouse's
    if (first_line(path / "type") == "Battery") {
      battery = battery || first_line(path / "status") == "Discharging";
    } else {
      const std::string online = first_line(path / "online");
      if (online == "1") return true;
      battery = battery || online == "0";
    }
  }
  return !battery;
}

class AcPower final : public Condition {
 public:
  AcPower(Loop& loop, bool on, std::string folder, Tell tell)
      : on_(on), folder_(std::move(folder)), tell_(std::move(tell)), monitor_(loop, [this](udev_device*) { look(); }) {}

  void look() override {
    deaf_ = !monitor_.listen({"power_supply"});
    const bool mains = on_mains(folder_);
    tell_(mains == on_ ? "" : mains ? "the machine runs on mains power" : "the machine runs on battery");
  }
  [[nodiscard]] bool is_silent() const override { return deaf_; }

 private:
  bool on_;
  std::string folder_;
  Tell tell_;
  UdevMonitor monitor_;
  bool deaf_ = false;  // udev does not run here
};

}  // namespace

std::unique_ptr<Condition> make_ac_power(Loop& loop, const AcPowerConstraint& constraint, std::string folder,
                                         Condition::Tell tell) {
  return std::make_unique<AcPower>(loop, constraint.on, std::move(folder), std::move(tell));
}

}  // namespace takt
