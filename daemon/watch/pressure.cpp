#include "watch/pressure.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <optional>

#include "base/time.h"

namespace takt {
namespace {

// What a kernel or a system without this says, in words that tell what to do.
tl::unexpected<Error> refused(const std::string& path, int error) {
  if (error == ENOENT || error == EOPNOTSUPP)
    return fail(ErrorCode::not_supported, "{}: this kernel does not measure pressure (CONFIG_PSI, and psi=1)", path);
  if (error == EPERM || error == EACCES)
    return fail(ErrorCode::access_denied, "{}: before Linux 6.5, only CAP_SYS_RESOURCE may set a threshold", path);
  return fail(ErrorCode::io, "{}: {}", path, errno_text(error));
}

// "some avg10=0.12 avg60=0.00 avg300=0.00 total=4711", the file's first line: a share of time in percent, and
// microseconds since the boot.
struct Figures {
  double avg10 = 0;
  unsigned long long total = 0;
};
std::optional<Figures> read_figures(int fd) {
  std::array<char, 256> text{};
  Figures figures;
  if (::pread(fd, text.data(), text.size() - 1, 0) <= 0) return std::nullopt;
  if (std::sscanf(text.data(), "some avg10=%lf avg60=%*f avg300=%*f total=%llu", &figures.avg10, &figures.total) != 2)
    return std::nullopt;
  return figures;
}

}  // namespace

Result<double> read_stalled_share(const std::string& path) {
  const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd.valid()) return refused(path, errno);
  if (const auto figures = read_figures(fd.get())) return figures->avg10;
  return refused(path, EOPNOTSUPP);
}

PressureWatch::PressureWatch(Loop& loop, WatchCallbacks callbacks, std::string folder)
    : loop_(loop), callbacks_(std::move(callbacks)), folder_(std::move(folder)) {}

void PressureWatch::set_triggers(const std::map<std::string, Definition>& definitions) {
  const auto wanted = triggers_of<PressureTrigger>(definitions);
  std::erase_if(sources_, [&](const auto& source) { return !wanted.contains(source.first); });
  for (const auto& [name, trigger] : wanted) {
    if (sources_.contains(name)) continue;
    if (auto source = open(name, trigger))
      sources_.emplace(name, std::move(*source));
    else
      callbacks_.failed(name.first, about_trigger(name, source.error().message));
  }
}

Result<PressureWatch::Source> PressureWatch::open(const TriggerName& name, const PressureTrigger& trigger) {
  Source source;
  source.resource = trigger.resource;
  const std::string path = fmt::format("{}/{}", folder_, to_word(trigger.resource));
  source.fd.reset(::open(path.c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC));
  if (!source.fd.valid()) return refused(path, errno);
  const std::string threshold = fmt::format("some {} {}", trigger.stall.count(), trigger.window.count());
  // The kernel takes the text with its NUL.
  if (::write(source.fd.get(), threshold.c_str(), threshold.size() + 1) < 0) return refused(path, errno);
  TAKT_ASSIGN(source.watch,
              loop_.add(source.fd.get(), EPOLLPRI, [this, name](std::uint32_t events) { ready(name, events); }));
  return source;
}

void PressureWatch::ready(const TriggerName& name, std::uint32_t events) {
  const auto source = sources_.find(name);
  if ((events & EPOLLERR) != 0) {
    sources_.erase(source);
    return callbacks_.failed(name.first, about_trigger(name,
                                                       "the kernel measures it no longer; ignoring it until the next "
                                                       "reload"));
  }
  Value fields{{"resource", to_word(source->second.resource)}};
  if (const auto figures = read_figures(source->second.fd.get())) {
    fields["avg10"] = figures->avg10;
    fields["total"] = figures->total;
  }
  callbacks_.seen({name.first, name.second, std::move(fields)});
}

}  // namespace takt
