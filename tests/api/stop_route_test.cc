#include "api/server_fixture.h"

namespace podvisor {
namespace {

using StopRoute = ApiServerFixture;

TEST_F(StopRoute, StopsEverythingAndSaysHowMuch) {
  add("web");
  add("db");
  EXPECT_EQ(ask("POST /podvisor/v1/stop HTTP/1.1", 200, "{}")["stopping"], 2);
  ask("POST /podvisor/v1/stop HTTP/1.1", 200, R"({"gracePeriodSeconds": 3})");
  EXPECT_EQ(control.stops, (std::vector<std::optional<Seconds>>{std::nullopt, Seconds{3}}));
}

TEST_F(StopRoute, StopsNothingIfItIsNotSure) {
  ask("POST /podvisor/v1/stop HTTP/1.1", 400, R"({"gracePeriodSeconds": "soon"})");
  get("/podvisor/v1/stop", 405);
  EXPECT_TRUE(control.stops.empty());
}

}  // namespace
}  // namespace podvisor
