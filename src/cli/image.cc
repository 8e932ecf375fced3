// `podvisor image …`: the store of images. Works with and without a podvisor that runs: an image in
// use is locked, whoever uses it.
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <optional>
#include <ostream>

#include "cli/byte_count.h"
#include "cli/columns.h"
#include "cli/pull_line.h"
#include "cli/text.h"
#include "cli/verbs.h"
#include "images/image_pull.h"
#include "images/image_store.h"
#include "podvisor/layout.h"

namespace podvisor::cli {
namespace {

constexpr Duration kProgressPeriod = std::chrono::milliseconds(200);

struct ImageOptions {
  Layout layout;
  std::vector<std::string> insecure_registries;
  std::vector<std::string> names;
  std::string source;
  bool no_headers = false;
};

Error said(const std::string& what) { return {"error: " + what}; }

Result<ImageStore> open_store(const ImageOptions& options) {
  return ImageStore::open(options.layout.images_dir());
}

Result<std::string> stored_name(const std::string& text) {
  const auto reference = parse_image_reference(text);
  if (!reference) return tl::unexpected(reference.error());
  return normal_name(*reference);
}

/// Pulls `source` and tells how it goes on a terminal.
Status fetch(const ImageOptions& options, const ImageReference& source, const std::string& name,
             const Console& console) {
  const auto store = open_store(options);
  if (!store) return tl::unexpected(store.error());
  Loop loop;
  Status fetched;
  const bool terminal = ::isatty(STDERR_FILENO) == 1;
  {
    PullSettings settings;
    settings.runtime_dir = options.layout.runtime_dir;
    settings.insecure_registries = options.insecure_registries;
    settings.ask_for_sizes = terminal;
    ImagePull pull(loop, *store, settings, source, name, {}, [&](Status status) {
      fetched = std::move(status);
      loop.stop();
    });
    Timer progress(loop, [&] {
      console.err << "\r\033[K" << pull_line(pull.progress()) << std::flush;
      progress.start(kProgressPeriod);
    });
    if (terminal) progress.start(kProgressPeriod);
    loop.run();
  }
  loop.finish_blocking();
  if (terminal) console.err << "\r\033[K" << std::flush;
  return fetched;
}

int pull_image(const ImageOptions& options, const Console& console) {
  for (const std::string& text : options.names) {
    const auto reference = parse_image_reference(text);
    if (!reference) return report(console, said(reference.error().message));
    if (reference->transport == ImageReference::Transport::Rootfs)
      return report(console, said(text + " is used where it is: there is nothing to pull"));
    const std::string name = normal_name(*reference);
    const Status fetched = fetch(options, *reference, name, console);
    if (!fetched)
      return report(console,
                    said("failed to pull image \"" + name + "\": " + fetched.error().message));
    console.out << "image/" << name << " pulled\n";
  }
  return 0;
}

int load_image(const ImageOptions& options, const Console& console) {
  const auto source = parse_image_reference(options.source);
  const auto name = stored_name(options.names.front());
  if (!source || !name)
    return report(console, said(source ? name.error().message : source.error().message));
  if (source->transport == ImageReference::Transport::Rootfs)
    return report(console, said("a rootfs is used where it is; say image: " + options.source));
  const Status fetched = fetch(options, *source, *name, console);
  if (!fetched)
    return report(console, said("cannot load " + options.source + ": " + fetched.error().message));
  console.out << "image/" << *name << " loaded\n";
  return 0;
}

void add_row(Columns& columns, const ImageListing& image, WallTime now) {
  const std::size_t at = image.name.find('@');
  const std::size_t slash = image.name.rfind('/', at);
  const std::size_t colon = image.name.find(':', slash == std::string::npos ? 0 : slash);
  const bool tagged = colon != std::string::npos && colon < at;
  columns.add({printable(image.name.substr(0, tagged ? colon : at)),
               tagged ? printable(image.name.substr(colon + 1, at - colon - 1)) : "<none>",
               image.digest.substr(image.digest.find(':') + 1, 12), byte_count(image.size),
               human_duration(now - image.created), image.in_use ? "yes" : "no"});
}

int list_images(const ImageOptions& options, const Console& console) {
  const auto store = open_store(options);
  const auto images = store ? store->list() : tl::unexpected(store.error());
  if (!images) return report(console, said(images.error().message));
  Columns columns = list_columns();
  if (!options.no_headers) columns.add({"IMAGE", "TAG", "IMAGE ID", "SIZE", "AGE", "IN USE"});
  for (const ImageListing& image : *images) add_row(columns, image, console.now());
  console.out << columns.flush();
  return 0;
}

int remove_images(const ImageOptions& options, const Console& console) {
  const auto store = open_store(options);
  if (!store) return report(console, said(store.error().message));
  int code = 0;
  for (const std::string& text : options.names) {
    const auto name = stored_name(text);
    const Status removed = name ? store->remove(*name) : tl::unexpected(name.error());
    if (removed)
      console.out << "image/" << *name << " removed\n";
    else
      code = report(console, said(removed.error().message));
  }
  static_cast<void>(store->sweep());
  return code;
}

/// Everything that no container uses.
int prune_images(const ImageOptions& options, const Console& console) {
  const auto store = open_store(options);
  const auto images = store ? store->list() : tl::unexpected(store.error());
  if (!images) return report(console, said(images.error().message));
  for (const ImageListing& image : *images)
    if (!image.in_use && store->remove(image.name))
      console.out << "image/" << image.name << " removed\n";
  const auto freed = store->sweep();
  if (!freed) return report(console, said(freed.error().message));
  console.out << "Total reclaimed space: " << byte_count(*freed) << '\n';
  return 0;
}

using Run = int (*)(const ImageOptions&, const Console&);

CLI::App* add(CLI::App& parent, Context& context, const std::shared_ptr<ImageOptions>& options,
              const char* name, const char* description, Run run) {
  CLI::App* verb = parent.add_subcommand(name, description);
  verb->add_option("--state-dir", options->layout.state_dir, "Where the images are")
      ->capture_default_str()
      ->type_name("DIR");
  verb->callback([options, &context, run] {
    context.verb = [options, &context, run] { return run(*options, context.console); };
  });
  return verb;
}

void add_fetch_options(CLI::App& verb, ImageOptions& options) {
  verb.add_option("--runtime-dir", options.layout.runtime_dir, "Sockets and what a reboot ends")
      ->capture_default_str()
      ->type_name("DIR");
  verb.add_option("--insecure-registry", options.insecure_registries,
                  "A registry to be spoken to without TLS, besides those on loopback")
      ->type_name("HOST:PORT");
}

}  // namespace

void add_image(CLI::App& app, Context& context) {
  auto options = std::make_shared<ImageOptions>();
  CLI::App* image = app.add_subcommand("image", "Pull, load, list and remove images");
  image->require_subcommand(1);
  CLI::App* pulls =
      add(*image, context, options, "pull", "Fetch images from their registries", pull_image);
  pulls->add_option("REF", options->names, "Such as nginx:1.25, or oci:/PATH:TAG")->required();
  add_fetch_options(*pulls, *options);
  CLI::App* loads =
      add(*image, context, options, "load", "Store an image of this host under a name", load_image);
  loads->add_option("SOURCE", options->source, "oci:, oci-archive:, docker-archive: or dir:/PATH")
      ->required();
  loads->add_option("NAME", options->names, "What containers will call it")
      ->required()
      ->expected(1);
  add_fetch_options(*loads, *options);
  CLI::App* lists = add(*image, context, options, "list", "Show what is there", list_images);
  lists->alias("ls");
  lists->add_flag("--no-headers", options->no_headers, "Leave the header line out");
  CLI::App* removes = add(*image, context, options, "remove",
                          "Remove images that no container uses", remove_images);
  removes->alias("rm");
  removes->add_option("NAME", options->names, "As `image list` shows them")->required();
  add(*image, context, options, "prune", "Remove every image that no container uses", prune_images);
}

}  // namespace podvisor::cli
