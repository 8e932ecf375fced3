#include <algorithm>
#include <cctype>
#include <vector>

#include "cli/details.h"
#include "cli/text.h"

namespace podvisor::cli {
namespace {

constexpr int kField = 2;
constexpr int kItem = 3;

const char* true_or_false(bool value) { return value ? "True" : "False"; }

/// Multi-line text, a line each.
std::vector<std::string> printable_lines(const std::string& text) {
  std::vector<std::string> lines;
  std::size_t begin = 0;
  for (std::size_t end = text.find('\n'); end != std::string::npos; end = text.find('\n', begin)) {
    lines.push_back(printable(std::string_view(text).substr(begin, end - begin)));
    begin = end + 1;
  }
  lines.push_back(printable(std::string_view(text).substr(begin)));
  return lines;
}

void describe_ports(Details& details, const Json& container, const std::string& label,
                    const char* key) {
  std::string ports;
  for (const Json& port : list(container, "ports")) {
    if (!ports.empty()) ports += ", ";
    ports += std::to_string(number(port, key)) + "/" + text_or(port, "protocol", "TCP");
  }
  const bool many = ports.find(',') != std::string::npos;
  details.pair(kField, many ? label + "s" : label, ports.empty() ? "<none>" : ports);
}

void describe_words(Details& details, const Json& container, const std::string& label,
                    const char* key) {
  const Json& words = list(container, key);
  if (words.empty()) return;
  details.title(kField, label);
  for (const Json& word : words)
    for (const std::string& line : printable_lines(raw_text(word, ""))) details.line(kItem, {line});
}

void describe_terminated(Details& details, const Json& terminated) {
  for (const auto& [label, key] : {std::pair{"Reason", "reason"}, std::pair{"Message", "message"}})
    if (const std::string value = text(terminated, key); !value.empty())
      details.pair(kItem, label, value);
  details.pair(kItem, "Exit Code", std::to_string(number(terminated, "exitCode")));
  if (number(terminated, "signal") > 0)
    details.pair(kItem, "Signal", std::to_string(number(terminated, "signal")));
  details.pair(kItem, "Started", local_time(raw_text(terminated, "startedAt")));
  details.pair(kItem, "Finished", local_time(raw_text(terminated, "finishedAt")));
}

void describe_state(Details& details, const std::string& label, const Json& state) {
  if (has(state, "running")) {
    details.pair(kField, label, "Running");
    details.pair(kItem, "Started", local_time(raw_text(state, "running.startedAt")));
  } else if (has(state, "terminated")) {
    details.pair(kField, label, "Terminated");
    describe_terminated(details, field(state, "terminated"));
  } else {
    details.pair(kField, label, "Waiting");
    for (const auto& [name, key] :
         {std::pair{"Reason", "waiting.reason"}, std::pair{"Message", "waiting.message"}})
      if (const std::string value = text(state, key); !value.empty())
        details.pair(kItem, name, value);
  }
}

void describe_status(Details& details, const Json& status) {
  describe_state(details, "State", field(status, "state"));
  if (has(status, "lastState.terminated"))
    describe_state(details, "Last State", field(status, "lastState"));
  details.pair(kField, "Ready", true_or_false(flag(status, "ready")));
  details.pair(kField, "Restart Count", std::to_string(number(status, "restartCount")));
}

void describe_resources(Details& details, const Json& container) {
  for (const auto& [label, key] :
       {std::pair{"Limits", "resources.limits"}, std::pair{"Requests", "resources.requests"}}) {
    const Json& quantities = field(container, key);
    if (!quantities.is_object() || quantities.empty()) continue;
    details.title(kField, label);
    for (const auto& [name, quantity] : quantities.items())
      details.pair(kItem, printable(name), text(quantity, ""));
  }
}

void describe_probes(Details& details, const Json& container) {
  for (const auto& [label, key] :
       {std::pair{"Liveness", "livenessProbe"}, std::pair{"Readiness", "readinessProbe"},
        std::pair{"Startup", "startupProbe"}})
    if (has(container, key)) details.pair(kField, label, describe_probe(field(container, key)));
}

/// What an `env` entry without a value takes it from.
std::string value_source(const Json& pod, const Json& source) {
  if (has(source, "fieldRef")) {
    const std::string path = raw_text(source, "fieldRef.fieldPath");
    return text(pod, path) + " (" + text_or(source, "fieldRef.apiVersion", "v1") + ":" +
           printable(path) + ")";
  }
  if (has(source, "resourceFieldRef")) return "(" + text(source, "resourceFieldRef.resource") + ")";
  const bool secret = has(source, "secretKeyRef");
  const std::string reference = secret ? "secretKeyRef" : "configMapKeyRef";
  return "<set to the key '" + text(source, reference + ".key") +
         (secret ? "' in secret '" : "' of config map '") + text(source, reference + ".name") +
         "'>";
}

void describe_environment(Details& details, const Json& pod, const Json& container) {
  const Json& variables = list(container, "env");
  details.line(kField, variables.empty() ? Columns::Line{"Environment:", "<none>"}
                                         : Columns::Line{"Environment:"});
  for (const Json& variable : variables) {
    if (has(variable, "valueFrom")) {
      details.pair(kItem, text(variable, "name"), value_source(pod, field(variable, "valueFrom")));
      continue;
    }
    std::string label = text(variable, "name") + ":";
    for (const std::string& line : printable_lines(raw_text(variable, "value"))) {
      details.line(kItem, {label, line});
      label.clear();
    }
  }
}

void describe_mounts(Details& details, const Json& container) {
  const Json& mounts = list(container, "volumeMounts");
  details.line(kField,
               mounts.empty() ? Columns::Line{"Mounts:", "<none>"} : Columns::Line{"Mounts:"});
  std::vector<Json> sorted(mounts.begin(), mounts.end());
  std::stable_sort(sorted.begin(), sorted.end(), [](const Json& a, const Json& b) {
    return raw_text(a, "mountPath") < raw_text(b, "mountPath");
  });
  for (const Json& mount : sorted) {
    std::string flags = flag(mount, "readOnly") ? "ro" : "rw";
    if (const std::string path = text(mount, "subPath"); !path.empty())
      flags += ",path=\"" + path + "\"";
    details.line(kItem,
                 {text(mount, "mountPath") + " from " + text(mount, "name") + " (" + flags + ")"});
  }
}

std::string probe_handler(const Json& probe) {
  if (has(probe, "exec")) {
    std::string command;
    for (const Json& word : list(probe, "exec.command"))
      command += (command.empty() ? "" : " ") + text(word, "");
    return "exec [" + command + "]";
  }
  if (has(probe, "httpGet")) {
    std::string scheme = text_or(probe, "httpGet.scheme", "HTTP");
    std::transform(scheme.begin(), scheme.end(), scheme.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    const std::string path = text(probe, "httpGet.path");
    return "http-get " + scheme + "://" + text(probe, "httpGet.host") + ":" +
           text(probe, "httpGet.port") + (path.starts_with('/') ? "" : "/") + path;
  }
  if (has(probe, "tcpSocket"))
    return "tcp-socket " + text(probe, "tcpSocket.host") + ":" + text(probe, "tcpSocket.port");
  if (has(probe, "grpc"))
    return "grpc <pod>:" + text(probe, "grpc.port") + " " + text(probe, "grpc.service");
  return "unknown";
}

}  // namespace

std::string describe_probe(const Json& probe) {
  const auto count = [&](const char* key) { return std::to_string(number(probe, key)); };
  return probe_handler(probe) + " delay=" + count("initialDelaySeconds") +
         "s timeout=" + count("timeoutSeconds") + "s period=" + count("periodSeconds") +
         "s #success=" + count("successThreshold") + " #failure=" + count("failureThreshold");
}

void describe_container(Details& details, const Json& pod, const Json& container,
                        const Json& status) {
  details.title(1, text(container, "name"));
  if (!status.is_null()) details.pair(kField, "Container ID", text(status, "containerID"));
  details.pair(kField, "Image", text(container, "image"));
  if (!status.is_null()) details.pair(kField, "Image ID", text(status, "imageID"));
  describe_ports(details, container, "Port", "containerPort");
  describe_ports(details, container, "Host Port", "hostPort");
  describe_words(details, container, "Command", "command");
  describe_words(details, container, "Args", "args");
  if (!status.is_null()) describe_status(details, status);
  describe_resources(details, container);
  describe_probes(details, container);
  describe_environment(details, pod, container);
  describe_mounts(details, container);
}

}  // namespace podvisor::cli
