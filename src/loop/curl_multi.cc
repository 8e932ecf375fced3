#include "loop/curl_multi.h"

#include <new>
#include <string>

namespace podvisor {
namespace {

/// libcurl may ask to be called again at once; so often that is done without a turn of the loop.
constexpr int kImmediateRounds = 4;

std::uint32_t epoll_mask(int what) {
  std::uint32_t mask = 0;
  if (what == CURL_POLL_IN || what == CURL_POLL_INOUT) mask |= EPOLLIN;
  if (what == CURL_POLL_OUT || what == CURL_POLL_INOUT) mask |= EPOLLOUT;
  return mask;
}

int curl_mask(std::uint32_t events) {
  int what = 0;
  // A hang-up is something to read: libcurl then finds the end, or the error, by itself.
  if ((events & (EPOLLIN | EPOLLHUP)) != 0) what |= CURL_CSELECT_IN;
  if ((events & EPOLLOUT) != 0) what |= CURL_CSELECT_OUT;
  if ((events & EPOLLERR) != 0) what |= CURL_CSELECT_ERR;
  return what;
}

}  // namespace

CurlMulti::CurlMulti(Loop& loop, SocketPoll& sockets)
    : sockets_(sockets),
      timer_(loop,
             [this] {
               act(CURL_SOCKET_TIMEOUT, 0);
               deliver_done();
             }),
      done_timer_(loop, [this] { deliver_done(); }) {}

CurlMulti::~CurlMulti() { stopping_ = true; }

void CurlMulti::open() {
  multi_.reset(curl().multi_init());
  if (!multi_) throw std::bad_alloc();
  curl().multi_setopt(multi_.get(), CURLMOPT_SOCKETFUNCTION, &CurlMulti::on_watch);
  curl().multi_setopt(multi_.get(), CURLMOPT_SOCKETDATA, this);
  curl().multi_setopt(multi_.get(), CURLMOPT_TIMERFUNCTION, &CurlMulti::on_timer);
  curl().multi_setopt(multi_.get(), CURLMOPT_TIMERDATA, this);
}

Status CurlMulti::add(CURL* easy, Transfer& transfer) {
  if (!multi_) open();
  curl().easy_setopt(easy, CURLOPT_PRIVATE, &transfer);
  const CURLMcode code = curl().multi_add_handle(multi_.get(), easy);
  if (code != CURLM_OK) {
    return make_error(std::string("starting a transfer: ") + curl().multi_strerror(code));
  }
  ++transfers_;
  act(CURL_SOCKET_TIMEOUT, 0);  // starts it now instead of with the loop's next turn
  if (running_ < transfers_) done_timer_.start(Duration::zero());
  return {};
}

void CurlMulti::remove(CURL* easy) {
  curl().multi_remove_handle(multi_.get(), easy);
  --transfers_;
  arm_timer();
}

int CurlMulti::on_watch(CURL*, curl_socket_t socket, int what, void* self, void*) {
  auto& multi = *static_cast<CurlMulti*>(self);
  if (what == CURL_POLL_REMOVE || what == CURL_POLL_NONE) {
    multi.sockets_.forget(socket);
    return 0;
  }
  // Anything but 0 would end every transfer of this multi for good. One that could not be watched
  // ends at its owner's deadline.
  if (!multi.stopping_) static_cast<void>(multi.sockets_.watch(socket, epoll_mask(what), multi));
  return 0;
}

int CurlMulti::on_timer(CURLM*, long wait_ms, void* self) {
  static_cast<CurlMulti*>(self)->wanted_wait_ms_ = wait_ms;
  return 0;
}

void CurlMulti::on_socket(int fd, std::uint32_t events) {
  act(fd, curl_mask(events));
  deliver_done();
}

void CurlMulti::act(curl_socket_t socket, int what) {
  wanted_wait_ms_.reset();
  curl().multi_socket_action(multi_.get(), socket, what, &running_);
  for (int round = 0; round < kImmediateRounds && wanted_wait_ms_ == 0; ++round) {
    wanted_wait_ms_.reset();
    curl().multi_socket_action(multi_.get(), CURL_SOCKET_TIMEOUT, 0, &running_);
  }
  arm_timer();
}

void CurlMulti::arm_timer() {
  if (!wanted_wait_ms_ || stopping_) return;
  if (*wanted_wait_ms_ < 0) {
    timer_.stop();
  } else {
    timer_.start(std::chrono::milliseconds(*wanted_wait_ms_));
  }
  wanted_wait_ms_.reset();
}

void CurlMulti::deliver_done() {
  int left = 0;
  while (const CURLMsg* message = curl().multi_info_read(multi_.get(), &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    CURL* const easy = message->easy_handle;  // the message goes with remove()
    const CURLcode code = message->data.result;
    Transfer* transfer = nullptr;
    curl().easy_getinfo(easy, CURLINFO_PRIVATE, &transfer);
    remove(easy);
    transfer->on_done(code);
  }
}

}  // namespace podvisor
