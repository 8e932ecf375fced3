#include <gtest/gtest.h>

#include "cli/api_objects.h"

namespace podvisor::cli {
namespace {

struct Recorder {
  std::vector<std::string> events;
  WatchDecoder decoder{[this](const std::string& type, const Json& object) {
    events.push_back(type + " " + raw_text(object, "name"));
    return raw_text(object, "name") != "last";
  }};
};

const std::string kTwo =
    "{\"type\":\"ADDED\",\"object\":{\"name\":\"a\"}}\n"
    "{\"type\":\"MODIFIED\",\"object\":{\"name\":\"b\"}}\n";

TEST(WatchDecoder, SplitsAtNewlines) {
  Recorder recorder;
  EXPECT_TRUE(recorder.decoder.feed(kTwo));
  EXPECT_EQ(recorder.events, (std::vector<std::string>{"ADDED a", "MODIFIED b"}));
}

TEST(WatchDecoder, DoesNotMindHowTheBytesCome) {
  Recorder recorder;
  for (const char byte : kTwo) EXPECT_TRUE(recorder.decoder.feed({&byte, 1}));
  EXPECT_EQ(recorder.events, (std::vector<std::string>{"ADDED a", "MODIFIED b"}));
}

TEST(WatchDecoder, StopsWhenToldTo) {
  Recorder recorder;
  EXPECT_FALSE(
      recorder.decoder.feed("{\"type\":\"ADDED\",\"object\":{\"name\":\"last\"}}\n" + kTwo));
  EXPECT_EQ(recorder.events, std::vector<std::string>{"ADDED last"});
  EXPECT_FALSE(recorder.decoder.error());
}

TEST(WatchDecoder, PassesTheServersErrorOn) {
  Recorder recorder;
  EXPECT_FALSE(
      recorder.decoder.feed("{\"type\":\"ERROR\",\"object\":{\"kind\":\"Status\",\"reason\":"
                            "\"Expired\",\"message\":\"too "
                            "old resource version\"}}\n"));
  EXPECT_EQ(recorder.decoder.error()->message,
            "Error from server (Expired): too old resource version");
}

TEST(WatchDecoder, RefusesWhatIsNoWatchEvent) {
  for (const char* line : {"not json\n", "[]\n", "{\"type\":\"ADDED\"}\n", "{\"object\":{}}\n"}) {
    Recorder recorder;
    EXPECT_FALSE(recorder.decoder.feed(line)) << line;
    EXPECT_TRUE(recorder.decoder.error()) << line;
  }
}

TEST(WatchDecoder, BoundsALine) {
  Recorder recorder;
  EXPECT_FALSE(recorder.decoder.feed(std::string(WatchDecoder::kMaxLine + 1, 'x')));
  EXPECT_TRUE(recorder.decoder.error());
}

TEST(ServerError, IsToldInKubectlsWords) {
  EXPECT_EQ(
      server_error({404,
                    "{\"kind\":\"Status\",\"reason\":\"NotFound\",\"message\":\"pods \\\"x\\\" "
                    "not found\"}"})
          .message,
      "Error from server (NotFound): pods \"x\" not found");
  EXPECT_EQ(server_error({502, "<html>\x1b"}).message, "Error from server: HTTP 502 <html>^[");
}

TEST(ObjectIn, RefusesWhatIsNoObject) {
  EXPECT_TRUE(object_in({200, "{}"}));
  EXPECT_FALSE(object_in({200, "[]"}));
  EXPECT_FALSE(object_in({200, "<html>"}));
  EXPECT_FALSE(object_in({500, "{}"}));
}

}  // namespace
}  // namespace podvisor::cli
