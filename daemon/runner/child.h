// How a child is made: everything between the fork and its exec.
#pragma once

#include <sys/resource.h>
#include <sys/types.h>

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/fd.h"
#include "base/result.h"

namespace takt {

// Who a child is, from the user database.
struct ChildUser {
  std::string name;
  std::string home;
  std::string shell;
  uid_t uid = 0;
  gid_t gid = 0;
  std::vector<gid_t> groups;
  bool switches = false;  // it is another user than the runner's
};

// The user of that name; empty: the runner's own. "user etl: no such user"; and, when the runner is not root,
// "user etl: only root can run children as another user".
Result<ChildUser> find_child_user(const std::string& name);

// PATH HOME USER LOGNAME SHELL LANG: what every child has, before what its order says.
std::map<std::string, std::string> base_environment(const ChildUser& user);

struct ChildSetup {
  std::vector<std::string> argv;
  std::map<std::string, std::string> environment;  // the whole of it
  ChildUser user;
  std::string directory;
  int standard_input = -1;  // these become its 0, 1 and 2; no other descriptor is left to it
  int standard_output = -1;
  int standard_error = -1;
  int cgroup = -1;        // a cgroup v2 directory to be born in; -1: the runner's
  rlim_t open_files = 0;  // its soft limit of descriptors; 0: the runner's
};

struct Child {
  pid_t pid = -1;
  // Closed by the exec. Before that, a failure comes through it: read it with read_start_failure.
  UniqueFd status;
};

// Forks, and returns before the child's exec: a slow file system holds up nobody but the child.
Result<Child> spawn_child(const ChildSetup& setup);

// What came through Child::status, once it is readable or the child has ended: nothing: the exec was done. Else the
// failed call: "exec /usr/bin/x: No such file or directory", "directory /x: Permission denied".
std::optional<std::string> read_start_failure(int status);

}  // namespace takt
