#include "manifest/signals.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <csignal>
#include <vector>

#include "manifest/suggest.h"

namespace podvisor::manifest {
namespace {

struct Signal {
  const char* name;
  int number;
};

// Those that the Kubernetes API takes on Linux.
constexpr std::array kSignals = {
    Signal{"SIGABRT", SIGABRT},     Signal{"SIGALRM", SIGALRM},   Signal{"SIGBUS", SIGBUS},
    Signal{"SIGCHLD", SIGCHLD},     Signal{"SIGCLD", SIGCHLD},    Signal{"SIGCONT", SIGCONT},
    Signal{"SIGFPE", SIGFPE},       Signal{"SIGHUP", SIGHUP},     Signal{"SIGILL", SIGILL},
    Signal{"SIGINT", SIGINT},       Signal{"SIGIO", SIGIO},       Signal{"SIGIOT", SIGABRT},
    Signal{"SIGKILL", SIGKILL},     Signal{"SIGPIPE", SIGPIPE},   Signal{"SIGPOLL", SIGPOLL},
    Signal{"SIGPROF", SIGPROF},     Signal{"SIGPWR", SIGPWR},     Signal{"SIGQUIT", SIGQUIT},
    Signal{"SIGSEGV", SIGSEGV},     Signal{"SIGSTKFLT", 16},      Signal{"SIGSTOP", SIGSTOP},
    Signal{"SIGSYS", SIGSYS},       Signal{"SIGTERM", SIGTERM},   Signal{"SIGTRAP", SIGTRAP},
    Signal{"SIGTSTP", SIGTSTP},     Signal{"SIGTTIN", SIGTTIN},   Signal{"SIGTTOU", SIGTTOU},
    Signal{"SIGURG", SIGURG},       Signal{"SIGUSR1", SIGUSR1},   Signal{"SIGUSR2", SIGUSR2},
    Signal{"SIGVTALRM", SIGVTALRM}, Signal{"SIGWINCH", SIGWINCH}, Signal{"SIGXCPU", SIGXCPU},
    Signal{"SIGXFSZ", SIGXFSZ}};

/// "+3" after SIGRTMIN (0 to 15) or "-3" after SIGRTMAX (0 to 14).
std::optional<int> offset(std::string_view text, char sign, int most) {
  if (text.empty()) return 0;
  int number = 0;
  const char* end = text.data() + text.size();
  if (text.size() < 2 || text[0] != sign || text[1] == '0') return std::nullopt;
  const auto [parsed, error] = std::from_chars(text.data() + 1, end, number);
  if (error != std::errc{} || parsed != end || number < 1 || number > most) return std::nullopt;
  return number;
}

}  // namespace

std::optional<int> parse_signal(std::string_view name) {
  constexpr std::string_view kMin = "SIGRTMIN";
  constexpr std::string_view kMax = "SIGRTMAX";
  if (name.starts_with(kMin)) {
    const auto above = offset(name.substr(kMin.size()), '+', 15);
    return above ? std::optional(SIGRTMIN + *above) : std::nullopt;
  }
  if (name.starts_with(kMax)) {
    const auto below = offset(name.substr(kMax.size()), '-', 14);
    return below ? std::optional(SIGRTMAX - *below) : std::nullopt;
  }
  const auto found = std::find_if(kSignals.begin(), kSignals.end(),
                                  [&](const Signal& signal) { return name == signal.name; });
  return found == kSignals.end() ? std::nullopt : std::optional(found->number);
}

std::string check_signal(std::string_view name) {
  if (parse_signal(name)) return "";
  std::vector<std::string> names;
  for (const Signal& signal : kSignals) names.emplace_back(signal.name);
  std::string meant = nearest(name, names);
  if (meant.empty()) meant = nearest("SIG" + std::string(name), names);
  const std::string wrong = "must be the name of a signal, such as SIGTERM, SIGINT or SIGRTMIN+3";
  return meant.empty() ? wrong : wrong + "; did you mean " + meant + "?";
}

}  // namespace podvisor::manifest
