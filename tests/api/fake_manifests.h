// An ApplyControl that answers what a test set, and remembers what it was asked.
#pragma once

#include <vector>

#include "podvisor/ports/apply_control.h"

namespace podvisor {

class FakeManifests final : public ApplyControl {
 public:
  tl::expected<ApplyOutcome, ApplyRefusal> apply(const ApplyRequest& request) override {
    asked.push_back(request);
    return answer;
  }
  std::vector<ApplyRequest> asked;
  tl::expected<ApplyOutcome, ApplyRefusal> answer;
};

}  // namespace podvisor
