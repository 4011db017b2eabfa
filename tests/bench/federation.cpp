// Building and running the federation. Real certificates, real directory; nothing is switched off for speed.
#include "tests/bench/federation.h"

#include <arpa/inet.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "core/directory/authoring.h"
#include "io/config/settings.h"
#include "io/keys/key_files.h"
#include "pki/ca.h"
#include "pki/request.h"
#include "schemas/api_generated.h"

namespace liaison::bench {
namespace {
using crypto::KeyRole;
constexpr const char* realm = "bench-exercise";

std::uint16_t free_port() {
  const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  if (fd < 0 || ::bind(fd, reinterpret_cast<sockaddr*>(&address), length) != 0 || ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &length) != 0) stop("no free port");
  ::close(fd);
  return ntohs(address.sin_port);
}

void write_file(const std::filesystem::path& path, std::string_view text) {
  std::ofstream out(path, std::ios::binary);
  out << text;
  if (!out.flush()) stop("cannot write " + path.string());
  std::filesystem::permissions(path, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
}

void make_folder(const std::filesystem::path& path) {
  std::filesystem::create_directories(path);
  std::filesystem::permissions(path, std::filesystem::perms::owner_all);
}

Time now() { return std::chrono::time_point_cast<Milliseconds>(std::chrono::system_clock::now()); }

bus::CurveKeys copy(const bus::CurveKeys& keys) { return {keys.name, keys.public_z85, keys.secret_z85.clone()}; }
}  // namespace

void stop(const std::string& what) {
  std::fprintf(stderr, "bench: %s\n", what.c_str());
  std::exit(2);
}

Federation::Federation(std::filesystem::path folder, std::filesystem::path node_program, const std::vector<std::string>& agencies)
    : folder_(std::move(folder)), program_(std::move(node_program)) {
  make_folder(folder_);
  const auto authority = must(crypto::PrivateKey::generate(crypto::key_type(KeyRole::authority)), "authority key");
  pin_ = to_base64(authority.public_key().hash());
  directory::NewSource source{realm, now() + std::chrono::hours(24), now() + std::chrono::hours(48), {1, {}}, {authority.public_key().spki()}};
  std::string json = directory::source_json(source);
  std::map<std::string, pki::CountryCa> cas;
  for (const auto& id : agencies) {
    NodePlace& place = places_[id];
    place.agency = id;
    place.folder = folder_ / id;
    place.port = free_port();
    make_keys(place);
    const std::string country(country_of(id));
    if (!cas.contains(country)) {
      cas.emplace(country, must(pki::make_country_ca({realm, country, std::chrono::days(30), now()}), "country CA"));
      json = must(directory::insert_entry(json, "countries", directory::entry_json(directory::CountryAuthority{country, {cas.at(country).certificate}})), "directory");
    }
    const auto secret = place.folder / "secret";
    const auto tls = must(keys::load_key(keys::key_file(secret, KeyRole::tls), KeyRole::tls, {}), "tls key");
    const Bytes request = must(pki::make_request({realm, id, KeyRole::tls}, tls), "request");
    write_file(secret / "tls.pem", pki::to_pem("CERTIFICATE", must(pki::issue(cas.at(country), request, KeyRole::tls, now()), "certificate")));
    directory::Agency agency;
    agency.id = id;
    agency.country = country;
    agency.type = "customs";
    agency.endpoints = {"127.0.0.1:" + std::to_string(place.port)};
    agency.channels = {"customs", "interpol"};
    agency.is_bureau = id == "ke.ncb" || id == "int.gs";
    const std::string bureau = id == "ke.ncb" ? "int.gs" : country == "ke" ? "ke.ncb" : "";
    if (std::find(agencies.begin(), agencies.end(), bureau) != agencies.end()) agency.bureau = bureau;
    agency.suites = {1};
    for (const KeyRole role : {KeyRole::seal, KeyRole::link, KeyRole::box, KeyRole::log}) {
      const auto key = must(keys::load_key(keys::key_file(secret, role), role, {}), "key");
      agency.keys.push_back({role, key.public_key().spki(), key.public_key().hash(), now() - std::chrono::hours(1), now() + std::chrono::hours(24 * 30)});
    }
    json = must(directory::insert_entry(json, "agencies", directory::entry_json(agency)), "directory");
  }
  const Bytes draft = must(directory::make_unsigned({json, 1, std::nullopt, now()}), "directory");
  directory_ = must(directory::add_signature(draft, authority.public_key(), [&](ByteView text) { return authority.sign(text); }), "signature");
  for (auto& [id, place] : places_) write_settings(place);
}

void Federation::make_keys(NodePlace& place) {
  make_folder(place.folder);
  make_folder(place.folder / "secret");
  make_folder(place.folder / "data");
  must(keys::generate_keys(place.folder / "secret", {}), "keys of " + place.agency);
  place.administrator = bus::make_keys("administrator");
  place.officer = bus::make_keys("officer");
  place.bus_key_z85 = must(bus::load_or_create_bus_key((place.folder / "secret" / "bus.key").string(), place.agency), "bus key").public_z85;
  place.bus = "ipc://" + (place.folder / "bus").string();
}

void Federation::write_settings(NodePlace& place) {
  write_file(place.folder / "directory.bin", text(directory_));
  write_file(place.folder / "policy.json", R"({ "policy": "bench", "version": 1, "default_basis": "ALL", "bases": [{ "id": "ALL", "text": "A bench", "public": "GENERAL" }],
    "rules": [{ "id": "R1", "effect": "disclose", "paths": ["**"], "basis": "ALL" }], "relays": true })");
  place.settings = place.folder / "node.json";
  place.log = place.folder / "node.log";
  std::ostringstream out;
  out << "{ \"agency\": \"" << place.agency << "\", \"realm\": \"" << realm << "\",\n  \"data_dir\": \"" << (place.folder / "data").string() << "\", \"keys_dir\": \""
      << (place.folder / "secret").string() << "\",\n  \"directory_file\": \"" << (place.folder / "directory.bin").string() << "\",\n  \"policy_file\": \"" << (place.folder / "policy.json").string() << "\",\n  \"authorities\": { \"threshold\": 1, \"keys\": [\"" << pin_
      << "\"] },\n  \"listen\": \"127.0.0.1:" << place.port << "\",\n  \"bus\": { \"endpoints\": [\"" << place.bus << "\"], \"first_administrator\": \"" << place.administrator.public_z85
      << "\" } }\n";
  write_file(place.settings, out.str());
}

