// GET …/pods/NAME/exec: a command in a running container, its streams over a WebSocket.
//
// The query is Kubernetes' PodExecOptions (container, command…, stdin, stdout, stderr, tty), and
// beyond it columns and rows: the terminal's size when the command starts.
#pragma once

#include "api/context.h"
#include "api/router.h"

namespace podvisor {

[[nodiscard]] HttpReply exec_in_pod(ApiContext& context, const ApiRequest& request);

}  // namespace podvisor
