// TOML texts as a plain tree in which every node knows its place. The one door to the TOML library: nothing beyond it
// sees the library's types, and none of its exceptions gets through.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "definition/report.h"

namespace takt {

struct TomlNode;
using TomlArray = std::vector<TomlNode>;
using TomlTable = std::map<std::string, TomlNode, std::less<>>;
struct TomlTime {  // a date, a time, or both
  std::string text;
};

struct TomlNode {
  std::variant<std::string, std::int64_t, double, bool, TomlTime, TomlArray, TomlTable> value;
  Place place;      // of the value
  Place key_place;  // of the key that names it; in an array, of the value
};

struct TomlDocument {
  TomlTable root;
  std::string text;  // all as one TOML text: the source itself where there is only one
};

// Parses the report's sources and merges them, later over earlier: tables key by key, all else whole. Nothing when one
// of them is no TOML, is larger than limits::definition_bytes, or is nested deeper than limits::value_depth.
std::optional<TomlDocument> read_toml(Report& report);

// "a string", "an integer", …: what a node is, for messages.
std::string_view kind_of(const TomlNode& node);

}  // namespace takt
