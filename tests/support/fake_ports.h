// The small ports of the runtime, as tests bring them: a clock that the test moves, alarms that it looks at,
// definitions kept in memory, and ears that remember.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "definition/definition.h"
#include "runtime/ports.h"

namespace takt::test {

class VirtualClock final : public Clock {
 public:
  Now value{wall_from_us(1'800'000'000'000'000), boot_from_us(1'000'000'000)};
  [[nodiscard]] Now now() const override { return value; }
  void advance(Duration span) {
    value.wall += span;
    value.boot += span;
  }
};

class FakeAlarms final : public Alarms {
 public:
  std::optional<WallTime> wall;
  std::optional<BootTime> boot;
  void set_wall(std::optional<WallTime> at) override { wall = at; }
  void set_boot(std::optional<BootTime> at) override { boot = at; }
};

// What is to be done at the end of a turn of the loop.
class Turn {
 public:
  void defer(std::function<void()> then) { deferred_.push_back(std::move(then)); }
  [[nodiscard]] bool pending() const { return !deferred_.empty(); }
  void end() {
    while (!deferred_.empty())
      for (const auto& then : std::exchange(deferred_, {})) then();
  }

 private:
  std::vector<std::function<void()>> deferred_;
};

// Folders of definitions without the folders: texts by name, each with at most one drop-in. Parses with the product's
// parser, each text once.
class MemoryDefinitions final : public DefinitionSource {
 public:
  std::map<std::string, std::string> texts;
  std::map<std::string, std::string> drop_ins;
  bool overruled = false;  // what set_enabled() writes has no effect: a drop-in of another folder comes later
  std::string layer;       // the folder that the texts come from; empty: none
  bool unread = false;     // and that cannot be read
  bool shadowed = false;   // nor what put() writes: a file of another folder does
  std::size_t known = 0;   // how many need not have been parsed at the last load()

  LoadedDefinitions load(const std::string& only, const std::map<std::string, Definition>& in_force) override {
    known = in_force.size();
    LoadedDefinitions loaded;
    for (const auto& [name, text] : texts) {
      if (!only.empty() && name != only) continue;
      const auto& [outcome, definition] = parse(name, text, drop_ins[name]);
      loaded.diagnostics.insert(loaded.diagnostics.end(), outcome.diagnostics.begin(), outcome.diagnostics.end());
      if (definition)
        loaded.good[name] = definition;
      else
        loaded.refused.insert(name);
    }
    if (unread) loaded.unread.push_back(layer);
    return loaded;
  }
  ParseOutcome check(const std::string& name, const std::string& text) override {
    return parse(name, text, "").outcome;
  }
  Result<Definition> parse_version(const VersionRow& row) override {
    Definition definition = parse(row.process, row.text, "").definition;
    if (!definition) return fail(ErrorCode::invalid_definition, "unreadable");
    return definition;
  }
  Result<std::string> put(const std::string& name, const std::string& text, bool) override {
    if (!shadowed) texts[name] = text;
    return shadowed ? "/lower/" + name + ".toml" : "";
  }
  Status remove(const std::string& name) override {
    if (texts.erase(name) == 0) return fail(ErrorCode::no_such_process, "no process is named '{}'", name);
    return {};
  }
  Status set_enabled(const std::string& name, bool enabled) override {
    if (!overruled) drop_ins[name] = enabled ? "enabled = true\n" : "enabled = false\n";
    return {};
  }

 private:
  struct Parsed {
    ParseOutcome outcome;
    Definition definition;  // null when the text is wrong
  };
  const Parsed& parse(const std::string& name, const std::string& text, const std::string& drop_in) {
    const std::string path = (layer.empty() ? "" : layer + "/") + name + ".toml";
    const auto [at, is_new] = parsed_.try_emplace({path, text, drop_in});
    if (is_new) {
      std::vector<SourceText> over;
      if (!drop_in.empty()) over.push_back({name + ".toml.d/90-enabled.toml", drop_in});
      ParseOutcome& outcome = at->second.outcome;
      outcome = parse_definition(name, {path, text}, over, {evaluator_, environment_, Zone::utc(), "root"});
      if (outcome.definition) at->second.definition = std::make_shared<const ProcessDefinition>(*outcome.definition);
    }
    return at->second;
  }

  Evaluator evaluator_;
  std::map<std::string, std::string> environment_;
  std::map<std::tuple<std::string, std::string, std::string>, Parsed> parsed_;
};

// Calls and requests that wait until the test ends them.
class FakePerformer final : public ActionPerformer {
 public:
  std::map<std::string, ActionSpec> under_way;                                   // by token
  std::function<void(const std::string&)> ordering = [](const std::string&) {};  // "act 1.1.0.1", "stop 1.1.0.1"
  std::function<void(const ActionSpec&)> starting = [](const ActionSpec&) {};

  void set_ended(std::function<void(ActionEnded)> ended) override { ended_ = std::move(ended); }
  void start(const ActionSpec& spec) override {
    ordering("act " + spec.token);
    starting(spec);
    under_way[spec.token] = spec;
  }
  void stop(const std::string& token) override {
    ordering("stop " + token);
    under_way.erase(token);
  }
  void end(const std::string& token, Result<Value> result) {
    if (under_way.erase(token) != 0) ended_({token, std::move(result)});
  }

 private:
  std::function<void(ActionEnded)> ended_;
};

class KeptLog final : public Log {
 public:
  std::vector<LogEntry> entries;
  void write(const LogEntry& entry) override { entries.push_back(entry); }
};

}  // namespace takt::test
