// Start-up in order: store, keys, directory, rollback guard, node, network, bus. Each step says what is wrong, where, and what to do.
#include <boost/asio/post.hpp>
#include <fstream>

#include "app/shell.h"
#include "core/exchange/codes.h"
#include "core/exchange/policy_store.h"
#include "io/runtime/log.h"

namespace liaison::app {
namespace asio = boost::asio;
namespace {

Result<Bytes> read_file(const std::filesystem::path& path, std::size_t bytes_max, std::string_view cure) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return fail(Errc::invalid_settings, "cannot read " + path.string() + "; " + std::string(cure));
  Bytes bytes;
  std::array<char, 65536> chunk{};
  while (in.read(chunk.data(), chunk.size()) || in.gcount() > 0) {
    put(bytes, std::string_view(chunk.data(), static_cast<std::size_t>(in.gcount())));
    if (bytes.size() > bytes_max) return fail(Errc::limit_exceeded, path.string() + " is larger than " + std::to_string(bytes_max) + " bytes");
  }
  return bytes;
}

// The events of the bus stand beside its requests: ipc path + ".events", tcp port + 1.
std::string event_endpoint(const std::string& endpoint) {
  if (endpoint.starts_with("ipc://")) return endpoint + ".events";
  const auto colon = endpoint.rfind(':');
  const std::string port = endpoint.substr(colon + 1);
  if (port == "0" || port == "*") return endpoint;
  return endpoint.substr(0, colon + 1) + std::to_string(std::stoul(port) + 1);
}

// Random per store, so that nobody without the store can test names against the audit log.
Result<Hash> person_salt(store::LmdbStore& node_store, exchange::Random& random) {
  const Bytes key = to_bytes("person_salt");
  LIAISON_TRY(const auto held, node_store.get(exchange::Table::meta, key));
  if (held && held->size() == 32) return ByteReader(*held).hash();
  Bytes salt(32);
  random.fill(salt);
  exchange::WriteSet set;
  set.ops.push_back({exchange::OpKind::insert, exchange::Table::meta, key, salt});
  if (node_store.commit(std::span(&set, 1)).front() != exchange::Outcome::committed) return fail(Errc::disk_full, "the store takes no writes; free disk space");
  return ByteReader(salt).hash();
}

// The administrator named in the settings, once: afterwards the table of persons decides.
Result<void> add_first_administrator(store::LmdbStore& node_store, const config::Settings& settings, Time now) {
  if (!settings.bus.first_administrator) return {};
  const Bytes name = to_bytes("administrator");
  LIAISON_TRY(const auto held, node_store.get(exchange::Table::person, name));
  if (held) return {};
  exchange::PersonRow row{"administrator", to_bytes(ByteView(*settings.bus.first_administrator)), false, now};
  exchange::WriteSet set;
  set.ops.push_back({exchange::OpKind::insert, exchange::Table::person, name, exchange::encode(row)});
  if (node_store.commit(std::span(&set, 1)).front() != exchange::Outcome::committed) return fail(Errc::disk_full, "the store takes no writes; free disk space");
  return {};
}

// A wrong code in the settings would refuse every message later; it is refused here.
Result<exchange::AgencyDefaults> agency_defaults(const config::Settings& settings) {
  const auto& in = settings.defaults;
  const auto wrong = [](std::string field, std::string known) { return fail(Errc::invalid_settings, "defaults." + field + " is unknown; known: " + known); };
  if (!exchange::is_purpose(in.purpose)) return wrong("purpose", exchange::known_purposes());
  if (!exchange::is_channel(in.channel)) return wrong("channel", exchange::known_channels());
  if (!exchange::is_level(in.level)) return wrong("level", "national, regional, international");
  for (const auto& code : in.handling)
    if (!exchange::is_handling(code)) return wrong("handling", exchange::known_handling());
  return exchange::AgencyDefaults{in.purpose, in.channel, in.level, in.handling, in.review_days};
}


// The policy in force survives restarts; the file of the settings counts only where none was ever loaded, so that nobody goes back by editing it.
Result<std::shared_ptr<const policy::Policy>> policy_of(store::LmdbStore& node_store, const std::filesystem::path& file, Time now) {
  LIAISON_TRY(auto stored, exchange::load_policy_in_force(node_store));
  if (stored) return std::move(stored->policy);
  if (file.empty()) return policy::Policy::direct();
  LIAISON_TRY(Bytes json, read_file(file, limits::policy_bytes_max, "name the policy of the first start, or leave policy_file out"));
  auto first = exchange::make_initial_policy(std::move(json), now);
  if (!first) return fail(first.error().code, file.string() + ": " + first.error().detail);
  if (node_store.commit(std::span(&first->set, 1)).front() != exchange::Outcome::committed) return fail(Errc::disk_full, "the store takes no writes; free disk space");
  return std::move(first->policy);
}
}  // namespace

