// The images on this host, below one directory:
//
//   blobs/sha256/…      layers, configurations and manifests as pulled, shared by all images
//   roots/HEX/          one image, by its manifest's digest:
//     rootfs/             its files, unpacked once, the lower layer of every container's root
//     image.json          its configuration and its blobs; its modification time is the last use
//     lock                flock'ed shared by whoever uses the image, exclusively to remove it
//   names/NAME          which digest a name means
//   tmp/…               pulls and removals under way; whatever is left there at a start is rubbish
//
// An image is there when its name is: everything is made in tmp/ and renamed, the name last.
// Several podvisors may use one store at once. Blocking; any thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "images/image_config.h"
#include "podvisor/image.h"
#include "podvisor/result.h"
#include "podvisor/time.h"

namespace podvisor {

struct ImageListing {
  std::string name;
  std::string digest;
  std::int64_t size = 0;
  WallTime created;    ///< when the name was last pulled or loaded
  WallTime last_used;  ///< when a container was last started from it
  bool in_use = false;
};

class ImageStore {
 public:
  /// Makes what is missing of the directories, all closed to others.
  [[nodiscard]] static Result<ImageStore> open(const std::string& directory);

  /// Takes the directories away again where there is nothing in them.
  static void remove_empty(const std::string& directory);

  /// A fresh directory below tmp/ that is an OCI layout's, its blobs being the store's. Locked as
  /// long as the descriptor lives, so that nobody takes it for rubbish.
  struct Workspace {
    std::string path;
    Fd lock;
  };
  [[nodiscard]] Result<Workspace> make_workspace() const;
  /// What `workspace`'s index.json names; whether it is unpacked already.
  struct Pulled {
    std::string digest;
    ImageManifest manifest;
    bool unpacked = false;
  };
  [[nodiscard]] Result<Pulled> examine(const Workspace& workspace) const;
  /// `workspace`/rootfs becomes the image's root, unless it has one already, and `name` means it
  /// from now on.
  [[nodiscard]] Status commit(const Workspace& workspace, const Pulled& pulled,
                              const std::string& name) const;
  void discard(const Workspace& workspace) const;

  /// Nothing: there is no such name. Counts as a use.
  [[nodiscard]] Result<std::optional<HeldImage>> hold(const std::string& name) const;
  [[nodiscard]] Result<std::vector<ImageListing>> list() const;
  /// Takes the name away and, when it was the image's last one, its files. An image in use is
  /// refused.
  [[nodiscard]] Status remove(const std::string& name) const;
  /// Removes what no name leads to, and what crashes have left. The bytes that it freed.
  [[nodiscard]] Result<std::int64_t> sweep() const;
  /// Bytes that the file system of the store has in all, and that are used.
  struct Space {
    std::int64_t total = 0, used = 0;
  };
  [[nodiscard]] Result<Space> space() const;

 private:
  explicit ImageStore(std::string directory) : directory_(std::move(directory)) {}
  [[nodiscard]] std::string root_of(const std::string& digest) const;
  [[nodiscard]] std::string blob(const std::string& digest) const;

  std::string directory_;
};

/// A name as one file name, and back. Pure.
[[nodiscard]] std::string encode_image_name(const std::string& name);
[[nodiscard]] std::string decode_image_name(const std::string& file);

/// kubelet's garbage collection: when more than `high` percent of the disk is used, the images that
/// nobody uses, least recently used first, until `low` percent would be. Pure.
[[nodiscard]] std::vector<std::string> images_to_collect(std::vector<ImageListing> images,
                                                         const ImageStore::Space& space, int high,
                                                         int low);

}  // namespace podvisor
