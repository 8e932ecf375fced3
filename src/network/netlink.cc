#include "network/netlink.h"

#include <arpa/inet.h>
#include <linux/if.h>
#include <netlink/errno.h>
#include <netlink/netlink.h>
#include <netlink/route/addr.h>
#include <netlink/route/link.h>
#include <netlink/route/link/veth.h>
#include <netlink/route/nexthop.h>
#include <netlink/route/route.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <new>
#include <thread>

namespace podvisor {
namespace {

constexpr int kMaxUpChecks = 100;
constexpr std::chrono::microseconds kUpCheckInterval(200);

template <auto Release>
struct Releaser {
  template <typename T>
  void operator()(T* object) const {
    Release(object);
  }
};
using Link = std::unique_ptr<rtnl_link, Releaser<rtnl_link_put>>;
using Address = std::unique_ptr<rtnl_addr, Releaser<rtnl_addr_put>>;
using Route = std::unique_ptr<rtnl_route, Releaser<rtnl_route_put>>;
using NlAddress = std::unique_ptr<nl_addr, Releaser<nl_addr_put>>;
using Cache = std::unique_ptr<nl_cache, Releaser<nl_cache_free>>;

template <typename Owner, typename T>
Owner own(T* object) {
  if (object == nullptr) throw std::bad_alloc();
  return Owner(object);
}

// libnl folds most of the kernel's errno values into "unspecific failure": they are kept aside.
int keep_errno(sockaddr_nl*, nlmsgerr* error, void* kept) {
  *static_cast<int*>(kept) = -error->error;
  return NL_STOP;
}

NlAddress make_address(Ipv4Address address, int prefix) {
  const in_addr raw{htonl(address.value)};
  auto result = own<NlAddress>(nl_addr_build(AF_INET, &raw, sizeof raw));
  nl_addr_set_prefixlen(result.get(), prefix);
  return result;
}

void set_mac(rtnl_link* link, const MacAddress& mac) {
  const auto address = own<NlAddress>(nl_addr_build(AF_LLC, mac.data(), mac.size()));
  rtnl_link_set_addr(link, address.get());
}

std::optional<MacAddress> mac_of(rtnl_link* link) {
  const nl_addr* address = rtnl_link_get_addr(link);
  MacAddress mac{};
  if (address == nullptr || nl_addr_get_len(address) != mac.size()) return std::nullopt;
  std::copy_n(static_cast<const std::uint8_t*>(nl_addr_get_binary_addr(address)), mac.size(),
              mac.begin());
  return mac;
}

std::string text_or_empty(const char* text) { return text != nullptr ? text : ""; }

LinkInfo describe(rtnl_link* link) {
  return {rtnl_link_get_ifindex(link),
          text_or_empty(rtnl_link_get_name(link)),
          text_or_empty(rtnl_link_get_type(link)),
          text_or_empty(rtnl_link_get_ifalias(link)),
          rtnl_link_get_master(link),
          rtnl_link_get_operstate(link) == IF_OPER_UP,
          mac_of(link)};
}

std::optional<InterfaceAddress> describe(rtnl_addr* object) {
  const nl_addr* local = rtnl_addr_get_local(object);
  if (local == nullptr || nl_addr_get_family(local) != AF_INET) return std::nullopt;
  in_addr raw{};
  std::copy_n(static_cast<const char*>(nl_addr_get_binary_addr(local)), sizeof raw,
              reinterpret_cast<char*>(&raw));
  return InterfaceAddress{
      rtnl_addr_get_ifindex(object), {ntohl(raw.s_addr)}, rtnl_addr_get_prefixlen(object)};
}

Link named_link(const std::string& name) {
  auto link = own<Link>(rtnl_link_alloc());
  rtnl_link_set_name(link.get(), name.c_str());
  return link;
}

// The change names its link: libnl identifies the original by index only.
int change_link(nl_sock* socket, rtnl_link* change) {
  const auto original = own<Link>(rtnl_link_alloc());
  return rtnl_link_change(socket, original.get(), change, 0);
}

Link make_peer(const VethSpec& spec, rtnl_link* veth) {
  auto peer = own<Link>(rtnl_link_veth_get_peer(veth));
  rtnl_link_set_name(peer.get(), spec.peer_name.c_str());
  set_mac(peer.get(), spec.peer_mac);
  if (spec.peer_netns >= 0) rtnl_link_set_ns_fd(peer.get(), spec.peer_netns);
  return peer;
}

}  // namespace

Result<NetlinkSocket> NetlinkSocket::open() {
  NetlinkSocket result(own<Socket>(nl_socket_alloc()));
  nl_socket_modify_err_cb(result.socket_.get(), NL_CB_CUSTOM, keep_errno, result.errno_.get());
  const int code = nl_connect(result.socket_.get(), NETLINK_ROUTE);
  if (code < 0) return result.error("cannot make a netlink socket", code);
  return result;
}

tl::unexpected<Error> NetlinkSocket::error(const std::string& what, int code) {
  const int error_number = std::exchange(*errno_, 0);
  if (error_number != 0) return errno_error(what, error_number);
  return make_error(what + ": " + nl_geterror(code));
}

Status NetlinkSocket::check(const std::string& what, int code) {
  if (code < 0) return error(what, code);
  return {};
}

// A link that does not exist is nobody's error; what was kept must not be told of the next request.
bool NetlinkSocket::no_such_link(int code) {
  const bool none = code == -NLE_NODEV || code == -NLE_OBJ_NOTFOUND;
  if (none) *errno_ = 0;
  return none;
}

Result<std::optional<LinkInfo>> NetlinkSocket::find_link(const std::string& name) {
  rtnl_link* found = nullptr;
  const int code = rtnl_link_get_kernel(socket_.get(), 0, name.c_str(), &found);
  if (no_such_link(code)) return std::nullopt;
  if (code < 0) return error("cannot look up link " + name, code);
  const Link link(found);
  return describe(link.get());
}

Result<std::vector<LinkInfo>> NetlinkSocket::links() {
  nl_cache* filled = nullptr;
  const int code = rtnl_link_alloc_cache(socket_.get(), AF_UNSPEC, &filled);
  if (code < 0) return error("cannot list links", code);
  const Cache cache(filled);
  std::vector<LinkInfo> result;
  for (auto* object = nl_cache_get_first(filled); object; object = nl_cache_get_next(object)) {
    result.push_back(describe(reinterpret_cast<rtnl_link*>(object)));
  }
  return result;
}

Result<std::vector<InterfaceAddress>> NetlinkSocket::addresses() {
  nl_cache* filled = nullptr;
  const int code = rtnl_addr_alloc_cache(socket_.get(), &filled);
  if (code < 0) return error("cannot list addresses", code);
  const Cache cache(filled);
  std::vector<InterfaceAddress> result;
  for (auto* object = nl_cache_get_first(filled); object; object = nl_cache_get_next(object)) {
    if (auto address = describe(reinterpret_cast<rtnl_addr*>(object))) result.push_back(*address);
  }
  return result;
}

Status NetlinkSocket::add_bridge(const BridgeSpec& spec) {
  const auto link = named_link(spec.name);
  rtnl_link_set_type(link.get(), "bridge");
  set_mac(link.get(), spec.mac);
  rtnl_link_set_flags(link.get(), IFF_UP);
  return check("cannot make bridge " + spec.name,
               rtnl_link_add(socket_.get(), link.get(), NLM_F_CREATE | NLM_F_EXCL));
}

Status NetlinkSocket::add_veth(const VethSpec& spec) {
  const auto link = own<Link>(rtnl_link_veth_alloc());
  rtnl_link_set_name(link.get(), spec.name.c_str());
  set_mac(link.get(), spec.mac);
  rtnl_link_set_flags(link.get(), IFF_UP);
  if (spec.master != 0) rtnl_link_set_master(link.get(), spec.master);
  const auto peer = make_peer(spec, link.get());
  const auto made = check("cannot make veth " + spec.name,
                          rtnl_link_add(socket_.get(), link.get(), NLM_F_CREATE | NLM_F_EXCL));
  // The kernel takes an alias only for a link that exists.
  return made && !spec.alias.empty() ? set_alias(spec.name, spec.alias) : made;
}

Status NetlinkSocket::set_alias(const std::string& name, const std::string& alias) {
  const auto change = named_link(name);
  rtnl_link_set_ifalias(change.get(), alias.c_str());
  return check("cannot set the alias of " + name, change_link(socket_.get(), change.get()));
}

Status NetlinkSocket::set_up(const std::string& name) {
  const auto change = named_link(name);
  rtnl_link_set_flags(change.get(), IFF_UP);
  return check("cannot set " + name + " up", change_link(socket_.get(), change.get()));
}

void NetlinkSocket::await_up(const std::string& name) {
  // Since Linux 6.8 asking is enough: the question makes the link watch run for that link.
  for (int i = 0; i < kMaxUpChecks; ++i) {
    const auto link = find_link(name);
    if (!link || !*link || (*link)->up) return;
    std::this_thread::sleep_for(kUpCheckInterval);
  }
}

Status NetlinkSocket::add_address(int link, Ipv4Address address, int prefix) {
  const auto object = own<Address>(rtnl_addr_alloc());
  const auto local = make_address(address, prefix);
  rtnl_addr_set_ifindex(object.get(), link);
  rtnl_addr_set_local(object.get(), local.get());
  const int code = rtnl_addr_add(socket_.get(), object.get(), NLM_F_CREATE | NLM_F_EXCL);
  if (code == -NLE_EXIST) {
    *errno_ = 0;
    return {};
  }
  return check("cannot set address " + to_string(address), code);
}

Status NetlinkSocket::add_default_route(int link, Ipv4Address gateway) {
  const auto route = own<Route>(rtnl_route_alloc());
  const auto everywhere = make_address({}, 0);
  const auto via = make_address(gateway, 32);
  rtnl_nexthop* hop = rtnl_route_nh_alloc();  // owned by the route once added
  if (hop == nullptr) throw std::bad_alloc();
  rtnl_route_nh_set_ifindex(hop, link);
  rtnl_route_nh_set_gateway(hop, via.get());
  rtnl_route_set_family(route.get(), AF_INET);
  rtnl_route_set_scope(route.get(), RT_SCOPE_UNIVERSE);
  rtnl_route_set_dst(route.get(), everywhere.get());
  rtnl_route_add_nexthop(route.get(), hop);
  return check("cannot add the default route by " + to_string(gateway),
               rtnl_route_add(socket_.get(), route.get(), NLM_F_CREATE | NLM_F_EXCL));
}

Status NetlinkSocket::remove_link(const std::string& name) {
  const auto link = named_link(name);
  const int code = rtnl_link_delete(socket_.get(), link.get());
  if (no_such_link(code)) return {};
  return check("cannot remove link " + name, code);
}

}  // namespace podvisor
