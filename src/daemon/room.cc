#include "daemon/room.h"

#include <algorithm>
#include <fstream>

namespace podvisor {
namespace {

constexpr std::int64_t kMebibyte = std::int64_t{1} << 20;
constexpr std::int64_t kMost = std::int64_t{1} << 50;  // of one container: no host has it

std::int64_t memory_of(const Pod& pod, ContainerIndex i, UsageReader* usage) {
  const Container& container = pod.spec.containers[i];
  if (container.role == ContainerRole::Init) return 0;
  if (container.resources.memory_limit) return std::min(*container.resources.memory_limit, kMost);
  if (usage == nullptr) return 0;
  const auto now = usage->container_usage(pod.metadata.uid, i);
  return now ? now->memory_working_set.value_or(0) : 0;
}

}  // namespace

std::optional<std::int64_t> available_memory(const std::string& meminfo) {
  std::ifstream file(meminfo);
  std::string name;
  std::string rest;
  std::int64_t kibibytes = 0;
  while (file >> name) {
    if (name == "MemAvailable:" && file >> kibibytes) return kibibytes * 1024;
    std::getline(file, rest);
  }
  return std::nullopt;
}

std::int64_t memory_for_another(const Pod& pod, UsageReader* usage) {
  std::int64_t sum = 0;
  for (ContainerIndex i = 0; i < pod.spec.containers.size(); ++i) sum += memory_of(pod, i, usage);
  return sum;
}

std::string no_room(std::int64_t wanted, std::optional<std::int64_t> available) {
  if (!available || wanted <= *available) return "";
  return "no memory for a second pod: it may take " + std::to_string(wanted / kMebibyte) +
         " MiB, and the host has " + std::to_string(*available / kMebibyte) + " MiB available";
}

}  // namespace podvisor
