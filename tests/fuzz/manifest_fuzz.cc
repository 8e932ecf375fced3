// Any bytes must load to pods or diagnostics: no crash, no hang, no allocation without a bound.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "manifest/manifest.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const podvisor::LoadResult result = podvisor::load_text(text, "fuzz.yaml", {});
  // What comes out is never both nothing and no reason.
  if (result.pods.empty() && result.diagnostics.empty()) std::abort();
  for (const podvisor::Diagnostic& diagnostic : result.diagnostics) {
    if (podvisor::to_string(diagnostic).find('\n') != std::string::npos) std::abort();
    // The last resort of load_text: an exception that nobody foresaw.
    if (diagnostic.message.starts_with("cannot be loaded")) std::abort();
  }
  for (const podvisor::LoadedPod& loaded : result.pods) {
    if (loaded.pod->spec.containers.empty() || loaded.pod->spec.hostname.empty()) std::abort();
  }
  return 0;
}
