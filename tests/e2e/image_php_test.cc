// config/examples/php-nginx.yaml again, each of its containers with an image of its own, made here
// of Debian's packages; the manifest is otherwise the same.
#include <gmock/gmock.h>

#include <sstream>

#include "e2e/image_host.h"

namespace podvisor {
namespace {

using testing::HasSubstr;

class ImagePhp : public ImageHost {
 protected:
  void make_program_image(const std::string& tag, const std::vector<std::string>& paths) {
    std::vector<std::string> argv{MAKE_PROGRAM_IMAGE, layout(), tag};
    argv.insert(argv.end(), paths.begin(), paths.end());
    const CommandResult made = run_command(argv);
    if (made.exit_code == 77) GTEST_SKIP() << made.err;
    ASSERT_EQ(made.exit_code, 0) << made.err;
  }

  /// The example, with `image` in each container.
  [[nodiscard]] std::string with_images(const std::map<std::string, std::string>& tags) const {
    std::istringstream lines(read_file(EXAMPLES "/php-nginx.yaml"));
    std::string text;
    for (std::string line; std::getline(lines, line);) {
      text += line + "\n";
      for (const auto& [container, tag] : tags)
        if (line == "    - name: " + container) text += "      image: '" + image_name(tag) + "'\n";
    }
    return text;
  }
};

TEST_F(ImagePhp, TheExamplesManifestServesARealPageFromImages) {
  make_program_image("nginx", {"/usr/sbin/nginx", "/etc/nginx/fastcgi_params"});
  if (IsSkipped()) return;
  make_program_image("php", {"/usr/sbin/php-fpm8.2", "/etc/php/8.2/fpm/php.ini"});
  serve();
  write_manifest(
      "web.yaml",
      with_images(
          {{"setup", "nginx"}, {"nginx", "nginx"}, {"php-fpm", "php"}, {"log-shipper", "nginx"}}));
  ASSERT_TRUE(eventually([&] { return ready("php-nginx"); }, std::chrono::seconds(60)))
      << pod("php-nginx").dump(1) << testing::PrintToString(events("php-nginx"))
      << cli({"logs", "php-nginx", "-c", "php-fpm"}).out << podvisor_log();
  const std::string address =
      pod("php-nginx").value(nlohmann::json::json_pointer("/status/podIP"), "");
  EXPECT_THAT(run_command({"curl", "-s", "-A", "e2e", "http://" + address + ":8080/"}).out,
              HasSubstr("Hello from PHP 8"));
  EXPECT_TRUE(eventually([&] {
    return cli({"logs", "php-nginx", "-c", "log-shipper"}).out.find("\"e2e\"") != std::string::npos;
  })) << "the shipper did not see nginx's access log";
  for (const char* name : {"nginx", "php-fpm", "log-shipper"})
    EXPECT_EQ(container("php-nginx", name)["restartCount"], 0) << name;
  const auto has = [this](const std::string& program) {
    return run_command({PODVISOR, "exec", "--socket", socket(), "php-nginx", "-c", "nginx", "--",
                        "test", "-e", program})
        .exit_code;
  };
  EXPECT_EQ(has("/usr/sbin/nginx"), 0);
  EXPECT_EQ(has("/usr/sbin/php-fpm8.2"), 1) << "that is in the other image";
}

}  // namespace
}  // namespace podvisor
