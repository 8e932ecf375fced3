// A server on a Unix socket, on the test's own loop.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <string>

#include "http/listen.h"
#include "http/raw_client.h"
#include "http/server.h"

namespace podvisor {

struct ServerFixture : testing::Test {
  ServerFixture() : directory(testing::TempDir() + "serverXXXXXX") {
    if (!::mkdtemp(directory.data())) throw std::runtime_error("mkdtemp");
    path = directory + "/test.sock";
  }
  ~ServerFixture() override { std::filesystem::remove_all(directory); }
  /// While what the handlers use still exists.
  void TearDown() override { server.reset(); }

  void serve(HttpHandler handler, HttpLimits limits = {}) {
    auto listener = listen_unix(path);
    ASSERT_TRUE(listener) << listener.error().message;
    auto started = HttpServer::start(loop, std::move(listener->socket), std::move(handler), limits);
    ASSERT_TRUE(started) << started.error().message;
    file = std::move(listener->file);
    server = std::move(*started);
  }
  RawClient client() { return RawClient(loop, path); }

  std::string directory;
  std::string path;
  Loop loop;
  SocketFile file;
  std::unique_ptr<HttpServer> server;
};

}  // namespace podvisor
