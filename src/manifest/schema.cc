#include "manifest/schema.h"

#include <algorithm>
#include <array>

namespace podvisor::manifest {
namespace {

constexpr std::array kTypes = std::to_array<const ObjectType*>({
    &kPodType,
    &kObjectMetaType,
    &kOwnerReferenceType,
    &kAnnotationsType,
    &kPodSpecType,
    &kContainerType,
    &kContainerPortType,
    &kEnvVarType,
    &kEnvVarSourceType,
    &kObjectFieldSelectorType,
    &kResourceFieldSelectorType,
    &kConfigMapKeySelectorType,
    &kSecretKeySelectorType,
    &kEnvFromSourceType,
    &kConfigMapEnvSourceType,
    &kSecretEnvSourceType,
    &kResourceRequirementsType,
    &kContainerRestartRuleType,
    &kRestartRuleOnExitCodesType,
    &kProbeType,
    &kHttpGetActionType,
    &kHttpHeaderType,
    &kTcpSocketActionType,
    &kExecActionType,
    &kGrpcActionType,
    &kLifecycleType,
    &kLifecycleHandlerType,
    &kSleepActionType,
    &kSecurityContextType,
    &kPodSecurityContextType,
    &kCapabilitiesType,
    &kSeccompProfileType,
    &kAppArmorProfileType,
    &kSysctlType,
    &kVolumeMountType,
    &kVolumeType,
    &kEmptyDirType,
    &kHostPathType,
    &kConfigMapVolumeType,
    &kSecretVolumeType,
    &kDownwardApiVolumeType,
    &kProjectedVolumeType,
    &kVolumeProjectionType,
    &kConfigMapProjectionType,
    &kSecretProjectionType,
    &kDownwardApiProjectionType,
    &kKeyToPathType,
    &kDownwardApiVolumeFileType,
    &kHostAliasType,
    &kPodDnsConfigType,
    &kPodDnsConfigOptionType,
    &kPodReadinessGateType,
    &kLocalObjectReferenceType,
    &kPodOsType,
    &kConfigMapType,
    &kSecretType,
    &kNamespaceType,
    &kDeploymentType,
    &kDeploymentSpecType,
    &kDeploymentStrategyType,
    &kRollingUpdateType,
    &kLabelSelectorType,
    &kLabelRequirementType,
    &kPodTemplateSpecType,
    &kTemplateMetaType,
    &kServiceType,
    &kServiceSpecType,
    &kServicePortType,
    &kSessionAffinityConfigType,
    &kClientIpConfigType,
});

constexpr std::array kKinds = {
    Kind{"Pod", "v1", &kPodType},
    Kind{"ConfigMap", "v1", &kConfigMapType},
    Kind{"Secret", "v1", &kSecretType},
    Kind{"Namespace", "v1", &kNamespaceType, "accepted: any namespace may be used without it"},
    Kind{"Deployment", "apps/v1", &kDeploymentType},
    Kind{"Service", "v1", &kServiceType},
    Kind{"ReplicaSet", "apps/v1", nullptr},
    Kind{"StatefulSet", "apps/v1", nullptr},
    Kind{"DaemonSet", "apps/v1", nullptr},
    Kind{"Job", "batch/v1", nullptr},
    Kind{"CronJob", "batch/v1", nullptr},
};

}  // namespace

const Field* find_field(const ObjectType& type, std::string_view name) {
  const auto found = std::find_if(type.fields.begin(), type.fields.end(),
                                  [&](const Field& field) { return field.name == name; });
  return found == type.fields.end() ? nullptr : &*found;
}

std::vector<std::string> split_words(const char* words) {
  std::vector<std::string> split;
  if (words == nullptr) return split;
  std::string_view rest = words;
  while (true) {
    const std::size_t bar = rest.find('|');
    split.emplace_back(rest.substr(0, bar));
    if (bar == std::string_view::npos) return split;
    rest.remove_prefix(bar + 1);
  }
}

std::span<const ObjectType* const> all_types() { return kTypes; }

std::span<const Kind> all_kinds() { return kKinds; }

}  // namespace podvisor::manifest
