#include "probes/probe_port.h"

#include <charconv>

namespace podvisor {
namespace {

std::string declared_ports(const Container& container) {
  std::string names;
  for (const ContainerPort& port : container.ports) {
    if (port.name.empty()) continue;
    names += (names.empty() ? "" : ", ") + port.name;
  }
  return names.empty() ? "none" : names;
}

}  // namespace

Result<std::uint16_t> resolve_port(const PortRef& port, const Container& container) {
  unsigned number = 0;
  if (const auto* given = std::get_if<std::uint16_t>(&port)) {
    number = *given;
  } else {
    const auto& name = std::get<std::string>(port);
    for (const ContainerPort& declared : container.ports) {
      if (declared.name == name && declared.container_port != 0) return declared.container_port;
    }
    const char* const end = name.data() + name.size();
    const auto [stop, code] = std::from_chars(name.data(), end, number);
    if (code != std::errc{} || stop != end) {
      return make_error("port \"" + name + "\" is not a named port of container " + container.name +
                        " (its named ports: " + declared_ports(container) + ")");
    }
  }
  if (number < 1 || number > 65535) {
    return make_error("port " + std::to_string(number) + " of a probe of container " +
                      container.name + " is not in 1-65535");
  }
  return static_cast<std::uint16_t>(number);
}

std::string join_host_port(const std::string& host, std::uint16_t port) {
  const bool brackets = host.find(':') != std::string::npos;
  return (brackets ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

}  // namespace podvisor
