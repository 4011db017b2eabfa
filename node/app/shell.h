// The shell around the pure node: one io thread runs it, a pool computes, a store thread commits, a bus thread talks to people.
// Every action the node emits is carried out here, in order; nothing here decides. Started once, stopped in order.
#pragma once
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <mutex>
#include <set>

#include "core/directory/expiry.h"
#include "core/exchange/node.h"
#include "io/bus/server.h"
#include "io/config/settings.h"
#include "io/keys/file_key_holder.h"
#include "io/net/network.h"
#include "io/runtime/clock.h"
#include "io/runtime/metrics.h"
#include "io/runtime/random.h"
#include "io/runtime/work_pool.h"
#include "io/store/last_signed.h"
#include "io/store/lmdb_store.h"
#include "io/store/opening_notes.h"
#include "io/store/store_thread.h"

namespace liaison::app {

inline constexpr const char* program_version = "0.1.0";

// exchange::AuditLog over the store and the guard file.
class StoredAuditLog final : public exchange::AuditLog {
 public:
  StoredAuditLog(const store::LmdbStore& store, store::LastSigned& last_signed) : store_(store), last_signed_(last_signed) {}
  merkle::Frontier frontier() const override { return store_.audit_frontier(); }
  Result<void> before_signing(std::string_view origin, const merkle::TreeHead& head) override;

 private:
  const store::LmdbStore& store_;
  store::LastSigned& last_signed_;
};

class Shell {
 public:
  // Builds everything, or says in one line why not.
  static Result<std::unique_ptr<Shell>> start(const config::Settings& settings);
  ~Shell();
  // Runs until SIGTERM or SIGINT, or until the node must stop; answers the exit code.
  int run();

 private:
  explicit Shell(config::Settings settings) : settings_(std::move(settings)), signals_(io_), hangups_(io_), timer_(io_), closing_timer_(io_), expiry_timer_(io_) {}
  // start-up, in this order (start.cpp)
  Result<void> open_store();
  Result<void> load_directory();                    // directory.cpp
  Result<void> load_first_directory(const directory::AuthorityPins& pins);
  Result<void> load_newer_directory();
  Result<void> check_own_keys() const;
  Result<void> build_node();
  Result<void> start_network();
  Result<void> start_bus();
  Result<void> check_rollback();

  // the tls certificate, at start and at SIGHUP (identity.cpp)
  std::optional<keys::TokenOptions> token_options();
  Result<crypto::EvpKey> tls_key(ByteView passphrase) const;
  Result<void> take_identity();
  void await_hangup();
  void close_next();
  void explain_refusal(const std::string& reason);
  void watch_expiries();  // expiry.cpp
  // box keys follow the directory (box_keys.cpp)
  void choose_box_key();
  void destroy_old_box_keys();

  // running (shell.cpp)
  void drain();
  void perform(exchange::SendBytes& action);
  void perform(exchange::CloseSession& action);
  void perform(exchange::CommitSet& action);
  void perform(exchange::RunTask& action);
  void perform(exchange::SendReply& action);
  void perform(exchange::PublishHint& action);
  void perform(exchange::RedialPeer& action);
  void perform(exchange::UseDirectory& action);     // directory.cpp
  void perform(exchange::AskAround& action);
  void perform(exchange::DropSession& action);
  void perform(exchange::LogEvent& action);
  void take_requests();
  void take_completions();
  void arm_timer();
  bool dials(const directory::Directory& directory, const std::string& id) const;
  void dial_peers(const directory::Directory* before);
  void stop_asking(const std::string& agency, bool reached);
  void publish_persons();
  void stop();

  struct Request {
    std::string person;
    bus::RequestToken token;
    Bytes payload;
  };
  config::Settings settings_;
  boost::asio::io_context io_{1};
  boost::asio::signal_set signals_, hangups_;
  boost::asio::steady_timer timer_, closing_timer_, expiry_timer_;
  runtime::SystemClock clock_;
  runtime::SystemRandom random_;
  runtime::Metrics metrics_;
  runtime::Counter requests_total_ = metrics_.counter({"liaison_requests_total", "Requests of people and systems on the local interface."});
  runtime::Counter committed_total_ = metrics_.counter({"liaison_commits_total", "Write sets by outcome."}, {{"outcome", "committed"}});
  runtime::Counter failed_total_ = metrics_.counter({"liaison_commits_total", "Write sets by outcome."}, {{"outcome", "failed"}});
  runtime::Counter refused_total_ = metrics_.counter({"liaison_connections_refused_total", "Strangers and peers that were not admitted."});
  runtime::Gauge sessions_open_ = metrics_.gauge({"liaison_sessions_open", "Links to peers that are open now."});
  runtime::Gauge audit_entries_ = metrics_.gauge({"liaison_audit_entries", "Entries in the audit log."});
  std::unique_ptr<store::LmdbStore> store_;
  std::unique_ptr<store::LastSigned> last_signed_;
  std::unique_ptr<store::MappedOpeningNotes> notes_;
  std::unique_ptr<keys::FileKeyHolder> keys_;
  std::unique_ptr<StoredAuditLog> audit_;
  std::shared_ptr<const directory::Directory> directory_;
  std::string directory_refused_;                    // why the file of the settings is not used, for an alarm
  std::map<std::string, std::size_t> asking_;        // dialled out of turn, and how many endpoints are left to try
  std::unique_ptr<exchange::Node> node_;
  std::unique_ptr<runtime::WorkPool> pool_;
  std::unique_ptr<store::StoreThread> store_thread_;
  std::unique_ptr<bus::BusServer> bus_;
  std::unique_ptr<net::Network> network_;
  std::vector<Bytes> own_chain_;
  directory::ExpiryWatch expiry_watch_;
  std::set<net::SessionId> sessions_;        // open now
  std::vector<net::SessionId> to_close_;     // opened under the certificate before this one

  std::mutex mutex_;  // guards what other threads hand over
  std::vector<Request> requests_;
  std::vector<store::StoreThread::Completions> completions_;
  std::vector<exchange::Finish> finished_;
  bool requests_posted_ = false, completions_posted_ = false, finished_posted_ = false;
  std::map<std::string, std::string> persons_by_key_;  // z85 -> name

  std::map<exchange::RequestToken, bus::RequestToken> tokens_;
  exchange::RequestToken next_token_ = 1;
  std::uint64_t persons_published_ = 0;
  Time armed_for_ = Time::max();
  bool draining_ = false, stopping_ = false, rolled_back_ = false;
  int exit_code_ = 0;
};

}  // namespace liaison::app
