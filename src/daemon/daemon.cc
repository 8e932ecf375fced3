#include "daemon/daemon.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <utility>

#include "daemon/host_check.h"
#include "daemon/passed_sockets.h"
#include "daemon/reconcile.h"
#include "daemon/room.h"
#include "daemon/state_lock.h"
#include "daemon/upgrade.h"
#include "door/door_process.h"
#include "log/logger.h"
#include "metrics/door.h"
#include "podvisor/traffic.h"
#include "podvisor/version.h"
#include "runtime/node.h"
#include "runtime/preflight/preflight.h"

namespace podvisor {
namespace {

namespace fs = std::filesystem;

DaemonOptions complete(DaemonOptions options) {
  if (options.socket.empty()) options.socket = options.layout.runtime_dir + "/podvisor.sock";
  std::error_code error;
  const fs::path self = fs::read_symlink("/proc/self/exe", error);
  if (options.pause_path.empty()) options.pause_path = self.parent_path() / "podvisor-pause";
  if (options.door_path.empty()) options.door_path = self.parent_path() / "podvisor-door";
  return options;
}

MetricsSettings metrics_settings(const DaemonOptions& options) {
  const NodeFacts facts = this_node(options.layout.state_dir);
  const std::vector<std::string> own = facts.addresses();
  const std::string first = own.empty() ? "" : own.front();
  return {
      .version = kVersion,
      .node = {.name = facts.name, .address = options.node_ip.empty() ? first : options.node_ip},
      .cgroup_parent = options.cgroup_parent};
}

RuntimeSettings runtime_settings(const DaemonOptions& options) {
  return {.layout = options.layout,
          .pause_path = options.pause_path,
          .volume_measure_period = options.volume_stats_period,
          .cluster_dns = {options.cluster_dns, options.cluster_domain},
          .log_rotation = options.log_rotation,
          .seccomp_root = options.seccomp_profile_root,
          .node_ip = options.node_ip,
          .oci_runtimes = options.oci_runtimes};
}

ImageSettings image_settings(const DaemonOptions& options) {
  ImageSettings settings;
  settings.pull.runtime_dir = options.layout.runtime_dir;
  settings.pull.insecure_registries = options.insecure_registries;
  settings.pull.ask_for_sizes = ::isatty(STDOUT_FILENO) == 1;
  settings.high_threshold = options.image_gc_high;
  settings.low_threshold = options.image_gc_low;
  return settings;
}

/// A pod takes some twenty descriptors. What the host allows is ours to use; it is not an error if
/// the usual thousand has to do.
void raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

/// Secrets are in memory: no core of it, and no tracer of the same user.
void keep_memory_private() {
#ifndef PODVISOR_SANITIZED
  ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
#endif
}

void log_failure(const Status& status) {
  if (!status) log_warning(status.error().message);
}

}  // namespace

Result<std::unique_ptr<Daemon>> Daemon::open(const DaemonOptions& options, std::vector<Fd> passed) {
  std::unique_ptr<Daemon> daemon(new Daemon(complete(options)));
  auto lock = lock_state_dir(options.layout.state_dir);
  if (!lock) return tl::unexpected(lock.error());
  daemon->state_lock_ = std::move(*lock);
  daemon->passed_ = std::move(passed);
  if (!daemon->passed_.empty()) daemon->passed_timer_.start(kPassedFor);
  raise_descriptor_limit();
  keep_memory_private();
  std::signal(SIGPIPE, SIG_IGN);  // a peer that left is an error of the write, not our end
  if (Status node = daemon->open_node(); !node) return tl::unexpected(node.error());
  daemon->open_cgroups();
  daemon->open_network();
  daemon->open_images();
  const Status listening = daemon->listen();
  if (!listening) return tl::unexpected(listening.error());
  // Before the door is told who is there, and before any manifest is read.
  if (Status restored = daemon->restore(); !restored) return tl::unexpected(restored.error());
  daemon->open_door();
  daemon->resume();
  return daemon;
}

Daemon::Daemon(DaemonOptions options)
    : options_(std::move(options)),
      metrics_(store_, metrics_settings(options_)),
      observer_(metrics_),
      supervisor_(std::make_unique<Supervisor>(loop_, store_, observer_)),
      deployments_(std::make_unique<Deployments>(loop_, store_, deployments_edge())) {}

Deployments::Edge Daemon::deployments_edge() {
  Deployments::Edge edge;
  edge.load = [this](const std::string& document) { return load_kept(document); };
  edge.make = [this](const LoadedPod& pod) { apply(pod); };
  edge.remove = [this](const Pod& pod) {
    const ObjectMeta& meta = pod.metadata;
    // Gone already is what is wanted.
    static_cast<void>(supervisor_->delete_pod(meta.namespace_, meta.name, std::nullopt));
  };
  edge.is_stopping = [this] { return supervisor_->is_stopping(); };
  return edge;
}

Daemon::~Daemon() {
  // What is left takes milliseconds and is not to be cut short by one Ctrl-C more.
  hold_signals();
  loop_.finish_blocking();  // volumes of the last pods are being removed
  if (api_) api_->end_streams();
  api_.reset();
  const bool nothing_left = supervisor_->empty();
  if (door_ && nothing_left) door_->end();
  traffic_.reset();
  change_hook_.reset();
  door_.reset();
  hooks_.reset();
  prober_.reset();
  runtime_.reset();
  images_.reset();
  deployments_.reset();
  supervisor_.reset();
  unwritten_.reset();
  journal_.reset();
  if (state_lock_ && nothing_left) leave_nothing();
}

Status Daemon::open_node() {
  HostNode::Settings settings{.label_file = options_.layout.state_dir + "/node-labels.json",
                              .labels = options_.node_labels,
                              .address = options_.node_ip,
                              .facts = this_node(options_.layout.state_dir),
                              .now = loop_.now().wall};
  auto node = HostNode::open(std::move(settings));
  if (!node) return tl::unexpected(node.error());
  node_ = std::make_unique<HostNode>(std::move(*node));
  name_node();
  supervisor_->set_node(node_->node());
  node_->on_change([this](const Node& now) { supervisor_->set_node(now); });
  return {};
}

void Daemon::open_cgroups() {
  if (!options_.cgroups) return;
  auto tree = open_cgroup_tree(options_.cgroup_parent);
  if (tree)
    cgroups_ = std::move(*tree);
  else
    cgroups_unavailable_ = tree.error().message;
}

void Daemon::open_network() {
  auto network = BridgeNetwork::open(
      {.bridge = options_.bridge, .pod_cidr = options_.pod_cidr, .masquerade = options_.masquerade},
      loop_);
  if (network)
    network_ = std::move(*network);
  else
    network_unavailable_ = network.error().message;
}

/// Nobody but a pod that has an image minds if there are none.
void Daemon::open_images() {
  auto store = ImageStore::open(options_.layout.images_dir());
  if (store)
    images_ = std::make_unique<ImageService>(loop_, std::move(*store), image_settings(options_));
  else
    images_unavailable_ = store.error().message;
}

/// Before any manifest is read: what a door that was taken over has is not to be had once more.
void Daemon::open_door() {
  door_ = std::make_unique<HostDoor>(
      loop_, DoorSettings{.door_path = options_.door_path,
                          .directory = options_.layout.runtime_dir + "/door",
                          .user = options_.door_user});
  TrafficControl::Edge edge{
      .door = [this] { return door_->get(); },
      .has_socket = [this](const std::string& listener) { return door_->has_socket(listener); },
      .listen = [this](const auto& address, auto port) { return listen_for(address, port); }};
  traffic_ =
      std::make_unique<TrafficControl>(loop_, store_, *supervisor_, *runtime_, std::move(edge));
  door_->connect(*traffic_);
  if (!options_.on_change.empty()) {
    change_hook_ = std::make_unique<ChangeHook>(loop_, store_, *supervisor_, options_.on_change);
    traffic_->connect(*change_hook_);
  }
  supervisor_->connect(*traffic_);
  supervisor_->rollouts().check_with(*traffic_);
  deployments_->check_with(*traffic_);
  traffic_->look_over(door_->adopt());
}

Result<Fd> Daemon::listen_for(const std::string& address, std::uint16_t port) const {
  for (const Fd& socket : passed_)
    if (listens_at(socket, address, port)) return Fd(::fcntl(socket.get(), F_DUPFD_CLOEXEC, 0));
  return listen_for_door(address, port);
}

Status Daemon::listen() {
  runtime_ =
      std::make_unique<ProcessRuntime>(runtime_settings(options_), loop_, *supervisor_, store_,
                                       cgroups_.get(), network_.get(), images_.get());
  prober_ = std::make_unique<ProbeRunner>(loop_, *runtime_, *runtime_, *supervisor_);
  hooks_ = std::make_unique<LifecycleHooks>(loop_, *runtime_, *runtime_, *supervisor_);
  supervisor_->connect(*runtime_, *prober_, *hooks_);
  supervisor_->ask_for_room([this](const Pod& pod) {
    return no_room(memory_for_another(pod, runtime_.get()), available_memory());
  });
  api_ = std::make_unique<ApiServer>(
      loop_, store_,
      ApiPorts{*supervisor_, *node_, *runtime_, supervisor_->rollouts(), *deployments_, intake_},
      options_.layout, loop_, [this] { return metrics_page(); });
  std::error_code error;
  fs::create_directories(options_.layout.runtime_dir, error);  // listen_unix says what is wrong
  Status listening = api_->listen_unix(options_.socket);
  if (listening && !options_.agent_check.empty())
    listening = api_->listen_agent(options_.agent_check);
  if (!listening || options_.listen.empty()) return listening;
  const auto port = api_->listen_tcp(options_.listen);
  if (!port) return tl::unexpected(port.error());
  log_info("listening", {{"socket", options_.socket}, {"tcp_port", *port}});
  return {};
}

std::string Daemon::metrics_page() const {
  Families page = metrics_.collect(runtime_.get(), loop_.now().wall);
  add_door(page, door_->counters());
  return std::move(page).text();
}

std::vector<PullProgress> Daemon::pulls() const {
  return images_ ? images_->progress() : std::vector<PullProgress>();
}

LoadOptions Daemon::load_options() const {
  return {.default_network = options_.network,
          .pids_limit = options_.pod_max_pids,
          .validate = options_.validate};
}

std::vector<Diagnostic> Daemon::check(const LoadedPod& loaded) const {
  HostFacts facts = gather_host_facts(cgroups_unavailable_, network_unavailable_);
  facts.images_unavailable = images_unavailable_;
  facts.oci_runtimes = options_.oci_runtimes;
  for (const auto& [name, object] : store_.pods()) {
    if (!object.pod->spec.host_network) continue;
    for (const Container& container : object.pod->spec.containers)
      for (const ContainerPort& port : container.ports) facts.own_ports.insert(port.container_port);
  }
  std::vector<Diagnostic> problems = host_diagnostics(loaded, facts);
  for (std::string& why : traffic_->why_not(doors_of(*loaded.pod)))
    problems.push_back({Diagnostic::Severity::Error, locate(loaded, "spec.containers"),
                        "spec.containers", std::move(why)});
  return problems;
}

std::vector<Diagnostic> Daemon::check(const Loaded<Service>& loaded) const {
  std::vector<Diagnostic> problems;
  for (std::string& why : traffic_->why_not(doors_of(*loaded.object)))
    problems.push_back({Diagnostic::Severity::Error, loaded.at, "spec.ports", std::move(why)});
  return problems;
}

Duration Daemon::host_retry() const {
  return std::min<Duration>(std::chrono::seconds(10), options_.backoff.max);
}

/// A pod of it, as long as none is there.
std::vector<Diagnostic> Daemon::check(const Loaded<Deployment>& loaded) const {
  const Deployment& deployment = *loaded.object;
  auto pod = std::make_shared<Pod>(deployment.pod);
  pod->metadata.owner = Owner{"Deployment", deployment.metadata.name, ""};
  std::vector<Diagnostic> problems = check(LoadedPod{std::move(pod), {}});
  for (Diagnostic& problem : problems) {
    problem.at = loaded.at;
    if (!problem.field.empty()) problem.field = "spec.template." + problem.field;
  }
  if (std::string why = refusal_of_neighbours(deployment); !why.empty())
    problems.push_back({Diagnostic::Severity::Error, loaded.at, "spec", std::move(why)});
  return problems;
}

bool Daemon::is_done() const { return supervisor_->empty() && store_.deployments().empty(); }

void Daemon::name_node() {
  std::string address = node_->address();
  has_address_ = !address.empty();
  store_.set_node(node_->node().name, std::move(address));
}

void Daemon::apply(const LoadedPod& loaded) {
  Pod pod = *loaded.pod;
  pod.spec.policy.backoff = options_.backoff;
  if (!has_address_) name_node();  // a host may get its address late
  supervisor_->apply(std::move(pod));
}

void Daemon::apply(const Loaded<ConfigObject>& loaded) {
  const ConfigObject& object = *loaded.object;
  const ObjectMeta& meta = object.metadata;
  const ConfigObject* old = store_.find_config(object.kind, meta.namespace_, meta.name);
  if (old != nullptr && old->document == object.document) return;
  const std::string refusal = old != nullptr ? refusal_of_change(*old, object) : "";
  if (refusal.empty()) {
    if (old != nullptr) supervisor_->config_changing(object.kind, meta.namespace_, meta.name);
    store_.set_config(object, loop_.now().wall);
    return supervisor_->config_changed(object.kind, meta.namespace_, meta.name);
  }
  EventObject event;
  event.namespace_ = meta.namespace_;
  event.involved_kind = to_string(object.kind);
  event.involved_name = meta.name;
  event.involved_uid = old->metadata.uid;
  event.warning = true;
  event.reason = "ChangeRefused";
  event.message = to_string(loaded.at) + ": " + refusal;
  log_warning(event.message, {{"reason", event.reason}});
  store_.record(event, loop_.now().wall);
}

void Daemon::apply(const Loaded<Service>& loaded) {
  Service service = *loaded.object;
  const ObjectMeta& meta = service.metadata;
  const ServiceEntry* old = store_.find_service(meta.namespace_, meta.name);
  choose_node_ports(service, old != nullptr ? &old->object : nullptr, traffic_->ports());
  store_.set_service(std::move(service), loop_.now().wall);
}

/// With the last pod gone, so is everything that was made for pods: bridge, rules, cgroup parent,
/// directories. What is still in use stays, and says so itself.
void Daemon::leave_nothing() {
  if (network_) log_failure(network_->shutdown());
  cgroups_.reset();
  if (options_.cgroups && !cgroups_unavailable_)
    log_failure(remove_cgroup_tree(options_.cgroup_parent));
  std::error_code ignored;  // a directory that is not empty is not ours to remove
  for (const char* name : {"/pods", "/oci/state", "/oci", "/auth"})
    fs::remove(options_.layout.runtime_dir + name, ignored);
  fs::remove(options_.layout.runtime_dir, ignored);
  ImageStore::remove_empty(options_.layout.images_dir());
  StateDirectory::remove_empty(options_.layout.state_dir);
  fs::remove(options_.layout.state_dir + "/logs", ignored);
  fs::remove(options_.layout.state_dir + "/lock", ignored);
  fs::remove(options_.layout.state_dir, ignored);
}

}  // namespace podvisor
