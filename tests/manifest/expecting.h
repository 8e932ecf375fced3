// Cases of rules: a pod that breaks one, and what is said then.
#pragma once

#include <string>
#include <vector>

#include "loading.h"

namespace podvisor {

struct Case {
  std::string text;
  std::string message;  ///< as to_string(Diagnostic) without the place; empty: the pod is good
};

/// Exactly this error, or none.
inline void expect(const std::vector<Case>& cases) {
  for (const Case& one : cases) {
    const LoadResult result = load(one.text);
    if (one.message.empty()) {
      EXPECT_EQ(messages(result), "") << one.text;
    } else {
      EXPECT_EQ(result.diagnostics.size(), 1U) << messages(result) << one.text;
      EXPECT_THAT(messages(result), testing::HasSubstr(": " + one.message)) << one.text;
      EXPECT_TRUE(result.pods.empty());
    }
  }
}

inline std::string with_container(const std::string& fields) { return pod_text(fields); }
inline std::string with_spec(const std::string& fields) { return pod_text("", fields); }
inline std::string with_metadata(const std::string& fields) { return pod_text("", "", fields); }

inline std::string with_probe(const std::string& probe, const std::string& kind = "livenessProbe") {
  return pod_text(kind + ":\n" + indent(probe, 2));
}

}  // namespace podvisor
