// VAL-23, VAL-24, VAL-26: names of the pod, and whom it asks for those of others.
#include "expecting.h"

namespace podvisor {
namespace {

std::string list_of(const std::string& item, int count) {
  std::string list = "[";
  for (int i = 0; i < count; ++i) list += (i == 0 ? "" : ", ") + item;
  return list + "]";
}

TEST(NetworkValidation, VAL23_HostAliases) {
  const std::string path = "spec.hostAliases[0].";
  const auto alias = [](const std::string& fields) {
    return with_spec("hostAliases: [{" + fields + "}]");
  };
  expect({
      {alias("ip: 10.1.2.3, hostnames: [db, db.example.com]"), ""},
      {alias("ip: \"2001:db8::1\", hostnames: [db]"), ""},
      {alias("ip: 10.1.2.3"), ""},
      {alias("hostnames: [db]"), path + "ip: Required value"},
      {alias("ip: db, hostnames: [db]"),
       path + "ip: Invalid value: \"db\": must be a valid IP address"},
      {alias("ip: 10.1.2.3, hostnames: [db, DB]"),
       path + "hostnames[1]: Invalid value: \"DB\": a lowercase RFC 1123 subdomain"},
      {alias("ip: 10.1.2.3, hostname: db"),
       path + "hostname: unknown field \"hostname\" in HostAlias; did you mean hostnames?"},
  });
}

TEST(NetworkValidation, VAL24_DnsConfigIsBounded) {
  const std::string path = "spec.dnsConfig.";
  const auto config = [](const std::string& fields) {
    return with_spec("dnsConfig: {" + fields + "}");
  };
  expect({
      {config("nameservers: [1.1.1.1, \"::1\", 9.9.9.9], searches: [a.b, _c.d., \".\"], options: "
              "[{name: ndots, value: \"2\"}, {name: edns0}]"),
       ""},
      {config("nameservers: " + list_of("1.1.1.1", 4)),
       path + "nameservers: Invalid value: [\"1.1.1.1\",\"1.1.1.1\",\"1.1.1.1\",\"1.1.1.1\"]: must "
              "not have more than 3 nameservers"},
      {config("nameservers: [dns]"), path + "nameservers[0]: Invalid value: \"dns\""},
      {config("searches: " + list_of("a", 32)), ""},
      {config("searches: [A.b]"), path + "searches[0]: Invalid value: \"A.b\": a lowercase"},
      {config("searches: [a_]"), path + "searches[0]: Invalid value: \"a_\""},
      {config("searches: [\"a..\"]"), path + "searches[0]: Invalid value: \"a..\""},
      {config("options: [{value: a}]"), path + "options[0].name: Required value"},
  });
  EXPECT_THAT(messages_of(config("searches: " + list_of("a", 33))),
              testing::HasSubstr("must not have more than 32 search paths"));
  const std::string long_name = std::string(200, 'a');
  EXPECT_THAT(messages_of(config("searches: " + list_of(long_name, 11))),
              testing::HasSubstr(
                  "must not have more than 2048 characters (including spaces) in the search list"));
  EXPECT_EQ(messages_of(config("searches: " + list_of(long_name, 10))), "");
}

TEST(NetworkValidation, VAL24_WithoutAPolicySomebodyMustBeAsked) {
  const std::string wants = "must provide at least one DNS nameserver when `dnsPolicy` is None";
  expect({
      {with_spec("dnsPolicy: None\ndnsConfig: {nameservers: [1.1.1.1]}"), ""},
      {with_spec("dnsPolicy: None"),
       "spec.dnsConfig: Required value: must provide `dnsConfig` when `dnsPolicy` is None"},
      {with_spec("dnsPolicy: None\ndnsConfig: {searches: [a.b]}"),
       "spec.dnsConfig.nameservers: Required value: " + wants},
      {with_spec("dnsPolicy: None\ndnsConfig: {nameservers: [dns]}"),
       "spec.dnsConfig.nameservers[0]: Invalid value: \"dns\""},
  });
}

TEST(NetworkValidation, VAL26_HostnameOverride) {
  const std::string path = "spec.hostnameOverride: ";
  expect({
      {with_spec("hostnameOverride: a.b"), ""},
      {with_spec("hostnameOverride: " + std::string(64, 'a')), ""},
      {with_spec("hostnameOverride: " + std::string(65, 'a')),
       path + "Invalid value: \"" + std::string(65, 'a') + "\": must be no more than 64"},
      {with_spec("hostnameOverride: a\nhostNetwork: true"),
       path + "Forbidden: may not be set together with hostNetwork: true"},
      {with_spec("hostnameOverride: a\nsetHostnameAsFQDN: true"),
       path + "Forbidden: may not be set together with setHostnameAsFQDN: true"},
      {with_spec("hostname: a\nsubdomain: b\nsetHostnameAsFQDN: true"), ""},
      {with_spec("subdomain: b.c"), "spec.subdomain: Invalid value: \"b.c\""},
  });
}

TEST(NetworkValidation, VAL2_NodesAndGates) {
  expect({
      {with_spec("nodeName: host-1.example.com\nnodeSelector: {disk: ssd, kubernetes.io/os: "
                 "linux}\nreadinessGates: [{conditionType: example.com/in-rotation}]\n"
                 "imagePullSecrets: [{name: registry}]"),
       ""},
      {with_spec("nodeName: Host_1"), "spec.nodeName: Invalid value: \"Host_1\""},
      {with_spec("nodeSelector: {-a: b}"), "spec.nodeSelector[-a]: Invalid value: \"-a\": name"},
      {with_spec("nodeSelector: {a: b c}"), "spec.nodeSelector[a]: Invalid value: \"b c\": a"},
      {with_spec("nodeSelector: {a: true}"),
       "spec.nodeSelector[a]: Invalid value: true: must be a string; put it in quotes"},
      {with_spec("readinessGates: [{conditionType: a b}]"),
       "spec.readinessGates[0].conditionType: Invalid value: \"a b\": name part"},
      {with_spec("imagePullSecrets: [{}]"), "spec.imagePullSecrets[0].name: Required value"},
  });
}

}  // namespace
}  // namespace podvisor
