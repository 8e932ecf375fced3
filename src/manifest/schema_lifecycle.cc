// Rows: hooks, and rules for restarts.
#include "manifest/schema.h"

namespace podvisor::manifest {
namespace {

constexpr Field kLifecycleFields[] = {
    {.name = "postStart",
     .type = ValueType::Object,
     .object = &kLifecycleHandlerType,
     .meaning = "Run right after the start; when it fails the container is killed."},
    {.name = "preStop",
     .type = ValueType::Object,
     .object = &kLifecycleHandlerType,
     .meaning = "Run before the signal of the stop, within the grace period."},
    {.name = "stopSignal",
     .format = Format::SignalName,
     .meaning =
         "Signal of the stop; unset: the image's, or SIGTERM. Kubernetes wants `os.name` with "
         "it, podvisor does not."},
};

constexpr Field kLifecycleHandlerFields[] = {
    {.name = "exec",
     .type = ValueType::Object,
     .object = &kExecActionType,
     .meaning = "A command in the container; `$(VAR)` is not expanded."},
    {.name = "httpGet",
     .type = ValueType::Object,
     .object = &kHttpGetActionType,
     .meaning = "A request; any answer is success."},
    {.name = "tcpSocket",
     .type = ValueType::Object,
     .object = &kTcpSocketActionType,
     .meaning = "Accepted for old manifests; a hook of this kind always fails."},
    {.name = "sleep",
     .type = ValueType::Object,
     .object = &kSleepActionType,
     .meaning = "Only time."},
};

constexpr Field kSleepActionFields[] = {
    {.name = "seconds",
     .type = ValueType::Integer,
     .default_value = "0",
     .meaning = "Seconds to wait, no more than the pod's grace period."},
};

constexpr Field kContainerRestartRuleFields[] = {
    {.name = "action",
     .required = true,
     .keeps_zero = true,
     .allowed = "Restart|RestartAllContainers",
     .meaning = "Start this container again, or all of the pod's."},
    {.name = "exitCodes",
     .type = ValueType::Object,
     .object = &kRestartRuleOnExitCodesType,
     .required = true,
     .meaning = "When the rule matches."},
};

constexpr Field kRestartRuleOnExitCodesFields[] = {
    {.name = "operator",
     .required = true,
     .keeps_zero = true,
     .allowed = "In|NotIn",
     .meaning = "Whether the exit code must be among the values."},
    {.name = "values",
     .type = ValueType::Integer,
     .shape = Shape::List,
     .min = std::numeric_limits<std::int32_t>::min(),
     .max = kMaxInt32,
     .meaning = "Exit codes, at most 255 of them."},
};

}  // namespace

const ObjectType kLifecycleType = {"Lifecycle", "", kLifecycleFields};
const ObjectType kLifecycleHandlerType = {"LifecycleHandler", "", kLifecycleHandlerFields};
const ObjectType kSleepActionType = {"SleepAction", "", kSleepActionFields};
const ObjectType kContainerRestartRuleType = {"ContainerRestartRule", "",
                                              kContainerRestartRuleFields};
const ObjectType kRestartRuleOnExitCodesType = {"ContainerRestartRuleOnExitCodes", "",
                                                kRestartRuleOnExitCodesFields};

}  // namespace podvisor::manifest
