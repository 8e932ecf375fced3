#include "probes/probe_port.h"

#include <gtest/gtest.h>

namespace podvisor {
namespace {

Container make_container() {
  Container container;
  container.name = "web";
  container.ports = {{"http", 8080, 0, "", "TCP"}, {"9999", 81, 0, "", "TCP"}};
  return container;
}

TEST(ProbePort, HTTP3_NumberAsItIs) {
  EXPECT_EQ(*resolve_port(PortRef{std::uint16_t{80}}, make_container()), 80);
}

TEST(ProbePort, HTTP3_NameOfTheSameContainersPorts) {
  EXPECT_EQ(*resolve_port(PortRef{"http"}, make_container()), 8080);
  EXPECT_EQ(*resolve_port(PortRef{"9999"}, make_container()), 81);
}

TEST(ProbePort, HTTP3_UnknownNameIsTriedAsDecimal) {
  EXPECT_EQ(*resolve_port(PortRef{"8081"}, make_container()), 8081);
}

TEST(ProbePort, HTTP4_WhatCannotBeResolvedIsAnError) {
  for (const PortRef& port : {PortRef{"nope"}, PortRef{"0"}, PortRef{"65536"}, PortRef{"80x"},
                              PortRef{""}, PortRef{"-1"}, PortRef{std::uint16_t{0}}}) {
    EXPECT_FALSE(resolve_port(port, make_container()).has_value());
  }
  EXPECT_EQ(resolve_port(PortRef{"nope"}, make_container()).error().message,
            "port \"nope\" is not a named port of container web (its named ports: http, 9999)");
}

TEST(ProbePort, PRB27_Ipv6IsBracketed) {
  EXPECT_EQ(join_host_port("fd00::1", 80), "[fd00::1]:80");
  EXPECT_EQ(join_host_port("10.0.0.1", 80), "10.0.0.1:80");
  EXPECT_EQ(join_host_port("web", 443), "web:443");
}

}  // namespace
}  // namespace podvisor
