#include "runner/packet.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "base/assert.h"
#include "runner/limits.h"

namespace takt {
namespace {

// The first byte of a packet: where its body is.
constexpr char body_follows = 0;
constexpr char body_in_memfd = 1;

constexpr int memfd_seals = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE;
constexpr std::size_t most_fds = 2;  // the memfd of the body, and the packet's own

bool peer_gone(int error) {
  return error == EPIPE || error == ECONNRESET || error == ENOTCONN;
}

// The descriptors that came with a message, owned from the moment they are here.
std::array<UniqueFd, most_fds> take_fds(msghdr& header) {
  std::array<UniqueFd, most_fds> fds;
  std::size_t count = 0;
  for (cmsghdr* part = CMSG_FIRSTHDR(&header); part != nullptr; part = CMSG_NXTHDR(&header, part)) {
    if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_RIGHTS) continue;
    const std::size_t held = (part->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (std::size_t i = 0; i < held; ++i) {
      int fd = -1;
      std::memcpy(&fd, CMSG_DATA(part) + i * sizeof(int), sizeof fd);
      UniqueFd owned(fd);
      if (count < most_fds) fds[count++] = std::move(owned);
    }
  }
  return fds;
}

}  // namespace

Result<UniqueFd> sealed_memfd(const char* name, std::string_view content) {
  UniqueFd fd(memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (!fd.valid()) return fail_errno("memfd_create");
  for (std::string_view rest = content; !rest.empty();) {
    const ssize_t wrote = write(fd.get(), rest.data(), rest.size());
    if (wrote < 0) return fail_errno("write to a memfd");
    rest.remove_prefix(static_cast<std::size_t>(wrote));
  }
  if (lseek(fd.get(), 0, SEEK_SET) < 0) return fail_errno("lseek in a memfd");
  if (fcntl(fd.get(), F_ADD_SEALS, memfd_seals) < 0) return fail_errno("seal a memfd");
  return fd;
}

Result<bool> send_packet(int socket, const Packet& packet) {
  TAKT_ASSERT(!packet.body.empty());
  UniqueFd body_fd;
  const bool large = packet.body.size() >= limits::packet_bytes;
  if (large) {
    TAKT_ASSIGN(body_fd, sealed_memfd("takt-message", packet.body));
  }
  char where = large ? body_in_memfd : body_follows;
  iovec parts[2] = {{&where, 1}, {const_cast<char*>(packet.body.data()), packet.body.size()}};
  int fds[most_fds];
  std::size_t count = 0;
  if (body_fd.valid()) fds[count++] = body_fd.get();
  if (packet.fd.valid()) fds[count++] = packet.fd.get();

  alignas(cmsghdr) char control[CMSG_SPACE(sizeof fds)] = {};
  msghdr header{};
  header.msg_iov = parts;
  header.msg_iovlen = large ? 1 : 2;
  if (count > 0) {
    header.msg_control = control;
    header.msg_controllen = CMSG_SPACE(count * sizeof(int));
    cmsghdr* part = CMSG_FIRSTHDR(&header);
    part->cmsg_level = SOL_SOCKET;
    part->cmsg_type = SCM_RIGHTS;
    part->cmsg_len = CMSG_LEN(count * sizeof(int));
    std::memcpy(CMSG_DATA(part), fds, count * sizeof(int));
  }
  if (sendmsg(socket, &header, MSG_NOSIGNAL | MSG_DONTWAIT) >= 0) return true;
  if (errno == EAGAIN || errno == ENOBUFS) return false;
  if (peer_gone(errno)) return fail(ErrorCode::unavailable, "the peer is gone");
  return fail_errno("sendmsg");
}

Result<std::optional<Packet>> receive_packet(int socket) {
  std::string buffer(limits::packet_bytes + 1, '\0');
  iovec part{buffer.data(), buffer.size()};
  alignas(cmsghdr) char control[CMSG_SPACE(most_fds * sizeof(int))];
  msghdr header{};
  header.msg_iov = &part;
  header.msg_iovlen = 1;
  header.msg_control = control;
  header.msg_controllen = sizeof control;
  ssize_t got = recvmsg(socket, &header, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
  // A peer that went with something unread tells this first; what it had sent is still there, and then its end.
  if (got < 0 && errno == ECONNRESET) got = recvmsg(socket, &header, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return std::optional<Packet>();
  if (got == 0 || (got < 0 && peer_gone(errno))) return fail(ErrorCode::unavailable, "the peer is gone");
  if (got < 0) return fail_errno("recvmsg");

  auto fds = take_fds(header);
  if ((header.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) != 0)
    return fail(ErrorCode::invalid_argument, "a packet that is too large");
  Packet packet;
  if (buffer[0] == body_follows) {
    packet.body = buffer.substr(1, static_cast<std::size_t>(got) - 1);
    packet.fd = std::move(fds[0]);
  } else {
    // Sealed, or it could change or shrink while it is read.
    const int seals = fds[0].valid() ? fcntl(fds[0].get(), F_GET_SEALS) : -1;  // -1 too for what has none
    if (seals < 0 || (seals & memfd_seals) != memfd_seals)
      return fail(ErrorCode::invalid_argument, "a message whose memfd is not sealed");
    TAKT_ASSIGN(packet.body, read_whole(fds[0].get(), limits::runner_message_bytes));
    packet.fd = std::move(fds[1]);
  }
  if (packet.body.empty()) return fail(ErrorCode::invalid_argument, "an empty packet");
  return std::optional<Packet>(std::move(packet));
}

}  // namespace takt
