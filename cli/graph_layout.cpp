#include "cli/graph_layout.h"

#include <algorithm>
#include <numeric>

namespace takt {
namespace {

constexpr std::ptrdiff_t gap = 2;   // between two nodes of a layer
constexpr int order_rounds = 4;     // after which crossings hardly become fewer
constexpr int position_rounds = 4;  // and lines hardly straighter

using Neighbours = std::vector<std::vector<std::size_t>>;

// What Sugiyama's method does: a node goes where its neighbours on the layer beside it are, on the average.
class Arranger {
 public:
  explicit Arranger(GraphLayout& layout) : layout_(layout), above_(layout.nodes.size()), below_(layout.nodes.size()) {
    for (const LayoutLink& link : layout.links) {
      above_[link.to].push_back(link.from);
      below_[link.from].push_back(link.to);
    }
  }
  void arrange();

 private:
  template <class Act>
  void sweep(bool downward, Act act);
  void order(std::vector<std::size_t>& layer, const Neighbours& neighbours);
  void position(const std::vector<std::size_t>& layer, const Neighbours& neighbours);

  GraphLayout& layout_;
  Neighbours above_, below_;
};

template <class Act>
void Arranger::sweep(bool downward, Act act) {
  const std::size_t count = layout_.layers.size();
  for (std::size_t i = 0; i < count; ++i) {
    act(layout_.layers[downward ? i : count - 1 - i], downward ? above_ : below_);
  }
}

void Arranger::order(std::vector<std::size_t>& layer, const Neighbours& neighbours) {
  std::vector<double> rank(layout_.nodes.size());
  for (const std::size_t node : layer) {
    double sum = 0;
    for (const std::size_t other : neighbours[node]) sum += static_cast<double>(layout_.nodes[other].x);
    const std::size_t count = neighbours[node].size();
    rank[node] = count == 0 ? static_cast<double>(layout_.nodes[node].x) : sum / static_cast<double>(count);
  }
  std::stable_sort(layer.begin(), layer.end(), [&](std::size_t a, std::size_t b) { return rank[a] < rank[b]; });
  for (std::size_t i = 0; i < layer.size(); ++i) layout_.nodes[layer[i]].x = static_cast<std::ptrdiff_t>(i);
}

// Each node wants to stand below (above) its neighbours' middle. Packed from the left they come too far to the right,
// from the right too far to the left; half-way both keep their distance.
void Arranger::position(const std::vector<std::size_t>& layer, const Neighbours& neighbours) {
  std::vector<std::ptrdiff_t> from_left(layer.size()), from_right(layer.size());
  for (std::size_t i = 0; i < layer.size(); ++i) {
    const LayoutNode& node = layout_.nodes[layer[i]];
    std::ptrdiff_t sum = 0;
    for (const std::size_t other : neighbours[layer[i]]) sum += layout_.nodes[other].middle();
    const auto count = static_cast<std::ptrdiff_t>(neighbours[layer[i]].size());
    from_left[i] = from_right[i] = (count == 0 ? node.middle() : sum / count) - node.width / 2;
  }
  for (std::size_t i = 1; i < layer.size(); ++i) {
    from_left[i] = std::max(from_left[i], from_left[i - 1] + layout_.nodes[layer[i - 1]].width + gap);
  }
  for (std::size_t i = layer.size(); i-- > 1;) {
    from_right[i - 1] = std::min(from_right[i - 1], from_right[i] - gap - layout_.nodes[layer[i - 1]].width);
  }
  // Rounded down below zero, too, so that the distances stay.
  for (std::size_t i = 0; i < layer.size(); ++i) layout_.nodes[layer[i]].x = (from_left[i] + from_right[i]) >> 1;
}

void Arranger::arrange() {
  for (const auto& layer : layout_.layers) {
    for (std::size_t i = 0; i < layer.size(); ++i) layout_.nodes[layer[i]].x = static_cast<std::ptrdiff_t>(i);
  }
  for (int round = 0; round < order_rounds; ++round)
    sweep(round % 2 == 0, [&](auto& layer, const auto& beside) { order(layer, beside); });
  for (const auto& layer : layout_.layers) {
    std::ptrdiff_t x = 0;
    for (const std::size_t node : layer) {
      layout_.nodes[node].x = x;
      x += layout_.nodes[node].width + gap;
    }
  }
  for (int round = 0; round < position_rounds; ++round)
    sweep(round % 2 == 0, [&](const auto& layer, const auto& beside) { position(layer, beside); });
  std::ptrdiff_t left = PTRDIFF_MAX;
  for (const LayoutNode& node : layout_.nodes) left = std::min(left, node.x);
  for (LayoutNode& node : layout_.nodes) node.x -= left;
}

}  // namespace

std::optional<GraphLayout> lay_out(const Graph& graph, const std::vector<std::size_t>& widths, std::size_t most) {
  GraphLayout layout;
  const auto add = [&](std::optional<std::size_t> step, std::size_t layer, std::size_t width) {
    if (layout.layers.size() <= layer) layout.layers.resize(layer + 1);
    layout.layers[layer].push_back(layout.nodes.size());
    layout.nodes.push_back({step, layer, static_cast<std::ptrdiff_t>(width), 0});
    return layout.nodes.size() - 1;
  };
  for (std::size_t i = 0; i < graph.steps.size(); ++i) add(i, graph.layers[i], widths[i]);
  for (const GraphEdge& edge : graph.edges) {
    if (edge.loop) continue;
    std::size_t from = edge.from;
    for (std::size_t layer = graph.layers[edge.from] + 1; layer < graph.layers[edge.to]; ++layer) {
      if (layout.nodes.size() > most) return std::nullopt;
      const std::size_t passing = add(std::nullopt, layer, 1);
      layout.links.push_back({from, passing, edge.kind});
      from = passing;
    }
    layout.links.push_back({from, edge.to, edge.kind});
  }
  if (layout.nodes.size() > most || layout.nodes.empty()) return std::nullopt;
  Arranger(layout).arrange();
  return layout;
}

}  // namespace takt
