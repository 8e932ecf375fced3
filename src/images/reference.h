// What a container's `image` says, taken apart (DEF-4, DEF-5): a name in a registry, as Docker
// reads it, or a place on this host, as containers-transports(5) writes it. Pure.
#pragma once

#include <cstdint>
#include <string>

#include "podvisor/result.h"

namespace podvisor {

struct ImageReference {
  enum class Transport : std::uint8_t {
    Registry,
    Oci,            ///< oci:PATH[:TAG]
    OciArchive,     ///< oci-archive:FILE[:TAG]
    DockerArchive,  ///< docker-archive:FILE[:NAME:TAG]
    Directory,      ///< dir:PATH
    Rootfs,         ///< rootfs:PATH: a tree that is unpacked already
  };
  Transport transport = Transport::Registry;
  std::string registry;    ///< Registry: "docker.io", "reg:5000"
  std::string repository;  ///< Registry: "library/app"
  std::string tag;         ///< Registry: "latest" where neither tag nor digest is given
  std::string digest;      ///< Registry: "sha256:…"
  std::string path;        ///< others: what follows the colon
};

/// The error is what InvalidImageName's message says.
[[nodiscard]] Result<ImageReference> parse_image_reference(const std::string& text);

/// The name that the store knows it by: "docker.io/library/app:latest", "oci:/path:tag".
[[nodiscard]] std::string normal_name(const ImageReference& reference);
/// The source for skopeo: "docker://…", "oci:…". Not for Rootfs.
[[nodiscard]] std::string skopeo_source(const ImageReference& reference);
/// Docker's rule: a registry on 127.0.0.0/8, ::1 or localhost needs no TLS.
[[nodiscard]] bool is_on_loopback(const ImageReference& reference);

}  // namespace podvisor
