// Triggers that the machine sets off: signals on a bus, units, the journal, devices, pressure.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/bus_names.h"
#include "definition/parts.h"
#include "definition/pattern.h"
#include "definition/words.h"

namespace takt {
namespace {

BusTrigger parse_signal(TableReader& reader) {
  BusTrigger signal;
  signal.bus = reader.word("bus", bus_words).value_or(BusKind::system);
  const auto name = [&](std::string_view key, std::string_view what, bool (*valid)(const std::string&)) {
    std::string text = reader.text(key).value_or("");
    if (!text.empty() && !valid(text)) reader.error(key, fmt::format("\"{}\" is not {}", text, what));
    return text;
  };
  for (const char* key : {"sender", "interface", "member"})
    if (!reader.has(key)) reader.error("", fmt::format("expected `{}`: a signal is known by these three", key));
  signal.sender = name("sender", "the name of a service, such as \"org.freedesktop.login1\"", valid_bus_service);
  signal.interface =
      name("interface", "the name of an interface, such as \"org.freedesktop.login1.Manager\"", valid_bus_interface);
  signal.member = name("member", "the name of a signal, such as \"PrepareForSleep\"", valid_bus_member);
  signal.object = name("object", "the path of an object, such as \"/org/freedesktop/login1\"", valid_bus_path);
  if (const auto args = reader.values("args")) signal.args = *args;
  return signal;
}

std::optional<TriggerKind> parse_bus(TableReader& outer, std::string& key) {
  BusTrigger signal = read_table(outer, "dbus", parse_signal);
  key = fmt::format("dbus {} {} {}.{}", to_word(signal.bus), signal.sender, signal.interface, signal.member);
  if (!signal.object.empty()) key += " " + signal.object;
  if (!signal.args.empty()) key += " " + value_text(signal.args);
  return signal;
}

std::optional<TriggerKind> parse_unit(TableReader& reader, std::string& key) {
  UnitTrigger unit;
  const auto name = reader.text("unit");
  const auto states = reader.words("state", unit_state_words);
  if (!name) return std::nullopt;
  if (!valid_unit(*name))
    reader.error("unit", fmt::format("\"{}\" is not the full name of a unit, such as \"backup.service\"", *name));
  unit.unit = *name;
  if (states) unit.states = *states;
  key = fmt::format("unit {}", unit.unit);
  for (const UnitState state : unit.states) key += fmt::format(" {}", to_word(state));
  return unit;
}

// systemd.journal-fields(7): capitals, digits and underscores. With two of them begin addresses such as __CURSOR, which
// the journal is not searched by.
bool valid_field(std::string_view name) {
  return !name.empty() && name.size() <= 64 && !name.starts_with("__") &&
         std::ranges::all_of(name, [](char c) { return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_'; });
}

JournalTrigger parse_entry(TableReader& reader) {
  JournalTrigger entry;
  entry.match = reader.text_table("match").value_or(std::map<std::string, std::string>{});
  entry.pattern = reader.text("pattern").value_or("");
  if (entry.match.empty() && entry.pattern.empty())
    reader.error("", "expected `match`, a table of fields, or `pattern`: else every entry would fire");
  for (const auto& [name, value] : entry.match)
    if (!valid_field(name)) reader.error("match", fmt::format("\"{}\" is not the name of a journal field", name));
  if (!entry.pattern.empty())
    if (const auto compiled = Pattern::compile(entry.pattern); !compiled)
      reader.error("pattern", compiled.error().message);
  return entry;
}

std::optional<TriggerKind> parse_journal(TableReader& outer, std::string& key) {
  JournalTrigger entry = read_table(outer, "journal", parse_entry);
  key = "journal";
  for (const auto& [name, value] : entry.match) key += fmt::format(" {}={}", name, value);
  if (!entry.pattern.empty()) key += fmt::format(" /{}/", entry.pattern);
  return entry;
}

DeviceTrigger parse_uevent(TableReader& reader) {
  constexpr std::array<std::string_view, 8> known{"add",    "remove",  "change", "move",
                                                  "online", "offline", "bind",   "unbind"};
  DeviceTrigger device;
  if (!reader.has("subsystem")) reader.error("", "expected `subsystem`, such as \"block\" or \"usb\"");
  device.subsystem = reader.text("subsystem").value_or("");
  if (const auto actions = reader.text_or_texts("action")) {
    device.actions = *actions;
    std::ranges::sort(device.actions);
    for (const std::string& action : *actions)
      if (std::ranges::find(known, action) == known.end())
        reader.error("action", fmt::format("\"{}\" is not what udev reports: {}", action, fmt::join(known, ", ")));
  }
  device.properties = reader.text_table("properties").value_or(std::map<std::string, std::string>{});
  return device;
}

std::optional<TriggerKind> parse_device(TableReader& outer, std::string& key) {
  DeviceTrigger device = read_table(outer, "device", parse_uevent);
  key = fmt::format("device {} {}", device.subsystem, fmt::join(device.actions, ","));
  for (const auto& [name, value] : device.properties) key += fmt::format(" {}={}", name, value);
  return device;
}

// The kernel takes windows of 500 ms to 10 s; of those who are not root, multiples of 2 s alone
// (Documentation/accounting/psi).
std::optional<TriggerKind> parse_pressure(TableReader& reader, std::string& key) {
  constexpr Duration least = std::chrono::seconds(2);
  constexpr Duration greatest = std::chrono::seconds(10);
  PressureTrigger pressure;
  const auto resource = reader.word("pressure", pressure_words);
  pressure.window = reader.duration("window", least).value_or(least);
  pressure.stall = reader.duration("stall", std::chrono::milliseconds(1)).value_or(pressure.window / 10);
  if (pressure.window > greatest || pressure.window % least != Duration(0))
    reader.error("window", "expected 2s, 4s, 6s, 8s or 10s: what the kernel takes of those who are not root");
  if (pressure.stall > pressure.window) reader.error("stall", "it is longer than the window that it is looked for in");
  if (!resource) return std::nullopt;
  pressure.resource = *resource;
  key = fmt::format("pressure {} {} {}", to_word(pressure.resource), format_duration(pressure.stall),
                    format_duration(pressure.window));
  return pressure;
}

}  // namespace

bool valid_unit(std::string_view name) {
  constexpr std::array suffixes{".service", ".socket", ".device", ".mount", ".automount", ".swap",
                                ".target",  ".path",   ".timer",  ".slice", ".scope"};
  const bool ends = std::ranges::any_of(
      suffixes, [&](std::string_view suffix) { return name.ends_with(suffix) && name.size() > suffix.size(); });
  return ends && name.size() < 256 && std::ranges::all_of(name, [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  std::string_view(":-_.\\@").find(c) != std::string_view::npos;
         });
}

std::optional<TriggerKind> parse_machine_trigger(TableReader& reader, std::string_view word, std::string& key) {
  if (word == "dbus") return parse_bus(reader, key);
  if (word == "unit") return parse_unit(reader, key);
  if (word == "journal") return parse_journal(reader, key);
  if (word == "device") return parse_device(reader, key);
  return parse_pressure(reader, key);
}

}  // namespace takt
