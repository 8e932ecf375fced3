// Any bytes must load to objects or diagnostics: no crash, no hang, no allocation without a bound.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "manifest/manifest.h"
#include "manifest/present.h"

namespace {

void demand(bool condition) {
  if (!condition) std::abort();
}

void check(const podvisor::Diagnostic& diagnostic) {
  demand(podvisor::to_string(diagnostic).find('\n') == std::string::npos);
  demand(podvisor::to_json_line(diagnostic).find('\n') == std::string::npos);
  // Two lines at most are added for a terminal, and nothing in them steers it.
  const std::string shown = podvisor::present(diagnostic, {.excerpts = true, .colours = false});
  demand(shown.find('\033') == std::string::npos);
  // The last resort of load_text: an exception that nobody foresaw.
  demand(!diagnostic.message.starts_with("cannot be loaded"));
}

podvisor::Validate mode_for(std::string_view text) {
  const std::size_t rest = text.size() % 8;
  if (rest == 0) return podvisor::Validate::Warn;
  return rest == 1 ? podvisor::Validate::Ignore : podvisor::Validate::Strict;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  podvisor::LoadOptions options;
  options.validate = mode_for(text);
  podvisor::LoadResult result = podvisor::load_text(text, "fuzz.yaml", options);
  // What comes out is never both nothing and no reason.
  demand(result.size() > 0 || !result.diagnostics.empty());
  for (const auto& diagnostic : result.diagnostics) check(diagnostic);
  for (const auto& loaded : result.pods) {
    demand(!loaded.pod->spec.containers.empty() && !loaded.pod->spec.hostname.empty());
  }
  for (const auto& loaded : result.deployments) {
    demand(matches(loaded.object->selector, loaded.object->pod.metadata.labels));
  }
  for (const auto& loaded : result.services) demand(!loaded.object->metadata.name.empty());
  // Everything is there once already.
  const podvisor::LoadResult twice = podvisor::merge({result, result});
  demand(twice.size() == result.size());
  return 0;
}
