// What the API says of a pod: Kubernetes' PodStatus (CND, PHS, CST), derived from PodState by
// pod_status() and by nothing else. Times are wall clock, printed with second resolution.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "podvisor/pod.h"
#include "podvisor/time.h"

namespace podvisor {

enum class PodPhase : std::uint8_t { Pending, Running, Succeeded, Failed };

struct ContainerStateWaiting {
  std::string reason;
  std::string message;
  friend bool operator==(const ContainerStateWaiting&, const ContainerStateWaiting&) = default;
};
struct ContainerStateRunning {
  WallTime started_at;
  friend bool operator==(const ContainerStateRunning&, const ContainerStateRunning&) = default;
};
struct ContainerStateTerminated {
  int exit_code = 0;
  int signal = 0;
  std::string reason;
  std::string message;
  WallTime started_at;
  WallTime finished_at;
  std::string container_id;
  friend bool operator==(const ContainerStateTerminated&,
                         const ContainerStateTerminated&) = default;
};
using ContainerStateValue =
    std::variant<ContainerStateWaiting, ContainerStateRunning, ContainerStateTerminated>;

struct ContainerStatus {
  std::string name;
  std::string image;
  std::string image_id;      ///< "docker.io/library/nginx@sha256:…", empty without an image
  std::string container_id;  ///< "podvisor://<uid>/<name>/<instance>", empty before the first start
  ContainerStateValue state;
  std::optional<ContainerStateTerminated> last_state;
  bool started = false;
  bool ready = false;
  int restart_count = 0;
  friend bool operator==(const ContainerStatus&, const ContainerStatus&) = default;
};

enum class ConditionStatus : std::uint8_t { False, True, Unknown };

struct PodCondition {
  std::string type;
  bool status = false;
  std::string reason;
  std::string message;
  WallTime last_transition_time;  ///< moves only when status does (CND-7)
  bool unknown = false;  ///< neither True nor False; only of conditions that others set (CND-8)
  friend bool operator==(const PodCondition&, const PodCondition&) = default;
};

/// What the door goes by. Not a part of Kubernetes' status.
struct PodTraffic {
  bool open = false;      ///< Ready, and no stop or restart is under way (DIF-3.1)
  bool draining = false;  ///< for good, as far as this sandbox goes
  int sandbox = -1;       ///< the attempt that made the one it has; -1: none
  std::optional<TimePoint> back_off_until;  ///< it is not Ready before, as something backs off
  friend bool operator==(const PodTraffic&, const PodTraffic&) = default;
};

struct PodStatus {
  PodPhase phase = PodPhase::Pending;
  std::string reason;
  std::string message;
  std::vector<PodCondition> conditions;  ///< in the order of CND-1
  std::string pod_ip;
  std::optional<WallTime> start_time;
  std::vector<ContainerStatus> init_container_statuses;  ///< in spec order, sidecars among them
  std::vector<ContainerStatus> container_statuses;       ///< sorted by name (CST-4)
  std::string qos_class;
  PodTraffic traffic;
  friend bool operator==(const PodStatus&, const PodStatus&) = default;
};

[[nodiscard]] const char* to_string(PodPhase phase);
[[nodiscard]] const char* to_string(ConditionStatus status);
[[nodiscard]] ConditionStatus status_of(const PodCondition& condition);
/// Podvisor derives conditions of this type itself; nobody else may set one (CND-1).
[[nodiscard]] bool is_own_condition(const std::string& type);
/// "BestEffort", "Burstable" or "Guaranteed" (RES-5).
[[nodiscard]] const char* qos_class(const PodSpec& spec);
/// The condition of that type, or nullptr.
[[nodiscard]] const PodCondition* find_condition(const PodStatus& status, const std::string& type);
/// The pod's Ready condition is True.
[[nodiscard]] bool is_ready(const PodStatus& status);

}  // namespace podvisor
