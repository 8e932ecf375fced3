#include "cli/suggestion.h"

#include <algorithm>

#include "manifest/suggest.h"

namespace podvisor::cli {
namespace {

std::string did_you_mean(const std::string& word, const std::vector<std::string>& known) {
  if (std::ranges::find(known, word) != known.end()) return "";
  const std::string meant = manifest::nearest(word, known);
  return meant.empty() ? "" : "did you mean \"" + meant + "\"?";
}

const CLI::App* find_verb(const CLI::App& app, const std::string& word) {
  for (const CLI::App* verb : app.get_subcommands([](const CLI::App*) { return true; }))
    if (verb->get_name() == word) return verb;
  return nullptr;
}

std::vector<std::string> verb_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* verb : app.get_subcommands([](const CLI::App*) { return true; }))
    names.push_back(verb->get_name());
  return names;
}

std::vector<std::string> option_names(const CLI::App& verb) {
  std::vector<std::string> names;
  for (const CLI::Option* option : verb.get_options())
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  return names;
}

}  // namespace

std::string suggestion(const CLI::App& app, const std::vector<std::string>& arguments) {
  const CLI::App* at = &app;
  for (const std::string& word : arguments) {
    if (word == "--") return "";
    if (word.starts_with("--")) {
      const std::string meant = did_you_mean(word.substr(0, word.find('=')), option_names(*at));
      if (!meant.empty()) return meant;
    } else if (!word.starts_with('-') && !verb_names(*at).empty()) {
      const CLI::App* verb = find_verb(*at, word);
      if (verb == nullptr) return did_you_mean(word, verb_names(*at));
      at = verb;
    }
  }
  return "";
}

}  // namespace podvisor::cli
