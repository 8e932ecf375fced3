#include <fcntl.h>
#include <linux/openat2.h>
#include <linux/seccomp.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <map>
#include <nlohmann/json.hpp>

#include "podvisor/fd.h"
#include "runtime/security/seccomp_profile.h"

namespace podvisor {
namespace {

using nlohmann::json;

constexpr std::size_t kMaxFile = std::size_t{1} << 20U;
constexpr std::size_t kMaxCalls = 20000;  ///< names in all rules together
constexpr std::size_t kMaxArguments = 6;

/// By name, or an error that says what is not known.
template <typename T>
Result<T> look_up(const std::map<std::string, T>& known, const std::string& name,
                  const char* what) {
  const auto found = known.find(name);
  if (found != known.end()) return found->second;
  return make_error(std::string(what) + " \"" + name + "\" is not known");
}

/// SCMP_ACT_NOTIFY is left out: nobody here listens.
Result<std::uint32_t> action_of(const std::string& name, std::uint32_t error_number) {
  const std::map<std::string, std::uint32_t> known{{"SCMP_ACT_KILL", SCMP_ACT_KILL},
                                                   {"SCMP_ACT_KILL_PROCESS", SCMP_ACT_KILL_PROCESS},
                                                   {"SCMP_ACT_KILL_THREAD", SCMP_ACT_KILL_THREAD},
                                                   {"SCMP_ACT_TRAP", SCMP_ACT_TRAP},
                                                   {"SCMP_ACT_ERRNO", SCMP_ACT_ERRNO(error_number)},
                                                   {"SCMP_ACT_TRACE", SCMP_ACT_TRACE(error_number)},
                                                   {"SCMP_ACT_ALLOW", SCMP_ACT_ALLOW},
                                                   {"SCMP_ACT_LOG", SCMP_ACT_LOG}};
  return look_up(known, name, "action");
}

Result<scmp_compare> comparison_of(const std::string& name) {
  static const std::map<std::string, scmp_compare> known{
      {"SCMP_CMP_NE", SCMP_CMP_NE},
      {"SCMP_CMP_LT", SCMP_CMP_LT},
      {"SCMP_CMP_LE", SCMP_CMP_LE},
      {"SCMP_CMP_EQ", SCMP_CMP_EQ},
      {"SCMP_CMP_GE", SCMP_CMP_GE},
      {"SCMP_CMP_GT", SCMP_CMP_GT},
      {"SCMP_CMP_MASKED_EQ", SCMP_CMP_MASKED_EQ}};
  return look_up(known, name, "op");
}

Result<std::uint64_t> flag_of(const std::string& name) {
  static const std::map<std::string, std::uint64_t> known{
      {"SECCOMP_FILTER_FLAG_TSYNC", 0},  // there is one thread
      {"SECCOMP_FILTER_FLAG_LOG", SECCOMP_FILTER_FLAG_LOG},
      {"SECCOMP_FILTER_FLAG_SPEC_ALLOW", SECCOMP_FILTER_FLAG_SPEC_ALLOW}};
  return look_up(known, name, "flag");
}

/// "SCMP_ARCH_X86_64" as libseccomp calls it "x86_64"; 0: not known to it.
std::uint32_t architecture_of(const std::string& name) {
  constexpr std::string_view kPrefix = "SCMP_ARCH_";
  std::string plain = name.starts_with(kPrefix) ? name.substr(kPrefix.size()) : name;
  for (char& c : plain) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
  return seccomp_arch_resolve_name(plain.c_str());
}

/// As includes and excludes call this machine.
const char* own_architecture() {
#if defined(__x86_64__)
  return "amd64";
#else
  return "arm64";
#endif
}

bool kernel_is_at_least(const std::string& wanted) {
  utsname name{};
  ::uname(&name);
  int major = 0, minor = 0, wanted_major = 0, wanted_minor = 0;
  if (std::sscanf(name.release, "%d.%d", &major, &minor) != 2) return false;
  if (std::sscanf(wanted.c_str(), "%d.%d", &wanted_major, &wanted_minor) != 2) return false;
  return major != wanted_major ? major > wanted_major : minor >= wanted_minor;
}

class Parser {
 public:
  explicit Parser(CapabilityMask capabilities) : capabilities_(capabilities) {}

  /// May throw what nlohmann throws on a value of the wrong type.
  Result<SeccompProfile> run(const json& profile) {
    const auto action = action_of(profile.at("defaultAction").get<std::string>(),
                                  error_number(profile, "defaultErrnoRet"));
    if (!action) return with_context("defaultAction", action.error());
    profile_.default_action = *action;
    if (profile.contains("listenerPath"))
      return make_error("listenerPath: a listener for system calls cannot be had here");
    for (const json& flag : profile.value("flags", json::array())) {
      const auto bit = flag_of(flag.get<std::string>());
      if (!bit) return with_context("flags", bit.error());
      profile_.flags |= *bit;
    }
    read_architectures(profile);
    const json rules = profile.value("syscalls", json::array());
    for (std::size_t i = 0; i < rules.size(); ++i)
      if (Status read = read_rule(rules[i]); !read)
        return with_context("syscalls[" + std::to_string(i) + "]", read.error());
    return std::move(profile_);
  }

