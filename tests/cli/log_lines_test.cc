#include "cli/log_lines.h"

#include <gtest/gtest.h>

#include <sstream>

#include "cli/log_source.h"

namespace podvisor::cli {
namespace {

TEST(LogLines, PrefixesEachLineHoweverItComes) {
  for (const std::size_t step : {1U, 2U, 5U, 100U}) {
    std::ostringstream out;
    LogOutput output(out, false);
    LogLines lines(output, "[pod/web/main] ");
    const std::string text = "one\n\ntwo\nunfinished";
    for (std::size_t at = 0; at < text.size(); at += step)
      EXPECT_TRUE(lines.feed(std::string_view(text).substr(at, step)));
    lines.finish();
    EXPECT_EQ(out.str(),
              "[pod/web/main] one\n[pod/web/main] \n[pod/web/main] two\n[pod/web/main] unfinished");
  }
}

TEST(LogLines, KeepsLinesOfSeveralLogsWhole) {
  std::ostringstream out;
  LogOutput output(out, false);
  LogLines a(output, "a: "), b(output, "b: ");
  EXPECT_TRUE(a.feed("first "));
  EXPECT_TRUE(b.feed("another\n"));
  EXPECT_TRUE(a.feed("half\n"));
  EXPECT_EQ(out.str(), "b: another\na: first half\n");
}

TEST(LogLines, HoldsNoMoreThanItsBound) {
  std::ostringstream out;
  LogOutput output(out, false);
  LogLines lines(output, "> ");
  const std::string part(LogLines::kMaxUnfinished, 'x');
  EXPECT_TRUE(lines.feed(part + "y"));
  EXPECT_TRUE(lines.feed(part + "y"));
  EXPECT_TRUE(lines.feed("end\nnext\n"));
  EXPECT_EQ(out.str(), "> " + part + "y" + part + "yend\n> next\n");
}

TEST(LogLines, SaysWhenNobodyReads) {
  std::ostringstream out;
  out.setstate(std::ios::badbit);
  LogOutput output(out, false);
  LogLines lines(output, "");
  EXPECT_FALSE(lines.feed("line\n"));
}

TEST(LogSource, ChoosesTheContainersThatAreMeant) {
  const Json pod = {{"metadata", {{"name", "web"}}},
                    {"spec",
                     {{"containers", {{{"name", "app"}}, {{"name", "proxy"}}}},
                      {"initContainers", {{{"name", "setup"}}}}}}};
  const auto names = [&](const LogChoice& choice) {
    std::string all;
    for (const LogSource& source : choose_logs(pod, choice).sources)
      all += source.pod + "/" + source.container + " ";
    return all;
  };
  EXPECT_EQ(names({}), "web/app ");
  EXPECT_EQ(names({.container = "proxy"}), "web/proxy ");
  EXPECT_EQ(names({.all_containers = true}), "web/setup web/app web/proxy ");
  EXPECT_EQ(choose_logs(pod, {}).note,
            "Defaulted container \"app\" out of: app, proxy, setup (init)\n");
  EXPECT_EQ(choose_logs(pod, {.all_containers = true}).note, "");
  EXPECT_EQ(choose_logs(Json::object(), {}).sources.size(), 1U);  // the server says what is wrong
}

}  // namespace
}  // namespace podvisor::cli
