// A folder of a test's own, which goes with it. Others may reach what is in it, and list nothing.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <string>

namespace takt::test {

class TempFolder {
 public:
  explicit TempFolder(const std::string& parent = "/tmp") {
    std::string name = parent + "/takt-test-XXXXXX";
    path_ = mkdtemp(name.data());
    std::filesystem::permissions(path_, std::filesystem::perms(0711));
  }
  ~TempFolder() {
    std::error_code error;
    std::filesystem::remove_all(path_, error);
  }
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace takt::test
