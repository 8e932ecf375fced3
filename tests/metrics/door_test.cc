#include "metrics/door.h"

#include <gtest/gtest.h>

#include "metrics/page.h"
#include "metrics/scene.h"

namespace podvisor::metrics_test {
namespace {

TEST(DoorMetrics, AreByDoorAndCodeOrCause) {
  Scene scene;
  scene.happen();
  auto samples = parse_page(scene.render()).samples;
  EXPECT_EQ(samples[R"(podvisor_door_requests_total{door="shop/web:8080",code="200"})"], "40");
  EXPECT_EQ(samples[R"(podvisor_door_requests_total{door="shop/web:8080",code="503"})"], "1");
  EXPECT_EQ(samples[R"(podvisor_door_failed_requests_total{door="shop/web:8080",cause="connect"})"],
            "0");
  EXPECT_EQ(samples[R"(podvisor_door_in_flight_requests{door="shop/web:8080"})"], "7");
}

TEST(DoorMetrics, TheHoldHistogramAddsUp) {
  Scene scene;
  scene.happen();
  auto samples = parse_page(scene.render()).samples;
  EXPECT_EQ(samples[R"(podvisor_door_hold_seconds_bucket{door="shop/web:8080",le="60"})"], "3");
  EXPECT_EQ(samples[R"(podvisor_door_hold_seconds_bucket{door="shop/web:8080",le="+Inf"})"], "4");
  EXPECT_EQ(samples[R"(podvisor_door_hold_seconds_count{door="shop/web:8080"})"], "4");
}

}  // namespace
}  // namespace podvisor::metrics_test
