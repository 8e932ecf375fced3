// A number of network namespaces with HTTP servers in them, for measuring probes: what 100 pods are
// to a prober, without the pods. Needs root. Nothing of it outlives the process.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

#include "podvisor/ports/runtime.h"

namespace podvisor {

/// Ends the program with what failed and errno's text; for benchmarks only.
void require_kernel(bool ok, const std::string& what);

class ProbeFarm final : public PodSockets {
 public:
  /// Makes `namespaces` network namespaces with loopback up and, in each, `ports` listeners from
  /// kFirstPort on. One child process answers them all: "200 OK", two bytes of body, close.
  ProbeFarm(int namespaces, int ports);
  ~ProbeFarm() override;
  ProbeFarm(const ProbeFarm&) = delete;
  ProbeFarm& operator=(const ProbeFarm&) = delete;

  static constexpr std::uint16_t kFirstPort = 8000;
  static constexpr char kUidPrefix[] = "00000000-0000-0000-0000-";

  [[nodiscard]] int namespaces() const { return static_cast<int>(netns_.size()); }
  [[nodiscard]] int ports() const { return ports_; }
  void enter(int index) const;                 ///< the calling thread, into a namespace
  void leave() const;                          ///< back to where the farm was made
  [[nodiscard]] static PodUid uid(int index);  ///< of the pod that stands for a namespace

  Result<Fd> open_socket(const PodUid& pod, int domain, int type) override;
  [[nodiscard]] std::string address(const PodUid& pod) const override;

 private:
  void make_namespace();
  [[noreturn]] void serve(std::vector<Fd> listeners);

  Fd home_;
  std::vector<Fd> netns_;
  std::vector<Fd> listeners_;
  int ports_;
  pid_t server_ = -1;
};

}  // namespace podvisor