 private:
  static std::uint32_t error_number(const json& object, const char* key) {
    const auto number = object.contains(key) && !object.at(key).is_null()
                            ? object.at(key).get<std::uint32_t>()
                            : std::uint32_t{EPERM};
    return number & 0xffffU;
  }

  void add_architecture(const std::string& name) {
    if (const std::uint32_t found = architecture_of(name); found != 0)
      profile_.architectures.push_back(found);
  }

  void read_architectures(const json& profile) {
    for (const json& name : profile.value("architectures", json::array()))
      add_architecture(name.get<std::string>());
    for (const json& entry : profile.value("archMap", json::array())) {
      if (architecture_of(entry.at("architecture").get<std::string>()) != seccomp_arch_native())
        continue;
      for (const json& name : entry.value("subArchitectures", json::array()))
        add_architecture(name.get<std::string>());
    }
  }

  /// Whether any of the conditions of an "excludes", or all of an "includes", hold.
  [[nodiscard]] bool applies(const json& rule) const {
    const json includes = rule.value("includes", json::object());
    const json excludes = rule.value("excludes", json::object());
    if (includes.contains("minKernel") &&
        !kernel_is_at_least(includes.at("minKernel").get<std::string>()))
      return false;
    if (excludes.contains("minKernel") &&
        kernel_is_at_least(excludes.at("minKernel").get<std::string>()))
      return false;
    const json any = json::array();
    if (const json caps = includes.value("caps", any); !caps.empty() && !has_all(caps))
      return false;
    if (const json caps = excludes.value("caps", any); !caps.empty() && has_any(caps)) return false;
    const json wanted = includes.value("arches", any);
    if (!wanted.empty() && !names_us(wanted)) return false;
    return !names_us(excludes.value("arches", any));
  }

  [[nodiscard]] bool has(const json& name) const {
    const auto capability = find_capability(name.get<std::string>());
    return capability && (capabilities_ & capability_bit(*capability)) != 0;
  }
  [[nodiscard]] bool has_all(const json& names) const {
    return std::ranges::all_of(names, [this](const json& name) { return has(name); });
  }
  [[nodiscard]] bool has_any(const json& names) const {
    return std::ranges::any_of(names, [this](const json& name) { return has(name); });
  }
  [[nodiscard]] static bool names_us(const json& names) {
    return std::ranges::any_of(
        names, [](const json& name) { return name.get<std::string>() == own_architecture(); });
  }

  Status read_rule(const json& object) {
    if (!applies(object)) return {};
    SeccompRule rule;
    const auto action =
        action_of(object.at("action").get<std::string>(), error_number(object, "errnoRet"));
    if (!action) return tl::unexpected(action.error());
    rule.action = *action;
    for (const json& name : object.value("names", json::array()))
      rule.names.push_back(name.get<std::string>());
    if (object.contains("name") && !object.at("name").is_null())
      rule.names.push_back(object.at("name").get<std::string>());
    calls_ += rule.names.size();
    if (calls_ > kMaxCalls) return make_error("more system calls than any kernel has");
    if (object.contains("args") && object.at("args").is_array())
      for (const json& argument : object.at("args"))
        if (Status read = read_argument(argument, rule); !read) return read;
    profile_.rules.push_back(std::move(rule));
    return {};
  }

  static Status read_argument(const json& object, SeccompRule& rule) {
    const auto compare = comparison_of(object.at("op").get<std::string>());
    if (!compare) return tl::unexpected(compare.error());
    const auto index = object.at("index").get<unsigned>();
    if (index >= kMaxArguments) return make_error("a system call has six arguments, from 0 to 5");
    if (rule.arguments.size() == kMaxArguments) return make_error("more than six args");
    rule.arguments.push_back({index, *compare, object.value("value", std::uint64_t{0}),
                              object.value("valueTwo", std::uint64_t{0})});
    return {};
  }

  CapabilityMask capabilities_;
  SeccompProfile profile_;
  std::size_t calls_ = 0;
};

}  // namespace

Result<SeccompProfile> parse_seccomp_profile(std::string_view text, CapabilityMask capabilities) {
  try {
    return Parser(capabilities).run(json::parse(text));
  } catch (const json::exception& error) {
    return make_error(error.what());
  }
}

Result<std::string> read_seccomp_profile(const std::string& root, const std::string& path) {
  const Fd directory(::open(root.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!directory) return errno_error("cannot open the directory of profiles " + root, errno);
  open_how how{};
  how.flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS;
  const Fd file(
      static_cast<int>(::syscall(SYS_openat2, directory.get(), path.c_str(), &how, sizeof how)));
  if (!file) return errno_error("cannot open it below " + root, errno);
  struct stat facts {};
  if (::fstat(file.get(), &facts) < 0) return errno_error("cannot read its type", errno);
  if (!S_ISREG(facts.st_mode)) return make_error("it is not a file");
  std::string text(kMaxFile + 1, '\0');
  std::size_t size = 0;
  while (size < text.size()) {
    const ssize_t got = ::read(file.get(), text.data() + size, text.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return errno_error("cannot read it", errno);
    if (got == 0) break;
    size += static_cast<std::size_t>(got);
  }
  if (size > kMaxFile) return make_error("it is larger than a mebibyte");
  text.resize(size);
  return text;
}

}  // namespace podvisor
