#include "cli/resource.h"

#include <algorithm>

#include "cli/text.h"
#include "manifest/suggest.h"

namespace podvisor::cli {
namespace {

bool is_called(const Resource& resource, const std::string& word) {
  return word == resource.singular || word == resource.plural || word == resource.abbreviation ||
         word == kind_name(resource) || (&resource == &kDeployments && word == "deployments.apps");
}

tl::unexpected<Error> unknown_resource(const std::string& word,
                                       const std::vector<const Resource*>& allowed) {
  std::string known;
  std::vector<std::string> names;
  for (const Resource* resource : allowed) {
    known += (known.empty() ? "\"" : ", \"") + std::string(resource->plural) + "\"";
    names.insert(names.end(), {resource->singular, resource->plural});
  }
  const std::string meant = manifest::nearest(word, names);
  return make_error("error: podvisor doesn't have a resource type \"" + printable(word) +
                    "\" here; " +
                    (meant.empty() ? "there is " + known : "did you mean \"" + meant + "\"?"));
}

Result<const Resource*> find_resource(const std::string& word,
                                      const std::vector<const Resource*>& allowed) {
  for (const Resource* resource : allowed)
    if (is_called(*resource, word)) return resource;
  return unknown_resource(word, allowed);
}

std::vector<std::string> comma_list(const std::string& words) {
  std::vector<std::string> list;
  std::size_t start = 0;
  for (std::size_t comma = 0; comma != std::string::npos; start = comma + 1) {
    comma = words.find(',', start);
    list.push_back(words.substr(start, comma - start));
  }
  return list;
}

std::string known_forms(const std::vector<const Resource*>& allowed) {
  std::string forms;
  for (const Resource* resource : allowed) {
    const std::string one = resource->singular;
    forms += (forms.empty() ? "" : "; ") + std::string(resource->plural) + ", " + one +
             " NAME or " + one + "/NAME";
  }
  return forms;
}

/// `pod/web`
Result<Selection> one_of_form(const std::string& word,
                              const std::vector<const Resource*>& allowed) {
  const std::size_t slash = word.find('/');
  if (slash == std::string::npos)
    return make_error(
        "error: there is no need to specify a resource type as a separate argument "
        "when passing arguments in resource/name form");
  const Result<const Resource*> resource = find_resource(word.substr(0, slash), allowed);
  if (!resource) return tl::unexpected(resource.error());
  if (slash + 1 == word.size() || word.find('/', slash + 1) != std::string::npos)
    return make_error("error: \"" + printable(word) + "\" is not of the form " +
                      (*resource)->singular + "/NAME");
  return Selection{*resource, {word.substr(slash + 1)}};
}

Result<Selection> all_of_form(const std::vector<std::string>& words,
                              const std::vector<const Resource*>& allowed) {
  Selection all;
  for (const std::string& word : words) {
    const Result<Selection> one = one_of_form(word, allowed);
    if (!one) return one;
    if (all.resource != nullptr && all.resource != one->resource)
      return make_error("error: one kind at a time: " + std::string(all.resource->plural) +
                        " and " + one->resource->plural + " are two");
    all.resource = one->resource;
    all.names.push_back(one->names.front());
  }
  return all;
}

/// Kubernetes' category "all": what runs and is reached.
std::vector<Selection> category_all(const std::vector<const Resource*>& allowed) {
  std::vector<Selection> each;
  for (const Resource* resource : {&kPods, &kServices, &kDeployments})
    if (std::ranges::find(allowed, resource) != allowed.end()) each.push_back({resource, {}});
  return each;
}

}  // namespace

std::string kind_name(const Resource& resource) {
  return std::string(resource.singular) + (&resource == &kDeployments ? ".apps" : "");
}

std::string full_name(const Resource& resource, const std::string& name) {
  return kind_name(resource) + "/" + printable(name);
}

Result<Selection> select(const std::vector<std::string>& words,
                         const std::vector<const Resource*>& allowed) {
  if (words.empty()) return make_error("error: say what of: " + known_forms(allowed));
  if (words.front().find('/') != std::string::npos) return all_of_form(words, allowed);
  const Result<const Resource*> resource = find_resource(words.front(), allowed);
  if (!resource) return tl::unexpected(resource.error());
  return Selection{*resource, {words.begin() + 1, words.end()}};
}

Result<std::vector<Selection>> select_each(const std::vector<std::string>& words,
                                           const std::vector<const Resource*>& allowed) {
  std::vector<Selection> each;
  if (words == std::vector<std::string>{"all"}) return category_all(allowed);
  if (words.empty() || words.front().find(',') == std::string::npos) {
    const Result<Selection> only = select(words, allowed);
    if (!only) return tl::unexpected(only.error());
    each.push_back(*only);
    return each;
  }
  for (const std::string& kind : comma_list(words.front())) {
    const Result<const Resource*> resource = find_resource(kind, allowed);
    if (!resource) return tl::unexpected(resource.error());
    each.push_back({*resource, {words.begin() + 1, words.end()}});
  }
  return each;
}

}  // namespace podvisor::cli
