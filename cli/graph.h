// The steps of a process as a graph: which one leads to which, and on which layer each stands. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "base/value.h"
#include "cli/views.h"

namespace takt {

// Why a step leads to another: it must have ended well before it, or a route of its success or its failure.
enum class EdgeKind { after, success, failure };

struct GraphEdge {
  std::size_t from = 0;
  std::size_t to = 0;
  EdgeKind kind = EdgeKind::after;
  bool loop = false;  // it leads back to a step that leads here
};

// Refers to steps by their places. Routes to "end" are in the steps' documents alone.
struct Graph {
  std::vector<Value> steps;         // documents of steps (documents.h), as an execution's or a definition's
  std::vector<std::size_t> layers;  // of each step, from 0: behind all that lead to it, loops apart
  std::vector<GraphEdge> edges;
};

// What names a step that is not there is left out. Steps of [[finally]] stand behind all others, one after another.
Graph make_graph(const Value& steps);

// {"steps": documents with "layer", "edges": [{"from", "to", "kind", "loop"}]}, routes to "end" among them.
Value to_json(const Graph& graph);
// The languages of dot(1) and of Mermaid.
std::string to_dot(const Graph& graph, const std::string& title);
std::string to_mermaid(const Graph& graph);
// Boxes on layers with lines between them, as wide as they need to be; a table instead when that is wider than the
// terminal or too large to be read.
std::string graph_text(const Graph& graph, const View& view);

}  // namespace takt
