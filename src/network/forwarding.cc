#include "network/forwarding.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <string>

#include "log/logger.h"
#include "podvisor/fd.h"

namespace podvisor {
namespace {

constexpr const char* kFile = "/proc/sys/net/ipv4/ip_forward";

tl::unexpected<Error> refused(const std::string& what, int error_number) {
  auto error = errno_error(what, error_number);
  error.value().message +=
      "; pods reach other hosts only with net.ipv4.ip_forward=1: set it, or turn masquerading off "
      "with --no-masquerade";
  return error;
}

}  // namespace

Status enable_ip_forward() {
  const Fd reader(::open(kFile, O_RDONLY | O_CLOEXEC));
  char value = '0';
  if (!reader || ::read(reader.get(), &value, 1) != 1) {
    return refused(std::string("cannot read ") + kFile, errno);
  }
  if (value != '0') return {};
  const Fd writer(::open(kFile, O_WRONLY | O_CLOEXEC));
  if (!writer || ::write(writer.get(), "1", 1) != 1) {
    return refused(std::string("cannot write ") + kFile, errno);
  }
  log_info("turned on net.ipv4.ip_forward, so that pods reach other hosts; it stays on");
  return {};
}

}  // namespace podvisor
