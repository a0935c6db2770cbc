// One message over a SOCK_SEQPACKET socket (unix(7)), with at most one descriptor. A body over limits::packet_bytes
// goes as a sealed memfd (memfd_create(2)), so that a message is never torn and never waits for buffer space.
#pragma once

#include <optional>
#include <string>

#include "base/fd.h"
#include "base/result.h"

namespace takt {

struct Packet {
  std::string body;  // never empty
  UniqueFd fd;       // may be none
};

// False: the socket's buffer is full, nothing was sent; try again when it is writable. ErrorCode::unavailable: the peer
// is gone. The socket must be non-blocking.
Result<bool> send_packet(int socket, const Packet& packet);

// Nothing: no packet waits. ErrorCode::unavailable: the peer is gone, and all it sent was read; invalid_argument: it
// sent what is no packet.
Result<std::optional<Packet>> receive_packet(int socket);

// A sealed memfd with this content, read from its start.
Result<UniqueFd> sealed_memfd(const char* name, std::string_view content);

}  // namespace takt
