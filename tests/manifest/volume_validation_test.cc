// VAL-12 to VAL-15: volumes and where they are mounted.
#include "expecting.h"

namespace podvisor {
namespace {

using testing::HasSubstr;

std::string with_volume(const std::string& source) {
  return with_spec("volumes: [{name: a, " + source + "}]");
}

std::string with_mount(const std::string& fields, const std::string& more = "") {
  return pod_text("volumeMounts: [{name: a, mountPath: /a, " + fields + "}]\n" + more,
                  "volumes: [{name: a}]");
}

TEST(VolumeValidation, VAL12_ChecksVolumes) {
  expect({
      {with_spec("volumes: [{name: a}, {name: a}]"),
       "spec.volumes[1].name: Duplicate value: \"a\""},
      {with_spec("volumes: [{name: a, emptyDir: {}, hostPath: {path: /a}}]"),
       "spec.volumes[0].hostPath: Forbidden: may not specify more than 1 volume type"},
      {with_spec("volumes: [{name: a, emptyDir: {sizeLimit: -1}}]"),
       "spec.volumes[0].emptyDir.sizeLimit: Invalid value: -1: must be greater than or equal to 0"},
      {with_spec("volumes: [{name: a, emptyDir: {medium: Disk}}]"),
       "spec.volumes[0].emptyDir.medium: Unsupported value: \"Disk\""},
      {with_spec("volumes: [{name: a, hostPath: {}}]"),
       "spec.volumes[0].hostPath.path: Required value"},
      {with_spec("volumes: [{name: a, hostPath: {path: /a/../b}}]"),
       "spec.volumes[0].hostPath.path: Invalid value: \"/a/../b\": must not contain '..'"},
      {with_spec("volumes: [{name: a, hostPath: {path: a}}]"), ""},
      {with_spec("volumes: [{name: a, hostPath: {path: /a, type: Dir}}]"),
       "spec.volumes[0].hostPath.type: Unsupported value: \"Dir\": supported values: \"\","},
      {with_spec("volumes: [{name: a, hostPath: {path: /a, type: \"\"}}]"), ""},
  });
}

TEST(VolumeValidation, VAL15_MountsNameAVolumeAndAPlace) {
  const std::string volumes = "volumes: [{name: a}]";
  const std::string path = "spec.containers[0].volumeMounts[";
  expect({
      {pod_text("volumeMounts: [{name: a, mountPath: /a}]", volumes), ""},
      {pod_text("volumeMounts: [{name: b, mountPath: /a}]", volumes),
       path + "0].name: Not found: \"b\""},
      {pod_text("volumeMounts: [{name: chache, mountPath: /a}]", "volumes: [{name: cache}]"),
       path + "0].name: Not found: \"chache\"; did you mean \"cache\"?"},
      {pod_text("volumeMounts: [{name: a}]", volumes), path + "0].mountPath: Required value"},
      {pod_text("volumeMounts: [{name: a, mountPath: /a}, {name: a, mountPath: /a}]", volumes),
       path + "1].mountPath: Invalid value: \"/a\": must be unique"},
  });
}

TEST(VolumeValidation, VAL12_ConfigMapsAndSecretsAreNamed) {
  const std::string path = "spec.volumes[0].";
  expect({
      {with_volume("configMap: {name: b}"), ""},
      {with_volume("configMap: {}"), path + "configMap.name: Required value"},
      {with_volume("secret: {secretName: b, optional: true}"), ""},
      {with_volume("secret: {}"), path + "secret.secretName: Required value"},
      {with_volume("secret: {name: b, secretName: b}"),
       path + "secret.name: unknown field \"name\" in SecretVolumeSource"},
      {with_volume("configMap: {name: b}, secret: {secretName: b}"),
       path + "secret: Forbidden: may not specify more than 1 volume type"},
      {with_volume("configMap: {name: b, items: [{path: c}]}"),
       path + "configMap.items[0].key: Required value"},
      {with_volume("configMap: {name: b, items: [{key: c}]}"),
       path + "configMap.items[0].path: Required value"},
  });
}

TEST(VolumeValidation, VAL12_ModesAreNineBitsOctalOrDecimal) {
  const std::string path = "spec.volumes[0].configMap.defaultMode: Invalid value: ";
  const std::string form = ": must be a number between 0 and 0777 (octal), both inclusive";
  const auto mode = [](const std::string& text) {
    return with_volume("configMap: {name: b, defaultMode: " + text + "}");
  };
  expect({
      {mode("0777"), ""},
      {mode("0o640"), ""},
      {mode("511"), ""},
      {mode("0"), ""},
      {mode("512"),
       path + "512" + form + "; without a leading 0 it is decimal: did you mean 0512?"},
      {mode("01777"), path + "01777" + form},
      {mode("-1"), path + "-1" + form},
      {mode("\"0644\""), path + "\"0644\"" + form},
      {mode("rw"), path + "\"rw\"" + form},
      {with_volume("secret: {secretName: b, items: [{key: c, path: d, mode: 644}]}"),
       "spec.volumes[0].secret.items[0].mode: Invalid value: 644" + form +
           "; without a leading 0 it is decimal: did you mean 0644?"},
  });
}

TEST(VolumeValidation, VAL12_ItemPathsStayInTheVolume) {
  const std::string path = "spec.volumes[0].configMap.items[0].path: Invalid value: ";
  const auto item = [](const std::string& text) {
    return with_volume("configMap: {name: b, items: [{key: c, path: " + text + "}]}");
  };
  expect({
      {item("d/e"), ""},
      {item("d/..e"), ""},
      {item("/d"), path + "\"/d\": must be a relative path"},
      {item("d/../e"), path + "\"d/../e\": must not contain '..'"},
      {item("../d"), path + "\"../d\": must not contain '..'"},
      {item("..data"), path + "\"..data\": must not start with '..'"},
  });
}

TEST(VolumeValidation, VAL13_ASourceOfAProjectedVolumeIsOfOneKind) {
  const std::string path = "spec.volumes[0].projected.sources[0].";
  const auto source = [](const std::string& text) {
    return with_volume("projected: {sources: [{" + text + "}]}");
  };
  expect({
      {source("configMap: {name: b}"), ""},
      {source("secret: {name: b}"), ""},
      {source("downwardAPI: {items: [{path: b, fieldRef: {fieldPath: metadata.name}}]}"), ""},
      {with_volume("projected: {}"), ""},
      {source("configMap: {name: b}, secret: {name: b}"),
       path + "configMap: Forbidden: may not specify more than 1 volume type"},
      {source("secret: {secretName: b, name: b}"),
       path + "secret.secretName: unknown field \"secretName\" in SecretProjection"},
      {source("configMap: {}"), path + "configMap.name: Required value"},
      {source("serviceAccountToken: {path: token, expirationSeconds: 3600}"),
       path + "serviceAccountToken: Forbidden: there is no API server that would take the token"},
      {source("clusterTrustBundle: {path: a}"),
       path + "clusterTrustBundle: Forbidden: only a cluster's API server"},
  });
}

TEST(VolumeValidation, VAL13_TwoSourcesMayNotNameTheSameFile) {
  const std::string sources =
      "projected: {sources: [{configMap: {name: b, items: [{key: c, path: d}]}}, ";
  expect({
      {with_volume(sources + "{secret: {name: b, items: [{key: c, path: d}]}}]}"),
       "spec.volumes[0].projected.sources[1].secret.items[0].path: Invalid value: \"d\": "
       "conflicting duplicate paths"},
      {with_volume(sources + "{downwardAPI: {items: [{path: d, fieldRef: {fieldPath: "
                             "metadata.uid}}]}}]}"),
       "spec.volumes[0].projected.sources[1].downwardAPI.items[0].path: Invalid value: \"d\": "
       "conflicting duplicate paths"},
      {with_volume(sources + "{secret: {name: b, items: [{key: d, path: e}]}}]}"), ""},
      {with_volume("configMap: {name: b, items: [{key: c, path: d}, {key: e, path: d}]}"), ""},
  });
}

TEST(VolumeValidation, VAL14_DownwardFilesHaveOneSource) {
  const std::string path = "spec.volumes[0].downwardAPI.items[0]";
  const auto file = [](const std::string& text) {
    return with_volume("downwardAPI: {items: [{path: b, " + text + "}]}");
  };
  const std::string field = "fieldRef: {fieldPath: metadata.labels}";
  const std::string resource = "resourceFieldRef: {containerName: main, resource: limits.cpu}";
  expect({
      {file(field), ""},
      {file(resource), ""},
      {file("mode: 0400"),
       path + ": Required value: one of fieldRef and resourceFieldRef is required"},
      {file(field + ", " + resource),
       path + ": Invalid value: \"resource\": fieldRef and resourceFieldRef can not be specified "
              "simultaneously"},
      {file("resourceFieldRef: {resource: limits.cpu}"),
       path + ".resourceFieldRef.containerName: Required value"},
      {file("fieldRef: {}"), path + ".fieldRef.fieldPath: Required value"},
  });
}

TEST(VolumeValidation, VAL15_SubPathsAreRelative) {
  const std::string path = "spec.containers[0].volumeMounts[0].";
  expect({
      {with_mount("subPath: b/c"), ""},
      {with_mount("subPath: ..baz"), ""},
      {with_mount("subPath: .baz"), ""},
      {with_mount("subPath: /b"), path + "subPath: Invalid value: \"/b\": must be a relative path"},
      {with_mount("subPath: b/../c"),
       path + "subPath: Invalid value: \"b/../c\": must not contain '..'"},
      {with_mount("subPathExpr: $(POD)/logs"), ""},
      {with_mount("subPathExpr: ../$(POD)"),
       path + "subPathExpr: Invalid value: \"../$(POD)\": must not contain '..'"},
      {with_mount("subPath: b, subPathExpr: $(POD)"),
       path + "subPathExpr: Invalid value: \"$(POD)\": subPathExpr and subPath are mutually "
              "exclusive"},
  });
}

TEST(VolumeValidation, VAL15_PropagationBackWantsPrivilege) {
  const std::string path = "spec.containers[0].volumeMounts[0].mountPropagation: ";
  const std::string both = "mountPropagation: Bidirectional";
  expect({
      {with_mount("mountPropagation: None"), ""},
      {with_mount("mountPropagation: HostToContainer"), ""},
      {with_mount(both),
       path + "Forbidden: Bidirectional mount propagation is available only to privileged "
              "containers"},
      {with_mount(both, "securityContext: {privileged: true}"), ""},
      {with_mount("mountPropagation: Both"), path + "Unsupported value: \"Both\""},
  });
}

TEST(VolumeValidation, VAL15_RecursiveReadOnlyWantsReadOnlyAndNoPropagation) {
  const std::string path = "spec.containers[0].volumeMounts[0].recursiveReadOnly: ";
  expect({
      {with_mount("recursiveReadOnly: Disabled"), ""},
      {with_mount("readOnly: true, recursiveReadOnly: Enabled"), ""},
      {with_mount("readOnly: true, recursiveReadOnly: IfPossible"), ""},
      {with_mount("recursiveReadOnly: Enabled"),
       path + "Forbidden: may only be specified when readOnly is true"},
      {with_mount("readOnly: true, recursiveReadOnly: Enabled, mountPropagation: HostToContainer"),
       path + "Forbidden: may only be specified when mountPropagation is None or not specified"},
      {with_mount("recursiveReadOnly: Always"), path + "Unsupported value: \"Always\""},
  });
}

}  // namespace
}  // namespace podvisor
