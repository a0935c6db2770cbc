#include "cli/graph.h"

#include <algorithm>
#include <map>
#include <optional>

#include "cli/documents.h"

namespace takt {
namespace {

using Followers = std::vector<std::vector<std::size_t>>;

bool leads_to(const Followers& followers, std::size_t from, std::size_t to) {
  std::vector<bool> seen(followers.size());
  std::vector<std::size_t> open{from};
  while (!open.empty()) {
    const std::size_t step = open.back();
    open.pop_back();
    if (step == to) return true;
    if (seen[step]) continue;
    seen[step] = true;
    open.insert(open.end(), followers[step].begin(), followers[step].end());
  }
  return false;
}

// The longest way to each step over edges that make no loop.
std::vector<std::size_t> layers_of(const Followers& followers) {
  std::vector<std::size_t> layers(followers.size(), 0);
  std::vector<std::size_t> awaited(followers.size(), 0);
  for (const auto& next : followers) {
    for (const std::size_t step : next) ++awaited[step];
  }
  std::vector<std::size_t> ready;
  for (std::size_t step = 0; step < followers.size(); ++step) {
    if (awaited[step] == 0) ready.push_back(step);
  }
  for (std::size_t i = 0; i < ready.size(); ++i) {
    const std::size_t step = ready[i];
    for (const std::size_t next : followers[step]) {
      layers[next] = std::max(layers[next], layers[step] + 1);
      if (--awaited[next] == 0) ready.push_back(next);
    }
  }
  return layers;
}

// Adds edges to a graph, and finds out which of them make a loop.
class GraphBuilder {
 public:
  explicit GraphBuilder(const Value& steps) {
    for (const Value& step : steps) {
      places_.emplace(text_of(step, "name"), graph_.steps.size());
      graph_.steps.push_back(step);
    }
    followers_.resize(graph_.steps.size());
  }
  Graph build();

 private:
  void add(const std::string& from, std::size_t to, EdgeKind kind);
  void add_order();
  void add_routes();
  void move_finally_behind();

  Graph graph_;
  std::map<std::string, std::size_t> places_;
  Followers followers_;
};

void GraphBuilder::add(const std::string& from, std::size_t to, EdgeKind kind) {
  const auto found = places_.find(from);
  if (found == places_.end()) return;
  const bool loop = leads_to(followers_, to, found->second);
  graph_.edges.push_back({found->second, to, kind, loop});
  if (!loop) followers_[found->second].push_back(to);
}

// First, so that what closes a loop is a route.
void GraphBuilder::add_order() {
  std::string finally_before;
  for (std::size_t place = 0; place < graph_.steps.size(); ++place) {
    const Value& step = graph_.steps[place];
    for (const Value& name : items_of(step, "after")) add(name.get<std::string>(), place, EdgeKind::after);
    if (!truth_of(step, "finally")) continue;
    if (!finally_before.empty()) add(finally_before, place, EdgeKind::after);
    finally_before = text_of(step, "name");
  }
}

void GraphBuilder::add_routes() {
  for (const Value& step : graph_.steps) {
    const auto route = [&](const char* key, EdgeKind kind) {
      const auto target = places_.find(text_of(step, key));
      if (target != places_.end()) add(text_of(step, "name"), target->second, kind);
    };
    route("on_success", EdgeKind::success);
    route("on_failure", EdgeKind::failure);
  }
}

void GraphBuilder::move_finally_behind() {
  std::size_t behind = 0;
  for (std::size_t i = 0; i < graph_.steps.size(); ++i) {
    if (!truth_of(graph_.steps[i], "finally")) behind = std::max(behind, graph_.layers[i] + 1);
  }
  for (std::size_t i = 0; i < graph_.steps.size(); ++i) {
    if (truth_of(graph_.steps[i], "finally")) graph_.layers[i] += behind;
  }
}

Graph GraphBuilder::build() {
  add_order();
  add_routes();
  graph_.layers = layers_of(followers_);
  move_finally_behind();
  return std::move(graph_);
}

}  // namespace

Graph make_graph(const Value& steps) {
  return GraphBuilder(steps).build();
}

}  // namespace takt
