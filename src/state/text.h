// What stands in the files: text of each thing that is written down, and back. Nothing here throws;
// the error says what is wrong with the text.
#pragma once

#include <string>
#include <string_view>

#include "podvisor/ports/journal.h"
#include "podvisor/result.h"
#include "state/stamp.h"

namespace podvisor::state {

/// What never changes of a pod. Of what follows from podvisor's options when the manifest is read,
/// only what cannot change under a pod that runs.
struct PodFile {
  PodUid uid;
  std::string document;
  NetworkMode network = NetworkMode::Bridge;
  std::int64_t pids_limit = 0;
};
[[nodiscard]] std::string pod_text(const Pod& pod);
[[nodiscard]] Result<PodFile> read_pod(std::string_view text);

struct StateFile {
  PodRecord facts;
  PodState state;  ///< on this boot's clock
};
/// Without the stamp, which changes where nothing else does.
[[nodiscard]] std::string state_body(const PodRecord& facts, const PodState& state);
[[nodiscard]] std::string state_text(const std::string& body, const Stamp& stamp);
[[nodiscard]] Result<StateFile> read_state(std::string_view text, const Stamp& now);

[[nodiscard]] std::string rollout_body(const RolloutRecord& record);
[[nodiscard]] std::string rollout_text(const std::string& body, const Stamp& stamp);
[[nodiscard]] Result<RolloutRecord> read_rollout(std::string_view text, const Stamp& now);

[[nodiscard]] std::string object_text(const ObjectRecord& record);
[[nodiscard]] Result<ObjectRecord> read_object(std::string_view text);

[[nodiscard]] std::string source_text(const SourceRecord& record);
[[nodiscard]] Result<SourceRecord> read_source(std::string_view text);

}  // namespace podvisor::state
