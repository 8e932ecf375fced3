// What the API's handlers work with. Everything is borrowed from the daemon.
#pragma once

#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "api/kinds.h"
#include "api/removals.h"
#include "loop/loop.h"
#include "podvisor/layout.h"
#include "podvisor/object_store.h"
#include "podvisor/ports/apply_control.h"
#include "podvisor/ports/control.h"
#include "podvisor/ports/deployment_control.h"
#include "podvisor/ports/exec_streams.h"
#include "podvisor/ports/node_control.h"
#include "podvisor/ports/rollout_control.h"

namespace podvisor {

class ExecSession;
class HttpStream;

/// What the API can have done.
struct ApiPorts {
  Control& control;
  NodeControl& node;
  StreamingExecutor& executor;
  RolloutControl& rollouts;
  DeploymentControl& deployments;
  ApplyControl& manifests;
};

struct ApiContext : ApiPorts {
  ApiContext(ApiPorts ports, Loop& the_loop, ObjectStore& the_store, const Clock& the_clock)
      : ApiPorts(ports), loop(the_loop), store(the_store), clock(the_clock) {}

  Loop& loop;
  ObjectStore& store;
  const Clock& clock;
  Layout layout;
  std::function<std::string()> render_metrics;
  std::vector<std::weak_ptr<HttpStream>> watches;  ///< none of them ends by itself
  std::set<std::shared_ptr<ExecSession>> execs;    ///< under way
  Removals<PodKind> removed_pods{store};
  Removals<EventKind> removed_events{store};
  Removals<ServiceKind> removed_services{store};
  Removals<DeploymentKind> removed_deployments{store};
  Removals<ConfigMapKind> removed_config_maps{store};
  Removals<SecretKind> removed_secrets{store};
};

}  // namespace podvisor
