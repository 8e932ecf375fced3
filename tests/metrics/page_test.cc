#include "page.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <optional>
#include <regex>

#include "podvisor/fd.h"
#include "scene.h"

namespace podvisor::metrics_test {
namespace {

using ::testing::HasSubstr;

class MetricsPage : public ::testing::Test {
 protected:
  MetricsPage() { scene_.happen(); }
  Scene scene_;
};

TEST_F(MetricsPage, EveryFamilyHasTypeAndHelpOnceAndInOrder) {
  const auto page = parse_page(scene_.render());
  for (const auto& [name, family] : page.families) {
    EXPECT_FALSE(family.type.empty()) << name;
    EXPECT_FALSE(family.help.empty()) << name;
  }
  EXPECT_EQ(page.names.size(), page.families.size());
  EXPECT_TRUE(std::is_sorted(page.names.begin(), page.names.end()));
}

TEST_F(MetricsPage, IsTheSameTextForTheSameState) {
  // What podvisor's own process uses changes by itself.
  const std::regex process("process_[^\n]*\n");
  EXPECT_EQ(std::regex_replace(scene_.render(), process, ""),
            std::regex_replace(scene_.render(), process, ""));
}

TEST_F(MetricsPage, NoFamilyIsEmpty) {
  ObjectStore empty;
  const auto page = parse_page(Metrics(empty, {}).render(nullptr, at(1)));
  EXPECT_FALSE(page.families.contains("kube_pod_info"));
  EXPECT_FALSE(page.families.contains("prober_probe_total"));
  EXPECT_TRUE(page.families.contains("kubelet_running_pods"));
}

TEST_F(MetricsPage, TellsItsVersion) {
  EXPECT_EQ(parse_page(scene_.render()).samples["podvisor_build_info{version=\"1.2.3\"}"], "1");
}

TEST_F(MetricsPage, MET10_WhatIsNotPodvisorsOwnHasAnUpstreamName) {
  const std::regex upstream("(kube|kubelet|prober|container|machine|process)_[a-z_]+");
  for (const auto& [name, family] : parse_page(scene_.render()).families) {
    const bool own = name.starts_with("podvisor_");
    EXPECT_TRUE(own || std::regex_match(name, upstream)) << name;
  }
}

// ---- docs/METRICS.md: | `name` | type | `label`, `label` | meaning |

std::map<std::string, PageFamily> documented() {
  static const std::regex kRow(R"(^\| `([a-z_]+)` \| ([a-z]+) \| ([^|]*)\| ([^|]+)\|.*)");
  static const std::regex kLabel("`([a-z_]+)`");
  std::map<std::string, PageFamily> families;
  std::ifstream file(PODVISOR_METRICS_DOC);
  std::smatch row;
  for (std::string line; std::getline(file, line);) {
    if (!std::regex_match(line, row, kRow)) continue;
    auto& family = families[row[1]];
    family.type = row[2];
    const std::string labels = row[3];
    for (std::sregex_iterator label(labels.begin(), labels.end(), kLabel), end; label != end;
         ++label) {
      family.labels.insert((*label)[1]);
    }
  }
  return families;
}

TEST_F(MetricsPage, TheDocumentListsExactlyWhatIsThere) {
  const auto listed = documented();
  const auto page = parse_page(scene_.render());
  for (const auto& [name, family] : page.families) {
    const auto found = listed.find(name);
    if (found == listed.end()) {
      ADD_FAILURE() << name << " is not in docs/METRICS.md";
      continue;
    }
    EXPECT_EQ(found->second.type, family.type) << name;
    EXPECT_EQ(found->second.labels, family.labels) << name;
  }
  for (const auto& [name, family] : listed) {
    EXPECT_TRUE(page.families.contains(name)) << name << " is in docs/METRICS.md only";
  }
}

// ---- promtool

Fd make_file(const std::string& content) {
  Fd file(memfd_create("page", 0));
  EXPECT_EQ(pwrite(file.get(), content.data(), content.size(), 0),
            static_cast<ssize_t>(content.size()));
  return file;
}

/// What `promtool check metrics` says of the text, or nothing where there is no promtool.
std::optional<std::string> promtool_says(const std::string& text) {
  const Fd input = make_file(text);
  const Fd output = make_file("");
  const pid_t child = fork();
  if (child == 0) {
    dup2(input.get(), 0);
    dup2(output.get(), 1);
    dup2(output.get(), 2);
    execlp("promtool", "promtool", "check", "metrics", nullptr);
    _exit(127);
  }
  int status = 0;
  waitpid(child, &status, 0);
  if (WIFEXITED(status) && WEXITSTATUS(status) == 127) return std::nullopt;
  std::array<char, 4096> said{};
  const ssize_t size = pread(output.get(), said.data(), said.size(), 0);
  return std::string(said.data(), static_cast<std::size_t>(std::max<ssize_t>(size, 0))) +
         (status == 0 ? "" : "promtool failed");
}

TEST_F(MetricsPage, PromtoolFindsNothingToComplainAbout) {
  const auto said = promtool_says(scene_.render());
  if (!said) GTEST_SKIP() << "no promtool here: install prometheus";
  EXPECT_EQ(*said, "");
}

TEST_F(MetricsPage, PromtoolComplainsWhereThereIsReason) {
  const auto said = promtool_says("bad_metric{ 1\n");
  if (!said) GTEST_SKIP() << "no promtool here: install prometheus";
  EXPECT_THAT(*said, HasSubstr("promtool failed"));
}

}  // namespace
}  // namespace podvisor::metrics_test
