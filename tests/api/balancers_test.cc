// What other balancers and Prometheus ask for: HAProxy's agent checks, HTTP service discovery.
#include <gmock/gmock.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "api/readiness.h"
#include "api/server_fixture.h"
#include "http/listen.h"

namespace podvisor {
namespace {

using testing::HasSubstr;

using Balancers = ApiServerFixture;

TEST_F(Balancers, AnAgentIsToldUpDrainOrDown) {
  const auto pod = add("web", false);
  const auto answer = [&] { return agent_answer(store.find_pod("default", "web")); };
  EXPECT_THAT(answer(), HasSubstr("down #ContainersNotReady"));
  store.set_status(*pod, running_status(*pod, true));
  EXPECT_EQ(answer(), "ready up\n");
  store.mark_deleted(*pod, kNoon, Seconds(30));
  EXPECT_EQ(answer(), "drain\n");
  EXPECT_EQ(agent_answer(nullptr), "down #there is no such pod\n");
}

class AgentCheckTest : public Balancers {
 protected:
  AgentCheckTest() {
    auto listening = listen_tcp("127.0.0.1:0");
    port_ = *bound_port(listening->get());
    listening->reset();
    EXPECT_TRUE(server->listen_agent("127.0.0.1:" + std::to_string(port_)));
  }
  /// What came until the other side closed.
  std::string ask(const std::string& line) {
    const Fd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port_);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::connect(socket.get(), reinterpret_cast<sockaddr*>(&to), sizeof to), 0);
    EXPECT_EQ(::send(socket.get(), line.data(), line.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(line.size()));
    std::string got;
    bool closed = false;
    loop.run_until(
        [&] {
          std::array<char, 256> buffer{};
          const ssize_t size = ::recv(socket.get(), buffer.data(), buffer.size(), MSG_DONTWAIT);
          if (size > 0) got.append(buffer.data(), static_cast<std::size_t>(size));
          closed = size == 0 || (size < 0 && errno != EAGAIN);
          return closed;
        },
        std::chrono::seconds(10));
    EXPECT_TRUE(closed) << got;
    return got;
  }

 private:
  std::uint16_t port_ = 0;
};

TEST_F(AgentCheckTest, AnswersTheLineThatItWasSent) {
  add("web");
  EXPECT_EQ(ask("default/web\n"), "ready up\n");
  EXPECT_EQ(ask("default/web\r\n"), "ready up\n");
  EXPECT_EQ(ask("web\n"), "ready up\n");
  EXPECT_EQ(ask("other/web\n"), "down #there is no such pod\n");
  EXPECT_EQ(ask("\n"), "down #there is no such pod\n");
}

TEST_F(AgentCheckTest, ALineThatHasNoEndIsCutAndOneThatNeverEndsIsLeft) {
  add("web");
  EXPECT_EQ(ask(std::string(512, 'x')), "down #there is no such pod\n");
  EXPECT_EQ(ask("default/web"), "");  // no end of line within two seconds
}

TEST_F(Balancers, ScrapeTargetsHaveTheLabelsOfKubernetesDiscovery) {
  Container main = make_container("main");
  main.ports = {{.name = "metrics", .container_port = 9090},
                {.name = "dns", .container_port = 53, .protocol = "UDP"}};
  const auto pod = make_pod("web", {main});
  pod->metadata.annotations = {{"prometheus.io/scrape", "true"}};
  PodStatus status = running_status(*pod);
  status.pod_ip = "10.88.0.2";
  store.add_pod(pod, status, kNoon);
  const Json groups = get("/http_sd");
  ASSERT_EQ(groups.size(), 1u) << groups.dump(1);
  EXPECT_EQ(groups[0]["targets"], Json::array({"10.88.0.2:9090"}));
  const Json& labels = groups[0]["labels"];
  EXPECT_EQ(labels["__meta_kubernetes_namespace"], "default");
  EXPECT_EQ(labels["__meta_kubernetes_pod_name"], "web");
  EXPECT_EQ(labels["__meta_kubernetes_pod_ready"], "true");
  EXPECT_EQ(labels["__meta_kubernetes_pod_phase"], "Running");
  EXPECT_EQ(labels["__meta_kubernetes_pod_label_app"], "web");
  EXPECT_EQ(labels["__meta_kubernetes_pod_annotation_prometheus_io_scrape"], "true");
  EXPECT_EQ(labels["__meta_kubernetes_pod_annotationpresent_prometheus_io_scrape"], "true");
  EXPECT_EQ(labels["__meta_kubernetes_pod_container_name"], "main");
  EXPECT_EQ(labels["__meta_kubernetes_pod_container_port_name"], "metrics");
  EXPECT_EQ(labels["__meta_kubernetes_pod_container_port_number"], "9090");
}

}  // namespace
}  // namespace podvisor