Result<std::unique_ptr<Shell>> Shell::start(const config::Settings& settings) {
  auto shell = std::unique_ptr<Shell>(new Shell(settings));
  shell->hangups_.add(SIGHUP);
  LIAISON_CHECK(shell->open_store());
  LIAISON_CHECK(shell->load_directory());
  LIAISON_CHECK(shell->check_rollback());
  LIAISON_CHECK(shell->build_node());
  LIAISON_CHECK(shell->start_network());
  LIAISON_CHECK(shell->start_bus());
  return shell;
}

Result<void> Shell::open_store() {
  LIAISON_TRY(keys_, keys::FileKeyHolder::open({.keys_dir = settings_.keys_dir, .data_keys_dir = settings_.data_dir / "keys", .passphrase_file = settings_.passphrase_file, .token = token_options()}, clock_, random_));
  store::StoreOptions options;
  options.path = settings_.data_dir / "node";
  options.map_bytes = settings_.map_bytes;
  options.agency = settings_.agency;
  options.realm = settings_.realm;
  LIAISON_TRY(store_, store::LmdbStore::open(options));
  LIAISON_TRY(last_signed_, store::LastSigned::open(settings_.last_signed_file));
  LIAISON_TRY(notes_, store::MappedOpeningNotes::open(settings_.data_dir / "opening"));
  audit_ = std::make_unique<StoredAuditLog>(*store_, *last_signed_);
  return add_first_administrator(*store_, settings_, clock_.now());
}

Result<void> Shell::check_rollback() {
  const std::string mark = "audit/" + settings_.agency;
  const std::uint64_t size = store_->audit_size();
  auto checked = last_signed_->check_not_rolled_back(mark, size, [this](std::uint64_t at) {
    return merkle::root_at(at, [this](std::uint64_t index) -> Result<Hash> {
      LIAISON_TRY(const auto bytes, store_->get(exchange::Table::audit_hash, exchange::key_of(index)));
      if (!bytes || bytes->size() != 32) return fail(Errc::store_corrupt, "audit tree hash " + std::to_string(index));
      return ByteReader(*bytes).hash();
    });
  });
  rolled_back_ = !checked;
  if (rolled_back_) runtime::log_line(runtime::Level::error, "rolled_back", {{"what", checked.error().message()}, {"do", "the node works on but signs no checkpoint; see deploy/README, restored backups"}});
  return {};
}

Result<void> Shell::build_node() {
  exchange::Ports ports{clock_, random_, *keys_, *store_, *audit_};
  auto context = std::make_shared<exchange::Context>(exchange::Context{.realm = settings_.realm, .agency = settings_.agency, .defaults = {}, .single_signatures = settings_.force_alg1,
                                                                       .person_salt = {}, .process = {}, .directory = directory_, .directory_stored = true, .directory_override = {}, .policy = nullptr, .schemas = nullptr, .seal_key = {},
                                                                       .link_key = {}, .ports = ports});
  LIAISON_TRY(context->defaults, agency_defaults(settings_));
  LIAISON_TRY(context->person_salt, person_salt(*store_, random_));
  std::array<std::uint8_t, 10> process{};
  random_.fill(process);
  context->process = make_uuid(clock_.now(), process);
  LIAISON_TRY(context->policy, policy_of(*store_, settings_.policy_file, clock_.now()));
  LIAISON_TRY(const auto stored, exchange::load_policy_in_force(*store_));
  context->policy_stored = stored.has_value();
  LIAISON_TRY(auto schemas, record::SchemaRegistry::shipped());
  context->schemas = std::make_shared<const record::SchemaRegistry>(std::move(schemas));
  LIAISON_TRY(const auto seal, keys_->public_key(crypto::KeyRole::seal));
  LIAISON_TRY(const auto link, keys_->public_key(crypto::KeyRole::link));
  context->seal_key = seal.hash();
  context->link_key = link.hash();
  node_ = std::make_unique<exchange::Node>(exchange::NodeOptions{context, program_version, 0}, ports, *notes_);
  LIAISON_CHECK(node_->start());
  if (rolled_back_)
    node_->engine().alarm("rolled_back", "the store is older than what this node signed before: an old backup was restored; no checkpoint is signed", [&] {
      audit::Entry entry = context->entry(audit::Event::alarm);
      entry.reason = "rolled_back";
      return exchange::append_audit(entry);
    });
  if (!directory_refused_.empty())
    node_->engine().alarm("directory_refused", directory_refused_, [&] {
      audit::Entry entry = context->entry(audit::Event::alarm);
      entry.reason = "directory_refused";
      return exchange::append_audit(entry);
    });
  publish_persons();
  pool_ = std::make_unique<runtime::WorkPool>(runtime::WorkPool::Settings{.threads = std::max(1U, std::min(4U, std::thread::hardware_concurrency()))});
  store_thread_ = std::make_unique<store::StoreThread>(*store_, [this](store::StoreThread::Completions done) {
    const std::scoped_lock lock(mutex_);
    completions_.push_back(std::move(done));
    if (!std::exchange(completions_posted_, true)) asio::post(io_, [this] { take_completions(); });
  });
  return {};
}

