#include "runtime/cgroup/hierarchies.h"

#include <algorithm>
#include <array>

namespace podvisor {
namespace {

constexpr std::array<std::string_view, 4> kUsed = {"memory", "cpu", "cpuacct", "pids"};

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const auto end = text.find(separator);
    if (end != 0) parts.emplace_back(text.substr(0, end));
    text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
  }
  return parts;
}

/// mountinfo writes white space and backslashes as \ooo.
std::string unescaped(const std::string& text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool escape = text[i] == '\\' && i + 3 < text.size();
    plain += escape ? static_cast<char>((text[i + 1] - '0') * 64 + (text[i + 2] - '0') * 8 +
                                        (text[i + 3] - '0'))
                    : text[i];
    if (escape) i += 3;
  }
  return plain;
}

bool is_at_or_below(const std::string& path, const std::string& ancestor) {
  if (!path.starts_with(ancestor)) return false;
  return path.size() == ancestor.size() || ancestor == "/" || path[ancestor.size()] == '/';
}

struct Mount {
  std::string root;  ///< which cgroup of the hierarchy is mounted
  std::string point;
  std::string type;
  std::vector<std::string> options;
};

/// ID PARENT MAJOR:MINOR ROOT POINT OPTIONS [TAG…] - TYPE SOURCE SUPER-OPTIONS
std::optional<Mount> parse_mount(const std::string& line) {
  const auto fields = split(line, ' ');
  const auto dash = std::find(fields.begin(), fields.end(), "-");
  if (fields.size() < 6 || fields.end() - dash < 4) return std::nullopt;
  return Mount{unescaped(fields[3]), unescaped(fields[4]), dash[1], split(dash[3], ',')};
}

/// The path of this process's cgroup in the hierarchy with that controller; "" names v2.
std::optional<std::string> own_path(const std::vector<std::string>& self_cgroup,
                                    const std::string& controller) {
  for (const std::string& line : self_cgroup) {  // ID:CONTROLLERS:PATH
    const auto first = line.find(':');
    const auto second = first == std::string::npos ? first : line.find(':', first + 1);
    if (second == std::string::npos) continue;
    const auto names = line.substr(first + 1, second - first - 1);
    const auto list = split(names, ',');
    const bool found = controller.empty()
                           ? names.empty()
                           : std::find(list.begin(), list.end(), controller) != list.end();
    if (found) return line.substr(second + 1);
  }
  return std::nullopt;
}

std::optional<std::string> own_directory(const Mount& mount, const std::string& path) {
  if (!is_at_or_below(path, mount.root) || path.find("/..") != std::string::npos)
    return std::nullopt;
  const std::string below = mount.root == "/" ? path : path.substr(mount.root.size());
  return below == "/" ? mount.point : mount.point + below;
}

std::vector<std::string> used_controllers(const Mount& mount) {
  std::vector<std::string> used;
  for (const std::string_view name : kUsed) {
    if (std::find(mount.options.begin(), mount.options.end(), name) != mount.options.end())
      used.emplace_back(name);
  }
  return used;
}

/// One without a controller of ours, by whatever it is called: "devices", "name=systemd".
std::optional<Hierarchy> other_hierarchy(const Mount& mount, const std::vector<std::string>& self) {
  for (const std::string& name : mount.options) {
    const auto path = own_path(self, name);
    const auto own = path ? own_directory(mount, *path) : std::nullopt;
    if (own) return Hierarchy{{}, mount.point, *own};
  }
  return std::nullopt;
}

}  // namespace

Hierarchies find_hierarchies(std::string_view mountinfo, std::string_view self_cgroup,
                             const std::string& root) {
  Hierarchies found;
  const auto self = split(self_cgroup, '\n');
  for (const std::string& line : split(mountinfo, '\n')) {
    const auto mount = parse_mount(line);
    if (!mount || !is_at_or_below(mount->point, root)) continue;
    const bool unified = mount->type == "cgroup2";
    const auto controllers =
        mount->type == "cgroup" ? used_controllers(*mount) : std::vector<std::string>{};
    if (mount->type == "cgroup" && controllers.empty())
      if (auto other = other_hierarchy(*mount, self)) found.others.push_back(std::move(*other));
    if (!unified && controllers.empty()) continue;
    const auto path = own_path(self, unified ? "" : controllers.front());
    const auto own = path ? own_directory(*mount, *path) : std::nullopt;
    if (!own) continue;
    if (unified)
      found.unified = Hierarchy{{}, mount->point, *own};
    else if (find_controller(found.v1, controllers.front()) == nullptr)
      found.v1.push_back({controllers, mount->point, *own});
  }
  return found;
}

const Hierarchy* find_controller(const std::vector<Hierarchy>& hierarchies,
                                 std::string_view controller) {
  for (const Hierarchy& hierarchy : hierarchies) {
    const auto& names = hierarchy.controllers;
    if (std::find(names.begin(), names.end(), controller) != names.end()) return &hierarchy;
  }
  return nullptr;
}

}  // namespace podvisor
