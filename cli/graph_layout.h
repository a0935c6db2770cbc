// Where the boxes of a graph stand: an order on each layer with few crossings, and columns with few bends. Pure.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "cli/graph.h"

namespace takt {

// A box, or a place where a line passes a layer.
struct LayoutNode {
  std::optional<std::size_t> step;
  std::size_t layer = 0;
  std::ptrdiff_t width = 1;
  std::ptrdiff_t x = 0;  // its left column

  [[nodiscard]] std::ptrdiff_t middle() const { return x + width / 2; }
};

// From a node to one of the next layer.
struct LayoutLink {
  std::size_t from = 0;
  std::size_t to = 0;
  EdgeKind kind = EdgeKind::after;
};

struct GraphLayout {
  std::vector<LayoutNode> nodes;
  std::vector<LayoutLink> links;
  std::vector<std::vector<std::size_t>> layers;  // nodes from left to right
};

// `widths` are those of the steps' boxes. Loops are left out. Nothing when there would be more than `most` nodes.
std::optional<GraphLayout> lay_out(const Graph& graph, const std::vector<std::size_t>& widths, std::size_t most);

}  // namespace takt
