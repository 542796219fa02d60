#include "workers/tasks/scaling/gang_line.h"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string>
#include <type_traits>

namespace sweepd {

static_assert(std::is_trivially_copyable_v<GangMessage>);

void set_text(GangMessage& message, std::string_view text) {
  const size_t size = std::min(text.size(), sizeof message.text - 1);
  std::copy_n(text.data(), size, message.text);
  message.text[size] = '\0';
}

Error error_of(const GangMessage& message) {
  return {.message = std::string(message.text, strnlen(message.text, sizeof message.text)),
          .where = {},
          .is_shortage = message.is_shortage};
}

void GangLine::send(const GangMessage& message) const {
  // Where nobody listens any more, the next receive() tells.
  ssize_t n = 0;
  do n = ::send(socket_, &message, sizeof message, MSG_NOSIGNAL);
  while (n < 0 && errno == EINTR);
}

Result<std::optional<GangMessage>> GangLine::receive() const {
  GangMessage message{};
  for (;;) {
    const ssize_t n = recv(socket_, &message, sizeof message, MSG_DONTWAIT);
    if (n == sizeof message) return message;
    if (n < 0 && errno == EAGAIN) return std::nullopt;
    if (n == 0 || (n < 0 && errno != EINTR))
      return failure("the process that speaks with the other ranks has ended");
  }
}

}  // namespace sweepd
