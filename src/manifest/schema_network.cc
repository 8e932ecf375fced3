// Rows: /etc/hosts and name resolution.
#include "manifest/schema.h"

namespace podvisor::manifest {
namespace {

constexpr Field kHostAliasFields[] = {
    {.name = "ip", .required = true, .format = Format::Ip, .meaning = "The address."},
    {.name = "hostnames",
     .shape = Shape::List,
     .format = Format::DnsSubdomain,
     .meaning = "Its names."},
};

constexpr Field kPodDnsConfigFields[] = {
    {.name = "nameservers",
     .shape = Shape::List,
     .format = Format::Ip,
     .meaning = "Addresses of name servers, at most 3."},
    {.name = "searches",
     .shape = Shape::List,
     .format = Format::SearchDomain,
     .meaning = "Search domains, at most 32 and 2048 characters."},
    {.name = "options",
     .type = ValueType::Object,
     .shape = Shape::List,
     .object = &kPodDnsConfigOptionType,
     .meaning = "Options of resolv.conf, before those of the same name."},
};

constexpr Field kPodDnsConfigOptionFields[] = {
    {.name = "name", .required = true, .meaning = "Name of the option, such as `ndots`."},
    {.name = "value", .keeps_zero = true, .meaning = "Its value; unset: the name stands alone."},
};

}  // namespace

const ObjectType kHostAliasType = {"HostAlias", "", kHostAliasFields};
const ObjectType kPodDnsConfigType = {"PodDNSConfig", "", kPodDnsConfigFields};
const ObjectType kPodDnsConfigOptionType = {"PodDNSConfigOption", "", kPodDnsConfigOptionFields};

}  // namespace podvisor::manifest
