// What most tests of manifests need: a pod around the lines in question, and what became of it.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "manifest/manifest.h"

namespace podvisor {

/// Every diagnostic as a person reads it, one a line.
inline std::string messages(const LoadResult& result) {
  std::string all;
  for (const Diagnostic& diagnostic : result.diagnostics) all += to_string(diagnostic) + "\n";
  return all;
}

inline std::string indent(const std::string& text, int columns) {
  std::string out;
  for (std::size_t start = 0; start < text.size();) {
    const std::size_t end = std::min(text.find('\n', start), text.size());
    out += std::string(static_cast<std::size_t>(columns), ' ') + text.substr(start, end - start) +
           "\n";
    start = end + 1;
  }
  return out;
}

/// A pod with one container "main"; `container` are further fields of it, `spec` of the spec,
/// `metadata` of the metadata.
inline std::string pod_text(const std::string& container = "", const std::string& spec = "",
                            const std::string& metadata = "") {
  return "apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\n" + indent(metadata, 2) + "spec:\n" +
         indent(spec, 2) + "  containers:\n    - name: main\n      command: [sleep, inf]\n" +
         indent(container, 6);
}

inline LoadResult load(const std::string& text, const LoadOptions& options = {}) {
  return load_text(text, "pod.yaml", options);
}

/// The only pod of a text that has no errors.
inline Pod load_one(const std::string& text, const LoadOptions& options = {}) {
  const LoadResult result = load(text, options);
  EXPECT_TRUE(result.ok()) << messages(result) << text;
  EXPECT_EQ(result.pods.size(), 1U) << messages(result);
  return result.pods.empty() ? Pod{} : *result.pods.front().pod;
}

inline std::string messages_of(const std::string& text, const LoadOptions& options = {}) {
  return messages(load(text, options));
}

}  // namespace podvisor
