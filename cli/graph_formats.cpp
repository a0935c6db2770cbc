// A graph as other programs read it: JSON, dot(1), Mermaid.
#include <fmt/core.h>

#include "cli/documents.h"
#include "cli/graph.h"

namespace takt {
namespace {

std::string_view kind_word(EdgeKind kind) {
  switch (kind) {
    case EdgeKind::after:
      return "after";
    case EdgeKind::success:
      return "success";
    case EdgeKind::failure:
      return "failure";
  }
  return "";
}

// "fetch", "run", "succeeded": what a node is labelled with, a line each.
std::vector<std::string> label_lines(const Value& step) {
  std::vector<std::string> lines{harmless(text_of(step, "name"))};
  for (const char* key : {"action", "state"}) {
    if (const std::string text = text_of(step, key); !text.empty()) lines.push_back(harmless(text));
  }
  return lines;
}

// In a quoted string of dot's.
std::string dot_escaped(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out;
}

// In a quoted label of Mermaid's, which takes entities with '#'.
std::string mermaid_escaped(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '"') {
      out += "#quot;";
    } else if (c == '<') {
      out += "#lt;";
    } else if (c == '#') {
      out += "#35;";
    } else {
      out += c;
    }
  }
  return out;
}

std::string joined_label(const Value& step, std::string_view separator, std::string (*escaped)(const std::string&)) {
  std::string out;
  for (const std::string& line : label_lines(step)) out += (out.empty() ? "" : std::string(separator)) + escaped(line);
  return out;
}

// Calls `tell(step, kind)` for each route that ends the execution.
template <class Tell>
bool for_each_end(const Graph& graph, Tell tell) {
  bool any = false;
  for (std::size_t i = 0; i < graph.steps.size(); ++i) {
    for (const auto& [key, kind] :
         {std::pair("on_success", EdgeKind::success), std::pair("on_failure", EdgeKind::failure)}) {
      if (text_of(graph.steps[i], key) != "end") continue;
      tell(i, kind);
      any = true;
    }
  }
  return any;
}

std::string dot_style(EdgeKind kind) {
  switch (kind) {
    case EdgeKind::after:
      return "";
    case EdgeKind::success:
      return " [label=\"success\", color=green]";
    case EdgeKind::failure:
      return " [label=\"failure\", color=red, style=dashed]";
  }
  return "";
}

std::string_view mermaid_arrow(EdgeKind kind) {
  switch (kind) {
    case EdgeKind::after:
      return "-->";
    case EdgeKind::success:
      return "-- success -->";
    case EdgeKind::failure:
      return "-. failure .->";
  }
  return "";
}

}  // namespace

Value to_json(const Graph& graph) {
  Value steps = Value::array();
  for (std::size_t i = 0; i < graph.steps.size(); ++i) {
    steps.push_back(graph.steps[i]);
    steps.back()["layer"] = graph.layers[i];
  }
  Value edges = Value::array();
  const auto add = [&](std::size_t from, const std::string& to, EdgeKind kind, bool loop) {
    edges.push_back(
        {{"from", text_of(graph.steps[from], "name")}, {"to", to}, {"kind", kind_word(kind)}, {"loop", loop}});
  };
  for (const GraphEdge& edge : graph.edges) add(edge.from, text_of(graph.steps[edge.to], "name"), edge.kind, edge.loop);
  for_each_end(graph, [&](std::size_t from, EdgeKind kind) { add(from, "end", kind, false); });
  return {{"steps", std::move(steps)}, {"edges", std::move(edges)}};
}

std::string to_dot(const Graph& graph, const std::string& title) {
  std::string text = fmt::format("digraph \"{}\" {{\n  node [shape=box];\n", dot_escaped(title));
  for (std::size_t i = 0; i < graph.steps.size(); ++i) {
    text += fmt::format("  s{} [label=\"{}\"];\n", i, joined_label(graph.steps[i], "\\n", dot_escaped));
  }
  for (const GraphEdge& edge : graph.edges)
    text += fmt::format("  s{} -> s{}{};\n", edge.from, edge.to, dot_style(edge.kind));
  const bool ends = for_each_end(
      graph, [&](std::size_t from, EdgeKind kind) { text += fmt::format("  s{} -> end{};\n", from, dot_style(kind)); });
  if (ends) text += "  end [shape=doublecircle];\n";
  return text + "}\n";
}

std::string to_mermaid(const Graph& graph) {
  std::string text = "flowchart TD\n";
  for (std::size_t i = 0; i < graph.steps.size(); ++i) {
    text += fmt::format("  s{}[\"{}\"]\n", i, joined_label(graph.steps[i], "<br/>", mermaid_escaped));
  }
  for (const GraphEdge& edge : graph.edges)
    text += fmt::format("  s{} {} s{}\n", edge.from, mermaid_arrow(edge.kind), edge.to);
  const bool ends = for_each_end(graph, [&](std::size_t from, EdgeKind kind) {
    text += fmt::format("  s{} {} finish\n", from, mermaid_arrow(kind));
  });
  if (ends) text += "  finish([\"end\"])\n";
  return text;
}

}  // namespace takt
