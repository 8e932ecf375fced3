#include "network/bridge_network.h"

#include <map>
#include <utility>

#include "log/logger.h"
#include "network/address_pool.h"
#include "network/bridge.h"
#include "network/interface.h"
#include "network/netlink.h"
#include "network/netns.h"
#include "network/preflight.h"

namespace podvisor {

struct BridgeNetwork::State {
  BridgeSettings settings;
  Loop& loop;
  AddressPool pool;
  Fd host_netns;
  NetlinkSocket netlink;
  std::map<PodUid, Ipv4Address> attached;
  int bridge = 0;  ///< index; 0: to be made, or to be looked at again

  Status make_bridge();
  Status connect(const PodUid& pod, int netns, Ipv4Address address);
  Status configure(int netns, Ipv4Address address);
  void finish_detach(const PodUid& pod, const Status& removed);
  [[nodiscard]] bool find_left(const PodUid& pod);
};

namespace {

Status add_pod_interface(NetlinkSocket& netlink, const AddressPool& pool, Ipv4Address address) {
  auto link = netlink.find_link(kPodInterface);
  if (!link) return tl::unexpected(std::move(link).error());
  if (!*link) return make_error(std::string("the pod's network namespace has no ") + kPodInterface);
  const int index = (*link)->index;
  auto done = netlink.add_address(index, address, pool.cidr().prefix);
  if (done) done = netlink.set_up(kPodInterface);
  if (done) done = netlink.add_default_route(index, pool.gateway());
  if (done) netlink.await_up(kPodInterface);
  return done;
}

}  // namespace

Status BridgeNetwork::State::make_bridge() {
  if (bridge != 0) return {};
  auto index = Bridge(settings, netlink).make(pool);
  if (!index) return tl::unexpected(std::move(index).error());
  bridge = *index;
  return {};
}

Status BridgeNetwork::State::connect(const PodUid& pod, int netns, Ipv4Address address) {
  const VethSpec veth{.name = host_interface_name(pod),
                      .mac = host_mac(address),
                      .alias = pod,
                      .master = bridge,
                      .peer_name = kPodInterface,
                      .peer_mac = pod_mac(address),
                      .peer_netns = netns};
  auto made = netlink.add_veth(veth);
  if (!made && made.error().error_number == EEXIST) return made;  // not ours to remove
  if (made) made = configure(netns, address);
  if (made) netlink.await_up(veth.name);
  if (made) netlink.await_up(settings.bridge);  // has no carrier before its first port
  if (!made)
    static_cast<void>(netlink.remove_link(veth.name));  // the first error is the one to tell
  return made;
}

Status BridgeNetwork::State::configure(int netns, Ipv4Address address) {
  auto scope = NetnsScope::enter(netns, host_netns.get());
  if (!scope) return tl::unexpected(std::move(scope).error());
  auto inside = NetlinkSocket::open();
  if (!inside) return tl::unexpected(std::move(inside).error());
  return add_pod_interface(*inside, pool, address);
}

void BridgeNetwork::State::finish_detach(const PodUid& pod, const Status& removed) {
  const auto found = attached.find(pod);
  if (found == attached.end()) return;
  if (removed) {
    pool.release(found->second);
  } else {
    // Whoever got the address next would share it with what is left.
    log_error("a pod's address will not be used again", {{"pod_uid", pod},
                                                         {"address", to_string(found->second)},
                                                         {"error", removed.error().message}});
  }
  attached.erase(found);
}

/// What an earlier podvisor attached; its address has been reserved, or is from now on.
bool BridgeNetwork::State::find_left(const PodUid& pod) {
  const auto link = netlink.find_link(host_interface_name(pod));
  if (!link || !*link || (*link)->alias != pod || !(*link)->mac) return false;
  const auto address = address_of_host_mac(*(*link)->mac);
  if (!address) return false;
  pool.reserve(*address);
  attached.emplace(pod, *address);
  return true;
}

BridgeNetwork::BridgeNetwork(std::shared_ptr<State> state) : state_(std::move(state)) {}

BridgeNetwork::~BridgeNetwork() = default;

Result<std::unique_ptr<BridgeNetwork>> BridgeNetwork::open(const BridgeSettings& settings,
                                                           Loop& loop) {
  if (auto valid = validate_bridge_name(settings.bridge); !valid) {
    return tl::unexpected(std::move(valid).error());
  }
  auto cidr = parse_pod_cidr(settings.pod_cidr);
  if (!cidr) return tl::unexpected(std::move(cidr).error());
  auto netns = open_current_netns();
  if (!netns) return tl::unexpected(std::move(netns).error());
  auto netlink = NetlinkSocket::open();
  if (!netlink) return tl::unexpected(std::move(netlink).error());
  if (auto able = check_host(settings, *cidr, *netlink); !able) {
    return tl::unexpected(std::move(able).error());
  }
  auto state = std::make_shared<State>(
      State{settings, loop, AddressPool(*cidr), std::move(*netns), std::move(*netlink), {}, 0});
  return std::unique_ptr<BridgeNetwork>(new BridgeNetwork(std::move(state)));
}

Result<std::string> BridgeNetwork::attach(const PodUid& pod, int netns_fd) {
  const std::string context = "pod " + pod + ": cannot be attached to " + state_->settings.bridge;
  if (state_->attached.contains(pod)) return make_error(context + ": it is attached already");
  if (auto ready = state_->make_bridge(); !ready) {
    return with_context(context, std::move(ready).error());
  }
  const auto address = state_->pool.allocate();
  if (!address) return with_context(context, address.error());
  if (auto connected = state_->connect(pod, netns_fd, *address); !connected) {
    state_->pool.release(*address);
    state_->bridge = 0;  // somebody may have removed it: the next attempt looks
    return with_context(context, std::move(connected).error());
  }
  state_->attached.emplace(pod, *address);
  return to_string(*address);
}

Status BridgeNetwork::adopt(const PodUid& pod, const std::string& address) {
  const std::string context = "pod " + pod + " with address " + address;
  if (auto ready = state_->make_bridge(); !ready)
    return with_context(context, std::move(ready).error());
  if (!state_->find_left(pod))
    return make_error(context + " is not attached to " + state_->settings.bridge + " any more");
  if (to_string(state_->attached.at(pod)) == address) return {};
  return make_error(context +
                    " has another address by now: " + to_string(state_->attached.at(pod)));
}

void BridgeNetwork::detach(const PodUid& pod, std::function<void()> done) {
  if (!state_->attached.contains(pod) && !state_->find_left(pod)) return done();
  struct Removal {
    Result<NetlinkSocket> netlink = NetlinkSocket::open();  // made here: in the host's namespace
    Status status;
  };
  auto removal = std::make_shared<Removal>();
  auto work = [removal, name = host_interface_name(pod)] {
    removal->status = removal->netlink.and_then(
        [&name](NetlinkSocket& netlink) { return netlink.remove_link(name); });
  };
  auto finish = [removal, pod, state = std::weak_ptr(state_), done = std::move(done)] {
    const auto alive = state.lock();
    if (!alive) return;
    alive->finish_detach(pod, removal->status);
    done();
  };
  run_blocking(state_->loop, std::move(work), std::move(finish));
}

Status BridgeNetwork::shutdown() {
  if (!state_->attached.empty()) {
    return make_error("bridge " + state_->settings.bridge + " stays: " +
                      std::to_string(state_->attached.size()) + " pods are attached to it");
  }
  auto removed = Bridge(state_->settings, state_->netlink).remove();
  if (removed) state_->bridge = 0;
  return removed;
}

}  // namespace podvisor
