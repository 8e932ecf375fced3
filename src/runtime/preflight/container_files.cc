#include "runtime/preflight/container_files.h"

#include <sys/stat.h>

#include <filesystem>
#include <map>
#include <set>
#include <sstream>
#include <string_view>
#include <variant>

#include "podvisor/expansion.h"
#include "runtime/preflight/preflight.h"

namespace podvisor {
namespace {

namespace fs = std::filesystem;
using Environment = std::map<std::string, std::string, std::less<>>;

std::string expand_with(const Environment& environment, const std::string& text) {
  return expand(text, [&](std::string_view name) -> const std::string* {
    const auto found = environment.find(name);
    return found == environment.end() ? nullptr : &found->second;
  });
}

/// As the runtime makes it (ENV-4, ENV-9), but for what depends on the user's record, and for what
/// is looked up only when the container starts: references to that stay.
Environment container_environment(const PodSpec& spec, const Container& container) {
  Environment environment;
  std::set<std::string> unknown;
  for (const EnvVar& variable : container.env) {
    if (std::holds_alternative<std::monostate>(variable.value_from))
      environment[variable.name] = expand_with(environment, variable.value);
    else
      unknown.insert(variable.name);
  }
  environment.try_emplace("HOSTNAME", spec.hostname);
  if (container.env_from.empty()) environment.try_emplace("PATH", kDefaultPath);
  for (const std::string& name : unknown) environment.erase(name);
  const auto path = environment.find("PATH");
  const bool all_known = unknown.empty() && container.env_from.empty();
  if (!all_known && path != environment.end() && path->second.find("$(") != std::string::npos)
    environment.erase(path);
  return environment;
}

std::string absolute(const std::string& path) {
  std::string normal = fs::path("/" + path).lexically_normal();
  if (normal.size() > 1 && normal.back() == '/') normal.pop_back();
  return normal;
}

const Volume* find_volume(const PodSpec& spec, const std::string& name) {
  for (const Volume& volume : spec.volumes) {
    if (volume.name == name) return &volume;
  }
  return nullptr;
}

}  // namespace

std::optional<std::string> ContainerFiles::working_dir_problem() const {
  if (container_.working_dir.empty()) return std::nullopt;
  const auto path = on_host(absolute(container_.working_dir));
  if (!path) return std::nullopt;
  const auto file = host_.file(*path);
  if (!file) return container_.working_dir + " does not exist on this host; make it, or correct it";
  if (!S_ISDIR(file->mode)) return container_.working_dir + " is not a directory";
  return std::nullopt;
}

std::optional<std::string> ContainerFiles::command_problem(const std::string& command) const {
  const Environment environment = container_environment(spec_, container_);
  const std::string program = expand_with(environment, command);
  if (program.empty()) return "the command is empty";
  if (program.find("$(") != std::string::npos) return std::nullopt;  // HOME, or from elsewhere
  if (program.front() == '/') return program_problem(program);
  if (program.find('/') != std::string::npos)
    return program_problem(container_.working_dir + "/" + program);
  const auto path = environment.find("PATH");
  return path == environment.end() ? std::nullopt : search_problem(program, path->second);
}

std::optional<std::string> ContainerFiles::program_problem(const std::string& path) const {
  const std::string program = absolute(path);
  const auto place = on_host(program);
  if (!place) return std::nullopt;
  const auto file = host_.file(*place);
  if (!file) return "command " + program + " does not exist on this host; install or correct it";
  if (S_ISDIR(file->mode)) return "command " + program + " is a directory";
  if (!may_execute(*file))
    return "command " + program + " is not executable for the container's user; chmod +x it";
  return std::nullopt;
}

/// As execvp searches, but only in absolute directories: relative ones would depend on where
/// podvisor was started.
std::optional<std::string> ContainerFiles::search_problem(const std::string& name,
                                                          const std::string& path) const {
  std::optional<std::string> problem;
  std::istringstream directories(path);
  for (std::string directory; std::getline(directories, directory, ':');) {
    if (!directory.starts_with('/')) continue;
    const std::string candidate = directory + "/" + name;
    auto found = program_problem(candidate);
    if (!found) return std::nullopt;
    const auto place = on_host(absolute(candidate));
    if (!problem && host_.file(*place)) problem = std::move(found);
  }
  if (problem) return problem;
  return "command " + name + " is not in any directory of the container's PATH (" + path +
         "); install it, give its full path, or set PATH in env";
}

bool ContainerFiles::may_execute(const FileFacts& file) const {
  const std::uint32_t uid = container_.security_context.run_as_user.value_or(facts_.uid);
  if (!S_ISREG(file.mode)) return false;
  if (uid == 0) return (file.mode & (S_IXUSR | S_IXGRP | S_IXOTH)) != 0;
  if (uid == file.uid) return (file.mode & S_IXUSR) != 0;
  return (file.mode & (S_IXGRP | S_IXOTH)) != 0;  // its groups are not known yet
}

std::optional<std::string> ContainerFiles::on_host(const std::string& path) const {
  const VolumeMount* over = nullptr;
  std::string best;
  for (const VolumeMount& mount : container_.volume_mounts) {
    const std::string top = absolute(mount.mount_path);
    if ((path == top || path.starts_with(top + "/")) && top.size() > best.size()) {
      over = &mount;
      best = top;
    }
  }
  if (over == nullptr) return path;
  const Volume* volume = find_volume(spec_, over->name);
  const auto* host_path = volume ? std::get_if<HostPathVolume>(&volume->source) : nullptr;
  if (host_path == nullptr) return std::nullopt;
  return host_path->path + path.substr(best.size());
}

}  // namespace podvisor
