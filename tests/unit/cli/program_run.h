// The program, run by a test: what it prints and its exit code, and a daemon for it to talk to.
#pragma once

#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "cli/program.h"
#include "fake_daemon.h"
#include "support/bus_daemon.h"

namespace takt {

constexpr std::uint64_t t0 = 1'797'000'000'000'000;  // 2026-12-11T14:40:00Z

struct Ran {
  int code = 0;
  std::string out;
  std::string error;
};

inline Ran taktctl(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "taktctl");
  std::vector<const char*> argv;
  for (const std::string& argument : arguments) argv.push_back(argument.c_str());
  char* out = nullptr;
  char* error = nullptr;
  std::size_t out_size = 0;
  std::size_t error_size = 0;
  std::FILE* out_file = ::open_memstream(&out, &out_size);
  std::FILE* error_file = ::open_memstream(&error, &error_size);
  Ran ran;
  ran.code = run_taktctl(static_cast<int>(argv.size()), argv.data(), out_file, error_file);
  std::fclose(out_file);
  std::fclose(error_file);
  ran.out.assign(out, out_size);
  ran.error.assign(error, error_size);
  std::free(out);
  std::free(error);
  return ran;
}

inline FakeWorld world() {
  FakeWorld world;
  world.processes.push_back({"nightly", sdbus::ObjectPath("/org/taktd/Takt1/process/nightly"), "Every night", true,
                             false, std::uint64_t{0}, std::uint64_t{12}, "failed", std::uint32_t{1}, std::uint32_t{0},
                             Variants{}});
  for (const std::uint64_t id : {13U, 12U}) {
    world.executions.push_back({id, "nightly", "running", "cron", t0, t0, std::uint64_t{0}, "", Variants{}});
    world.descriptions[id] = {{"ID", id},
                              {"Process", std::string("nightly")},
                              {"State", std::string("failed")},
                              {"Reason", std::string("exit code 7")},
                              {"ErrorStep", std::string("fetch")},
                              {"Steps", std::vector<Variants>{{{"Name", std::string("fetch")},
                                                               {"State", std::string("failed")},
                                                               {"Attempts", std::uint32_t{2}},
                                                               {"ExitCode", std::int32_t{7}}}}}};
  }
  world.log = "1797000000000000 fetch 1 out first\n1797000001000000 store 1 err second\n";
  return world;
}

class ProgramTest : public testing::Test {
 protected:
  void start(FakeWorld what = world()) { daemon_ = FakeDaemon::create(bus_.address(), std::move(what)); }
  Ran run(std::vector<std::string> arguments) {
    arguments.insert(arguments.end(), {"--bus", bus_.address()});
    return taktctl(std::move(arguments));
  }

  BusDaemon bus_;
  std::unique_ptr<FakeDaemon> daemon_;
};

}  // namespace takt
