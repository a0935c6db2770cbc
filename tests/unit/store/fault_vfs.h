// A VFS of SQLite (sqlite.org/vfs.html) that is the default one, but whose disk can be made to fail.
#pragma once

#include <sqlite3.h>

#include <atomic>
#include <cstring>
#include <string>

namespace takt {

// Registers itself by its name as long as it lives. Writing and syncing fail with `code` from the moment it is set.
class FaultVfs {
 public:
  explicit FaultVfs(std::string name) : name_(std::move(name)), real_(sqlite3_vfs_find(nullptr)) {
    vfs_ = *real_;
    vfs_.pNext = nullptr;
    vfs_.zName = name_.c_str();
    vfs_.szOsFile = static_cast<int>(sizeof(File)) + real_->szOsFile;
    vfs_.pAppData = this;
    vfs_.xOpen = open;
    sqlite3_vfs_register(&vfs_, 0);
  }
  ~FaultVfs() { sqlite3_vfs_unregister(&vfs_); }
  FaultVfs(const FaultVfs&) = delete;
  FaultVfs& operator=(const FaultVfs&) = delete;

  [[nodiscard]] const char* name() const { return name_.c_str(); }
  std::atomic<int> write_code = SQLITE_OK;
  std::atomic<int> sync_code = SQLITE_OK;
  std::atomic<int> syncs = 0;

 private:
  // Ours first, the real one's behind it, in the memory that SQLite gives.
  struct File {
    sqlite3_file base;
    sqlite3_io_methods methods;
    FaultVfs* vfs;
  };
  static sqlite3_file* real(sqlite3_file* file) {
    return reinterpret_cast<sqlite3_file*>(reinterpret_cast<char*>(file) + sizeof(File));
  }
  static FaultVfs& of(sqlite3_file* file) { return *reinterpret_cast<File*>(file)->vfs; }

  template <auto Method, class... Args>
  static int forward(sqlite3_file* file, Args... args) {
    return (real(file)->pMethods->*Method)(real(file), args...);
  }
  static int write(sqlite3_file* file, const void* data, int bytes, sqlite3_int64 offset) {
    if (const int code = of(file).write_code; code != SQLITE_OK) return code;
    return real(file)->pMethods->xWrite(real(file), data, bytes, offset);
  }
  static int sync(sqlite3_file* file, int flags) {
    ++of(file).syncs;
    if (const int code = of(file).sync_code; code != SQLITE_OK) return code;
    return real(file)->pMethods->xSync(real(file), flags);
  }
  static int open(sqlite3_vfs* vfs, sqlite3_filename name, sqlite3_file* file, int flags, int* out_flags) {
    auto& self = *static_cast<FaultVfs*>(vfs->pAppData);
    auto& ours = *reinterpret_cast<File*>(file);
    ours.base.pMethods = nullptr;
    const int code = self.real_->xOpen(self.real_, name, real(file), flags, out_flags);
    if (real(file)->pMethods == nullptr) return code;
    using M = sqlite3_io_methods;
    ours.vfs = &self;
    ours.methods = {.iVersion = 2,
                    .xClose = forward<&M::xClose>,
                    .xRead = forward<&M::xRead, void*, int, sqlite3_int64>,
                    .xWrite = write,
                    .xTruncate = forward<&M::xTruncate, sqlite3_int64>,
                    .xSync = sync,
                    .xFileSize = forward<&M::xFileSize, sqlite3_int64*>,
                    .xLock = forward<&M::xLock, int>,
                    .xUnlock = forward<&M::xUnlock, int>,
                    .xCheckReservedLock = forward<&M::xCheckReservedLock, int*>,
                    .xFileControl = forward<&M::xFileControl, int, void*>,
                    .xSectorSize = forward<&M::xSectorSize>,
                    .xDeviceCharacteristics = forward<&M::xDeviceCharacteristics>,
                    .xShmMap = forward<&M::xShmMap, int, int, int, void volatile**>,
                    .xShmLock = forward<&M::xShmLock, int, int, int>,
                    .xShmBarrier = [](sqlite3_file* f) { real(f)->pMethods->xShmBarrier(real(f)); },
                    .xShmUnmap = forward<&M::xShmUnmap, int>,
                    .xFetch = nullptr,
                    .xUnfetch = nullptr};
    ours.base.pMethods = &ours.methods;
    return code;
  }

  std::string name_;
  sqlite3_vfs* real_;
  sqlite3_vfs vfs_{};
};

}  // namespace takt
