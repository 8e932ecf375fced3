#include <CLI/CLI.hpp>
#include <memory>
#include <ostream>

#include "cli/api_objects.h"
#include "cli/api_path.h"
#include "cli/resource.h"
#include "cli/text.h"
#include "cli/verbs.h"

namespace podvisor::cli {
namespace {

struct LabelOptions : ClientOptions {
  std::vector<std::string> words;
  bool overwrite = false;
  bool list = false;
};

struct Change {
  std::string key;
  std::optional<std::string> value;  ///< unset: take it away
};

/// `node`, `node NAME` or `node/NAME`, then changes. There is one node, so its name may be left
/// out.
struct Request {
  std::string node;  ///< empty: this one
  std::vector<Change> changes;
};

bool is_change(const std::string& word) {
  return word.find('=') != std::string::npos || word.ends_with('-');
}

Change parse_change(const std::string& word) {
  const std::size_t equals = word.find('=');
  if (equals == std::string::npos) return {word.substr(0, word.size() - 1), std::nullopt};
  return {word.substr(0, equals), word.substr(equals + 1)};
}

Result<Request> parse_request(const std::vector<std::string>& words) {
  const Result<Selection> what = select({words.front()}, {&kNodes});
  if (!what) return tl::unexpected(what.error());
  Request request;
  std::size_t next = 1;
  if (!what->names.empty()) request.node = what->names.front();
  if (request.node.empty() && next < words.size() && !is_change(words[next]))
    request.node = words[next++];
  for (; next < words.size(); ++next) {
    if (!is_change(words[next]))
      return make_error("error: \"" + printable(words[next]) + "\" is neither KEY=VALUE nor KEY-");
    request.changes.push_back(parse_change(words[next]));
  }
  return request;
}

class Label {
 public:
  Label(const LabelOptions& options, const Console& console)
      : options_(options), console_(console), client_(options.socket) {}

  int run(const Request& request) {
    const Result<Json> node = find(request.node);
    if (!node) return report(console_, node.error());
    if (!request.changes.empty()) {
      if (const int failed = change(*node, request.changes); failed != 0) return failed;
    } else if (!options_.list) {
      return report(console_, {"error: at least one label update is required"});
    }
    return options_.list ? print_list(raw_text(*node, "metadata.name")) : 0;
  }

 private:
  Result<Json> find(const std::string& name) {
    if (!name.empty()) return get_object(client_, object_path("", "nodes", name));
    const Result<Json> nodes = get_object(client_, list_path("", "nodes"));
    if (!nodes) return nodes;
    if (list(*nodes, "items").empty()) return make_error("error: podvisor names no node");
    return list(*nodes, "items").front();
  }

  int change(const Json& node, const std::vector<Change>& changes) {
    const Json& labels = field(node, "metadata.labels");
    Json patch = Json::object();
    bool added = false;
    for (const Change& each : changes) {
      const bool known = labels.contains(each.key);
      const std::string old = known ? raw_text(labels[each.key], "") : "";
      if (!each.value) {
        if (!known) console_.out << "label \"" << printable(each.key) << "\" not found.\n";
        if (known) patch[each.key] = nullptr;
        continue;
      }
      if (known && old == *each.value) continue;
      if (known && !options_.overwrite)
        return report(console_, {"error: '" + printable(each.key) + "' already has a value (" +
                                 printable(old) + "), and --overwrite is false"});
      patch[each.key] = *each.value;
      added = true;
    }
    const std::string name = raw_text(node, "metadata.name");
    if (!patch.empty()) {
      const Json body{{"metadata", {{"labels", patch}}}};
      const Result<Json> patched =
          client_.patch(object_path("", "nodes", name), body.dump()).and_then(object_in);
      if (!patched) return report(console_, patched.error());
    }
    const char* done = patch.empty() ? " not labeled" : added ? " labeled" : " unlabeled";
    if (!options_.list) console_.out << "node/" << printable(name) << done << std::endl;
    return 0;
  }

  int print_list(const std::string& name) {
    const Result<Json> node = get_object(client_, object_path("", "nodes", name));
    if (!node) return report(console_, node.error());
    for (const auto& [key, value] : field(*node, "metadata.labels").items())
      console_.out << printable(key) << '=' << text(value, "") << '\n';
    return 0;
  }

  const LabelOptions& options_;
  const Console& console_;
  ApiClient client_;
};

int label(const LabelOptions& options, const Console& console) {
  const Result<Request> request = parse_request(options.words);
  if (!request) return report(console, request.error());
  return Label(options, console).run(*request);
}

}  // namespace

void add_label(CLI::App& app, Context& context) {
  auto options = std::make_shared<LabelOptions>();
  CLI::App* verb = app.add_subcommand("label", "Set or remove labels of the node");
  verb->add_option("WORDS", options->words, "node [NAME], then KEY=VALUE or KEY-...")->required();
  verb->add_flag("--overwrite", options->overwrite, "Also labels that have another value");
  verb->add_flag("--list", options->list, "Print the labels, after the changes if there are any");
  add_socket_option(*verb, *options);
  verb->callback([options, &context] {
    context.verb = [options, &context] { return label(*options, context.console); };
  });
}

}  // namespace podvisor::cli
