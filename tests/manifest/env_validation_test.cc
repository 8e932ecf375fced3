// VAL-10, VAL-11, VAL-28, and the selectors of ENV and DWN.
#include "expecting.h"

namespace podvisor {
namespace {

const std::string kValueFrom = "spec.containers[0].env[0].valueFrom";

std::string value_from(const std::string& source, const std::string& more = "") {
  return with_container("env: [{name: A, valueFrom: {" + source + "}" + more + "}]");
}

std::string field_ref(const std::string& path) {
  return with_container("env:\n- name: A\n  valueFrom: {fieldRef: {fieldPath: \"" + path + "\"}}");
}

std::string resource_ref(const std::string& fields) {
  return value_from("resourceFieldRef: {" + fields + "}");
}

std::string file_of(const std::string& source) {
  return with_spec("volumes:\n- name: a\n  downwardAPI: {items: [{path: b, " + source + "}]}");
}

TEST(EnvValidation, VAL10_EnvNamesMayRepeatAndValuesBeMissing) {
  expect({{with_container("env: [{name: A}, {name: A, value: b}, {name: A, value: \"\"}]"), ""}});
}

TEST(EnvValidation, VAL10_ValueFromIsOneSourceAndExcludesValue) {
  const std::string field = "fieldRef: {fieldPath: metadata.name}";
  const std::string key = "secretKeyRef: {name: b, key: c}";
  expect({
      {value_from(field), ""},
      {value_from(key, ", value: \"\""), ""},
      {value_from("configMapKeyRef: {name: b, key: c, optional: true}"), ""},
      {value_from(""), kValueFrom + ": Invalid value: \"\": must specify one of: `fieldRef`, "
                                    "`resourceFieldRef`, `configMapKeyRef` or `secretKeyRef`"},
      {value_from(field + ", " + key),
       kValueFrom + ": Invalid value: \"\": may not have more than one field specified at a time"},
      {value_from(field, ", value: b"),
       kValueFrom + ": Invalid value: \"\": may not be specified when `value` is not empty"},
  });
}

TEST(EnvValidation, VAL2_KeysOfConfigMapsAndSecrets) {
  const auto key = [](const std::string& text) {
    return value_from("configMapKeyRef: {name: b, key: " + text + "}");
  };
  const std::string path = kValueFrom + ".configMapKeyRef.key: ";
  expect({
      {key("a.b_C-1"), ""},
      {key(".hidden"), ""},
      {key("\"\""), path + "Required value"},
      {key("a/b"), path + "Invalid value: \"a/b\": a valid config key must consist of"},
      {key("\".\""), path + "Invalid value: \".\": must not be '.'"},
      {key("\"..\""), path + "Invalid value: \"..\": must not be '..'"},
      {key("..b"), path + "Invalid value: \"..b\": must not start with '..'"},
      {key(std::string(254, 'a')), path + "Invalid value: \"" + std::string(80, 'a')},
      {value_from("secretKeyRef: {name: B, key: c}"),
       kValueFrom + ".secretKeyRef.name: Invalid value: \"B\": a lowercase RFC 1123 subdomain"},
  });
}

TEST(EnvValidation, ENV13_VariablesFromFilesAreRefused) {
  expect({{value_from("fileKeyRef: {volumeName: a, path: b, key: c}"),
           kValueFrom +
               ".fileKeyRef: Forbidden: podvisor reads no variables from files in volumes; use "
               "a ConfigMap or a Secret"}});
}

TEST(EnvValidation, VAL11_EnvFromIsOneSource) {
  const std::string path = "spec.containers[0].envFrom[0]";
  const auto from = [](const std::string& text) {
    return with_container("envFrom: [{" + text + "}]");
  };
  expect({
      {from("configMapRef: {name: b}"), ""},
      {from("prefix: B_, secretRef: {name: b, optional: true}"), ""},
      {from("prefix: B_"),
       path + ": Invalid value: \"\": must specify one of: `configMapRef` or `secretRef`"},
      {from("configMapRef: {name: b}, secretRef: {name: b}"),
       path + ": Invalid value: \"\": may not have more than one field specified at a time"},
      {from("configMapRef: {}"), path + ".configMapRef.name: Required value"},
      {from("prefix: a=, configMapRef: {name: b}"), path + ".prefix: Invalid value: \"a=\""},
  });
}

TEST(EnvValidation, DWN1_WholeMapsAreForFilesOnly) {
  for (const std::string map : {"metadata.labels", "metadata.annotations"}) {
    expect({{file_of("fieldRef: {fieldPath: " + map + "}"), ""},
            {field_ref(map),
             kValueFrom + ".fieldRef.fieldPath: Unsupported value: \"" + map +
                 "\": supported values: \"metadata.name\", \"metadata.namespace\", "
                 "\"metadata.uid\", \"spec.nodeName\", \"spec.serviceAccountName\", "
                 "\"status.hostIP\", \"status.hostIPs\", \"status.podIP\", \"status.podIPs\""}});
  }
}

TEST(EnvValidation, DWN2_KeysOfLabelsAndAnnotationsAreQualifiedNames) {
  const std::string path = kValueFrom + ".fieldRef.fieldPath: Invalid value: ";
  expect({
      {field_ref("metadata.labels['app.kubernetes.io/name']"), ""},
      {field_ref("metadata.annotations['Example.com/Thing']"), ""},
      {file_of("fieldRef: {fieldPath: \"metadata.annotations['a']\"}"), ""},
      {field_ref("metadata.labels['Example.com/thing']"),
       path + "\"metadata.labels['Example.com/thing']\": prefix part a lowercase RFC 1123"},
      {field_ref("metadata.labels['-a']"), path + "\"metadata.labels['-a']\": name part"},
      {field_ref("metadata.annotations['']"), path + "\"metadata.annotations['']\": name part"},
      {field_ref("metadata.name['a']"),
       path + "\"metadata.name['a']\": only metadata.labels and metadata.annotations have keys"},
  });
}

TEST(EnvValidation, DWN3_AddressesAreForEnvOnly) {
  for (const std::string field : {"status.podIP", "status.podIPs", "status.hostIP",
                                  "status.hostIPs", "spec.nodeName", "spec.serviceAccountName"}) {
    expect({{field_ref(field), ""},
            {file_of("fieldRef: {fieldPath: " + field + "}"),
             "spec.volumes[0].downwardAPI.items[0].fieldRef.fieldPath: Unsupported value: \"" +
                 field + "\": supported values: \"metadata.annotations\", \"metadata.labels\""}});
  }
}

TEST(EnvValidation, DWN_ANearlyRightPathIsAnsweredWithTheRightOne) {
  expect(
      {{field_ref("status.podIp"),
        kValueFrom + ".fieldRef.fieldPath: Unsupported value: \"status.podIp\": supported values: "
                     "\"metadata.name\", \"metadata.namespace\", \"metadata.uid\", "
                     "\"spec.nodeName\", \"spec.serviceAccountName\", \"status.hostIP\", "
                     "\"status.hostIPs\", \"status.podIP\", \"status.podIPs\", and "
                     "metadata.labels['KEY'] and metadata.annotations['KEY']; did you mean "
                     "\"status.podIP\"?"},
       {value_from("fieldRef: {apiVersion: v2, fieldPath: metadata.name}"),
        kValueFrom + ".fieldRef.apiVersion: Unsupported value: \"v2\": supported values: \"v1\""}});
}

TEST(EnvValidation, DWN4_ResourcesAreLimitsAndRequestsOfWhatKubernetesCounts) {
  const std::string path = kValueFrom + ".resourceFieldRef.resource: ";
  for (const char* name : {"cpu", "memory", "ephemeral-storage", "hugepages-2Mi"}) {
    expect({{resource_ref(std::string("resource: limits.") + name), ""},
            {resource_ref(std::string("resource: requests.") + name), ""}});
  }
  expect({
      {resource_ref("containerName: main"), path + "Required value"},
      {resource_ref("resource: limits.disk"),
       path + "Unsupported value: \"limits.disk\": supported values: \"limits.cpu\", "
              "\"limits.ephemeral-storage\", \"limits.memory\", \"requests.cpu\", "
              "\"requests.ephemeral-storage\", \"requests.memory\""},
      {resource_ref("resource: limit.memory"),
       path + "Unsupported value: \"limit.memory\": supported values: \"limits.cpu\""},
  });
}

TEST(EnvValidation, DWN5_InEnvTheContainerIsItselfUnlessNamed) {
  expect({{resource_ref("resource: limits.cpu"), ""},
          {resource_ref("containerName: main, resource: limits.cpu"), ""}});
}

TEST(EnvValidation, VAL28_DivisorsAreUnits) {
  const std::string path = kValueFrom + ".resourceFieldRef.divisor: Invalid value: ";
  const auto divisor = [](const std::string& resource, const std::string& unit) {
    return resource_ref("resource: limits." + resource + ", divisor: " + unit);
  };
  for (const char* unit : {"1", "1m", "0", "1000m"}) expect({{divisor("cpu", unit), ""}});
  for (const char* unit : {"0", "1", "1k", "1M", "1G", "1T", "1P", "1E", "1Ki", "1Mi", "1Gi", "1Ti",
                           "1Pi", "1Ei", "1024"}) {
    expect({{divisor("memory", unit), ""},
            {divisor("ephemeral-storage", unit), ""},
            {divisor("hugepages-2Mi", unit), ""}});
  }
  const std::string bytes =
      "only divisor's values 1, 1k, 1M, 1G, 1T, 1P, 1E, 1Ki, 1Mi, 1Gi, 1Ti, 1Pi, 1Ei are supported "
      "with the ";
  expect({
      {divisor("cpu", "10m"),
       path + "\"10m\": only divisor's values 1m and 1 are supported with the cpu resource"},
      {divisor("memory", "1m"), path + "\"1m\": " + bytes + "memory resource"},
      {divisor("memory", "10Mi"), path + "\"10Mi\": " + bytes + "memory resource"},
      {divisor("ephemeral-storage", "2"),
       path + "\"2\": " + bytes + "local ephemeral storage resource"},
      {divisor("hugepages-1Gi", "2"), path + "\"2\": " + bytes + "hugepages resource"},
      {divisor("memory", "MB"), path + "\"MB\": must be a quantity"},
  });
}

}  // namespace
}  // namespace podvisor
