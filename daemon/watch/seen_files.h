// What one path trigger remembers of the files it has dealt with.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"

namespace takt {

// Which file is at a path. Inodes are used again, some of them at once, so the instant of birth belongs to it where the
// file system has one. The change time does not: whoever changes a file's mode sets it.
struct FileIdentity {
  // Of a file that could not be looked at: whichever is found at its path is it.
  static constexpr std::int64_t any_inode = -1;

  std::int64_t folder = 0;  // the inode of the folder that it is in
  std::int64_t inode = 0;
  WallTime born_at;
  WallTime modified_at;

  [[nodiscard]] bool same_file(const FileIdentity& other) const {
    return inode == other.inode && born_at == other.born_at;
  }
};

// The regular file or symbolic link at a path, in a folder with this inode; nothing when there is none.
std::optional<FileIdentity> identify(const std::string& path, std::int64_t folder);

// The files by folder and name. Plain memory: it reads nothing, and whoever changes it sees to the record.
class SeenFiles {
 public:
  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] const FileIdentity* find(const std::string& path) const;
  void insert(const std::string& path, const FileIdentity& identity);
  bool erase(const std::string& path);
  void clear();

  // The name in the folder that follows `name` ("": the first one).
  struct Entry {
    std::string name;
    FileIdentity identity;
  };
  [[nodiscard]] std::optional<Entry> next(const std::string& folder, const std::string& name) const;
  // The folders at and below a path.
  [[nodiscard]] std::vector<std::string> folders(const std::string& path) const;

 private:
  std::map<std::string, std::map<std::string, FileIdentity>> folders_;
  std::size_t size_ = 0;
};

}  // namespace takt
