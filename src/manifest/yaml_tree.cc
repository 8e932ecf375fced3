#include "manifest/yaml_tree.h"

#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <exception>
#include <sstream>
#include <utility>

#include "manifest/tree_builder.h"

namespace podvisor::manifest {
namespace {

Diagnostic syntax_error(const std::string& file, const YAML::Mark& mark, std::string message) {
  const int line = mark.is_null() ? 1 : mark.line + 1;
  const int column = mark.is_null() ? 1 : mark.column + 1;
  return {Diagnostic::Severity::Error, {file, line, column}, "", std::move(message)};
}

/// yaml-cpp takes the end of the text for the end of a quoted scalar, so a file that was cut short
/// could pass for whole. It does not take an end of document for one.
std::string with_end_mark(std::string_view text) {
  std::string marked(text);
  marked += text.empty() || text.ends_with('\n') ? "...\n" : "\n...\n";
  return marked;
}

/// The usual cause of "illegal map value", and what people do not see.
bool tab_indents(std::string_view text, int line) {
  for (; line > 0; --line) {
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos) return false;
    text.remove_prefix(end + 1);
  }
  const std::string_view indent = text.substr(0, text.find_first_not_of(" \t"));
  return indent.find('\t') != std::string_view::npos;
}

std::string reason(const YAML::Exception& error, std::string_view text) {
  if (tab_indents(text, error.mark.line)) return "YAML is indented with blanks, not with tabs";
  if (error.msg == YAML::ErrorMsg::DOC_IN_SCALAR)
    return "a text in quotes is not closed before here";
  return error.msg;
}

void parse_documents(std::istream& in, std::vector<Node>& documents) {
  TreeBuilder builder;
  YAML::Parser parser(in);
  while (parser.HandleNextDocument(builder)) {
    Node root = builder.take_root();
    if (root.kind != Node::Kind::Null) documents.push_back(std::move(root));
  }
}

}  // namespace

Tree parse_tree(std::string_view text, const std::string& file) {
  Tree tree;
  try {
    std::istringstream in{with_end_mark(text)};
    parse_documents(in, tree.documents);
  } catch (const YAML::Exception& error) {
    tree.diagnostics.push_back(
        syntax_error(file, error.mark, "not valid YAML: " + reason(error, text)));
  } catch (const std::exception& error) {
    tree.diagnostics.push_back(syntax_error(
        file, YAML::Mark::null_mark(), std::string("cannot be read as YAML: ") + error.what()));
  }
  return tree;
}

const Node* find(const Node& map, std::string_view key) {
  for (const Entry& entry : map.entries) {
    if (entry.key == key) return &entry.value;
  }
  return nullptr;
}

std::string text_of(const Node& map, std::string_view key) {
  const Node* node = find(map, key);
  return node != nullptr && node->kind == Node::Kind::Scalar ? node->text : std::string();
}

}  // namespace podvisor::manifest
