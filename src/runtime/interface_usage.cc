#include "runtime/interface_usage.h"

#include <fstream>
#include <optional>
#include <sstream>
#include <string>

namespace podvisor {
namespace {

/// A pod has a handful of interfaces; a container that made thousands is not read to the end.
constexpr std::size_t kMaxText = 16 * 1024;

InterfaceUsage::Direction read_direction(std::istringstream& numbers) {
  InterfaceUsage::Direction counted;
  numbers >> counted.bytes >> counted.packets >> counted.errors >> counted.dropped;
  std::int64_t other = 0;  // fifo, frame and compressed, multicast; or fifo, collisions, carrier
  for (int i = 0; i < 4; ++i) numbers >> other;
  return counted;
}

/// "  eth0: 1296 16 0 0 0 0 0 0 1006 13 0 0 0 0 0 0"
std::optional<InterfaceUsage> parse_line(const std::string& line) {
  const std::size_t colon = line.find(':');
  const std::size_t begin = line.find_first_not_of(' ');
  if (colon == std::string::npos || begin >= colon) return std::nullopt;
  InterfaceUsage usage{.name = line.substr(begin, colon - begin), .received = {}, .sent = {}};
  std::istringstream numbers(line.substr(colon + 1));
  usage.received = read_direction(numbers);
  usage.sent = read_direction(numbers);
  if (!numbers) return std::nullopt;
  return usage;
}

}  // namespace

std::vector<InterfaceUsage> parse_net_dev(std::string_view text) {
  std::vector<InterfaceUsage> interfaces;
  std::istringstream lines{std::string(text)};
  for (std::string line; std::getline(lines, line);) {
    auto usage = parse_line(line);
    if (usage && usage->name != "lo") interfaces.push_back(std::move(*usage));
  }
  return interfaces;
}

std::vector<InterfaceUsage> interface_usage_of(pid_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/net/dev");
  std::string text(kMaxText, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  return parse_net_dev(std::string_view(text).substr(0, static_cast<std::size_t>(file.gcount())));
}

}  // namespace podvisor
