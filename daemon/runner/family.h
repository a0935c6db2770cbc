// Who belongs to which attempt where there is no cgroup: by ancestry, by session, and by the mark that every child
// carries in its environment. The runner is a subreaper (prctl(2)), so whoever loses its parent becomes the runner's
// own child, and is found here.
#pragma once

#include <sys/types.h>

#include <set>
#include <string>
#include <utility>
#include <vector>

namespace takt {

// Reads /proc; owns the list of those who may live on.
class Family {
 public:
  // The first children of the attempts that run; each leads a session of its own.
  void add_leader(pid_t pid) { leaders_.insert(pid); }
  void remove_leader(pid_t pid) { leaders_.erase(pid); }
  [[nodiscard]] bool leads(pid_t pid) const { return leaders_.contains(pid); }

  // All that lives of the attempt with this leader and this mark ("TAKT_RESULT=…"), its leader included. One that has
  // cleaned its environment and left its session is nobody's any more: it is given to the attempt that asks, if that is
  // the only one.
  [[nodiscard]] std::vector<pid_t> members(pid_t leader, const std::string& mark) const;

  // False: nobody but leaders and those who may live on. Cheap, for the end of most attempts.
  [[nodiscard]] bool has_strays() const;

  // Whoever is nobody's leader now may live on: an attempt's leftovers, which were asked to.
  void spare_strays();

  // For a re-exec.
  using Spared = std::set<std::pair<pid_t, unsigned long long>>;  // with the time each one started: numbers come again
  [[nodiscard]] const Spared& spared() const { return spared_; }
  void resume(Spared spared) { spared_ = std::move(spared); }

 private:
  std::set<pid_t> leaders_;
  Spared spared_;
};

}  // namespace takt
