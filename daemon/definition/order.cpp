#include "definition/order.h"

#include <fmt/core.h>

#include <algorithm>
#include <map>
#include <utility>

#include "base/limits.h"
#include "definition/limits.h"

namespace takt {
namespace {

using Places = std::vector<std::uint32_t>;

constexpr std::string_view end_word = "end";

std::optional<NamedPlace> parse_route(TableReader& reader, std::string_view key) {
  const auto* node = reader.find(key);
  const auto name = reader.text(key);
  if (!name) return std::nullopt;
  return NamedPlace{*name, node->place, reader.path_of(key)};
}

// A way through the steps that ends where it began; empty: there is none.
class CycleSearch {
 public:
  explicit CycleSearch(const std::vector<Places>& edges) : edges_(edges), marks_(edges.size(), Mark::fresh) {}

  Places find() {
    for (std::uint32_t place = 0; place < edges_.size(); ++place)
      if (marks_[place] == Mark::fresh && visit(place)) return way_;
    return {};
  }

 private:
  enum class Mark { fresh, open, done };

  bool visit(std::uint32_t place) {
    marks_[place] = Mark::open;
    way_.push_back(place);
    for (const std::uint32_t next : edges_[place]) {
      if (marks_[next] == Mark::open) {
        way_.erase(way_.begin(), std::find(way_.begin(), way_.end(), next));
        way_.push_back(next);
        return true;
      }
      if (marks_[next] == Mark::fresh && visit(next)) return true;
    }
    marks_[place] = Mark::done;
    way_.pop_back();
    return false;
  }

  const std::vector<Places>& edges_;
  std::vector<Mark> marks_;
  Places way_;
};

// Owns nothing; fills the steps it refers to, in the order of its functions.
class OrderResolver {
 public:
  OrderResolver(std::vector<Step>& steps, const std::vector<StepOrder>& orders, const std::vector<std::string>& finally,
                Report& report)
      : steps_(steps), orders_(orders), finally_(finally), report_(report) {
    for (std::uint32_t place = 0; place < steps_.size(); ++place) {
      places_.emplace(orders_[place].step.name, place);
      names_.push_back(orders_[place].step.name);
    }
  }

  Places resolve() {
    follow_routes();
    mark_routed();
    Places last = follow_sequence();
    if (wrong_) return last;  // what follows would tell of the same again
    refuse_cycles();
    if (!wrong_) refuse_unreachable();
    return last;
  }

 private:
  void error(const NamedPlace& at, std::string_view message) {
    report_.error(at.place, at.path, message);
    wrong_ = true;
  }

  std::optional<std::uint32_t> find(const NamedPlace& named) {
    if (const auto at = places_.find(named.name); at != places_.end()) return at->second;
    if (std::find(finally_.begin(), finally_.end(), named.name) != finally_.end())
      error(named, fmt::format("step \"{}\" is one of [[finally]], which run by themselves at the end", named.name));
    else
      error(named, fmt::format("no step is named \"{}\"{}", named.name, suggestion(named.name, names_)));
    return std::nullopt;
  }

  std::optional<Route> route_of(const std::optional<NamedPlace>& named) {
    if (!named) return std::nullopt;
    if (named->name == end_word) return Route{true, 0};
    const auto place = find(*named);
    return place ? std::optional(Route{false, *place}) : std::nullopt;
  }

  void follow_routes() {
    for (std::uint32_t place = 0; place < steps_.size(); ++place) {
      const StepOrder& order = orders_[place];
      steps_[place].on_success = route_of(order.on_success);
      steps_[place].on_failure = route_of(order.on_failure);
      steps_[place].max_visits = order.max_visits.value_or(1);
      if (order.parallel_group) steps_[place].parallel_group = order.parallel_group->name;
    }
  }

