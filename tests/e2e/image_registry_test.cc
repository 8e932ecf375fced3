// Pods whose images come from a registry: Debian's, on loopback, as it should be and as it should
// not.
#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <sys/socket.h>

#include <filesystem>
#include <fstream>

#include "e2e/image_host.h"
#include "images/registry.h"

namespace podvisor {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing::Contains;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class ImageRegistry : public ImageHost {
 protected:
  void start_registry(const std::string& password = "") {
    fs::create_directory(dir() + "/registry");
    registry_ = std::make_unique<Registry>(dir() + "/registry", password);
    if (!registry_->running()) GTEST_SKIP() << "no docker-registry or htpasswd here";
    ASSERT_TRUE(registry_->push(layout() + ":plain", "app:1"));
  }
  void TearDown() override {
    registry_.reset();  // a child of ours
    ImageHost::TearDown();
  }

  [[nodiscard]] std::string app() const { return registry_->host() + "/app:1"; }
  /// A pod that sleeps in `image`.
  void write_app(const std::string& name, const std::string& image, const std::string& policy,
                 const std::string& spec = "") const {
    write_manifest(name + ".yaml", "apiVersion: v1\nkind: Pod\nmetadata: {name: " + name +
                                       ", annotations: {podvisor.io/network: none}}\n"
                                       "spec:\n  terminationGracePeriodSeconds: 0\n" +
                                       spec + "  containers:\n  - {name: main, image: '" + image +
                                       "', imagePullPolicy: " + policy +
                                       ", command: [sleep, \"1000\"]}\n");
  }
  [[nodiscard]] std::string reason(const std::string& name) const {
    return container(name, "main").value(json::json_pointer("/state/waiting/reason"), "");
  }
  bool waits_for(const std::string& name, const std::string& wanted) {
    return eventually([&] { return reason(name) == wanted; });
  }
  /// Every layer of the image in the registry, to be spoilt.
  [[nodiscard]] std::vector<std::string> layers() const {
    std::vector<std::string> files;
    std::uintmax_t largest = 0;
    for (const auto& each : fs::recursive_directory_iterator(dir() + "/registry/data"))
      if (each.path().filename() == "data" && each.file_size() > largest) {
        largest = each.file_size();
        files = {each.path()};
      }
    return files;
  }
  void expect_no_image_left_by_failure() const {
    EXPECT_THAT(image({"list", "--no-headers"}).out, Not(HasSubstr("app")));
  }

