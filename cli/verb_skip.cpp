// skip: lets the next firings of a process pass.
#include "cli/verbs.h"

namespace takt {
namespace {

struct SkipOptions {
  std::string name;
  std::uint32_t count = 1;
};

Result<ExitCode> skip(Session& session, const SkipOptions& options) {
  TAKT_ASSIGN(Client * client, session.client());
  TAKT_ASSIGN(const std::uint32_t remaining, client->skip_next(options.name, options.count));
  Output& output = session.output();
  if (output.json()) {
    output.print_json({{"process", options.name}, {"remaining", remaining}});
  } else if (remaining == 0) {
    output.print(fmt::format("no firing of {} will be skipped\n", options.name));
  } else {
    output.print(remaining == 1 ? fmt::format("the next firing of {} will be skipped\n", options.name)
                                : fmt::format("the next {} firings of {} will be skipped\n", remaining, options.name));
  }
  return ExitCode::ok;
}

}  // namespace

void add_skip(Command& taktctl) {
  const auto options = std::make_shared<SkipOptions>();
  Command verb = taktctl.verb("skip", "Skip the next firings of a process");
  verb.option("NAME", options->name, "The process").required();
  verb.option("--count", options->count, "How many, instead of what was said before; 0: none. 1 if not said")
      .type_name("N");
  verb.run([options](Session& session) { return skip(session, *options); });
}

}  // namespace takt