  // A step that a route names runs only when one leads there; a loop's head has its place in the sequence, too.
  void mark_routed() {
    for (std::uint32_t from = 0; from < steps_.size(); ++from)
      for (const auto& route : {steps_[from].on_success, steps_[from].on_failure})
        if (route && !route->end && !(orders_[route->step].max_visits && from >= route->step))
          steps_[route->step].routed = true;
    for (std::uint32_t place = 0; place < steps_.size(); ++place) {
      const StepOrder& order = orders_[place];
      if (order.max_visits && !is_routed_to(place))
        error(order.step, "`max_visits` has no meaning here: no step names this one in on_success or on_failure");
      if (!steps_[place].routed) continue;
      if (order.needs) error(order.step, "a route leads to this step, so `needs` has no meaning here");
      if (order.parallel_group)
        error(*order.parallel_group, "a route leads to this step, so it runs by itself, in no group");
    }
  }

  [[nodiscard]] bool is_routed_to(std::uint32_t place) const {
    return std::any_of(steps_.begin(), steps_.end(), [&](const Step& from) {
      return (from.on_success && !from.on_success->end && from.on_success->step == place) ||
             (from.on_failure && !from.on_failure->end && from.on_failure->step == place);
    });
  }

  // Fills `after`. Gives the last unit of the sequence.
  Places follow_sequence() {
    Places before;  // the unit before the one under way
    Places unit;
    for (std::uint32_t place = 0; place < steps_.size(); ++place) {
      Step& step = steps_[place];
      if (step.routed) continue;
      const bool joins =
          !unit.empty() && !step.parallel_group.empty() && steps_[unit.back()].parallel_group == step.parallel_group;
      if (!joins) before = std::exchange(unit, {});
      unit.push_back(place);
      if (orders_[place].needs)
        step.after = explicit_needs(place);
      else
        follow(place, before);
    }
    return unit;
  }

  Places explicit_needs(std::uint32_t place) {
    Places after;
    for (const NamedPlace& named : *orders_[place].needs) {
      if (named.name == orders_[place].step.name) {
        error(named, "a step cannot need itself");
      } else if (const auto other = find(named)) {
        if (std::find(after.begin(), after.end(), *other) == after.end()) after.push_back(*other);
      }
    }
    return after;
  }

  // Comes after the unit before it, unless a step of that goes elsewhere.
  void follow(std::uint32_t place, const Places& before) {
    const auto leaves = std::find_if(before.begin(), before.end(),
                                     [this](std::uint32_t one) { return steps_[one].on_success.has_value(); });
    if (leaves == before.end()) {
      steps_[place].after = before;
    } else if (orders_[place].max_visits) {
      steps_[place].routed = true;  // a loop's head that only its loop leads to
    } else {
      error(orders_[place].step,
            fmt::format("nothing leads to this step: \"{}\" before it goes to \"{}\" instead; name this one in "
                        "on_success or on_failure of a step, or say what it needs",
                        steps_[*leaves].name, orders_[*leaves].on_success->name));
    }
  }

  [[nodiscard]] std::vector<Places> edges(bool with_routes) const {
    std::vector<Places> out(steps_.size());
    for (std::uint32_t place = 0; place < steps_.size(); ++place) {
      for (const std::uint32_t before : steps_[place].after) out[before].push_back(place);
      if (!with_routes) continue;
      for (const auto& route : {steps_[place].on_success, steps_[place].on_failure})
        if (route && !route->end && !orders_[route->step].max_visits) out[place].push_back(route->step);
    }
    return out;
  }

  [[nodiscard]] std::string path_text(const Places& way) const {
    std::string text;
    for (const std::uint32_t place : way) text += (text.empty() ? "" : " -> ") + steps_[place].name;
    return text;
  }

