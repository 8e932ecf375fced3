#include "manifest/schema_markdown.h"

#include "manifest/schema.h"
#include "manifest/schema_text.h"

namespace podvisor::manifest {
namespace {

constexpr const char* kIntroduction =
    R"(# The manifest

<!-- Printed from src/manifest/schema_*.cc. Do not edit: PODVISOR_UPDATE_GOLDEN=1 with the tests of
     manifest writes it anew. -->

podvisor reads Kubernetes' manifests, in YAML or JSON, one or many to a file and in any order, also
as the items of a `List`. Every field of the Kubernetes 1.36 API is in one of these tables, with what
podvisor does with it:

- **yes**: it means here what it means in Kubernetes.
- **ignored**: it is kept and shown, and not acted on. One warning a manifest names these fields.
- **refused**: it is an error, because a pod that ran without it would not be what was asked for.
  A value that changes nothing is accepted; it stands after "unless".
- **dropped**: an API server writes it; in a manifest it is taken out without a word.

A field that is in no table is an error with the nearest known name (`--validate=warn` makes it a
warning, `--validate=ignore` passes over it). An explicit 0 or empty text is the same as unset where
there is a default, but for the fields marked "0 counts". A container without `image` is a plain
process on the host's files.

Values are checked as an API server checks them, in its words. What only this host can say (a port
that is taken, a right, program, user or file that is missing) is said before anything starts, and by
`podvisor validate --host`; for a missing `hostPath` a served pod waits. Kinds that are not listed
(storage, roles and what else is a cluster's) are errors.

Limits: 3 MiB a file, 100 levels, 400,000 values and 6 MiB of text counting what YAML aliases repeat.
A hostile file can take 250 bytes of memory for each byte of its own while it is read. YAML merge keys
(`<<`) work; tags other than YAML's own types do not.
)";

std::string code(const std::string& text) { return "`" + text + "`"; }

std::string cell(std::string text) {
  for (std::size_t i = text.find('|'); i != std::string::npos; i = text.find('|', i + 2)) {
    text.insert(i, "\\");
  }
  return text;
}

void add_table(const ObjectType& type, std::string& out) {
  out += std::string("\n## ") + type.name + "\n\n";
  out += "| field | type | podvisor | values | meaning |\n| --- | --- | --- | --- | --- |\n";
  for (const Field& field : type.fields) {
    out += "| " + code(field.name) + " | " + type_text(field) + " | " + cell(support_text(field)) +
           " | " + cell(values_text(field)) + " | " + cell(field.meaning) + " |\n";
  }
}

void add_kinds(std::string& out) {
  out += "\n## Kinds\n\n| kind | apiVersion | podvisor |\n| --- | --- | --- |\n";
  for (const Kind& kind : all_kinds()) {
    out += "| " + code(kind.name) + " | " + code(kind.api_version) + " | " + support_text(kind) +
           " |\n";
  }
  out += "| `List` | `v1` | yes: its items count as documents of the file |\n";
}

}  // namespace

std::string schema_markdown() {
  std::string out = kIntroduction;
  add_kinds(out);
  for (const ObjectType* type : all_types()) add_table(*type, out);
  return out;
}

}  // namespace podvisor::manifest
