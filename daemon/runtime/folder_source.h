// The definitions in their folders (takt.process(5), FILES).
#pragma once

#include <map>
#include <string>

#include "definition/folders.h"
#include "expression/expression.h"
#include "runtime/ports.h"

namespace takt {

// Reads and writes the folders when asked; keeps nothing of them, but the last zone of the machine that could be read.
class FolderSource final : public DefinitionSource {
 public:
  // `kept` and `transient` are the layers that put() writes to; `pools` are those of taktd.toml.
  FolderSource(Folders folders, std::string kept, std::string transient, Evaluator& evaluator,
               std::map<std::string, std::string> environment, std::map<std::string, std::uint32_t> pools);

  LoadedDefinitions load(const std::string& name, const std::map<std::string, Definition>& known) override;
  ParseOutcome check(const std::string& name, const std::string& text) override;
  Result<Definition> parse_version(const VersionRow& row) override;
  Result<std::string> put(const std::string& name, const std::string& text, bool transient) override;
  Status remove(const std::string& name) override;
  Status set_enabled(const std::string& name, bool enabled) override;

 private:
  Status forget_enabled(const std::string& name);
  ParseOutcome parse(const std::string& name, const SourceText& text, const std::string& default_user,
                     const std::map<std::string, std::uint32_t>* pools);

  Folders folders_;
  std::string kept_;
  std::string transient_;
  Evaluator& evaluator_;
  std::map<std::string, std::string> environment_;
  std::map<std::string, std::uint32_t> pools_;
  Zone local_zone_;  // the machine's; while it cannot be read, what it was goes on
};

}  // namespace takt
