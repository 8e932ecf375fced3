// Takes in what the API is asked to make: a document becomes an object, is held against the host
// and, unless it is only a question, applied.
#pragma once

#include "manifest/manifest.h"
#include "podvisor/ports/apply_control.h"

namespace podvisor {

class Daemon;

class Intake final : public ApplyControl {
 public:
  explicit Intake(Daemon& daemon) : daemon_(daemon) {}
  [[nodiscard]] tl::expected<ApplyOutcome, ApplyRefusal> apply(
      const ApplyRequest& request) override;

 private:
  using Outcome = tl::expected<ApplyOutcome, ApplyRefusal>;
  [[nodiscard]] Outcome take_pod(const ApplyRequest& request, const LoadedPod& loaded);
  [[nodiscard]] Outcome take_service(const ApplyRequest& request, const Loaded<Service>& loaded);
  [[nodiscard]] Outcome take_deployment(const ApplyRequest& request,
                                        const Loaded<Deployment>& loaded);
  [[nodiscard]] Outcome take_config(const ApplyRequest& request,
                                    const Loaded<ConfigObject>& loaded);

  Daemon& daemon_;
};

}  // namespace podvisor
