#include "cli/resource.h"

#include <algorithm>

#include "cli/pod_row.h"
#include "cli/text.h"
#include "manifest/suggest.h"

namespace podvisor::cli {
namespace {

bool is_called(const Resource& resource, const std::string& word) {
  return word == resource.singular || word == resource.plural || word == resource.abbreviation ||
         word == kind_name(resource) || (&resource == &kDeployments && word == "deployments.apps");
}

tl::unexpected<Error> unknown_resource(const std::string& word,
                                       const std::vector<const Resource*>& allowed) {
  std::string known;
  std::vector<std::string> names;
  for (const Resource* resource : allowed) {
    known += (known.empty() ? "\"" : ", \"") + std::string(resource->plural) + "\"";
    names.insert(names.end(), {resource->singular, resource->plural});
  }
  const std::string meant = manifest::nearest(word, names);
  return make_error("error: podvisor doesn't have a resource type \"" + printable(word) +
                    "\" here; " +
                    (meant.empty() ? "there is " + known : "did you mean \"" + meant + "\"?"));
}

Result<const Resource*> find_resource(const std::string& word,
                                      const std::vector<const Resource*>& allowed) {
  for (const Resource* resource : allowed)
    if (is_called(*resource, word)) return resource;
  return unknown_resource(word, allowed);
}

std::vector<std::string> comma_list(const std::string& words) {
  std::vector<std::string> list;
  std::size_t start = 0;
  for (std::size_t comma = 0; comma != std::string::npos; start = comma + 1) {
    comma = words.find(',', start);
    list.push_back(words.substr(start, comma - start));
  }
  return list;
}

std::string known_forms(const std::vector<const Resource*>& allowed) {
  std::string forms;
  for (const Resource* resource : allowed) {
    const std::string one = resource->singular;
    forms += (forms.empty() ? "" : "; ") + std::string(resource->plural) + ", " + one +
             " NAME or " + one + "/NAME";
  }
  return forms;
}

/// `pod/web`
Result<Selection> one_of_form(const std::string& word,
                              const std::vector<const Resource*>& allowed) {
  const std::size_t slash = word.find('/');
  if (slash == std::string::npos)
    return make_error(
        "error: there is no need to specify a resource type as a separate argument "
        "when passing arguments in resource/name form");
  const Result<const Resource*> resource = find_resource(word.substr(0, slash), allowed);
  if (!resource) return tl::unexpected(resource.error());
  if (slash + 1 == word.size() || word.find('/', slash + 1) != std::string::npos)
    return make_error("error: \"" + printable(word) + "\" is not of the form " +
                      (*resource)->singular + "/NAME");
  return Selection{*resource, {word.substr(slash + 1)}};
}

Result<Selection> all_of_form(const std::vector<std::string>& words,
                              const std::vector<const Resource*>& allowed) {
  Selection all;
  for (const std::string& word : words) {
    const Result<Selection> one = one_of_form(word, allowed);
    if (!one) return one;
    if (all.resource != nullptr && all.resource != one->resource)
      return make_error("error: one kind at a time: " + std::string(all.resource->plural) +
                        " and " + one->resource->plural + " are two");
    all.resource = one->resource;
    all.names.push_back(one->names.front());
  }
  return all;
}

/// NAMESPACE before, LABELS after what a kind has.
std::vector<std::string> with_common(const Json& object, RowColumns columns,
                                     std::vector<std::string> cells) {
  if (columns.namespaces) cells.insert(cells.begin(), text(object, "metadata.namespace"));
  if (columns.labels) cells.push_back(label_text(object));
  return cells;
}

std::vector<std::string> common_header(RowColumns columns, std::vector<std::string> cells) {
  if (columns.namespaces) cells.insert(cells.begin(), "NAMESPACE");
  if (columns.labels) cells.emplace_back("LABELS");
  return cells;
}

std::string entries(const Json& object, std::string_view path) {
  return std::to_string(field(object, path).size());
}

std::string age_of(const Json& object, WallTime now) {
  return age(raw_text(object, "metadata.creationTimestamp"), now);
}

std::vector<std::string> all_pod_cells(const Json& pod, RowColumns columns, WallTime now) {
  auto cells = pod_cells(pod, columns, now);
  if (columns.labels) cells.push_back(label_text(pod));
  return cells;
}

std::vector<std::string> all_pod_header(RowColumns columns) {
  auto cells = pod_header(columns);
  if (columns.labels) cells.emplace_back("LABELS");
  return cells;
}

std::string node_address(const Json& node, const std::string& type) {
  return text_or(find_named(node, "status.addresses", type, "type"), "address", "<none>");
}

}  // namespace

const Resource kPods = {"pod", "pods", "po", true, all_pod_header, all_pod_cells};
const Resource kConfigMaps = {"configmap", "configmaps",      "cm",
                              true,        config_map_header, config_map_cells};
const Resource kSecrets = {"secret", "secrets", "secrets", true, secret_header, secret_cells};
const Resource kNodes = {"node", "nodes", "no", false, node_header, node_cells};

std::string kind_name(const Resource& resource) {
  return std::string(resource.singular) + (&resource == &kDeployments ? ".apps" : "");
}

std::string full_name(const Resource& resource, const std::string& name) {
  return kind_name(resource) + "/" + printable(name);
}

Result<Selection> select(const std::vector<std::string>& words,
                         const std::vector<const Resource*>& allowed) {
  if (words.empty()) return make_error("error: say what of: " + known_forms(allowed));
  if (words.front().find('/') != std::string::npos) return all_of_form(words, allowed);
  const Result<const Resource*> resource = find_resource(words.front(), allowed);
  if (!resource) return tl::unexpected(resource.error());
  return Selection{*resource, {words.begin() + 1, words.end()}};
}

Result<std::vector<Selection>> select_each(const std::vector<std::string>& words,
                                           const std::vector<const Resource*>& allowed) {
  std::vector<Selection> each;
  if (words.empty() || words.front().find(',') == std::string::npos) {
    const Result<Selection> only = select(words, allowed);
    if (!only) return tl::unexpected(only.error());
    each.push_back(*only);
    return each;
  }
  for (const std::string& kind : comma_list(words.front())) {
    const Result<const Resource*> resource = find_resource(kind, allowed);
    if (!resource) return tl::unexpected(resource.error());
    each.push_back({*resource, {words.begin() + 1, words.end()}});
  }
  return each;
}

std::string label_text(const Json& object) {
  std::string labels;
  for (const auto& [key, value] : field(object, "metadata.labels").items())
    labels += (labels.empty() ? "" : ",") + printable(key) + "=" + text(value, "");
  return labels.empty() ? "<none>" : labels;
}

std::vector<std::string> config_map_header(RowColumns columns) {
  return common_header(columns, {"NAME", "DATA", "AGE"});
}

std::vector<std::string> config_map_cells(const Json& map, RowColumns columns, WallTime now) {
  const auto count = field(map, "data").size() + field(map, "binaryData").size();
  return with_common(map, columns,
                     {text(map, "metadata.name"), std::to_string(count), age_of(map, now)});
}

std::vector<std::string> secret_header(RowColumns columns) {
  return common_header(columns, {"NAME", "TYPE", "DATA", "AGE"});
}

std::vector<std::string> secret_cells(const Json& secret, RowColumns columns, WallTime now) {
  return with_common(secret, columns,
                     {text(secret, "metadata.name"), text(secret, "type"), entries(secret, "data"),
                      age_of(secret, now)});
}

std::vector<std::string> node_header(RowColumns columns) {
  std::vector<std::string> cells{"NAME", "STATUS", "ROLES", "AGE", "VERSION"};
  if (columns.wide)
    cells.insert(cells.end(),
                 {"INTERNAL-IP", "EXTERNAL-IP", "OS-IMAGE", "KERNEL-VERSION", "CONTAINER-RUNTIME"});
  return common_header({false, columns.wide, columns.labels}, std::move(cells));
}

std::vector<std::string> node_cells(const Json& node, RowColumns columns, WallTime now) {
  const Json& ready = find_named(node, "status.conditions", "Ready", "type");
  std::vector<std::string> cells{
      text(node, "metadata.name"), raw_text(ready, "status") == "True" ? "Ready" : "NotReady",
      "<none>", age_of(node, now), text(node, "status.nodeInfo.kubeletVersion")};
  if (columns.wide)
    cells.insert(cells.end(),
                 {node_address(node, "InternalIP"), node_address(node, "ExternalIP"),
                  text_or(node, "status.nodeInfo.osImage", "<unknown>"),
                  text_or(node, "status.nodeInfo.kernelVersion", "<unknown>"),
                  text_or(node, "status.nodeInfo.containerRuntimeVersion", "<unknown>")});
  return with_common(node, {false, columns.wide, columns.labels}, std::move(cells));
}

}  // namespace podvisor::cli
