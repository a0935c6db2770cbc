// The graph of a process's steps: its layers and loops, and each way to draw it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/documents.h"
#include "cli/graph.h"
#include "cli/graph_layout.h"

namespace takt {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

Value step(const char* name, const std::vector<std::string>& after, const Value& more = Value::object()) {
  Value one = {{"name", name}, {"after", after}, {"action", "run"}};
  one.update(more);
  return one;
}

const Value diamond = {step("fetch", {}), step("clean", {"fetch"}), step("enrich", {"fetch"}),
                       step("store", {"clean", "enrich"})};

std::string drawn(const Value& steps, bool unicode = true, std::size_t width = 0) {
  Look look;
  look.unicode = unicode;
  look.width = width;
  const Zone zone = Zone::utc();
  return graph_text(make_graph(steps), {look, zone, wall_from_us(1'797'000'000'000'000)});
}

TEST(Graph, AStepStandsBehindAllThatLeadToIt) {
  EXPECT_THAT(make_graph(diamond).layers, ElementsAre(0, 1, 1, 2));
  const Value skipping = {step("a", {}), step("b", {"a"}), step("c", {"a", "b"})};
  EXPECT_THAT(make_graph(skipping).layers, ElementsAre(0, 1, 2));
}

TEST(Graph, ARouteBackIsALoopAndTheRestIsNot) {
  const Graph graph = make_graph({step("poll", {}, {{"max_visits", 5}}),
                                  step("check", {"poll"}, {{"on_failure", "poll"}, {"on_success", "done"}}),
                                  step("done", {}, {{"routed", true}})});
  ASSERT_EQ(graph.edges.size(), 3u);
  EXPECT_FALSE(graph.edges[0].loop);  // poll, check
  EXPECT_FALSE(graph.edges[1].loop);  // check, done
  EXPECT_TRUE(graph.edges[2].loop);   // check, poll
  EXPECT_THAT(graph.layers, ElementsAre(0, 1, 2));
}

TEST(Graph, FinallyStandsBehindAllOneAfterAnother) {
  const Graph graph = make_graph(
      {step("a", {}), step("b", {"a"}), step("f", {}, {{"finally", true}}), step("g", {}, {{"finally", true}})});
  EXPECT_THAT(graph.layers, ElementsAre(0, 1, 2, 3));
}

TEST(Graph, NamesThatAreNotThereAreLeftOut) {
  EXPECT_TRUE(make_graph(Value::array({step("a", {"gone"}, {{"on_failure", "gone"}})})).edges.empty());
  EXPECT_EQ(drawn(Value::array()), "");
}

// ---- Drawings

TEST(GraphText, ADiamond) {
  EXPECT_EQ("\n" + drawn(diamond), R"(
      ┌───────┐
      │ fetch │
      │ run   │
      └───┬───┘
          │
    ┌─────┴─────┐
    ▼           ▼
┌───────┐  ┌────────┐
│ clean │  │ enrich │
│ run   │  │ run    │
└───┬───┘  └────┬───┘
    │           │
    └─────┬─────┘
          ▼
      ┌───────┐
      │ store │
      │ run   │
      └───────┘
)");
}

TEST(GraphText, ALineInAsciiWithStates) {
  const Value steps = {
      step("a", {}, {{"state", "succeeded"}, {"duration_us", 3'200'000}, {"attempts", 1}}),
      step("b", {"a"}, {{"state", "failed"}, {"duration_us", 1'000'000}, {"attempts", 3}, {"on_failure", "end"}}),
      step("c", {"b"}, {{"state", "running"}, {"for_each", true}, {"items", {{"all", 9}, {"ended", 4}}}})};
  EXPECT_EQ("\n" + drawn(steps, false), R"(
   +----------------+
   | a              |
   | run            |
   | succeeded 3.2s |
   +--------+-------+
            |
            v
+-----------------------+
| b                     |
| run                   |
| failed 1s, 3 attempts |
| x -> end              |
+-----------+-----------+
            |
            v
    +--------------+
    | c            |
    | run for each |
    | running 4/9  |
    +--------------+

+ on success, x on failure, <- back to (visits)
)");
}

TEST(GraphText, RoutesAreMarkedAndLoopsAreTold) {
  const std::string text =
      drawn({step("poll", {}, {{"max_visits", 5}, {"visits", 2}}), step("check", {"poll"}, {{"on_failure", "poll"}}),
             step("store", {"check"}, {{"on_failure", "alarm"}}), step("alarm", {}, {{"routed", true}})});
  EXPECT_THAT(text, HasSubstr("✗ ↺ poll (2/5)"));
  EXPECT_THAT(text, HasSubstr("┌┈┈┈"));  // alarm's box
  EXPECT_THAT(text, HasSubstr("    ✗\n"));
  EXPECT_THAT(text, Not(HasSubstr("\x1b")));
}

// Any drawing has each box once, whole, and as wide as the widest layer needs.
TEST(GraphText, ManyShapesAreDrawnWhole) {
  const std::vector<Value> shapes = {
      {step("a", {}), step("b", {}), step("c", {"a"}), step("d", {"a", "b"}), step("e", {"c", "d", "a"})},
      {step("a", {}), step("b", {}), step("c", {"b"}), step("d", {"a"})},  // they cross
      {step("a", {}), step("b", {"a"}), step("c", {"b"}), step("d", {"c", "a"}), step("e", {"d", "b", "a"})},
      {step("a", {}), step("b", {"a"}, {{"on_success", "d"}, {"on_failure", "c"}}), step("c", {}), step("d", {})}};
  for (const Value& shape : shapes) {
    const std::string text = drawn(shape);
    for (const Value& one : shape) {
      const std::string line = "│ " + text_of(one, "name") + " ";
      EXPECT_EQ(text.find(line) == std::string::npos, false) << line << "\n" << text;
      EXPECT_EQ(text.find(line), text.rfind(line)) << text;
    }
  }
}

TEST(GraphText, BoxesOfALayerKeepTheirDistance) {
  Value steps = Value::array({step("start", {})});
  std::vector<std::string> all;
  for (int i = 0; i < 40; ++i) {
    all.push_back("part-" + std::to_string(i));
    steps.push_back(step(all.back().c_str(), {"start"}));
  }
  steps.push_back(step("end-of-it", all));
  const Graph graph = make_graph(steps);
  const auto layout = lay_out(graph, std::vector<std::size_t>(graph.steps.size(), 11), 1000);
  ASSERT_TRUE(layout);
  for (const auto& layer : layout->layers) {
    for (std::size_t i = 1; i < layer.size(); ++i)
      EXPECT_GE(layout->nodes[layer[i]].x, layout->nodes[layer[i - 1]].x + 11 + 2);
  }
  EXPECT_FALSE(lay_out(graph, std::vector<std::size_t>(graph.steps.size(), 11), 10));
}

TEST(GraphText, WhatIsTooWideForTheTerminalIsATable) {
  const std::string text = drawn(diamond, true, 15);
  EXPECT_THAT(text, Not(HasSubstr("┌")));
  EXPECT_THAT(text, HasSubstr("store  run"));
}

TEST(GraphText, ANameCannotSteerTheTerminal) {
  EXPECT_THAT(drawn(Value::array({step("a\x1b[2J", {})})), Not(HasSubstr("\x1b")));
}

// ---- Other programs

const Value routed = {step("a", {}, {{"on_success", "end"}, {"on_failure", "b\"<"}, {"state", "failed"}}),
                      step("b\"<", {})};

TEST(GraphFormats, Dot) {
  EXPECT_EQ(to_dot(make_graph(routed), "p"), R"(digraph "p" {
  node [shape=box];
  s0 [label="a\nrun\nfailed"];
  s1 [label="b\"<\nrun"];
  s0 -> s1 [label="failure", color=red, style=dashed];
  s0 -> end [label="success", color=green];
  end [shape=doublecircle];
}
)");
}

TEST(GraphFormats, Mermaid) {
  EXPECT_EQ(to_mermaid(make_graph(routed)), R"(flowchart TD
  s0["a<br/>run<br/>failed"]
  s1["b#quot;#lt;<br/>run"]
  s0 -. failure .-> s1
  s0 -- success --> finish
  finish(["end"])
)");
}

TEST(GraphFormats, Json) {
  const Value document = to_json(make_graph(routed));
  EXPECT_EQ(document["steps"][1]["layer"], 1);
  EXPECT_EQ(document["edges"], Value({{{"from", "a"}, {"to", "b\"<"}, {"kind", "failure"}, {"loop", false}},
                                      {{"from", "a"}, {"to", "end"}, {"kind", "success"}, {"loop", false}}}));
}

}  // namespace
}  // namespace takt
