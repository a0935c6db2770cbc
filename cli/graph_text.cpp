// graph_text (graph.h): boxes on layers, and between two layers a channel in which each line has a track of its own.
#include <algorithm>

#include "cli/documents.h"
#include "cli/graph.h"
#include "cli/graph_layout.h"
#include "cli/line_canvas.h"

namespace takt {
namespace {

constexpr std::size_t most_nodes = 2000;    // beyond which nobody reads a drawing
constexpr std::size_t text_width = 30;      // of a box
constexpr std::size_t least_text = 5;       // so that a box has room for the three places where lines leave it
constexpr std::ptrdiff_t route_offset = 2;  // from the middle of a box: success to the left, failure to the right

struct BoxLine {
  std::string text;
  Tone tone = Tone::plain;
};
using Box = std::vector<BoxLine>;

std::string mark(EdgeKind kind, bool unicode) {
  switch (kind) {
    case EdgeKind::after:
      return "";
    case EdgeKind::success:
      return unicode ? "✓" : "+";
    case EdgeKind::failure:
      return unicode ? "✗" : "x";
  }
  return "";
}

Tone edge_tone(EdgeKind kind) {
  switch (kind) {
    case EdgeKind::after:
      return Tone::plain;
    case EdgeKind::success:
      return Tone::good;
    case EdgeKind::failure:
      return Tone::bad;
  }
  return Tone::plain;
}

std::string what_it_is(const Value& step) {
  std::string text = text_of(step, "action");
  if (text.empty()) text = items_of(step, "variants").empty() ? "" : "variants";
  if (truth_of(step, "for_each")) text += " for each";
  if (truth_of(step, "finally")) text = "finally " + text;
  return text;
}

// "succeeded 3.2s", "running 12/1000", "failed, 3 attempts".
std::string how_it_is(const Value& step, const View& view) {
  std::string text = text_of(step, "state");
  if (text.empty()) return text;
  if (const Value items = step.value("items", Value()); !items.is_null() && text != "succeeded") {
    text += fmt::format(" {}/{}", count_of(items, "ended"), count_of(items, "all"));
  }
  if (const std::string span = step_span(step, view); !span.empty()) text += " " + span;
  const std::uint64_t attempts = count_of(step, "attempts");
  if (attempts > 1 && step.value("items", Value()).is_null()) text += fmt::format(", {} attempts", attempts);
  return text;
}

// Routes that no line shows: back to an earlier step, and to the end.
Box undrawn_routes(const Graph& graph, std::size_t place, const View& view) {
  Box lines;
  const Value& step = graph.steps[place];
  const bool unicode = view.look.unicode;
  for (const auto& [key, kind] :
       {std::pair("on_success", EdgeKind::success), std::pair("on_failure", EdgeKind::failure)}) {
    if (text_of(step, key) == "end")
      lines.push_back({mark(kind, unicode) + (unicode ? " → end" : " -> end"), edge_tone(kind)});
  }
  for (const GraphEdge& edge : graph.edges) {
    if (edge.from != place || !edge.loop) continue;
    const Value& target = graph.steps[edge.to];
    const std::string visits =
        target.contains("visits") && !target["visits"].is_null() ? text_of(target, "visits") + "/" : "at most ";
    lines.push_back(
        {fmt::format("{} {} {} ({}{})", mark(edge.kind, unicode), unicode ? "↺" : "<-", text_of(target, "name"), visits,
                     std::max<std::uint64_t>(1, count_of(target, "max_visits"))),
         edge_tone(edge.kind)});
  }
  return lines;
}

Box box_of(const Graph& graph, std::size_t place, const View& view) {
  const Value& step = graph.steps[place];
  Box box{{text_of(step, "name"), Tone::bold}};
  if (const std::string what = what_it_is(step); !what.empty()) box.push_back({what, Tone::faint});
  if (const std::string how = how_it_is(step, view); !how.empty())
    box.push_back({how, state_tone(text_of(step, "state"))});
  for (BoxLine& line : undrawn_routes(graph, place, view)) box.push_back(std::move(line));
  for (BoxLine& line : box) line.text = shortened(harmless(line.text), text_width, view.look.unicode);
  return box;
}

std::size_t box_width(const Box& box) {
  std::size_t width = least_text;
  for (const BoxLine& line : box) width = std::max(width, display_width(line.text));
  return width + 4;  // a border and a space on either side
}

// The lines that leave one place of a node: to one or more nodes of the next layer.
struct Net {
  std::size_t source = 0;
  EdgeKind kind = EdgeKind::after;
  std::ptrdiff_t x = 0;
  std::vector<std::size_t> targets;  // nodes
  std::vector<std::ptrdiff_t> at;    // their columns
  std::ptrdiff_t first = 0, last = 0;
  std::optional<std::size_t> track;

