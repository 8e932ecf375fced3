#include "manifest/tree_builder.h"

#include <yaml-cpp/exceptions.h>

#include <algorithm>
#include <set>
#include <utility>

namespace podvisor::manifest {
namespace {

Node make_node(Node::Kind kind, const YAML::Mark& mark) {
  Node node;
  node.kind = kind;
  node.line = mark.line + 1;
  node.column = mark.column + 1;
  return node;
}

[[noreturn]] void fail(const YAML::Mark& mark, const std::string& message) {
  throw YAML::ParserException(mark, message);
}

YAML::Mark mark_of(const Node& node) {
  YAML::Mark mark;
  mark.line = node.line - 1;
  mark.column = node.column - 1;
  return mark;
}

/// yaml-cpp says "?" for plain scalars and "!" for the others when there is no tag.
void check_tag(const YAML::Mark& mark, const std::string& tag) {
  static const std::set<std::string> known = {
      "",
      "?",
      "!",
      "tag:yaml.org,2002:str",
      "tag:yaml.org,2002:int",
      "tag:yaml.org,2002:bool",
      "tag:yaml.org,2002:float",
      "tag:yaml.org,2002:null",
      "tag:yaml.org,2002:map",
      "tag:yaml.org,2002:seq",
  };
  if (!known.contains(tag)) fail(mark, "YAML tags are not allowed in a manifest");
}

struct Size {
  std::size_t nodes = 1;
  std::size_t bytes = 0;
};

void measure(const Node& node, Size& size) {
  size.bytes += node.text.size();
  size.nodes += node.items.size() + node.entries.size();
  for (const Node& item : node.items) measure(item, size);
  for (const Entry& entry : node.entries) {
    size.bytes += entry.key.size();
    measure(entry.value, size);
  }
}

int depth(const Node& node) {
  int below = 0;
  for (const Node& item : node.items) below = std::max(below, depth(item));
  for (const Entry& entry : node.entries) below = std::max(below, depth(entry.value));
  return below + 1;
}

void merge_map(Node& into, const Node& from, std::set<std::string>& taken) {
  if (from.kind != Node::Kind::Map) {
    fail(mark_of(from), "\"<<\" takes a mapping or a list of mappings");
  }
  for (const Entry& entry : from.entries) {
    if (taken.insert(entry.key).second) into.entries.push_back(entry);
  }
}

/// YAML 1.1 merge keys, which Kubernetes' own reader knows too: what the map says itself wins.
void apply_merges(Node& map) {
  std::vector<Entry> entries;
  std::vector<Node> sources;
  std::set<std::string> taken;
  for (Entry& entry : map.entries) {
    if (entry.key == "<<") {
      sources.push_back(std::move(entry.value));
    } else {
      taken.insert(entry.key);
      entries.push_back(std::move(entry));
    }
  }
  map.entries = std::move(entries);
  for (const Node& source : sources) {
    if (source.kind != Node::Kind::Sequence) merge_map(map, source, taken);
    for (const Node& item : source.items) merge_map(map, item, taken);
  }
}

}  // namespace

void TreeBuilder::OnDocumentStart(const YAML::Mark& mark) {
  // On some broken texts the parser would return empty documents without ever moving on.
  if (!document_start_.is_null() && mark.pos == document_start_.pos) {
    fail(mark, "nothing that YAML allows here");
  }
  document_start_ = mark;
  anchors_.clear();
  open_.clear();
  root_ = Node{};
}

void TreeBuilder::OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) {
  charge(1, 0, mark);
  attach(make_node(Node::Kind::Null, mark), anchor);
}

void TreeBuilder::OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) {
  const auto found = anchors_.find(anchor);
  if (found == anchors_.end()) fail(mark, "an alias inside the very thing it stands for");
  charge(found->second, mark);
  if (static_cast<int>(open_.size()) + depth(found->second) > kMaxDepth) {
    fail(mark, "nested deeper than " + std::to_string(kMaxDepth) + " levels");
  }
  attach(found->second, 0);
}

void TreeBuilder::OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                           const std::string& value) {
  check_tag(mark, tag);
  charge(1, value.size(), mark);
  Node node = make_node(Node::Kind::Scalar, mark);
  node.quoted = tag == "!" || tag == "tag:yaml.org,2002:str";
  node.text = value;
  attach(std::move(node), anchor);
}

void TreeBuilder::OnSequenceStart(const YAML::Mark& mark, const std::string& tag,
                                  YAML::anchor_t anchor, YAML::EmitterStyle::value /*style*/) {
  check_tag(mark, tag);
  open(make_node(Node::Kind::Sequence, mark), anchor, mark);
}

void TreeBuilder::OnSequenceEnd() { close(); }

void TreeBuilder::OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                             YAML::EmitterStyle::value /*style*/) {
  check_tag(mark, tag);
  open(make_node(Node::Kind::Map, mark), anchor, mark);
}

void TreeBuilder::OnMapEnd() {
  if (open_.back().merges) apply_merges(open_.back().node);
  close();
}

Node TreeBuilder::take_root() { return std::exchange(root_, Node{}); }

void TreeBuilder::open(Node node, YAML::anchor_t anchor, const YAML::Mark& mark) {
  charge(1, 0, mark);
  if (static_cast<int>(open_.size()) >= kMaxDepth) {
    fail(mark, "nested deeper than " + std::to_string(kMaxDepth) + " levels");
  }
  open_.push_back({std::move(node), anchor, std::nullopt, false});
}

void TreeBuilder::close() {
  Open done = std::move(open_.back());
  open_.pop_back();
  attach(std::move(done.node), done.anchor);
}

void TreeBuilder::attach(Node node, YAML::anchor_t anchor) {
  if (anchor != 0) {
    charge(node, YAML::Mark::null_mark());
    anchors_[anchor] = node;
  }
  if (open_.empty()) {
    root_ = std::move(node);
  } else if (open_.back().node.kind == Node::Kind::Sequence) {
    open_.back().node.items.push_back(std::move(node));
  } else {
    attach_to_map(open_.back(), std::move(node));
  }
}

void TreeBuilder::attach_to_map(Open& map, Node node) {
  if (map.pending) {
    map.pending->value = std::move(node);
    map.node.entries.push_back(std::move(*map.pending));
    map.pending.reset();
    return;
  }
  if (node.kind != Node::Kind::Scalar) fail(mark_of(node), "a key must be a word");
  map.merges = map.merges || (!node.quoted && node.text == "<<");
  map.pending = Entry{std::move(node.text), node.line, node.column, Node{}};
}

void TreeBuilder::charge(std::size_t nodes, std::size_t bytes, const YAML::Mark& mark) {
  nodes_ += nodes;
  bytes_ += bytes;
  if (nodes_ > kMaxNodes || bytes_ > kMaxBytes) {
    fail(mark, "too much in one file, counting what aliases repeat: at most " +
                   std::to_string(kMaxNodes) + " values and " + std::to_string(kMaxBytes >> 20) +
                   " MiB of text");
  }
}

void TreeBuilder::charge(const Node& node, const YAML::Mark& mark) {
  Size size;
  measure(node, size);
  charge(size.nodes, size.bytes, mark);
}

}  // namespace podvisor::manifest
