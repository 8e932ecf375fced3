#include "cli/verbs.h"

#include <CLI/CLI.hpp>
#include <ostream>

#include "cli/resource.h"

namespace podvisor::cli {

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
  const Result<Selection> selection = select(words, {&kPods});
  if (!selection) return tl::unexpected(selection.error());
  return selection->names;
}

}  // namespace podvisor::cli
