#include "cli/import_yaml.h"

#include <yaml-cpp/yaml.h>

#include "base/limits.h"

namespace takt {
namespace {

// Owns nothing; counts what has been written, so that aliases of aliases come to an end.
class YamlReader {
 public:
  Result<Value> read(const YAML::Node& node, int depth) {
    if (depth > limits::value_depth) {
      return fail(ErrorCode::limit_exceeded, "line {}: nested deeper than {}", node.Mark().line + 1,
                  limits::value_depth);
    }
    bytes_ += sizeof(Value) + (node.IsScalar() ? node.Scalar().size() : 0);
    if (bytes_ > limits::value_bytes) return fail(ErrorCode::limit_exceeded, "more than {} bytes", limits::value_bytes);
    if (node.IsScalar()) return scalar(node);
    if (node.IsSequence()) {
      Value list = Value::array();
      for (const auto& element : node) {
        TAKT_ASSIGN(Value value, read(element, depth + 1));
        list.push_back(std::move(value));
      }
      return list;
    }
    if (!node.IsMap()) return Value();
    Value object = Value::object();
    for (const auto& member : node) {
      const int line = member.first.Mark().line + 1;
      if (!member.first.IsScalar()) return fail(ErrorCode::invalid_input, "line {}: a key is a text", line);
      const std::string& key = member.first.Scalar();
      if (object.contains(key)) return fail(ErrorCode::invalid_input, "line {}: {} comes twice", line, key);
      TAKT_ASSIGN(object[key], read(member.second, depth + 1));
    }
    return object;
  }

 private:
  static Value scalar(const YAML::Node& node) {
    const std::string& text = node.Scalar();
    if (node.Tag() != "?") return text;  // it was quoted, or has a tag
    if (text.empty() || text == "~" || text == "null" || text == "Null" || text == "NULL") return {};
    if (text == "true" || text == "True" || text == "TRUE") return true;
    if (text == "false" || text == "False" || text == "FALSE") return false;
    // JSON's numbers are YAML's, but for a sign, a bare point, octal and hexadecimal ones, which stay texts.
    std::optional<Value> number = Value::try_parse(text);
    return number && number->is_number() ? *std::move(number) : Value(text);
  }

  std::size_t bytes_ = 0;
};

}  // namespace

Result<Value> parse_yaml(const std::string& text) {
  try {
    const std::vector<YAML::Node> documents = YAML::LoadAll(text);
    if (documents.size() != 1)
      return fail(ErrorCode::invalid_input, "expected one YAML document, got {}", documents.size());
    return YamlReader().read(documents.front(), 0);
  } catch (const YAML::Exception& caught) {
    return fail(ErrorCode::invalid_input, "line {}: {}", caught.mark.line + 1, caught.msg);
  }
}

}  // namespace takt