  void refuse_cycles() {
    if (const Places way = CycleSearch(edges(false)).find(); !way.empty()) {
      const auto says = std::find_if(way.begin(), way.end(), [this](std::uint32_t one) { return orders_[one].needs; });
      const StepOrder& order = orders_[says == way.end() ? way.front() : *says];
      const NamedPlace& at = order.needs && !order.needs->empty() ? order.needs->front() : order.step;
      return error(at, fmt::format("these steps wait for each other: {}", path_text(way)));
    }
    if (const Places way = CycleSearch(edges(true)).find(); !way.empty()) {
      const StepOrder* at = &orders_[way.front()];
      for (const std::uint32_t one : way)
        if (orders_[one].on_success || orders_[one].on_failure) at = &orders_[one];
      error(at->on_success   ? *at->on_success
            : at->on_failure ? *at->on_failure
                             : at->step,
            fmt::format("a loop that nothing ends: {}; give the step that it comes back to a `max_visits`",
                        path_text(way)));
    }
  }

  // From the beginning, through order and routes.
  void refuse_unreachable() {
    std::vector<bool> reached(steps_.size(), false);
    for (bool changed = true; changed;) {
      changed = false;
      for (std::uint32_t place = 0; place < steps_.size(); ++place) {
        if (reached[place] || !is_led_to(place, reached)) continue;
        reached[place] = changed = true;
      }
    }
    for (std::uint32_t place = 0; place < steps_.size(); ++place)
      if (!reached[place])
        error(orders_[place].step,
              "nothing leads to this step: no step that can be reached goes here or is followed "
              "by it");
  }

  [[nodiscard]] bool is_led_to(std::uint32_t place, const std::vector<bool>& reached) const {
    const Step& step = steps_[place];
    if (!step.routed)
      return std::all_of(step.after.begin(), step.after.end(), [&](std::uint32_t one) { return reached[one]; });
    for (std::uint32_t from = 0; from < steps_.size(); ++from)
      for (const auto& route : {steps_[from].on_success, steps_[from].on_failure})
        if (reached[from] && route && !route->end && route->step == place) return true;
    return false;
  }

  std::vector<Step>& steps_;
  const std::vector<StepOrder>& orders_;
  const std::vector<std::string>& finally_;
  Report& report_;
  std::map<std::string_view, std::uint32_t> places_;
  std::vector<std::string_view> names_;
  bool wrong_ = false;
};

}  // namespace

StepOrder parse_order(TableReader& reader) {
  StepOrder order;
  const auto* name = reader.find("name");
  const auto* text = name == nullptr ? nullptr : std::get_if<std::string>(&name->value);  // parse_step() judges it
  order.step = {text == nullptr ? "" : *text, name == nullptr ? reader.place() : name->place, reader.path_of("name")};
  if (const auto* node = reader.find("needs")) {
    const auto names = reader.texts("needs").value_or(std::vector<std::string>{});
    order.needs.emplace();
    for (std::size_t i = 0; i < names.size(); ++i)
      order.needs->push_back(
          {names[i], std::get<TomlArray>(node->value)[i].place, reader.path_of(fmt::format("needs[{}]", i + 1))});
  }
  if (const auto* node = reader.find("parallel_group")) {
    const bool number = std::holds_alternative<std::int64_t>(node->value);
    const auto group =
        number ? std::optional(std::to_string(std::get<std::int64_t>(node->value))) : reader.text("parallel_group");
    if (group && group->size() > limits::name_bytes)
      reader.error("parallel_group", fmt::format("at most {} bytes", limits::name_bytes));
    if (group) order.parallel_group = NamedPlace{*group, node->place, reader.path_of("parallel_group")};
  }
  order.on_success = parse_route(reader, "on_success");
  order.on_failure = parse_route(reader, "on_failure");
  if (const auto visits = reader.integer("max_visits", 2, limits::visits))
    order.max_visits = static_cast<std::uint32_t>(*visits);
  return order;
}

std::vector<std::uint32_t> resolve_order(std::vector<Step>& steps, const std::vector<StepOrder>& orders,
                                         const std::vector<std::string>& finally, Report& report) {
  return OrderResolver(steps, orders, finally, report).resolve();
}

}  // namespace takt
