#include "runtime/spawn_failure.h"

#include <cerrno>
#include <cstring>
#include <optional>

namespace podvisor {
namespace {

std::string quoted(const std::string& text) { return std::string(1, '"').append(text) + '"'; }

std::string number(std::optional<id_t> id) {
  return id ? std::string(1, ' ').append(std::to_string(*id)) : std::string();
}

std::string subject(const SpawnFailure& failure, const ProcessSpec& spec, const std::string& item) {
  switch (failure.step) {
    case pause::Step::WorkingDirectory:
      return std::string(1, ' ').append(quoted(spec.working_directory));
    case pause::Step::Mount:
      return " at " + quoted(item);
    case pause::Step::Sysctl:
      return std::string(1, ' ').append(item);
    case pause::Step::User:
      return number(spec.uid);
    case pause::Step::Group:
      return number(spec.gid);
    default:
      return "";
  }
}

std::string advice(const SpawnFailure& failure) {
  const bool refused = failure.error_number == EPERM || failure.error_number == EACCES;
  if (!refused) return "";
  switch (failure.step) {
    case pause::Step::User:
    case pause::Step::Group:
    case pause::Step::Groups:
      return "; run podvisor as root, or leave runAsUser, runAsGroup and supplementalGroups out";
    case pause::Step::MountNamespace:
    case pause::Step::Mount:
    case pause::Step::ReadOnlyRoot:
    case pause::Step::Proc:
    case pause::Step::MaskPath:
      return "; volumes, readOnlyRootFilesystem and shareProcessNamespace need root";
    case pause::Step::Capabilities:
    case pause::Step::Seccomp:
      return "; run podvisor as root, or set allowPrivilegeEscalation: false";
    case pause::Step::PidNamespace:
      return "; shareProcessNamespace needs root";
    case pause::Step::MakeNamespaces:
    case pause::Step::JoinNetwork:
      return "; run podvisor as root, or set hostNetwork: true";
    default:
      return "";
  }
}

}  // namespace

std::string explain_exec(const std::string& program, int error_number) {
  const bool in_path = program.find('/') == std::string::npos;
  if (in_path && error_number == ENOENT)
    return "exec: " + quoted(program) + ": executable file not found in $PATH";
  return "exec: " + quoted(program) + ": " + std::strerror(error_number);
}

std::string explain(const SpawnFailure& failure, const ProcessSpec& spec, const std::string& item) {
  if (failure.step == pause::Step::Exec && !spec.argv.empty())
    return explain_exec(spec.argv.front(), failure.error_number);
  return std::string("cannot ") + pause::to_string(failure.step) + subject(failure, spec, item) +
         ": " + std::strerror(failure.error_number) + advice(failure);
}

int shell_exit_code(const SpawnFailure& failure) {
  if (failure.step != pause::Step::Exec) return 0;
  switch (failure.error_number) {
    case ENOENT:
    case ENOTDIR:
      return 127;
    case EACCES:
    case EISDIR:
    case ENOEXEC:
    case ELOOP:
      return 126;
    default:
      return 0;
  }
}

}  // namespace podvisor
