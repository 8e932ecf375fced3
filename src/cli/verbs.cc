#include "cli/verbs.h"

#include <CLI/CLI.hpp>
#include <array>
#include <ostream>

#include "cli/text.h"

namespace podvisor::cli {
namespace {

bool is_pod_resource(const std::string& word) {
  static constexpr std::array<std::string_view, 3> kNames{"pod", "pods", "po"};
  return std::find(kNames.begin(), kNames.end(), word) != kNames.end();
}

tl::unexpected<Error> unknown_resource(const std::string& word) {
  return make_error("error: podvisor doesn't have a resource type \"" + printable(word) +
                    "\"; there is \"pods\"");
}

/// `pod/web`
Result<std::string> name_after_slash(const std::string& word) {
  const std::size_t slash = word.find('/');
  if (slash == std::string::npos)
    return make_error(
        "error: there is no need to specify a resource type as a separate argument "
        "when passing arguments in resource/name form");
  if (!is_pod_resource(word.substr(0, slash))) return unknown_resource(word.substr(0, slash));
  if (slash + 1 == word.size() || word.find('/', slash + 1) != std::string::npos)
    return make_error("error: \"" + printable(word) + "\" is not of the form pod/NAME");
  return word.substr(slash + 1);
}

}  // namespace

void add_socket_option(CLI::App& verb, ClientOptions& options) {
  verb.add_option("--socket", options.socket, "Path of podvisor's Unix socket")
      ->envname("PODVISOR_SOCKET")
      ->capture_default_str()
      ->type_name("PATH");
}

void add_namespace_option(CLI::App& verb, ClientOptions& options) {
  verb.add_option("-n,--namespace", options.namespace_, "The pod's namespace")
      ->capture_default_str()
      ->type_name("NS");
}

void add_all_namespaces_option(CLI::App& verb, ClientOptions& options) {
  verb.add_flag("-A,--all-namespaces", options.all_namespaces, "Those of every namespace");
}

int report(const Console& console, const Error& error) {
  console.err << error.message << '\n';
  return 1;
}

Result<std::vector<std::string>> pod_names(const std::vector<std::string>& words) {
  if (words.empty()) return make_error("error: say what of: pods, pod NAME or pod/NAME");
  if (words.front().find('/') == std::string::npos) {
    if (!is_pod_resource(words.front())) return unknown_resource(words.front());
    return std::vector<std::string>(words.begin() + 1, words.end());
  }
  std::vector<std::string> names;
  for (const std::string& word : words) {
    const Result<std::string> name = name_after_slash(word);
    if (!name) return tl::unexpected(name.error());
    names.push_back(*name);
  }
  return names;
}

}  // namespace podvisor::cli
