#include "loop/child_process.h"

#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <utility>

#include "podvisor/fd.h"

namespace podvisor {
namespace {

constexpr std::size_t kMaxStderr = 4096;

std::vector<char*> pointers(std::vector<std::string>& words) {
  std::vector<char*> list;
  for (std::string& word : words) list.push_back(word.data());
  list.push_back(nullptr);
  return list;
}

/// A file that is read from its beginning; none for no text, or with errno.
Fd memory_file(const std::string& text) {
  if (text.empty()) return {};
  Fd file(::memfd_create("input", MFD_CLOEXEC));
  if (!file) return {};
  if (::pwrite(file.get(), text.data(), text.size(), 0) == static_cast<ssize_t>(text.size()))
    return file;
  errno = EIO;
  return {};
}

}  // namespace

/// Lives until its last handle is closed: libuv may still write into it after the owner has gone.
struct ChildProcess::Shared : std::enable_shared_from_this<ChildProcess::Shared> {
  enum Stream : std::uint8_t { kOut, kErr };
  struct Pipe {
    uv_pipe_t handle{};
    std::array<char, 16384> buffer{};
    Shared* owner = nullptr;
    std::shared_ptr<Shared> keep;  ///< while the handle is open
    bool open = false;
  };

  uv_process_t process{};
  std::shared_ptr<Shared> keep;  ///< while the process handle is open
  std::array<Pipe, 2> pipes;
  std::size_t max_stdout = 0;
  ChildEnd end;
  Done done;
  bool exited = false;

  void append(Stream stream, const char* data, std::size_t size) {
    if (stream == kOut) {
      const std::size_t room = max_stdout - end.out.size();
      end.out.append(data, std::min(size, room));
      end.out_cut = end.out_cut || size > room;
      return;
    }
    end.err.append(data, size);
    if (end.err.size() > kMaxStderr) end.err.erase(0, end.err.size() - kMaxStderr);
  }

  void finish() {
    if (!exited || pipes[kOut].open || pipes[kErr].open || !done) return;
    std::exchange(done, {})(std::move(end));
  }

  void open(Stream stream, uv_loop_t* loop) {
    Pipe& pipe = pipes.at(stream);
    uv_pipe_init(loop, &pipe.handle, 0);
    pipe.owner = this;
    pipe.handle.data = &pipe;
    pipe.keep = shared_from_this();
    pipe.open = true;
  }

  static void close(Pipe& pipe) {
    if (!pipe.open) return;
    pipe.open = false;
    uv_close(reinterpret_cast<uv_handle_t*>(&pipe.handle), [](uv_handle_t* handle) {
      const auto owner = std::move(static_cast<Pipe*>(handle->data)->keep);
      owner->finish();
    });
  }

  void read(Stream stream) {
    uv_read_start(
        reinterpret_cast<uv_stream_t*>(&pipes.at(stream).handle),
        [](uv_handle_t* handle, std::size_t, uv_buf_t* buffer) {
          auto& bytes = static_cast<Pipe*>(handle->data)->buffer;
          *buffer = uv_buf_init(bytes.data(), static_cast<unsigned>(bytes.size()));
        },
        [](uv_stream_t* handle, ssize_t size, const uv_buf_t* buffer) {
          auto& pipe = *static_cast<Pipe*>(handle->data);
          const Stream which = &pipe == &pipe.owner->pipes[kOut] ? kOut : kErr;
          if (size > 0)
            pipe.owner->append(which, buffer->base, static_cast<std::size_t>(size));
          else if (size < 0)
            close(pipe);
        });
  }

  void on_exit(std::int64_t code, int signal) {
    end.exit_code = signal != 0 ? 128 + signal : static_cast<int>(code);
    exited = true;
    close_process();
    finish();
  }

  void close_process() {
    uv_close(reinterpret_cast<uv_handle_t*>(&process), [](uv_handle_t* handle) {
      const auto released = std::move(static_cast<Shared*>(handle->data)->keep);
    });
  }

  [[nodiscard]] int spawn(uv_loop_t* loop, const ChildCommand& command) {
    const Fd input = memory_file(command.input);
    if (!command.input.empty() && !input) return -errno;
    std::vector<std::string> words = command.argv, variables = command.env;
    std::vector<char*> argv = pointers(words), env = pointers(variables);
    std::array<uv_stdio_container_t, 3> stdio{};
    stdio[0].flags = input ? UV_INHERIT_FD : UV_IGNORE;
    stdio[0].data.fd = input.get();
    for (const Stream stream : {kOut, kErr}) {
      open(stream, loop);
      stdio.at(stream + 1U).flags = static_cast<uv_stdio_flags>(UV_CREATE_PIPE | UV_WRITABLE_PIPE);
      stdio.at(stream + 1U).data.stream = reinterpret_cast<uv_stream_t*>(&pipes.at(stream).handle);
    }
    uv_process_options_t options{};
    options.file = argv[0];
    options.args = argv.data();
    options.env = env.data();
    options.stdio = stdio.data();
    options.stdio_count = stdio.size();
    options.exit_cb = [](uv_process_t* handle, std::int64_t code, int signal) {
      static_cast<Shared*>(handle->data)->on_exit(code, signal);
    };
    process.data = this;
    keep = shared_from_this();
    return uv_spawn(loop, &process, &options);
  }
};

Result<std::unique_ptr<ChildProcess>> ChildProcess::start(Loop& loop, const ChildCommand& command,
                                                          Done done) {
  auto shared = std::make_shared<Shared>();
  shared->max_stdout = command.max_stdout;
  const int error = shared->spawn(loop.raw(), command);
  if (error != 0) {
    shared->close_process();
    for (Shared::Pipe& pipe : shared->pipes) Shared::close(pipe);
    return errno_error("cannot run " + command.argv.front(), -error);
  }
  shared->done = std::move(done);
  shared->read(Shared::kOut);
  shared->read(Shared::kErr);
  return std::unique_ptr<ChildProcess>(new ChildProcess(std::move(shared)));
}

ChildProcess::~ChildProcess() {
  shared_->done = {};
  for (Shared::Pipe& pipe : shared_->pipes) Shared::close(pipe);
  kill(SIGKILL);
}

void ChildProcess::kill(int signal) {
  if (!shared_->exited) uv_process_kill(&shared_->process, signal);
}

std::string joined(const std::vector<std::string>& argv) {
  std::string text;
  for (const std::string& word : argv) text += (text.empty() ? "" : " ") + word;
  return text;
}

}  // namespace podvisor