Result<void> Shell::start_network() {
  net::NetSettings net;
  net.listen = config::to_string(settings_.listen);
  net.send_queue_bytes = 64 << 10;
  net::Hooks hooks;
  hooks.admit = [this](std::span<const Bytes> chain) -> Result<std::string> {
    LIAISON_TRY(const auto facts, directory_->admit(chain, clock_.now()));
    if (facts.agency == settings_.agency) return fail(Errc::not_admitted, "the peer shows our own agency's certificate");
    return facts.agency;
  };
  hooks.on_open = [this](net::SessionId session, const std::string& agency, bool) {
    stop_asking(agency, true);
    sessions_.insert(session);
    node_->on_session_open(session, agency);
    drain();
    sessions_open_.add(1);
  };
  hooks.on_bytes = [this](net::SessionId session, ByteView bytes) { node_->on_session_bytes(session, bytes); drain(); };
  hooks.on_writable = [this](net::SessionId session) { node_->on_session_writable(session); drain(); };
  hooks.on_closed = [this](net::SessionId session, const std::string& reason) { sessions_.erase(session); explain_refusal(reason); node_->on_session_closed(session); drain(); sessions_open_.add(-1); };
  hooks.on_refused = [this](const std::string&, const std::string& reason) { explain_refusal(reason); node_->on_refused_connection(reason); drain(); refused_total_.add(); };
  hooks.on_unreachable = [this](const std::string& agency, const std::string& reason) {
    node_->on_unreachable(agency, reason);
    runtime::log_line(runtime::Level::warning, "unreachable", {{"peer", agency}, {"reason", reason}});
    stop_asking(agency, false);
  };
  hooks.random = [this] {
    std::array<std::uint8_t, 8> bytes{};
    random_.fill(bytes);
    return ByteReader(bytes).u64();
  };
  network_ = std::make_unique<net::Network>(io_, net, std::move(hooks));
  LIAISON_CHECK(take_identity());
  LIAISON_TRY(const auto port, network_->listen());
  node_->set_link_port(port);
  dial_peers(nullptr);
  runtime::log_line(runtime::Level::info, "listening", {{"agency", settings_.agency}, {"port", port}});
  return {};
}

Result<void> Shell::start_bus() {
  LIAISON_TRY(auto key, bus::load_or_create_bus_key(settings_.bus.key_file.string(), settings_.agency));
  bus::BusSettings options;
  for (const auto& endpoint : settings_.bus.endpoints) {
    options.request_endpoints.push_back(endpoint);
    options.event_endpoints.push_back(event_endpoint(endpoint));
  }
  bus::BusHooks hooks;
  hooks.person_of = [this](std::string_view z85) -> std::optional<std::string> {
    const std::scoped_lock lock(mutex_);
    const auto found = persons_by_key_.find(std::string(z85));
    if (found == persons_by_key_.end()) return std::nullopt;
    return found->second;
  };
  hooks.on_request = [this](std::string person, bus::RequestToken token, Bytes payload) {
    const std::scoped_lock lock(mutex_);
    requests_.push_back({std::move(person), std::move(token), std::move(payload)});
    if (!std::exchange(requests_posted_, true)) asio::post(io_, [this] { take_requests(); });
  };
  LIAISON_TRY(bus_, bus::BusServer::start(std::move(options), std::move(key), std::move(hooks)));
  for (const auto& endpoint : bus_->request_endpoints()) runtime::log_line(runtime::Level::info, "bus", {{"endpoint", endpoint}});
  if (settings_.metrics) LIAISON_CHECK(metrics_.serve(config::to_string(*settings_.metrics)));
  return {};
}

}  // namespace liaison::app
