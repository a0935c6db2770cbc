#include "base/fd.h"

#include <algorithm>
#include <cerrno>

namespace takt {

Result<std::string> read_whole(int fd, std::size_t limit) {
  std::string content;
  while (true) {
    const std::size_t had = content.size();
    content.resize(std::min(had + 64 * 1024, limit + 1));
    const ssize_t got = ::read(fd, content.data() + had, content.size() - had);
    content.resize(had + static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fail_errno("read");
    if (content.size() > limit) return fail(ErrorCode::limit_exceeded, "it holds more than {} bytes", limit);
    if (got == 0) return content;
  }
}

}  // namespace takt
