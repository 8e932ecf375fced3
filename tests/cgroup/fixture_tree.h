// A directory that looks like a cgroup file system to whoever only reads and writes files.
#pragma once

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <string>

namespace podvisor {

class FixtureTree {
 public:
  FixtureTree() {
    std::string name = (std::filesystem::temp_directory_path() / "podvisor-cgroup-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("mkdtemp " + name);
    path_ = name;
  }
  ~FixtureTree() { std::filesystem::remove_all(path_); }
  FixtureTree(const FixtureTree&) = delete;
  FixtureTree& operator=(const FixtureTree&) = delete;

  [[nodiscard]] std::string path(const std::string& below = "") const {
    return below.empty() ? path_ : path_ + "/" + below;
  }
  void write(const std::string& directory, const std::map<std::string, std::string>& files) const {
    std::filesystem::create_directories(path(directory));
    for (const auto& [name, text] : files) std::ofstream(path(directory) + "/" + name) << text;
  }
  [[nodiscard]] std::string read(const std::string& file) const {
    std::ostringstream text;
    text << std::ifstream(path(file)).rdbuf();
    return text.str();
  }

 private:
  std::string path_;
};

}  // namespace podvisor
