// Gathers the diagnostics of a few texts that are read together (a definition and its drop-ins, or the settings).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "definition/diagnostic.h"
#include "definition/source.h"

namespace takt {

// Refers to the texts it is given, which must outlive it. Never judges anything itself.
class Report {
 public:
  explicit Report(std::vector<const SourceText*> sources) : sources_(std::move(sources)) {}

  // `key` is dotted, as Diagnostic has it. Control characters of the message are made visible, because it ends on
  // somebody's terminal.
  void error(const Place& place, std::string_view key, std::string_view message);
  void warning(const Place& place, std::string_view key, std::string_view message);

  [[nodiscard]] const std::vector<const SourceText*>& sources() const { return sources_; }
  [[nodiscard]] bool failed() const { return failed_; }
  // All of them, in the order of the texts and the places in them; at most limits::diagnostics.
  [[nodiscard]] Diagnostics take();

 private:
  struct Entry {
    Place place;
    Diagnostic diagnostic;
  };
  void add(Severity severity, const Place& place, std::string_view key, std::string_view message);

  std::vector<const SourceText*> sources_;
  std::vector<Entry> entries_;
  std::size_t untold_ = 0;
  bool failed_ = false;
};

// "x, y or z", each in quotes.
std::string alternatives(const std::vector<std::string_view>& words);
// " (did you mean "x"?)", or nothing when none is near.
std::string suggestion(std::string_view wrong, const std::vector<std::string_view>& words);

}  // namespace takt
