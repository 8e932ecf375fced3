#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <memory>

#include "podvisor/fd.h"
#include "runtime/security/seccomp_profile.h"

namespace podvisor {
namespace {

struct Release {
  void operator()(void* context) const { seccomp_release(context); }
};
using Context = std::unique_ptr<void, Release>;

#if defined(__x86_64__)
constexpr std::uint32_t kNative = AUDIT_ARCH_X86_64;
#elif defined(__aarch64__)
constexpr std::uint32_t kNative = AUDIT_ARCH_AARCH64;
#endif
constexpr std::uint32_t kOtherAbi = 0x40000000;  // x32's numbers on x86_64

bool one_index_twice(const std::vector<scmp_arg_cmp>& arguments) {
  std::array<int, 6> seen{};
  return std::ranges::any_of(arguments,
                             [&](const scmp_arg_cmp& one) { return seen.at(one.arg)++ > 0; });
}

class Compiler {
 public:
  explicit Compiler(const SeccompProfile& profile)
      : profile_(profile), context_(seccomp_init(profile.default_action)) {}

  Result<std::string> run() {
    if (!context_) return make_error("libseccomp takes no such default action");
    seccomp_attr_set(context_.get(), SCMP_FLTATR_CTL_OPTIMIZE, 2);  // a tree, not a list
    for (const std::uint32_t architecture : profile_.architectures) {
      const int added = seccomp_arch_add(context_.get(), architecture);
      if (added < 0 && added != -EEXIST) return errno_error("adding an architecture", -added);
    }
    for (const SeccompRule& rule : profile_.rules)
      if (Status added = add(rule); !added) return tl::unexpected(added.error());
    auto program = exported();
    if (program && is_errno(profile_.default_action)) program->insert(0, prologue());
    return program;
  }

 private:
  static bool is_errno(std::uint32_t action) {
    return (action & SECCOMP_RET_ACTION_FULL) == SECCOMP_RET_ERRNO;
  }

  Status add(const SeccompRule& rule) {
    for (const std::string& name : rule.names) {
      const int number = seccomp_syscall_resolve_name(name.c_str());
      if (number == __NR_SCMP_ERROR) continue;
      newest_ = std::max(newest_, number);
      if (rule.action == profile_.default_action) continue;
      if (Status added = add(rule, name, number); !added) return added;
    }
    return {};
  }

  Status add(const SeccompRule& rule, const std::string& name, int number) {
    if (!one_index_twice(rule.arguments)) return add(rule.action, name, number, rule.arguments);
    for (const scmp_arg_cmp& argument : rule.arguments)
      if (Status added = add(rule.action, name, number, {argument}); !added) return added;
    return {};
  }

  Status add(std::uint32_t action, const std::string& name, int number,
             const std::vector<scmp_arg_cmp>& arguments) {
    const int added = seccomp_rule_add_array(
        context_.get(), action, number, static_cast<unsigned>(arguments.size()), arguments.data());
    if (added < 0 && added != -EEXIST) return errno_error("the rule for " + name, -added);
    return {};
  }

  [[nodiscard]] Result<std::string> exported() const {
    const Fd file(::memfd_create("seccomp", MFD_CLOEXEC));
    if (!file) return errno_error("making a file in memory", errno);
    if (const int result = seccomp_export_bpf(context_.get(), file.get()); result < 0)
      return errno_error("generating the filter", -result);
    const off_t size = ::lseek(file.get(), 0, SEEK_END);
    std::string program(static_cast<std::size_t>(std::max<off_t>(size, 0)), '\0');
    if (::pread(file.get(), program.data(), program.size(), 0) != size)
      return errno_error("reading the filter", errno);
    return program;
  }

  /// This machine's own calls beyond the newest that is known; all else goes on.
  [[nodiscard]] std::string prologue() const {
    constexpr auto kArch = static_cast<std::uint32_t>(offsetof(seccomp_data, arch));
    constexpr auto kNumber = static_cast<std::uint32_t>(offsetof(seccomp_data, nr));
    const std::array<sock_filter, 6> code{{
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, kArch),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, kNative, 0, 4),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, kNumber),
        BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, kOtherAbi, 2, 0),
        BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, static_cast<std::uint32_t>(newest_), 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
    }};
    std::string bytes(sizeof code, '\0');
    std::memcpy(bytes.data(), code.data(), sizeof code);
    return bytes;
  }

  const SeccompProfile& profile_;
  Context context_;
  /// A profile may name few calls: what libseccomp knows counts too.
  int newest_ = std::max(seccomp_syscall_resolve_name("process_mrelease"),
                         seccomp_syscall_resolve_name("futex_waitv"));
};

}  // namespace

Result<SeccompFilter> compile(const SeccompProfile& profile) {
  auto program = Compiler(profile).run();
  if (!program) return tl::unexpected(program.error());
  return SeccompFilter{std::move(*program), profile.flags};
}

}  // namespace podvisor
