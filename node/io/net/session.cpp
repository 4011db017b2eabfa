// The three loops of a TLS session and its deadlines. Whichever loop ends first ends the others; nothing is awaited in clean-up.
#include "io/net/session.h"

#include <netinet/tcp.h>

#include <boost/asio/write.hpp>

namespace liaison::net {
namespace {

constexpr std::size_t read_bytes_max = 16 << 10;  // one TLS record: a read never returns more
constexpr int unsent_bytes_low = 16 << 10;        // kernel buffer kept short, so that urgent segments overtake early
constexpr auto never = SteadyTime::max();

std::string reason_of(const boost::system::error_code& error) {
  if (error == asio::error::eof || error == asio::ssl::error::stream_truncated) return "closed_by_peer";
  if (error == asio::error::connection_reset || error == asio::error::broken_pipe) return "reset";
  return error.message();
}

}  // namespace

Session::Session(SessionId id, Role role, tcp::socket socket, asio::ssl::context& tls, const NetSettings& settings, Admission admission)
    : id_(id), role_(role), settings_(settings), admission_(std::move(admission)), stream_(std::move(socket), tls),
      wake_read_(stream_.get_executor()), wake_write_(stream_.get_executor()), wake_watch_(stream_.get_executor()) {
  attach(stream_.native_handle(), &admission_);
  if (stream_.lowest_layer().is_open()) tune_socket();
}

void Session::tune_socket() {
  auto& socket = stream_.lowest_layer();
  boost::system::error_code error;
  const auto address = socket.remote_endpoint(error);
  if (!error) remote_ = address.address().to_string() + ":" + std::to_string(address.port());
  socket.set_option(tcp::no_delay(true), error);
  socket.set_option(asio::socket_base::keep_alive(true), error);
  const int low = unsent_bytes_low;
  (void)::setsockopt(socket.native_handle(), IPPROTO_TCP, TCP_NOTSENT_LOWAT, &low, sizeof low);
  const auto silence = static_cast<unsigned>(settings_.idle_deadline.count());
  (void)::setsockopt(socket.native_handle(), IPPROTO_TCP, TCP_USER_TIMEOUT, &silence, sizeof silence);
}

asio::awaitable<boost::system::error_code> Session::connect(tcp::endpoint address) {
  boost::system::error_code error;
  stream_.lowest_layer().close(error);
  auto outcome = co_await stream_.lowest_layer().async_connect(address, runtime::as_values);
  if (!std::get<0>(outcome)) tune_socket();
  co_return std::get<0>(outcome);
}

asio::awaitable<boost::system::error_code> Session::handshake() {
  const auto side = dialled() ? asio::ssl::stream_base::client : asio::ssl::stream_base::server;
  auto outcome = co_await stream_.async_handshake(side, runtime::as_values);
  co_return std::get<0>(outcome);
}

asio::awaitable<std::string> Session::shake_hands() {
  auto task = handshake();
  auto outcome = co_await runtime::with_deadline(std::move(task), settings_.handshake_deadline);
  std::string failure;
  if (!outcome) {
    failure = "handshake deadline passed";
  } else if (!admission_.refusal.empty()) {
    failure = admission_.refusal;
  } else if (*outcome) {
    failure = reason_.empty() ? "handshake failed: " + reason_of(*outcome) : reason_;
  } else if (admission_.agency.empty()) {
    failure = "handshake failed: no admission";
  }
  if (!failure.empty()) abort();
  co_return failure;
}

asio::awaitable<std::string> Session::run(SessionEvents& events) {
  using namespace asio::experimental::awaitable_operators;
  opened_ = last_read_ = std::chrono::steady_clock::now();
  read_buffer_.resize(read_bytes_max);
  auto reading = read_loop(events);
  auto writing = write_loop(events);
  auto watching = watch_loop();
  auto moving = std::move(reading) || std::move(writing);
  auto all = std::move(moving) || std::move(watching);
  auto outcome = co_await std::move(all);
  (void)outcome;
  abort();
  co_return reason_;
}

asio::awaitable<void> Session::read_loop(SessionEvents& events) {
  while (!ended_) {
    if (paused_ && !closing_) {
      wake_read_.expires_at(never);
      auto woken = co_await wake_read_.async_wait(runtime::as_values);
      (void)woken;
      continue;
    }
    auto target = asio::buffer(read_buffer_);
    auto outcome = co_await stream_.async_read_some(target, runtime::as_values);
    if (std::get<0>(outcome)) {
      end(reason_of(std::get<0>(outcome)));
      co_return;
    }
    last_read_ = std::chrono::steady_clock::now();
    if (!std::exchange(heard_, true)) wake_watch_.cancel();  // another deadline counts from now on
    if (!closing_) events.on_session_bytes(*this, ByteView(read_buffer_.data(), std::get<1>(outcome)));
  }
}

asio::awaitable<void> Session::write_loop(SessionEvents& events) {
  while (!ended_) {
    if (queued_.empty()) {
      if (closing_) break;
      wake_write_.expires_at(never);
      auto woken = co_await wake_write_.async_wait(runtime::as_values);
      (void)woken;
      continue;
    }
    writing_ = std::exchange(queued_, {});
    busy_writing_ = true;
    write_started_ = std::chrono::steady_clock::now();
    if (wake_watch_.expiry() > write_started_ + settings_.idle_deadline) wake_watch_.cancel();
    auto source = asio::buffer(writing_);
    auto outcome = co_await asio::async_write(stream_, source, runtime::as_values);
    busy_writing_ = false;
    writing_.clear();
    if (std::get<0>(outcome)) {
      end(reason_of(std::get<0>(outcome)));
      co_return;
    }
    if (!closing_) events.on_session_writable(*this);
  }
  if (!ended_) {
    auto goodbye = say_goodbye();
    co_await std::move(goodbye);
  }
}

// close_notify, then the peer's: its last bytes are read and dropped meanwhile, so that ours are not lost to a reset.
asio::awaitable<void> Session::say_goodbye() {
  auto outcome = co_await stream_.async_shutdown(runtime::as_values);
  (void)outcome;
  end(reason_);
}

asio::awaitable<void> Session::watch_loop() {
  while (!ended_) {
    const std::string late = overdue();
    if (!late.empty()) {
      end(late);
      co_return;
    }
    wake_watch_.expires_at(next_deadline());
    auto woken = co_await wake_watch_.async_wait(runtime::as_values);
    (void)woken;
  }
}

SteadyTime Session::next_deadline() const {
  if (closing_) return closing_since_ + settings_.linger_deadline;
  const SteadyTime read = paused_ ? never : heard_ ? last_read_ + settings_.idle_deadline : opened_ + settings_.first_bytes_deadline;
  const SteadyTime write = busy_writing_ ? write_started_ + settings_.idle_deadline : never;
  return std::min(read, write);
}

std::string Session::overdue() const {
  const auto now = std::chrono::steady_clock::now();
  if (now < next_deadline()) return {};
  if (closing_) return reason_;
  if (busy_writing_ && now >= write_started_ + settings_.idle_deadline) return "stalled";
  return heard_ ? "idle" : "silent";
}

void Session::end(const std::string& reason) {
  if (reason_.empty()) reason_ = reason;
  ended_ = true;
}

void Session::send(Bytes bytes) {
  if (closing_ || ended_ || bytes.empty()) return;
  if (room() == 0) {
    queued_.clear();
    close("queue_overflow");
    return;
  }
  if (queued_.empty())
    queued_ = std::move(bytes);
  else
    put(queued_, bytes);
  wake_write_.cancel();
}

std::size_t Session::room() const {
  const std::size_t held = queued_.size() + writing_.size();
  return closing_ || ended_ || held >= settings_.send_queue_bytes ? 0 : settings_.send_queue_bytes - held;
}

void Session::close(const std::string& reason) {
  if (closing_ || ended_) return;
  if (reason_.empty()) reason_ = reason;
  closing_ = true;
  closing_since_ = std::chrono::steady_clock::now();
  wake_read_.cancel();
  wake_write_.cancel();
  wake_watch_.cancel();
}

void Session::drop(const std::string& reason) {
  if (ended_) return;
  if (reason_.empty()) reason_ = reason;
  queued_.clear();
  closing_ = true;
  closing_since_ = std::chrono::steady_clock::now();
  abort();
  wake_read_.cancel();
  wake_write_.cancel();
  wake_watch_.cancel();
}

void Session::pause() { paused_ = true; }

void Session::resume() {
  paused_ = false;
  last_read_ = std::chrono::steady_clock::now();
  if (!heard_) opened_ = last_read_;
  wake_read_.cancel();
  wake_watch_.cancel();
}

void Session::abort() {
  ended_ = true;
  boost::system::error_code error;
  stream_.lowest_layer().close(error);
}

}  // namespace liaison::net
