// A connection's socket on a worker's loop: what is known of its state between system calls.
#pragma once

#include <sys/uio.h>

#include <span>

#include "door/buffer.h"
#include "door/reactor.h"
#include "podvisor/fd.h"

namespace podvisor::door {

enum class Io : std::uint8_t {
  Moved,
  Blocked,  ///< on_socket will say when to try again
  End,      ///< the peer will send no more
  Failed,
};

class Socket final : private Reactor::Watcher {
 public:
  class Owner {
   public:
    /// Something about the socket may have changed.
    virtual void on_socket(Socket& socket) = 0;

   protected:
    ~Owner() = default;
  };

  Socket(Reactor& reactor, Fd fd, Owner& owner);
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  ~Socket() override { close(); }

  /// Must succeed before anything else.
  [[nodiscard]] Status watch();
  /// Try at once: what a client has to say has often come with its connection.
  void expect_bytes() { readable_ = writable_ = true; }
  void owner(Owner& owner) { owner_ = &owner; }

  [[nodiscard]] Io receive(Buffer& buffer);
  /// `sent`: how many bytes of the parts, from the first on.
  [[nodiscard]] Io send(std::span<const iovec> parts, std::size_t& sent);
  /// At most `limit` bytes into an empty pipe.
  [[nodiscard]] Io receive(Pipe& pipe, std::size_t limit);
  /// What the pipe holds, or as much of it as there is room for.
  [[nodiscard]] Io send(Pipe& pipe);
  void shutdown_writing();
  /// on_socket in the next turn, whatever happens.
  void again() { reactor_.again(*this); }

  [[nodiscard]] bool open() const { return static_cast<bool>(fd_); }
  [[nodiscard]] int fd() const { return fd_.get(); }
  [[nodiscard]] bool readable() const { return readable_; }
  [[nodiscard]] bool writable() const { return writable_; }
  [[nodiscard]] bool peer_closed() const { return peer_closed_; }  ///< its FIN or RST is here
  [[nodiscard]] bool broken() const { return broken_; }            ///< both ways
  /// The peer has closed and has sent nothing that was not received.
  [[nodiscard]] bool peer_left() const;
  /// Nothing has come that was not received.
  [[nodiscard]] bool drained();
  /// The error of a connect() or of a broken connection; 0: none.
  [[nodiscard]] int take_error() const;
  void close();
  void reset();  ///< closes so that the peer sees that it was not in order
  [[nodiscard]] Fd release();

 private:
  void on_events(std::uint32_t events) override;

  Reactor& reactor_;
  Fd fd_;
  Owner* owner_;
  bool readable_ = false;
  bool writable_ = false;
  bool peer_closed_ = false;
  bool broken_ = false;
};

}  // namespace podvisor::door
