// Control groups, version 2 (cgroups(7), Documentation/admin-guide/cgroup-v2.rst): one for each attempt, so that all
// of it can be frozen, killed and measured, whatever it forked.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/fd.h"
#include "base/result.h"

namespace takt {

enum class CgroupMode { automatic, yes, no };

// What an attempt used, as far as the controllers that are on can tell.
struct CgroupFigures {
  std::optional<std::int64_t> cpu_user_us;
  std::optional<std::int64_t> cpu_system_us;
  std::optional<std::int64_t> memory_peak_bytes;
  std::optional<std::int64_t> io_read_bytes;
  std::optional<std::int64_t> io_write_bytes;
};

// One cgroup, by its path. Owns nothing: it stays until remove().
class Cgroup {
 public:
  explicit Cgroup(std::string path) : path_(std::move(path)) {}

  [[nodiscard]] const std::string& path() const { return path_; }
  // For CLONE_INTO_CGROUP.
  [[nodiscard]] Result<UniqueFd> open() const;
  [[nodiscard]] bool populated() const;
  // Everybody in it and below it.
  [[nodiscard]] std::vector<pid_t> members() const;
  [[nodiscard]] CgroupFigures figures() const;
  Status freeze(bool frozen) const;
  // At once and for all, also the frozen and those that fork meanwhile; they are gone when populated() says so.
  Status kill() const;
  // With the groups that were made below it. Fails while somebody is in it.
  Status remove() const;

 private:
  std::string path_;
};

// The part of the hierarchy that is the runner's own.
class CgroupTree {
 public:
  // Nothing: attempts run without a cgroup (mode `no`; or `automatic`, and none was delegated to us). With a delegated
  // one (systemd's Delegate=yes) the runner moves itself into the leaf "runner", since a group with controllers may
  // not hold processes of its own; `yes` elsewhere makes a group beside itself. Attempts of a runner that was killed
  // are ended here: nobody watches them any more.
  static Result<std::optional<CgroupTree>> open(CgroupMode mode);
  // The tree that an earlier open() gave, after a re-exec.
  static CgroupTree resume(std::string path, bool own) { return {std::move(path), own}; }

  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] bool own() const { return own_; }
  [[nodiscard]] Cgroup at(const std::string& token) const;
  [[nodiscard]] Result<Cgroup> make(const std::string& token) const;
  // Removes an attempt's group. Whoever may live on in it is moved to the group "leftovers" first.
  void leave_behind(const Cgroup& group) const;
  // At the end: removes the group that was made beside the runner.
  void leave() const;

 private:
  CgroupTree(std::string path, bool own) : path_(std::move(path)), own_(own) {}

  std::string path_;
  bool own_;  // made by us, not delegated
};

}  // namespace takt