  std::unique_ptr<Registry> registry_;
};

TEST_F(ImageRegistry, IMG_EachPolicyDoesWhatItSays) {
  start_registry();
  if (IsSkipped()) return;
  serve();
  write_app("never", app(), "Never");
  EXPECT_TRUE(waits_for("never", "ErrImageNeverPull"));
  EXPECT_THAT(events("never"),
              Contains(StartsWith("ErrImageNeverPull Container image \"" + app())));
  write_app("first", app(), "IfNotPresent");
  EXPECT_TRUE(eventually([&] { return ready("first"); })) << podvisor_log();
  EXPECT_THAT(events("first"), Contains("Pulling Pulling image \"" + app() + "\""));
  EXPECT_THAT(events("first"), Contains(StartsWith("Pulled Successfully pulled image \"" + app())));
  const json status = container("first", "main");
  EXPECT_EQ(status.value("image", ""), app());
  EXPECT_THAT(status.value("imageID", ""), StartsWith(registry_->host() + "/app@sha256:"));
  EXPECT_TRUE(eventually([&] { return ready("never"); })) << "it is there now";
  write_app("second", app(), "IfNotPresent");
  EXPECT_TRUE(eventually([&] { return ready("second"); }));
  EXPECT_THAT(events("second"), Contains(HasSubstr("already present on machine")));
  EXPECT_THAT(events("second"), Not(Contains(StartsWith("Pulling"))));
  write_app("always", app(), "Always");
  EXPECT_TRUE(eventually([&] { return ready("always"); }));
  EXPECT_THAT(events("always"), Contains(StartsWith("Pulling")));
}

TEST_F(ImageRegistry, IMG_APasswordComesFromThePullSecret) {
  start_registry("secret");
  if (IsSkipped()) return;
  serve();
  write_app("without", app(), "IfNotPresent");
  EXPECT_TRUE(eventually([&] { return reason("without") == "ImagePullBackOff"; }))
      << podvisor_log();
  write_manifest("secret.yaml",
                 "apiVersion: v1\nkind: Secret\nmetadata: {name: login}\n"
                 "type: kubernetes.io/dockerconfigjson\nstringData:\n  .dockerconfigjson: '" +
                     // base64 of me:secret
                     json{{"auths", {{registry_->host(), {{"auth", "bWU6c2VjcmV0"}}}}}}.dump() +
                     "'\n");
  write_app("with", app(), "IfNotPresent", "  imagePullSecrets: [{name: login}]\n");
  EXPECT_TRUE(eventually([&] { return ready("with"); })) << podvisor_log();
  EXPECT_THAT(podvisor_log(), Not(HasSubstr("bWU6c2VjcmV0")));
}

TEST_F(ImageRegistry, IMG1_ARegistryThatIsDown) {
  start_registry();
  if (IsSkipped()) return;
  registry_->stop();
  serve();
  write_app("a", app(), "Always");
  EXPECT_TRUE(waits_for("a", "ErrImagePull"));
  EXPECT_TRUE(waits_for("a", "ImagePullBackOff"));
  EXPECT_THAT(events("a"), Contains(StartsWith("Failed Failed to pull image \"" + app())));
  EXPECT_THAT(events("a"), Contains("Failed Error: ErrImagePull"));
  EXPECT_THAT(events("a"), Contains(StartsWith("BackOff Back-off pulling image \"" + app())));
  EXPECT_THAT(events("a"), Contains("Failed Error: ImagePullBackOff"));
  EXPECT_THAT(pod("a").dump(), HasSubstr("connection refused"));
}

TEST_F(ImageRegistry, IMG3_NamesThatAreNone) {
  serve();
  write_app("a", "registry.example/Capital/Name", "Always");
  EXPECT_TRUE(waits_for("a", "InvalidImageName")) << pod("a").dump(1);
  EXPECT_THAT(events("a"), Contains(StartsWith("InspectFailed")));
}

TEST_F(ImageRegistry, IMG_ARegistryThatLiesAboutADigest) {
  start_registry();
  if (IsSkipped()) return;
  for (const std::string& layer : layers()) {
    std::fstream file(layer, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(100);
    file.write("tampered", 8);
  }
  serve();
  write_app("a", app(), "IfNotPresent");
  EXPECT_TRUE(waits_for("a", "ImagePullBackOff")) << podvisor_log();
  expect_no_image_left_by_failure();
}

TEST_F(ImageRegistry, IMG_HalfALayer) {
  start_registry();
  if (IsSkipped()) return;
  for (const std::string& layer : layers()) fs::resize_file(layer, fs::file_size(layer) / 2);
  serve();
  write_app("a", app(), "IfNotPresent");
  EXPECT_TRUE(waits_for("a", "ImagePullBackOff")) << podvisor_log();
  expect_no_image_left_by_failure();
}

/// It answers to nothing: the kernel accepts for it. Others go on meanwhile, and whoever waits for
/// it can be deleted.
TEST_F(ImageRegistry, IMG_ASlowRegistryKeepsNobodyElseWaiting) {
  const Fd silent(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  ASSERT_EQ(::bind(silent.get(), reinterpret_cast<sockaddr*>(&address), size), 0);
  ASSERT_EQ(::listen(silent.get(), 16), 0);
  ASSERT_EQ(::getsockname(silent.get(), reinterpret_cast<sockaddr*>(&address), &size), 0);
  serve();
  write_app("slow", "127.0.0.1:" + std::to_string(ntohs(address.sin_port)) + "/app:1", "Always");
  EXPECT_TRUE(eventually([&] { return !events("slow").empty(); }));
  EXPECT_TRUE(eventually([&] {
    return container("slow", "main").dump().find("ContainerCreating") != std::string::npos;
  }));
  write_app("quick", image_name(), "IfNotPresent");
  EXPECT_TRUE(eventually([&] { return ready("quick"); })) << podvisor_log();
  EXPECT_EQ(reason("slow"), "ContainerCreating");
  remove_manifest("slow.yaml");
  EXPECT_TRUE(eventually([&] { return pod("slow").is_null(); }));
}

}  // namespace
}  // namespace podvisor
