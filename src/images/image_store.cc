#include "images/image_store.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <filesystem>
#include <set>
#include <utility>

#include "images/image_files.h"
#include "images/image_record.h"
#include "podvisor/uid.h"

namespace podvisor {
namespace {

namespace fs = std::filesystem;

std::string hex_of(const std::string& digest) { return digest.substr(digest.find(':') + 1); }

std::vector<std::string> names_in(const std::string& directory) {
  std::vector<std::string> names;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(directory, error))
    names.push_back(entry.path().filename());
  return names;
}

/// The one lock that whoever changes names and roots holds; pulling and unpacking go on beside it.
Result<Fd> lock_store(const std::string& directory) {
  return lock_file(directory + "/lock", LOCK_EX);
}

WallTime modified(const std::string& path) {
  struct stat facts {};
  if (::stat(path.c_str(), &facts) != 0) return {};
  return WallTime(std::chrono::seconds(facts.st_mtim.tv_sec) +
                  std::chrono::nanoseconds(facts.st_mtim.tv_nsec));
}

bool locked_by_somebody(const std::string& path) {
  return !lock_file(path, LOCK_EX | LOCK_NB).has_value();
}

}  // namespace

std::string ImageStore::root_of(const std::string& digest) const {
  return directory_ + "/roots/" + hex_of(digest);
}

std::string ImageStore::blob(const std::string& digest) const {
  return directory_ + "/blobs/sha256/" + hex_of(digest);
}

Result<ImageStore> ImageStore::open(const std::string& directory) {
  for (const char* name : {"", "/blobs", "/blobs/sha256", "/roots", "/names", "/tmp"})
    if (Status made = make_store_directory(directory + name); !made)
      return tl::unexpected(made.error());
  return ImageStore(directory);
}

/// tmp/ before the others: there everything begins, and a pull under way keeps them all.
void ImageStore::remove_empty(const std::string& directory) {
  std::error_code error;
  if (!std::filesystem::is_empty(directory + "/names", error)) return;
  for (const char* name : {"/tmp", "/names", "/roots", "/blobs/sha256", "/blobs"})
    if (::rmdir((directory + name).c_str()) != 0 && errno != ENOENT) return;
  ::unlink((directory + "/lock").c_str());
  ::rmdir(directory.c_str());
}

Result<ImageStore::Workspace> ImageStore::make_workspace() const {
  const std::string path = directory_ + "/tmp/" + make_uid();
  if (Status made = make_store_directory(path); !made) return tl::unexpected(made.error());
  auto lock = lock_file(path + "/lock", LOCK_EX);
  if (!lock) return tl::unexpected(lock.error());
  // skopeo writes blobs through this link, and so finds those that other images brought.
  if (::symlink("../../blobs", (path + "/blobs").c_str()) != 0)
    return errno_error("cannot make " + path + "/blobs", errno);
  return Workspace{path, std::move(*lock)};
}

Result<ImageStore::Pulled> ImageStore::examine(const Workspace& workspace) const {
  const auto index = read_document(workspace.path + "/index.json");
  if (!index) return tl::unexpected(index.error());
  auto digest = parse_image_index(*index);
  if (!digest) return tl::unexpected(digest.error());
  const auto text = read_document(blob(*digest));
  if (!text) return tl::unexpected(text.error());
  auto manifest = parse_image_manifest(*text);
  if (!manifest) return tl::unexpected(manifest.error());
  const bool unpacked = ::access((root_of(*digest) + "/image.json").c_str(), F_OK) == 0;
  return Pulled{std::move(*digest), std::move(*manifest), unpacked};
}

Status ImageStore::commit(const Workspace& workspace, const Pulled& pulled,
                          const std::string& name) const {
  const auto text = read_document(blob(pulled.manifest.config.digest));
  if (!text) return tl::unexpected(text.error());
  auto config = parse_image_config(*text);
  if (!config) return tl::unexpected(config.error());
  const ImageRecord record{pulled.digest, pulled.manifest, std::move(*config)};
  const auto lock = lock_store(directory_);
  if (!lock) return tl::unexpected(lock.error());
  const std::string root = root_of(pulled.digest);
  if (::access((root + "/image.json").c_str(), F_OK) != 0) {
    if (Status removed = remove_all(root); !removed) return removed;
    if (Status made = make_store_directory(root); !made) return made;
    if (::rename((workspace.path + "/rootfs").c_str(), (root + "/rootfs").c_str()) != 0)
      return errno_error("cannot move the image's files to " + root, errno);
    if (Status written = write_document(root + "/image.json", encode_image_record(record));
        !written)
      return written;
  }
  const NameRecord meaning{pulled.digest, std::chrono::system_clock::now()};
  return write_document(directory_ + "/names/" + encode_image_name(name),
                        encode_name_record(meaning));
}

void ImageStore::discard(const Workspace& workspace) const {
  static_cast<void>(remove_all(workspace.path));  // else the next sweep finds it
}

