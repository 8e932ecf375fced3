// What the API's handlers work with. Everything is borrowed from the daemon.
#pragma once

#include <functional>
#include <string>

#include "api/kinds.h"
#include "api/removals.h"
#include "loop/loop.h"
#include "podvisor/layout.h"
#include "podvisor/object_store.h"
#include "podvisor/ports/control.h"

namespace podvisor {

struct ApiContext {
  Loop& loop;
  ObjectStore& store;
  Control& control;
  Layout layout;
  const Clock& clock;
  std::function<std::string()> render_metrics;
  Removals<PodKind> removed_pods{store};
  Removals<EventKind> removed_events{store};
};

}  // namespace podvisor