Federation::~Federation() {
  for (auto& [id, place] : places_) {
    if (place.process == 0) continue;
    ::kill(place.process, SIGTERM);
    ::waitpid(place.process, nullptr, 0);
  }
}

std::unique_ptr<bus::BusClient> Federation::client(const std::string& agency, bool administrator) {
  const NodePlace& place = places_.at(agency);
  return must(bus::BusClient::open({place.bus, place.bus + ".events", place.bus_key_z85}, copy(administrator ? place.administrator : place.officer)), "client of " + agency);
}

void Federation::start(const std::string& agency) {
  NodePlace& place = places_.at(agency);
  const pid_t child = ::fork();
  if (child == 0) {
    ::execl(program_.c_str(), program_.c_str(), "--config", place.settings.c_str(), "--log", place.log.c_str(), static_cast<char*>(nullptr));
    std::perror("exec");
    ::_exit(127);
  }
  place.process = child;
  add_officer(place);
}

// Also waits for the node: the request is asked again until it is answered.
void Federation::add_officer(NodePlace& place) {
  const auto key = config::parse_curve_key(place.officer.public_z85);
  flatbuffers::FlatBufferBuilder builder;
  const auto name = builder.CreateString(place.officer.name);
  const auto role = builder.CreateString("officer");
  const auto bytes = builder.CreateVector(key->data(), key->size());
  builder.Finish(api::CreateCall(builder, api::Request::PersonAdd, api::CreatePersonAdd(builder, name, role, bytes).Union()));
  for (int attempt = 0; attempt < 60; ++attempt) {
    if (::waitpid(place.process, nullptr, WNOHANG) != 0) stop(place.agency + " ended; see " + place.log.string());
    auto reply = client(place.agency, true)->request(ByteView(builder.GetBufferPointer(), builder.GetSize()), Milliseconds(500));
    if (reply) return;
  }
  stop(place.agency + " does not answer; see " + place.log.string());
}

void Federation::kill(const std::string& agency) {
  NodePlace& place = places_.at(agency);
  ::kill(place.process, SIGKILL);
  ::waitpid(place.process, nullptr, 0);
  place.process = 0;
}

Usage Federation::usage(const std::string& agency) const {
  const std::string base = "/proc/" + std::to_string(places_.at(agency).process);
  std::ifstream stat_file(base + "/stat");
  std::string line;
  std::getline(stat_file, line);
  std::istringstream fields(line.substr(line.rfind(')') + 2));
  std::string skipped;
  for (int i = 0; i < 11; ++i) fields >> skipped;
  double user = 0, system = 0;
  fields >> user >> system;
  Usage usage;
  usage.cpu_seconds = (user + system) / static_cast<double>(::sysconf(_SC_CLK_TCK));
  std::ifstream status(base + "/status");
  while (std::getline(status, line))
    if (line.starts_with("RssAnon:")) usage.anonymous_bytes = std::stoul(line.substr(8)) * 1024;
  return usage;
}

}  // namespace liaison::bench
