#include "manifest/explain.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "manifest/schema_markdown.h"
#include "manifest/schema_text.h"

namespace podvisor::manifest {
namespace {

using testing::HasSubstr;

std::string page(const std::string& path, bool recursive = false) {
  const auto text = explain(path, recursive);
  return text ? *text : text.error().message;
}

/// On one line and without the margins, as the texts were before they were wrapped.
std::string unwrapped(const std::string& text) {
  std::string out;
  for (const char c : text) {
    const bool blank = c == ' ' || c == '\n' || c == '\t';
    if (!blank || (!out.empty() && out.back() != ' ')) out += blank ? ' ' : c;
  }
  return out;
}

TEST(Explain, SaysWhatAFieldIsAndWhatIsBelowIt) {
  const std::string text = page("pod.spec.containers.livenessProbe");
  EXPECT_THAT(text, HasSubstr("KIND:       Pod\nVERSION:    v1\n\nFIELD: livenessProbe <Probe>\n"));
  EXPECT_THAT(text, HasSubstr("DESCRIPTION:\n    "));
  EXPECT_THAT(text, HasSubstr("\nFIELDS:\n"));
  EXPECT_THAT(text, HasSubstr("  periodSeconds\t<integer>\n"));
  EXPECT_THAT(text, HasSubstr("default `10`"));
}

TEST(Explain, TakesKindsAsKubectlSpellsThem) {
  const std::string pod = page("pod.spec");
  for (const char* path : {"pods.spec", "po.spec", "Pod.spec", "PODS.spec", "pod.Spec"})
    EXPECT_EQ(page(path), pod) << path;
  EXPECT_THAT(page("deploy.spec.strategy.rollingUpdate.maxSurge"),
              HasSubstr("GROUP:      apps\nKIND:       Deployment\nVERSION:    v1\n"));
  EXPECT_EQ(page("deployments.apps.spec.strategy"), page("deployment.spec.strategy"));
  EXPECT_THAT(page("cm.data"), HasSubstr("FIELD: data <map to string>"));
  EXPECT_THAT(page("service.spec.ports.targetPort"), HasSubstr("port number or name"));
}

TEST(Explain, TakesThePathsOfDiagnostics) {
  EXPECT_EQ(page("pod.spec.containers[0].ports[1].hostPort"),
            page("pod.spec.containers.ports.hostPort"));
  EXPECT_EQ(page("pod.metadata.labels[app.example/name]"), page("pod.metadata.labels"));
}

TEST(Explain, SaysWhatWasMeant) {
  EXPECT_EQ(page("pot"), "error: couldn't find a resource for \"pot\"; did you mean \"pod\"?");
  EXPECT_THAT(page("zebra"), HasSubstr("there are pods, configmaps, secrets"));
  EXPECT_EQ(page("pod.spec.contaners"),
            "error: field \"contaners\" does not exist in PodSpec; did you mean \"containers\"?");
  EXPECT_THAT(page("pod.kind.x"), HasSubstr("nothing below kind"));
  EXPECT_THAT(page(""), HasSubstr("couldn't find a resource"));
  EXPECT_THAT(page("pod..spec"), HasSubstr("does not exist"));
}

TEST(Explain, ShowsTheWholeTree) {
  const std::string tree = page("pod", true);
  EXPECT_THAT(tree, HasSubstr("\n  spec\t<PodSpec> -required-\n"));
  EXPECT_THAT(tree, HasSubstr("\n    containers\t<list of Container> -required-\n"));
  EXPECT_THAT(tree, HasSubstr("\n        periodSeconds\t<integer>\n"));
}

/// Every path of every kind, in the table and on the pages.
void expect_explained(const std::string& path, const ObjectType& type,
                      std::set<const ObjectType*>& seen) {
  const std::string text = unwrapped(page(path));
  for (const Field& field : type.fields) {
    const std::string name = path + "." + field.name;
    EXPECT_THAT(text, HasSubstr(unwrapped(field.meaning))) << name;
    const std::string own = unwrapped(page(name));
    EXPECT_THAT(own, HasSubstr(unwrapped(field.meaning))) << name;
    EXPECT_THAT(own, HasSubstr("podvisor: " + unwrapped(support_text(field)))) << name;
    EXPECT_THAT(own, HasSubstr(unwrapped(values_text(field)))) << name;
    if (field.object != nullptr && seen.insert(field.object).second)
      expect_explained(name, *field.object, seen);
  }
}

TEST(Explain, AgreesWithTheTableOnEveryFieldOfEveryKind) {
  std::set<const ObjectType*> seen;
  for (const Kind& kind : all_kinds()) {
    if (kind.type == nullptr) continue;
    std::string word = kind.name;
    std::ranges::transform(word, word.begin(), [](char c) {
      return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    seen.insert(kind.type);
    expect_explained(word, *kind.type, seen);
  }
  // And no type of the documentation is out of reach.
  for (const ObjectType* type : all_types())
    EXPECT_TRUE(type == &kAnnotationsType || seen.contains(type)) << type->name;
}

TEST(Explain, AgreesWithTheDocumentation) {
  const std::string markdown = schema_markdown();
  for (const ObjectType* type : all_types())
    for (const Field& field : type->fields) {
      std::string support = support_text(field);
      EXPECT_THAT(markdown, HasSubstr("| `" + std::string(field.name) + "` | " + type_text(field) +
                                      " | " + support.substr(0, 7)));
    }
}

}  // namespace
}  // namespace podvisor::manifest
