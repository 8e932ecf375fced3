#include "daemon/host_node.h"

#include <sys/utsname.h>

#include <fstream>
#include <utility>

#include "daemon/label_file.h"
#include "manifest/labels.h"

namespace podvisor {
namespace {

utsname uname_of_host() {
  utsname name{};
  static_cast<void>(::uname(&name));
  return name;
}

/// PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"
std::string os_image() {
  std::ifstream file("/etc/os-release");
  for (std::string line; std::getline(file, line);) {
    if (!line.starts_with("PRETTY_NAME=")) continue;
    std::string value = line.substr(12);
    if (value.size() > 1 && value.front() == '"') value = value.substr(1, value.size() - 2);
    return value;
  }
  return "Linux";
}

std::string first_line(const char* path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return line;
}

}  // namespace

Result<HostNode> HostNode::open(Settings settings) {
  auto changes = read_label_file(settings.label_file);
  if (!changes) return tl::unexpected(changes.error());
  return HostNode(std::move(settings), std::move(*changes));
}

HostNode::HostNode(Settings settings, LabelChanges changes)
    : settings_(std::move(settings)), changes_(std::move(changes)) {
  relabel();
}

/// What it has without anybody's changes.
std::map<std::string, std::string> HostNode::given_labels() const {
  auto labels = default_labels(settings_.facts.name, uname_of_host().machine);
  for (const auto& [key, value] : settings_.labels) labels.insert_or_assign(key, value);
  return labels;
}

void HostNode::relabel() {
  node_.name = settings_.facts.name;
  node_.labels = given_labels();
  for (const auto& [key, value] : changes_) {
    if (value)
      node_.labels.insert_or_assign(key, *value);
    else
      node_.labels.erase(key);
  }
}

std::string HostNode::address() const {
  if (!settings_.address.empty()) return settings_.address;
  const auto addresses =
      settings_.facts.addresses ? settings_.facts.addresses() : std::vector<std::string>{};
  return addresses.empty() ? "" : addresses.front();
}

NodeView HostNode::view() const {
  const utsname name = uname_of_host();
  return {.node = node_,
          .since = settings_.now,
          .address = address(),
          .cpu_millis = settings_.facts.cpu_millis,
          .memory_bytes = settings_.facts.memory_bytes,
          .ephemeral_storage = settings_.facts.ephemeral_storage,
          .machine = name.machine,
          .kernel = name.release,
          .os_image = os_image(),
          .machine_id = first_line("/etc/machine-id")};
}

Status HostNode::change_labels(const LabelChanges& changes) {
  LabelChanges all = changes_;
  const auto given = given_labels();
  for (const auto& [key, value] : changes) {
    if (const std::string wrong = manifest::check_label(key, value); !wrong.empty())
      return make_error(wrong);
    if (value || given.contains(key))
      all.insert_or_assign(key, value);
    else
      all.erase(key);  // nothing is left that would have to be taken away
  }
  if (Status written = write_label_file(settings_.label_file, all); !written) return written;
  changes_ = std::move(all);
  relabel();
  if (on_change_) on_change_(node_);
  return {};
}

}  // namespace podvisor
