#include "manifest/present.h"

#include <fcntl.h>
#include <unistd.h>

#include <cstdlib>
#include <nlohmann/json.hpp>

#include "loading.h"

namespace podvisor {
namespace {

using testing::HasSubstr;

constexpr DiagnosticStyle kPlainTerminal{.excerpts = true, .colours = false};

Diagnostic only(const LoadResult& result) {
  EXPECT_EQ(result.diagnostics.size(), 1U) << messages(result);
  return result.diagnostics.empty() ? Diagnostic{} : result.diagnostics.front();
}

TEST(Present, APipeGetsOneLineEach) {
  const Diagnostic diagnostic = only(load(pod_text("", "restartPolicy: Alwys")));
  EXPECT_EQ(present(diagnostic, {}), to_string(diagnostic) + "\n");
}

TEST(Present, ATerminalGetsTheLineAndACaret) {
  const Diagnostic diagnostic = only(load(pod_text("", "restartPolicy: Alwys  # never")));
  const std::string text = present(diagnostic, kPlainTerminal);
  EXPECT_TRUE(text.starts_with("pod.yaml:6:18: error: spec.restartPolicy: Unsupported value"))
      << text;
  EXPECT_THAT(text, HasSubstr("\n  6 |   restartPolicy: Alwys  # never\n"
                              "    |                  ^~~~~\n"));
  EXPECT_EQ(text.find('\033'), std::string::npos);
}

TEST(Present, ColoursFrameWhatIsSaid) {
  const Diagnostic diagnostic = only(load(pod_text("", "restartPolicy: Alwys")));
  const std::string text = present(diagnostic, {.excerpts = true, .colours = true});
  EXPECT_TRUE(text.starts_with("\033[1mpod.yaml:6:18:\033[0m \033[1;31merror:\033[0m ")) << text;
  EXPECT_THAT(text, HasSubstr("\033[1;32m^~~~~\033[0m\n"));
}

TEST(Present, TheCaretStandsUnderItsColumnWhateverTheLineHolds) {
  const Diagnostic diagnostic = only(load(pod_text("# x\nargs: [\"\xC3\xA4\xC3\xB6\", 5]")));
  EXPECT_THAT(present(diagnostic, kPlainTerminal),
              HasSubstr("|       args: [\"\xC3\xA4\xC3\xB6\", 5]\n     |                    ^\n"));
}

TEST(Present, NothingOfATextSteersATerminal) {
  Diagnostic diagnostic = only(load(pod_text("", "restartPolicy: \"Al\\ewys\\x9b31m\"  # \x07")));
  diagnostic.at.file = "\033]0;x\007.yaml";
  for (const DiagnosticStyle style : {DiagnosticStyle{}, kPlainTerminal}) {
    const std::string text = present(diagnostic, style);
    for (const char* bad : {"\033", "\007", "\xC2\x9B"})
      EXPECT_EQ(text.find(bad), std::string::npos) << text;
  }
}

TEST(Present, ASecretsLinesAreNotShown) {
  const std::string secret = "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\n";
  const Diagnostic wrong = only(load(secret + "data: {pass: hunter2}\n"));
  EXPECT_EQ(present(wrong, kPlainTerminal).find("hunter2"), std::string::npos);
  const Diagnostic broken = only(load(secret + "data: {pass: \"hunter2}\n"));
  EXPECT_EQ(present(broken, kPlainTerminal).find("hunter2"), std::string::npos);
}

TEST(Present, AProgramGetsALineOfJson) {
  const auto json =
      nlohmann::json::parse(to_json_line(only(load(pod_text("", "restartPolicy: Alwys")))));
  EXPECT_EQ(json["severity"], "error");
  EXPECT_EQ(json["file"], "pod.yaml");
  EXPECT_EQ(json["line"], 6);
  EXPECT_EQ(json["column"], 18);
  EXPECT_EQ(json["field"], "spec.restartPolicy");
  EXPECT_THAT(json["message"].get<std::string>(), HasSubstr("Unsupported value"));
}

TEST(Present, APipeHasNoStyle) {
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  const DiagnosticStyle style = style_for(ends[1]);
  EXPECT_FALSE(style.excerpts || style.colours);
  ::close(ends[0]);
  ::close(ends[1]);
}

/// A pseudo-terminal of the test's own.
struct Terminal {
  int master = ::posix_openpt(O_RDWR | O_NOCTTY);
  int slave = -1;
  Terminal() {
    EXPECT_EQ(::grantpt(master), 0);
    EXPECT_EQ(::unlockpt(master), 0);
    slave = ::open(::ptsname(master), O_RDWR | O_NOCTTY);
  }
  ~Terminal() {
    ::close(slave);
    ::close(master);
  }
};

TEST(Present, NoColorAndDumbTerminalsAreHonoured) {
  const Terminal terminal;
  ASSERT_GE(terminal.slave, 0);
  ::unsetenv("NO_COLOR");
  ::setenv("TERM", "xterm", 1);
  EXPECT_TRUE(style_for(terminal.slave).colours);
  EXPECT_TRUE(style_for(terminal.slave).excerpts);
  ::setenv("NO_COLOR", "1", 1);
  EXPECT_FALSE(style_for(terminal.slave).colours);
  EXPECT_TRUE(style_for(terminal.slave).excerpts);
  ::unsetenv("NO_COLOR");
  ::setenv("TERM", "dumb", 1);
  EXPECT_FALSE(style_for(terminal.slave).colours);
}

}  // namespace
}  // namespace podvisor
