// A pod with log files.
#pragma once

#include <fcntl.h>

#include "api/server_fixture.h"

namespace podvisor {

struct LogFixture : ApiServerFixture {
  LogFixture() {
    std::filesystem::create_directories(layout.pod_log_dir(pod->metadata) + "/main");
    pod->metadata.labels = {};
    store.add_pod(pod, running_status(*pod), kNoon);
  }

  void write(const std::string& text, int instance = 0) {
    std::ofstream file(layout.log_file(pod->metadata, "main", instance), std::ios::app);
    file << "2026-11-22T12:00:00.000000000Z stdout F " << text << "\n";
  }
  void set(const ContainerStatus& status) {
    PodStatus changed = running_status(*pod);
    changed.container_statuses = {status};
    store.set_status(*pod, changed);
  }
  void end_instance(int instance = 0) {
    ContainerStatus status = running(*pod, "main", instance);
    status.state = ended(*pod, "main", instance);
    set(status);
  }
  std::string log(const std::string& query = {}) {
    return text("/api/v1/namespaces/default/pods/web/log" + query);
  }
  std::string refusal(const std::string& query, int status) {
    return get("/api/v1/namespaces/default/pods/web/log" + query, status)["message"];
  }
  RawClient follow(const std::string& query = {}) {
    auto c = client();
    c.send("GET /api/v1/namespaces/default/pods/web/log?follow=true" + query +
           " HTTP/1.1\r\nHost: a\r\n\r\n");
    EXPECT_TRUE(c.wait_for("\r\n\r\n"));
    return c;
  }

  std::shared_ptr<Pod> pod = make_pod("web");
};

}  // namespace podvisor
