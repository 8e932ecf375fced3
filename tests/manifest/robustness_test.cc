// Texts that nobody should write. None may crash, hang, or come back without a reason.
#include "loading.h"

namespace podvisor {
namespace {

using testing::HasSubstr;

std::string repeated(const std::string& text, std::size_t times) {
  std::string all;
  all.reserve(text.size() * times);
  for (std::size_t i = 0; i < times; ++i) all += text;
  return all;
}

/// One error, in one line.
std::string only_error(const std::string& text) {
  const LoadResult result = load(text);
  EXPECT_EQ(result.diagnostics.size(), 1U) << messages(result);
  EXPECT_TRUE(result.pods.empty());
  const std::string message = messages(result);
  EXPECT_EQ(message.find('\n'), message.size() - 1) << message;
  EXPECT_LT(message.size(), 1000U);
  return message;
}

TEST(Robustness, SaysThatAFileWithoutDocumentsHasNothingInIt) {
  for (const char* text : {"", "\n\n", "# nothing\n", "---\n---\n", "\xEF\xBB\xBF", "null\n"}) {
    EXPECT_EQ(only_error(text), "pod.yaml: nothing in it: it has no document\n") << text;
  }
}

TEST(Robustness, RefusesATopLevelThatIsNoMapping) {
  EXPECT_THAT(only_error("- a\n- b\n"), HasSubstr("pod.yaml:1:1: a manifest is a mapping"));
  EXPECT_THAT(only_error("hello"), HasSubstr("not \"hello\""));
  EXPECT_THAT(only_error("[]"), HasSubstr("not a list"));
}

TEST(Robustness, RefusesBinaryFiles) {
  EXPECT_THAT(only_error(std::string("\x7f"
                                     "ELF\n\0\0",
                                     7)),
              HasSubstr("pod.yaml:2:1: not a text file"));
  EXPECT_THAT(only_error("a: \xff\xfe"), HasSubstr("pod.yaml:1:4: not UTF-8"));
  EXPECT_THAT(only_error("a: \xc0\xaf"), HasSubstr("not UTF-8"));
  EXPECT_THAT(only_error("a: \xed\xa0\x80"), HasSubstr("not UTF-8"));
  EXPECT_THAT(only_error("a: \xe2\x82"), HasSubstr("not UTF-8"));
}

TEST(Robustness, RefusesTooLargeFilesWithoutReadingThem) {
  EXPECT_THAT(only_error("a: " + std::string(kMaxManifestBytes, 'x')), HasSubstr("larger than 3"));
}

TEST(Robustness, RefusesAScalarOfTenMegabytes) {
  const std::string big(10'000'000, 'x');
  EXPECT_THAT(only_error(pod_text("env:\n- name: A\n  value: " + big)), HasSubstr("larger than 3"));
  EXPECT_THAT(only_error(pod_text("env:\n- name: A\n  value: |\n    " + big)),
              HasSubstr("larger than 3"));
}

TEST(Robustness, TellsDoubledKeysOfEveryMapping) {
  EXPECT_THAT(only_error(pod_text("command: [b]")), HasSubstr("Duplicate value: \"command\""));
  EXPECT_THAT(only_error(pod_text("", "", "labels: {a: b, c: d, a: e}")),
              HasSubstr("pod.yaml:5:24: metadata.labels[a]: Duplicate value: \"a\""));
}

TEST(Robustness, TakesAScalarOfMegabytes) {
  const std::string big(kMaxManifestBytes - 1000, 'x');
  EXPECT_EQ(load_one(pod_text("env:\n- name: A\n  value: " + big)).spec.containers[0].env[0].value,
            big);
  EXPECT_THAT(only_error(pod_text("image: {a: " + big + "}")), HasSubstr("must be a single value"));
  EXPECT_THAT(only_error(pod_text("restartPolicy: " + big)), HasSubstr("xxx…\": supported values"));
}

TEST(Robustness, BoundsTheDepth) {
  for (const char* open : {"[", "{a: ", "- ", "? "}) {
    EXPECT_THAT(only_error(repeated(open, 5'000)), HasSubstr("nested deeper than 100")) << open;
    EXPECT_THAT(only_error(repeated(open, 500'000)), HasSubstr("nested deeper than 100")) << open;
  }
}

TEST(Robustness, BoundsTheDepthThatAliasesMake) {
  std::string text = "a0: &a0 [x]\n";
  for (int i = 1; i < 200; ++i) {
    text += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [*a" + std::to_string(i - 1) +
            "]\n";
  }
  EXPECT_THAT(only_error(text), HasSubstr("nested deeper than 100"));
}

TEST(Robustness, BoundsWhatAliasesRepeat) {
  std::string text = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n";
  for (int i = 1; i < 20; ++i) {
    const std::string name = "*a" + std::to_string(i - 1);
    text += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + repeated(name + ",", 9) +
            name + "]\n";
  }
  EXPECT_THAT(only_error(text), HasSubstr("counting what aliases repeat"));
}

TEST(Robustness, BoundsTheBytesThatAliasesRepeat) {
  const std::string text =
      "a: &a " + std::string(100'000, 'x') + "\nb: [" + repeated("*a,", 1000) + "*a]\n";
  EXPECT_THAT(only_error(text), HasSubstr("MiB of text"));
}

TEST(Robustness, BoundsTheNumberOfValues) {
  EXPECT_THAT(only_error("a: [" + repeated("a,", 1'000'000) + "a]"), HasSubstr("too much in one"));
}

TEST(Robustness, RefusesAnAliasWithinItsOwnAnchor) {
  EXPECT_THAT(only_error("a: &a [*a]\n"), HasSubstr("pod.yaml:1:8: not valid YAML: an alias"));
  EXPECT_THAT(only_error("a: *b\n"), HasSubstr("not valid YAML"));
}

TEST(Robustness, RefusesKeysThatAreNoWords) {
  EXPECT_THAT(only_error("[a]: b\n"), HasSubstr("pod.yaml:1:1: not valid YAML: a key must be"));
  EXPECT_THAT(only_error("{a: b}: c\n"), HasSubstr("a key must be a word"));
}

TEST(Robustness, RefusesTags) {
  EXPECT_THAT(only_error("a: !!python/object:os.system x\n"), HasSubstr("tags are not allowed"));
  EXPECT_THAT(only_error("a: !secret x\n"), HasSubstr("tags are not allowed"));
}

TEST(Robustness, SaysWhereYamlIsBroken) {
  EXPECT_THAT(only_error("apiVersion: v1\nkind: Pod\n\tmetadata: x\n"), HasSubstr("pod.yaml:3:"));
  EXPECT_THAT(only_error("a: \"never closed\n"),
              HasSubstr("pod.yaml:2:1: not valid YAML: a text in quotes is not closed"));
  EXPECT_THAT(only_error("a: \"never closed"), HasSubstr("not valid YAML"));
  EXPECT_THAT(only_error("a: b: c\n"), HasSubstr("pod.yaml:1:5: not valid YAML"));
}

TEST(Robustness, EndsWhereTheParserWouldStandStill) {
  for (const char* text :
       {"]",       "}",       ",",   ":",   "a: b\n]", "- a\n}",    "&",
        "*",       "!",       "%",   "@",   "`",       "|",         ">",
        "'",       "\"",      "?",   "? ?", "...",     "--- ---",   "%YAML 9.9\n---\n",
        "&a &b c", "a\n:\nb", "{,}", "[,]", "{a:,b",   "- - -\n- :"}) {
    EXPECT_FALSE(load(text).ok()) << text;
  }
}

TEST(Robustness, TakesWindowsLineEndsAndAByteOrderMark) {
  std::string text = "\xEF\xBB\xBF" + pod_text("args: [a]");
  for (std::size_t i = 0; (i = text.find('\n', i)) != std::string::npos; i += 2) {
    text.insert(i, "\r");
  }
  EXPECT_EQ(load_one(text).spec.containers[0].args, std::vector<std::string>{"a"});
}

TEST(Robustness, RefusesNulInStrings) {
  EXPECT_THAT(messages_of(pod_text("args: [\"a\\0b\"]")),
              HasSubstr("spec.containers[0].args[0]: Invalid value: \"a\\u0000b\": must not "
                        "contain a NUL character"));
}

TEST(Robustness, KeepsMessagesOnOneLine) {
  const std::string message = messages_of(pod_text("\"a\\nb\": 1\nrestartPolicy: \"x\\ny\""));
  EXPECT_EQ(std::count(message.begin(), message.end(), '\n'), 2) << message;
}

TEST(Robustness, ReadsTheDocumentsBeforeABrokenOne) {
  const LoadResult result = load(pod_text() + "---\na: [\n");
  EXPECT_EQ(result.pods.size(), 1U);
  EXPECT_FALSE(result.ok());
}

TEST(Robustness, ShortensTheAnswerToManyWrongDocuments) {
  const LoadResult result = load(repeated("--- a\n", 5'000));
  EXPECT_EQ(result.diagnostics.size(), 1001U);
  EXPECT_EQ(to_string(result.diagnostics.back()), "pod.yaml: and 4000 more");
  EXPECT_FALSE(result.ok());
}

TEST(Robustness, StopsCountingAtAHundredErrors) {
  std::string text;
  for (int i = 0; i < 1000; ++i) text += "x" + std::to_string(i) + ": 1\n";
  EXPECT_EQ(load(pod_text(text)).diagnostics.size(), 101U);
}

}  // namespace
}  // namespace podvisor
