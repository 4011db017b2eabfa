// Carrying out the node's actions and bringing back results. All of it on the io thread, but for the three hand-over queues under mutex_.
#include "app/shell.h"

#include <boost/asio/post.hpp>

#include "io/runtime/log.h"

namespace liaison::app {
namespace asio = boost::asio;

Result<void> StoredAuditLog::before_signing(std::string_view origin, const merkle::TreeHead& head) {
  // Also under the agency alone: a new year, or a clock set to another one, must not make an old tree look new.
  const std::string agency(origin.substr(0, origin.find('/')));
  const std::array marks{store::NamedMark{"audit/" + std::string(origin), {head.size, head.root}}, store::NamedMark{"audit/" + agency, {head.size, head.root}}};
  return last_signed_.advance(marks);
}

Shell::~Shell() {
  // Whoever may still call back goes first.
  bus_.reset();
  if (pool_) pool_->stop();
  if (store_thread_) store_thread_->stop();
  network_.reset();
}

int Shell::run() {
  signals_.add(SIGTERM);
  signals_.add(SIGINT);
  signals_.async_wait([this](const boost::system::error_code& error, int) {
    if (!error) stop();
  });
  await_hangup();
  watch_expiries();
  asio::post(io_, [this] { drain(); });
  io_.run();
  return exit_code_;
}

void Shell::stop() {
  if (std::exchange(stopping_, true)) return;
  runtime::log_line(runtime::Level::info, "stopping");
  timer_.cancel();
  closing_timer_.cancel();
  expiry_timer_.cancel();
  signals_.cancel();
  hangups_.cancel();
  network_->stop();
  bus_.reset();
  pool_->stop();
  store_thread_->stop();
  io_.stop();
}

void Shell::drain() {
  if (draining_ || stopping_) return;
  draining_ = true;
  for (auto actions = node_->take_actions(); !actions.empty(); actions = node_->take_actions())
    for (auto& action : actions) std::visit([this](auto& one) { perform(one); }, action);
  draining_ = false;
  if (node_->persons_version() != persons_published_) publish_persons();
  arm_timer();
}

void Shell::perform(exchange::SendBytes& action) { network_->send(action.session, std::move(action.bytes)); }
void Shell::perform(exchange::CloseSession& action) { network_->close(action.session, action.reason); }

void Shell::perform(exchange::DropSession& action) { network_->drop(action.session, action.reason); }

void Shell::perform(exchange::CommitSet& action) {
  if (store_thread_->submit(action.job, std::move(action.set))) return;
  node_->on_committed(action.job, exchange::Outcome::refused);
}

void Shell::perform(exchange::RunTask& action) {
  auto shared = std::make_shared<std::function<exchange::Finish()>>(std::move(action.work));
  runtime::Task task([this, shared] {
    exchange::Finish finish = (*shared)();
    const std::scoped_lock lock(mutex_);
    finished_.push_back(std::move(finish));
    if (std::exchange(finished_posted_, true)) return;
    asio::post(io_, [this] {
      std::vector<exchange::Finish> finished;
      {
        const std::scoped_lock inner(mutex_);
        finished.swap(finished_);
        finished_posted_ = false;
      }
      for (auto& one : finished) one();
      drain();
    });
  });
  const auto priority = action.urgent ? runtime::Priority::urgent : runtime::Priority::routine;
  // The node bounds what it starts; should the pool be full all the same, the io thread does the work itself and so slows down what asks for more.
  if (!pool_->submit(priority, std::move(task))) (*shared)()();
}

void Shell::perform(exchange::SendReply& action) {
  const auto found = tokens_.find(action.token);
  liaison_assert(found != tokens_.end());
  bus_->reply(std::move(found->second), std::move(action.answer));
  tokens_.erase(found);
}

void Shell::perform(exchange::PublishHint& action) { bus_->publish(std::move(action.topic), std::move(action.payload)); }

void Shell::perform(exchange::RedialPeer& action) { network_->reset_backoff(action.peer); }

void Shell::perform(exchange::LogEvent& action) {
  const auto level = action.severity == exchange::Severity::info      ? runtime::Level::info
                     : action.severity == exchange::Severity::warning ? runtime::Level::warning
                                                                      : runtime::Level::error;
  runtime::log_line(level, "node", {{"text", action.text}});
}

void Shell::take_requests() {
  std::vector<Request> requests;
  {
    const std::scoped_lock lock(mutex_);
    requests.swap(requests_);
    requests_posted_ = false;
  }
  for (auto& request : requests) {
    const exchange::RequestToken token = next_token_++;
    requests_total_.add();
    tokens_.emplace(token, std::move(request.token));
    node_->on_request(token, request.person, std::move(request.payload));
  }
  drain();
}

void Shell::take_completions() {
  std::vector<store::StoreThread::Completions> groups;
  {
    const std::scoped_lock lock(mutex_);
    groups.swap(completions_);
    completions_posted_ = false;
  }
  for (auto& group : groups)
    for (const auto& [job, outcome] : group) {
      (outcome == exchange::Outcome::committed ? committed_total_ : failed_total_).add();
      node_->on_committed(job, outcome);
    }
  drain();
  audit_entries_.set(static_cast<double>(store_->audit_size()));
}

void Shell::arm_timer() {
  const Time next = node_->next_deadline();
  if (next == Time::max() || next == armed_for_) return;
  armed_for_ = next;
  // A wrong wall clock must not make the node spin or sleep for ever.
  const auto wait = std::clamp<Milliseconds>(next - clock_.now(), Milliseconds{1}, Seconds{5});
  timer_.expires_after(wait);
  timer_.async_wait([this](const boost::system::error_code& error) {
    if (error || stopping_) return;
    armed_for_ = Time::max();
    node_->on_tick();
    drain();
  });
}

void Shell::publish_persons() {
  std::map<std::string, std::string> by_key;
  for (const auto& [person, row] : node_->persons()) {
    if (!row.disabled) by_key.emplace(bus::z85_of(row.public_key), person);
  }
  persons_published_ = node_->persons_version();
  const std::scoped_lock lock(mutex_);
  persons_by_key_ = std::move(by_key);
}

}  // namespace liaison::app
