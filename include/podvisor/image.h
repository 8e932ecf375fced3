// An image on this host: what it says about running it, and where its files are.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "podvisor/fd.h"

namespace podvisor {

/// The parts of an OCI image configuration that running it depends on.
struct ImageConfig {
  std::vector<std::string> entrypoint;
  std::vector<std::string> cmd;
  std::vector<std::string> env;  ///< NAME=VALUE
  std::string user;              ///< "", "1000", "app", "1000:1000", "app:staff"
  std::string working_dir;
  std::string stop_signal;           ///< "", "SIGQUIT", "3"
  std::vector<std::string> volumes;  ///< paths that the image wants as volumes
};

struct Image {
  std::string name;    ///< as asked for, normalised: "docker.io/library/app:1.2"
  std::string digest;  ///< of its manifest: "sha256:…"; of a rootfs: its path, "rootfs:/srv/tree"
  std::string rootfs;  ///< its files, unpacked, to be read only
  std::int64_t size = 0;  ///< bytes of its layers as pulled
  ImageConfig config;
};

/// What a kubelet on containerd shows as imageID: "docker.io/library/app@sha256:…"; of an image
/// that comes from no registry its digest alone.
[[nodiscard]] std::string image_id(const Image& image);

/// An image that is in use: it is not removed while a copy of this lives.
struct HeldImage {
  Image image;
  std::shared_ptr<const Fd> lock;  ///< null: a rootfs, which is not ours to remove
};

}  // namespace podvisor
