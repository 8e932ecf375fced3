#include "daemon/narrator.h"

#include <algorithm>
#include <cstdio>

namespace podvisor {
namespace {

constexpr std::size_t kMaxLine = 300;  // an event may quote a whole page
constexpr std::size_t kWhoWidth = 26;

std::string seconds_text(Duration span, const char* format) {
  char text[32];
  std::snprintf(text, sizeof text, format, std::chrono::duration<double>(span).count());
  return text;
}

/// Text of a container's making must not reach the terminal's escapes nor forge lines.
std::string printable(const std::string& text) {
  std::string safe = text.substr(0, kMaxLine);
  std::ranges::replace_if(
      safe, [](unsigned char byte) { return byte < 0x20 || byte == 0x7f; }, ' ');
  return text.size() > kMaxLine ? safe + " …" : safe;
}

/// "spec.containers{php}" -> "php".
std::string container_of(const std::string& field_path) {
  const std::size_t open = field_path.find('{');
  if (open == std::string::npos) return {};
  return field_path.substr(open + 1, field_path.size() - open - 2);
}

std::string address(const PodObject& object) {
  if (!object.status.pod_ip.empty()) return object.status.pod_ip;
  return object.pod->spec.host_network ? "127.0.0.1" : "";
}

}  // namespace

std::string places_to_open(const PodObject& object) {
  const std::string ip = address(object);
  if (ip.empty()) return "no address (network none)";
  std::string text = ip;
  for (const Container& container : object.pod->spec.containers)
    for (const ContainerPort& port : container.ports) {
      const std::string number = std::to_string(port.container_port);
      const bool http = port.name.starts_with("http") || port.container_port == 80;
      text += http ? ", http://" + ip + ":" + number + "/" : ", port " + number;
    }
  return text;
}

Narrator::Narrator(ObjectStore& store, const Clock& clock, std::ostream& out,
                   std::string before_line)
    : store_(store),
      clock_(clock),
      out_(out),
      before_line_(std::move(before_line)),
      begin_(clock.now().monotonic),
      pods_watch_(store.watch_pods(
          [this](ChangeType type, const PodObject& object) { on_pod(type, object); })),
      events_watch_(
          store.watch_events([this](ChangeType, const EventObject& event) { on_event(event); })) {}

Narrator::~Narrator() {
  store_.unwatch(pods_watch_);
  store_.unwatch(events_watch_);
}

void Narrator::on_pod(ChangeType type, const PodObject& object) {
  const ObjectMeta& meta = object.pod->metadata;
  if (type == ChangeType::Deleted) {
    line(meta.name, object.listed ? "gone" : "another pod has its place now");
    ready_.erase(meta.uid);
    return;
  }
  const bool ready = is_ready(object.status);
  bool& before = ready_[meta.uid];
  if (ready == before) return;
  before = ready;
  if (!ready) {
    const PodCondition* condition = find_condition(object.status, "Ready");
    return line(meta.name, "not Ready any more: " + condition->reason +
                               (condition->message.empty() ? "" : ", " + condition->message));
  }
  const Duration took =
      clock_.now().wall - object.status.start_time.value_or(object.creation_timestamp);
  const char* format = took < std::chrono::milliseconds(100) ? "%.2f s" : "%.1f s";
  line(meta.name, "Ready after " + seconds_text(took, format) + ": " + places_to_open(object));
}

void Narrator::on_event(const EventObject& event) {
  if (event.reason == "Created") return;  // Started follows at once
  const std::string container = container_of(event.field_path);
  const std::string who =
      container.empty() ? event.involved_name : event.involved_name + "/" + container;
  const std::string repeated = event.count > 1 ? " (x" + std::to_string(event.count) + ")" : "";
  line(who, (event.warning ? event.reason + ": " : "") + printable(event.message) + repeated);
}

void Narrator::line(const std::string& who, const std::string& what) {
  out_ << before_line_ << seconds_text(clock_.now().monotonic - begin_, "%8.3fs  ") << who
       << std::string(who.size() < kWhoWidth ? kWhoWidth - who.size() : 1, ' ') << what
       << std::endl;
}

}  // namespace podvisor
