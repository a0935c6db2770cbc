// What the running daemon introspects is what dbus/*.xml says.
#include <gtest/gtest.h>

#include <fstream>
#include <regex>
#include <set>
#include <sstream>

#include "base/names.h"
#include "bus/dbus_path.h"
#include "bus_fixture.h"

namespace takt {
namespace {

class Introspection : public BusTest {};

std::string attribute(const std::string& tag, const char* name) {
  std::smatch match;
  const std::regex pattern(std::string("\\s") + name + "=\"([^\"]*)\"");
  return std::regex_search(tag, match, pattern) ? match[1].str() : std::string();
}

// The members of one interface, a line each: "method Pause in:a{sv}:options". The annotations that sd-bus does not show
// (whether a reply comes later is nobody else's business) are left out; its default for a property is "true".
std::set<std::string> members(const std::string& xml, const std::string& interface) {
  const std::string text = std::regex_replace(xml, std::regex("<!--[^]*?-->"), "");
  std::set<std::string> lines;
  std::string line;
  std::string emits;
  bool inside = false;
  const std::regex tags("<(/?)([a-z]+)((?:\\s[^>]*?)?)(/?)>");
  for (std::sregex_iterator tag(text.begin(), text.end(), tags), end; tag != end; ++tag) {
    const bool closes = (*tag)[1] == "/";
    const bool empty = (*tag)[4] == "/";
    const std::string kind = (*tag)[2];
    const std::string attributes = (*tag)[3];
    if (kind == "interface") {
      inside = !closes && attribute(attributes, "name") == interface;
      continue;
    }
    if (!inside) continue;
    const bool member = kind == "method" || kind == "signal" || kind == "property";
    if (member && !closes) {
      line = kind + " " + attribute(attributes, "name");
      if (kind == "property") line += ":" + attribute(attributes, "type") + ":" + attribute(attributes, "access");
      emits = "true";
    }
    if (kind == "arg") {
      const std::string direction = attribute(attributes, "direction");
      line += " " + (direction == "in" ? "in" : std::string("out")) + ":" + attribute(attributes, "type") + ":" +
              attribute(attributes, "name");
    }
    if (kind == "annotation" && attribute(attributes, "name").ends_with("EmitsChangedSignal"))
      emits = attribute(attributes, "value");
    if (member && (closes || empty)) lines.insert(kind == "property" ? line + ":" + emits : line);
  }
  return lines;
}

std::string file(const std::string& name) {
  std::ifstream in(TAKT_SOURCE_DIR "/dbus/" + name + ".xml");
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

TEST_F(Introspection, IsWhatTheXmlSays) {
  in_service([&] { control_.add_live(7, "nightly"); });
  Client client(bus_daemon_.address());
  const std::pair<std::string, std::string> objects[] = {
      {names::bus_path, names::manager_interface},
      {process_path("nightly"), names::process_interface},
      {execution_path(7), names::execution_interface},
  };
  for (const auto& [path, interface] : objects) {
    std::string introspected;
    client.object(path)
        ->callMethod("Introspect")
        .onInterface("org.freedesktop.DBus.Introspectable")
        .storeResultsTo(introspected);
    const auto documented = members(file(interface), interface);
    EXPECT_GT(documented.size(), 10u) << interface;
    EXPECT_EQ(members(introspected, interface), documented) << interface;
  }
}

TEST_F(Introspection, EveryMemberIsDocumented) {
  for (const char* interface : {names::manager_interface, names::process_interface, names::execution_interface}) {
    const std::string xml = file(interface);
    const std::regex undocumented("(-->)?\\s*<(method|signal|property) name=\"([A-Za-z]+)\"");
    for (std::sregex_iterator member(xml.begin(), xml.end(), undocumented), end; member != end; ++member)
      EXPECT_TRUE((*member)[1].matched) << interface << "." << (*member)[3];
  }
}

TEST_F(Introspection, LeadsToWhatThereIs) {
  in_service([&] { control_.add_live(7, "nightly"); });
  Client client(bus_daemon_.address());
  const auto introspect = [&client](const std::string& path) {
    std::string xml;
    client.object(path)
        ->callMethod("Introspect")
        .onInterface("org.freedesktop.DBus.Introspectable")
        .storeResultsTo(xml);
    return xml;
  };
  const std::string root = introspect(names::bus_path);
  EXPECT_NE(root.find("<node name=\"process\"/>"), std::string::npos);
  EXPECT_NE(root.find("<node name=\"execution\"/>"), std::string::npos);
  EXPECT_NE(introspect(std::string(names::bus_path) + "/process").find("<node name=\"a_2db\"/>"), std::string::npos);
  EXPECT_NE(introspect(std::string(names::bus_path) + "/execution").find("<node name=\"7\"/>"), std::string::npos);
}

}  // namespace
}  // namespace takt