  [[nodiscard]] bool straight() const { return first == last; }
  [[nodiscard]] bool enters(std::ptrdiff_t column) const { return std::find(at.begin(), at.end(), column) != at.end(); }
};

// Two nets may share a track where they do not touch, or meet above a target of both.
bool may_share(const Net& a, const Net& b) {
  if (a.last < b.first || b.last < a.first) return true;
  const std::ptrdiff_t point = std::max(a.first, b.first);
  return point == std::min(a.last, b.last) && a.enters(point) && b.enters(point);
}

class Drawing {
 public:
  Drawing(const Graph& graph, GraphLayout layout, const std::vector<Box>& boxes, const View& view)
      : graph_(graph), layout_(std::move(layout)), boxes_(boxes), view_(view) {}
  [[nodiscard]] std::size_t width() const;
  std::string to_text();

 private:
  [[nodiscard]] std::vector<Net> nets_below(std::size_t layer) const;
  static std::size_t assign_tracks(std::vector<Net>& nets);
  void draw_box(LineCanvas& canvas, const LayoutNode& node, std::size_t top);
  void draw_net(LineCanvas& canvas, const Net& net, std::size_t id, std::size_t top, std::size_t bottom);
  [[nodiscard]] std::size_t height_of(std::size_t node) const {
    const auto& step = layout_.nodes[node].step;
    return step ? boxes_[*step].size() + 2 : 1;
  }

