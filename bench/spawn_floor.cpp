// The floor under every executor: spawns and reaps /bin/true COUNT times, RUNNING at a time, and prints how many a
// second.
#include <spawn.h>
#include <sys/wait.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: bench_floor COUNT RUNNING\n");
    return 2;
  }
  const int count = std::atoi(argv[1]);
  const int running = std::atoi(argv[2]);
  char program[] = "/bin/true";
  char* arguments[] = {program, nullptr};
  const auto begin = std::chrono::steady_clock::now();
  int started = 0;
  int live = 0;
  while (started < count || live > 0) {
    while (started < count && live < running) {
      if (posix_spawn(nullptr, program, nullptr, nullptr, arguments, nullptr) != 0) return 1;
      ++started;
      ++live;
    }
    if (wait(nullptr) > 0) --live;
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
  std::printf("%.0f\n", count / took.count());
  return 0;
}
