// The manifest's schema: the one table that the walker checks against, that defaults come from and
// that docs/MANIFEST.md is printed from. One row a field; nothing else in podvisor knows the list
// of fields. Rules that need more than one field are in validate_*.cc.
#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace podvisor::manifest {

enum class ValueType : std::uint8_t {
  String,
  Integer,
  Boolean,
  Quantity,      ///< kept as canonical text
  PortRef,       ///< a number, or the name of a port
  IntOrPercent,  ///< a number, or a text such as "25%"
  UserId,        ///< an integer; a name is answered with its number
  GroupId,       ///< likewise
  FileMode,      ///< permission bits, 0 to 0777
  Object,        ///< described by Field::object
  Untyped,       ///< kept as written, never looked into
};

enum class Shape : std::uint8_t { One, List, Map };

/// Grammar of a String (VAL-2, names.h).
enum class Format : std::uint8_t {
  None,
  DnsLabel,
  DnsSubdomain,
  PortName,
  EnvName,
  HeaderName,
  Ip,
  NoBacksteps,
  RelativePath,   ///< and no ".." element
  ItemPath,       ///< likewise, and not starting with ".."
  ConfigKey,      ///< of a ConfigMap or Secret
  QualifiedName,  ///< like a label's key
  SearchDomain,
  SignalName,
  Capability,
  Duration,
};

enum class Support : std::uint8_t {
  Supported,
  Ignored,  ///< kept and shown, not acted on: one warning a manifest
  Refused,  ///< an error, because ignoring it would change what the manifest means
  Dropped,  ///< written by an API server into what it shows; taken out without a word
};

struct ObjectType;

struct Field {
  const char* name = "";
  ValueType type = ValueType::String;
  Shape shape = Shape::One;
  const ObjectType* object = nullptr;
  bool required = false;
  const char* default_value = nullptr;   ///< JSON text (DEF-1)
  bool keeps_zero = false;               ///< an explicit 0 or "" is not the same as unset
  const char* allowed = nullptr;         ///< of a String: "A|B|C"; null: anything
  const char* refused_values = nullptr;  ///< of `allowed`: an error, for `reason`
  std::int64_t min = std::numeric_limits<std::int64_t>::min();
  std::int64_t max = std::numeric_limits<std::int64_t>::max();
  Format format = Format::None;
  Support support = Support::Supported;
  const char* reason = "";  ///< why Ignored, Refused, or among the refused_values
  const char* unless = "";  ///< Ignored, Refused: the value (JSON text) that changes nothing
  bool secret = false;      ///< no message shows its value
  const char* meaning = "";
};

struct ObjectType {
  const char* name;  ///< as the Kubernetes API reference calls it
  const char* noun;  ///< what a message calls one that has a name: "container"; may be empty
  std::span<const Field> fields;
};

[[nodiscard]] const Field* find_field(const ObjectType& type, std::string_view name);
/// A '|' list as its words.
[[nodiscard]] std::vector<std::string> split_words(const char* words);

inline constexpr const char* kNotYet = "not supported yet";
inline constexpr const char* kClusterOnly = "it matters only in a cluster";
inline constexpr const char* kClusterStorage =
    "storage of a cluster or a cloud, which one host has not";
inline constexpr std::int64_t kMaxInt32 = std::numeric_limits<std::int32_t>::max();

extern const ObjectType kPodType;
extern const ObjectType kObjectMetaType;
extern const ObjectType kOwnerReferenceType;
extern const ObjectType kPodSpecType;
extern const ObjectType kPodOsType;
extern const ObjectType kHostAliasType;
extern const ObjectType kPodDnsConfigType;
extern const ObjectType kPodDnsConfigOptionType;
extern const ObjectType kPodReadinessGateType;
extern const ObjectType kLocalObjectReferenceType;
extern const ObjectType kPodSecurityContextType;
extern const ObjectType kSysctlType;
extern const ObjectType kSeccompProfileType;
extern const ObjectType kAppArmorProfileType;
extern const ObjectType kCapabilitiesType;
extern const ObjectType kContainerType;
extern const ObjectType kContainerPortType;
extern const ObjectType kEnvVarType;
extern const ObjectType kEnvVarSourceType;
extern const ObjectType kObjectFieldSelectorType;
extern const ObjectType kResourceFieldSelectorType;
extern const ObjectType kConfigMapKeySelectorType;
extern const ObjectType kSecretKeySelectorType;
extern const ObjectType kEnvFromSourceType;
extern const ObjectType kConfigMapEnvSourceType;
extern const ObjectType kSecretEnvSourceType;
extern const ObjectType kContainerRestartRuleType;
extern const ObjectType kRestartRuleOnExitCodesType;
extern const ObjectType kLifecycleType;
extern const ObjectType kLifecycleHandlerType;
extern const ObjectType kSleepActionType;
extern const ObjectType kResourceRequirementsType;
extern const ObjectType kVolumeMountType;
extern const ObjectType kSecurityContextType;
extern const ObjectType kProbeType;
extern const ObjectType kHttpGetActionType;
extern const ObjectType kHttpHeaderType;
extern const ObjectType kTcpSocketActionType;
extern const ObjectType kExecActionType;
extern const ObjectType kGrpcActionType;
extern const ObjectType kVolumeType;
extern const ObjectType kEmptyDirType;
extern const ObjectType kHostPathType;
extern const ObjectType kConfigMapVolumeType;
extern const ObjectType kSecretVolumeType;
extern const ObjectType kDownwardApiVolumeType;
extern const ObjectType kProjectedVolumeType;
extern const ObjectType kVolumeProjectionType;
extern const ObjectType kConfigMapProjectionType;
extern const ObjectType kSecretProjectionType;
extern const ObjectType kDownwardApiProjectionType;
extern const ObjectType kKeyToPathType;
extern const ObjectType kDownwardApiVolumeFileType;
extern const ObjectType kConfigMapType;
extern const ObjectType kSecretType;
extern const ObjectType kNamespaceType;
extern const ObjectType kDeploymentType;
extern const ObjectType kDeploymentSpecType;
extern const ObjectType kDeploymentStrategyType;
extern const ObjectType kRollingUpdateType;
extern const ObjectType kPodTemplateSpecType;
extern const ObjectType kTemplateMetaType;
extern const ObjectType kLabelSelectorType;
extern const ObjectType kLabelRequirementType;
extern const ObjectType kServiceType;
extern const ObjectType kServiceSpecType;
extern const ObjectType kServicePortType;
extern const ObjectType kSessionAffinityConfigType;
extern const ObjectType kClientIpConfigType;
/// Not a Kubernetes type: a row for each annotation that podvisor reads.
extern const ObjectType kAnnotationsType;

/// Everything above, in the order in which a reader wants it.
[[nodiscard]] std::span<const ObjectType* const> all_types();

/// A value of a manifest's `kind`.
struct Kind {
  const char* name;
  const char* api_version;
  const ObjectType* type;   ///< null: known, not supported yet
  const char* remark = "";  ///< what it does here, unless that is plain
};
[[nodiscard]] std::span<const Kind> all_kinds();

}  // namespace podvisor::manifest