  const Graph& graph_;
  GraphLayout layout_;
  const std::vector<Box>& boxes_;
  const View& view_;
};

std::size_t Drawing::width() const {
  std::ptrdiff_t width = 0;
  for (const LayoutNode& node : layout_.nodes) width = std::max(width, node.x + node.width);
  return static_cast<std::size_t>(width);
}

std::vector<Net> Drawing::nets_below(std::size_t layer) const {
  std::vector<Net> nets;
  for (const LayoutLink& link : layout_.links) {
    const LayoutNode& from = layout_.nodes[link.from];
    if (from.layer != layer) continue;
    auto net = std::find_if(nets.begin(), nets.end(),
                            [&](const Net& one) { return one.source == link.from && one.kind == link.kind; });
    if (net == nets.end()) {
      std::ptrdiff_t x = from.middle();
      if (from.step && link.kind == EdgeKind::success) x -= route_offset;
      if (from.step && link.kind == EdgeKind::failure) x += route_offset;
      nets.push_back({link.from, link.kind, x, {}, {}, x, x, std::nullopt});
      net = nets.end() - 1;
    }
    const std::ptrdiff_t to = layout_.nodes[link.to].middle();
    net->targets.push_back(link.to);
    net->at.push_back(to);
    net->first = std::min(net->first, to);
    net->last = std::max(net->last, to);
  }
  return nets;
}

// A net that leaves in a column runs above the ones that end in it, so that their upright parts do not meet. Where
// that goes round in a circle, the first of them gives way. Returns how many tracks there are.
std::size_t Drawing::assign_tracks(std::vector<Net>& nets) {
  std::vector<Net*> open;
  for (Net& net : nets) {
    if (!net.straight()) open.push_back(&net);
  }
  std::vector<std::vector<const Net*>> tracks;
  const auto above = [](const Net& upper, const Net& lower) { return &upper != &lower && lower.enters(upper.x); };
  while (!open.empty()) {
    auto next = std::find_if(open.begin(), open.end(), [&](const Net* net) {
      return std::none_of(open.begin(), open.end(), [&](const Net* other) { return above(*other, *net); });
    });
    if (next == open.end()) next = open.begin();
    Net& net = **next;
    std::size_t track = 0;
    for (const Net& other : nets) {
      if (other.track && above(other, net)) track = std::max(track, *other.track + 1);
    }
    const auto free = [&](std::size_t one) {
      return std::all_of(tracks[one].begin(), tracks[one].end(),
                         [&](const Net* other) { return may_share(*other, net); });
    };
    while (track < tracks.size() && !free(track)) ++track;
    if (track >= tracks.size()) tracks.resize(track + 1);
    tracks[track].push_back(&net);
    net.track = track;
    open.erase(next);
  }
  return tracks.size();
}

void Drawing::draw_box(LineCanvas& canvas, const LayoutNode& node, std::size_t top) {
  const Box& box = boxes_[*node.step];
  const auto left = static_cast<std::size_t>(node.x);
  const std::size_t right = left + static_cast<std::size_t>(node.width) - 1;
  const std::size_t bottom = top + box.size() + 1;
  const Pen pen{0, state_tone(text_of(graph_.steps[*node.step], "state")),
                truth_of(graph_.steps[*node.step], "routed")};
  canvas.level(left, right, top, pen);
  canvas.level(left, right, bottom, pen);
  canvas.upright(left, top, bottom, pen);
  canvas.upright(right, top, bottom, pen);
  for (std::size_t i = 0; i < box.size(); ++i) canvas.text(left + 2, top + 1 + i, box[i].text, box[i].tone);
}

void Drawing::draw_net(LineCanvas& canvas, const Net& net, std::size_t id, std::size_t top, std::size_t bottom) {
  const Pen pen{id, edge_tone(net.kind), net.kind == EdgeKind::failure};
  const bool passes = !layout_.nodes[net.source].step;
  const auto x = static_cast<std::size_t>(net.x);
  // `top` is the layer's first row: a line that passes begins there, one of a box in the box's lower border.
  const std::size_t begin = passes ? top : top + height_of(net.source) - 1;
  std::size_t channel = top;
  for (const std::size_t node : layout_.layers[layout_.nodes[net.source].layer])
    channel = std::max(channel, top + height_of(node));
  const std::size_t level = net.track ? channel + 1 + *net.track : bottom;
  canvas.upright(x, begin, level, pen);
  if (net.track) {
    canvas.level(static_cast<std::size_t>(net.first), static_cast<std::size_t>(net.last), level, pen);
    canvas.join(x, level);
  }
  for (std::size_t i = 0; i < net.targets.size(); ++i) {
    const auto to = static_cast<std::size_t>(net.at[i]);
    canvas.upright(to, level, bottom, pen);
    canvas.join(to, level);
    if (layout_.nodes[net.targets[i]].step) {
      canvas.text(to, bottom, view_.look.unicode ? "▼" : "v", edge_tone(net.kind));
    } else {
      canvas.upright(to, bottom, bottom + 1, pen);  // it goes on below
    }
  }
  if (!passes && net.kind != EdgeKind::after)
    canvas.text(x, begin + 1, mark(net.kind, view_.look.unicode), edge_tone(net.kind));
}

std::string Drawing::to_text() {
  std::vector<std::vector<Net>> nets;
  std::vector<std::size_t> tops, bottoms;  // of each layer: its first row, the last row of the channel below it
  std::size_t row = 0;
  for (std::size_t layer = 0; layer < layout_.layers.size(); ++layer) {
    std::size_t height = 1;
    for (const std::size_t node : layout_.layers[layer]) height = std::max(height, height_of(node));
    nets.push_back(nets_below(layer));
    const std::size_t tracks = assign_tracks(nets.back());
    tops.push_back(row);
    const bool last = layer + 1 == layout_.layers.size();
    row += height + (last ? 0 : tracks + 2);
    bottoms.push_back(row - 1);
  }
  LineCanvas canvas(width(), row);
  std::size_t id = 1;  // 0: the boxes
  for (std::size_t layer = 0; layer < layout_.layers.size(); ++layer) {
    for (const std::size_t node : layout_.layers[layer]) {
      if (layout_.nodes[node].step) draw_box(canvas, layout_.nodes[node], tops[layer]);
    }
    for (const Net& net : nets[layer]) draw_net(canvas, net, id++, tops[layer], bottoms[layer]);
  }
  return canvas.to_text(view_.look);
}

std::string graph_table(const Graph& graph, const View& view) {
  Table table({{"STEP"}, {"ACTION"}, {"STATE"}, {"COMES AFTER", false, true}});
  for (std::size_t i = 0; i < graph.steps.size(); ++i) {
    const Value& step = graph.steps[i];
    std::string from;
    for (const GraphEdge& edge : graph.edges) {
      if (edge.to != i) continue;
      const std::string name = text_of(graph.steps[edge.from], "name");
      from += (from.empty() ? "" : ", ") + mark(edge.kind, view.look.unicode) +
              (edge.kind == EdgeKind::after ? "" : " ") + name;
    }
    table.add({{text_of(step, "name"), Tone::bold},
               what_it_is(step),
               {how_it_is(step, view), state_tone(text_of(step, "state"))},
               from});
  }
  return table.to_text(view.look);
}

std::string legend(const Graph& graph, const View& view) {
  bool routes = false;
  for (const Value& step : graph.steps)
    routes = routes || !text_of(step, "on_success").empty() || !text_of(step, "on_failure").empty();
  if (!routes || !view.look.legend) return "";
  const bool unicode = view.look.unicode;
  return fmt::format("\n{} on success, {} on failure, {} back to (visits)\n", mark(EdgeKind::success, unicode),
                     mark(EdgeKind::failure, unicode), unicode ? "↺" : "<-");
}

}  // namespace

std::string graph_text(const Graph& graph, const View& view) {
  std::vector<Box> boxes;
  std::vector<std::size_t> widths;
  for (std::size_t i = 0; i < graph.steps.size(); ++i) {
    boxes.push_back(box_of(graph, i, view));
    widths.push_back(box_width(boxes.back()));
  }
  auto layout = lay_out(graph, widths, most_nodes);
  if (!layout) return graph_table(graph, view);
  Drawing drawing(graph, *std::move(layout), boxes, view);
  if (view.look.width != 0 && drawing.width() > view.look.width) return graph_table(graph, view);
  return drawing.to_text() + legend(graph, view);
}

}  // namespace takt