Result<std::optional<HeldImage>> ImageStore::hold(const std::string& name) const {
  const auto lock = lock_store(directory_);
  if (!lock) return tl::unexpected(lock.error());
  const auto text = read_document(directory_ + "/names/" + encode_image_name(name));
  if (!text && text.error().error_number == ENOENT) return std::nullopt;
  if (!text) return tl::unexpected(text.error());
  const auto meaning = decode_name_record(*text);
  if (!meaning) return tl::unexpected(meaning.error());
  const std::string root = root_of(meaning->digest);
  const auto record_text = read_document(root + "/image.json");
  if (!record_text && record_text.error().error_number == ENOENT) return std::nullopt;
  if (!record_text) return tl::unexpected(record_text.error());
  auto record = decode_image_record(*record_text);
  if (!record) return tl::unexpected(record.error());
  auto use = lock_file(root + "/lock", LOCK_SH);
  if (!use) return tl::unexpected(use.error());
  ::utimensat(AT_FDCWD, (root + "/image.json").c_str(), nullptr, 0);
  return HeldImage{{name, record->digest, root + "/rootfs", layer_bytes(record->manifest),
                    std::move(record->config)},
                   std::make_shared<const Fd>(std::move(*use))};
}

Result<std::vector<ImageListing>> ImageStore::list() const {
  std::vector<ImageListing> images;
  for (const std::string& file : names_in(directory_ + "/names")) {
    const auto text = read_document(directory_ + "/names/" + file);
    const auto meaning = text ? decode_name_record(*text) : tl::unexpected(text.error());
    if (!meaning) continue;  // half a name is no image; sweep() removes it
    const std::string root = root_of(meaning->digest);
    const auto record_text = read_document(root + "/image.json");
    const auto record =
        record_text ? decode_image_record(*record_text) : tl::unexpected(record_text.error());
    if (!record) continue;
    images.push_back({decode_image_name(file), meaning->digest, layer_bytes(record->manifest),
                      meaning->created, modified(root + "/image.json"),
                      locked_by_somebody(root + "/lock")});
  }
  std::ranges::sort(images, {}, &ImageListing::name);
  return images;
}

Status ImageStore::remove(const std::string& name) const {
  const auto lock = lock_store(directory_);
  if (!lock) return tl::unexpected(lock.error());
  const auto images = list();
  if (!images) return tl::unexpected(images.error());
  const auto found = std::ranges::find(*images, name, &ImageListing::name);
  if (found == images->end()) return make_error("there is no image " + name, ENOENT);
  const auto names = std::ranges::count(*images, found->digest, &ImageListing::digest);
  if (names == 1 && found->in_use)
    return make_error("image " + name + " is in use by a container; stop its pod first", EBUSY);
  if (::unlink((directory_ + "/names/" + encode_image_name(name)).c_str()) != 0)
    return errno_error("cannot remove the name " + name, errno);
  return names == 1 ? remove_all(root_of(found->digest)) : Status{};
}

Result<std::int64_t> ImageStore::sweep() const {
  const auto lock = lock_store(directory_);
  if (!lock) return tl::unexpected(lock.error());
  const auto before = space();
  std::set<std::string> roots, blobs;
  bool pulling = false;
  for (const std::string& name : names_in(directory_ + "/tmp")) {
    const std::string path = directory_ + "/tmp/" + name;
    const bool alive = locked_by_somebody(path + "/lock");
    pulling = pulling || alive;
    if (!alive) static_cast<void>(remove_all(path));
  }
  const auto images = list();
  if (!images) return tl::unexpected(images.error());
  for (const ImageListing& image : *images) roots.insert(hex_of(image.digest));
  for (const std::string& root : names_in(directory_ + "/roots")) {
    const std::string path = directory_ + "/roots/" + root;
    if (!roots.contains(root) && !locked_by_somebody(path + "/lock"))
      static_cast<void>(remove_all(path));
  }
  for (const std::string& root : names_in(directory_ + "/roots")) {
    const auto text = read_document(directory_ + "/roots/" + root + "/image.json");
    const auto record = text ? decode_image_record(*text) : tl::unexpected(text.error());
    if (!record) continue;
    blobs.insert(root);
    blobs.insert(hex_of(record->manifest.config.digest));
    for (const ImageBlob& layer : record->manifest.layers) blobs.insert(hex_of(layer.digest));
  }
  if (!pulling)  // else a blob may be one that a pull has just brought
    for (const std::string& blob : names_in(directory_ + "/blobs/sha256"))
      if (!blobs.contains(blob)) ::unlink((directory_ + "/blobs/sha256/" + blob).c_str());
  const auto after = space();
  return before && after ? std::max<std::int64_t>(before->used - after->used, 0) : 0;
}

Result<ImageStore::Space> ImageStore::space() const {
  struct statvfs facts {};
  if (::statvfs(directory_.c_str(), &facts) != 0)
    return errno_error("cannot ask for the space of " + directory_, errno);
  const auto bytes = [&](fsblkcnt_t blocks) {
    return static_cast<std::int64_t>(blocks) * static_cast<std::int64_t>(facts.f_frsize);
  };
  return Space{bytes(facts.f_blocks), bytes(facts.f_blocks - facts.f_bavail)};
}

std::string encode_image_name(const std::string& name) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string file;
  for (const char c : name) {
    const bool plain = c != '%' && c != '/' && (c != '.' || !file.empty());
    if (plain) {
      file += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    file += {'%', kDigits[byte >> 4U], kDigits[byte & 15U]};
  }
  return file;
}

std::string decode_image_name(const std::string& file) {
  std::string name;
  for (std::size_t i = 0; i < file.size(); ++i) {
    unsigned byte = 0;
    const char* begin = file.data() + i + 1;
    if (file[i] != '%' || i + 2 >= file.size() ||
        std::from_chars(begin, begin + 2, byte, 16).ptr != begin + 2) {
      name += file[i];
      continue;
    }
    name += static_cast<char>(byte);
    i += 2;
  }
  return name;
}

}  // namespace podvisor
