// An ActionRunner in a loop that the test turns, and what it said.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "action/action_runner.h"
#include "support/turning.h"

namespace takt {

class ActionLog final : public Log {
 public:
  void write(const LogEntry& entry) override { messages.push_back(entry.message); }
  std::vector<std::string> messages;
};

class ActionTest : public testing::Test {
 protected:
  ActionTest() {
    for (const char* name : {"http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"}) ::unsetenv(name);
    make({});
  }

  void make(ActionBuses buses) {
    runner_.reset();
    auto runner = ActionRunner::create(*loop_, log_, std::move(buses));
    ASSERT_TRUE(runner) << runner.error().message;
    runner_ = std::move(*runner);
    runner_->set_ended([this](ActionEnded ended) {
      EXPECT_FALSE(starting_) << "within start()";
      EXPECT_TRUE(ended_.emplace(ended.token, std::move(ended.result)).second) << ended.token << " ended twice";
    });
  }

  template <class Action>
  void start(const std::string& token, Action action) {
    starting_ = true;
    runner_->start({token, "nightly", "step", std::move(action)});
    starting_ = false;
  }

  void until(const std::function<bool()>& so) { ASSERT_TRUE(test::turn_until(*loop_, so)); }

  Result<Value> end_of(const std::string& token) {
    until([&] { return ended_.contains(token); });
    const auto found = ended_.find(token);
    if (found == ended_.end()) return fail(ErrorCode::internal, "no end of {}", token);
    return std::exchange(found->second, Value());
  }

  template <class Action>
  Result<Value> perform(Action action) {
    const std::string token = fmt::format("{}.1.0.9", ++last_);
    start(token, std::move(action));
    return end_of(token);
  }

  // The error; what came instead, if it succeeded.
  template <class Action>
  std::string error_of(Action action) {
    const Result<Value> result = perform(std::move(action));
    return result ? "succeeded: " + value_text(*result) : result.error().message;
  }

  std::unique_ptr<Loop> loop_ = *Loop::create();
  ActionLog log_;
  std::map<std::string, Result<Value>> ended_;
  std::unique_ptr<ActionRunner> runner_;

 private:
  int last_ = 0;
  bool starting_ = false;
};

}  // namespace takt
