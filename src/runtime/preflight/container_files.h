// What a plain process's container would find at its paths: the host's files, with its volumes
// over them. Pure over Host.
#pragma once

#include <optional>
#include <string>

#include "podvisor/pod.h"
#include "runtime/preflight/host.h"

namespace podvisor {

class ContainerFiles {
 public:
  /// All are borrowed.
  ContainerFiles(const PodSpec& spec, const Container& container, const HostFacts& facts,
                 const Host& host)
      : spec_(spec), container_(container), facts_(facts), host_(host) {}

  /// Why the working directory cannot be entered.
  [[nodiscard]] std::optional<std::string> working_dir_problem() const;
  /// Why `command`, argv[0] before expansion, cannot be run.
  [[nodiscard]] std::optional<std::string> command_problem(const std::string& command) const;

 private:
  /// Where on the host `path` is; nothing where it lies in a volume that starts empty, and may
  /// have been filled by then.
  [[nodiscard]] std::optional<std::string> on_host(const std::string& path) const;
  [[nodiscard]] std::optional<std::string> program_problem(const std::string& path) const;
  [[nodiscard]] std::optional<std::string> search_problem(const std::string& name,
                                                          const std::string& path) const;
  [[nodiscard]] bool may_execute(const FileFacts& file) const;

  const PodSpec& spec_;
  const Container& container_;
  const HostFacts& facts_;
  const Host& host_;
};

}  // namespace podvisor
