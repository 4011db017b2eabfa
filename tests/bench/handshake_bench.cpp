// Full mutual TLS 1.3 handshakes of two nodes' network layers, with admission by a signed directory and revocation lists, beside `openssl s_server` and `openssl s_time` with the
// same keys and certificates in the same run: CPU per handshake of both ends together, and the ratio.
// handshake_bench [--handshakes N] [--seconds N]; the folder it works in is removed.
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <boost/asio/io_context.hpp>
#include <cstdio>
#include <fstream>
#include <sstream>

#include "core/directory/authoring.h"
#include "core/directory/directory.h"
#include "io/net/network.h"
#include "io/runtime/log.h"
#include "pki/request.h"
#include "pki/revocation.h"

extern char** environ;

namespace {
using namespace liaison;
using crypto::KeyRole;

[[noreturn]] void stop(const std::string& why) {
  std::fprintf(stderr, "handshake_bench: %s\n", why.c_str());
  std::exit(1);
}
template <class T>
T must(Result<T> result) {
  if (!result) stop(result.error().message());
  return std::move(*result);
}
double seconds(const timeval& time) { return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6; }
double cpu(int whose) {
  rusage use{};
  ::getrusage(whose, &use);
  return seconds(use.ru_utime) + seconds(use.ru_stime);
}
void write(const std::filesystem::path& file, std::string_view content) { std::ofstream(file, std::ios::binary) << content; }

struct Party {
  crypto::PrivateKey key = must(crypto::PrivateKey::generate(crypto::KeyType::p256));
  Bytes certificate;
};

struct World {
  Time now = std::chrono::floor<Milliseconds>(std::chrono::system_clock::now());
  pki::CountryCa ca = must(pki::make_country_ca({"bench", "ke", std::chrono::days(30), now}));
  Party customs = make("ke.customs"), bureau = make("ke.ncb");
  std::shared_ptr<const directory::Directory> directory = make_directory();

  Party make(const std::string& agency) const {
    Party made;
    made.certificate = must(pki::issue(ca, must(pki::make_request({"bench", agency, KeyRole::tls}, made.key)), KeyRole::tls, now));
    return made;
  }
  std::shared_ptr<const directory::Directory> make_directory() const {
    const auto authority = must(crypto::PrivateKey::generate(crypto::KeyType::p256));
    const Bytes list = must(pki::make_revocation_list(ca, {}, {1, now, now + std::chrono::days(7)}));
    std::string json = directory::source_json({"bench", now + std::chrono::days(1), now + std::chrono::days(2), {1, {}}, {authority.public_key().spki()}});
    json = must(directory::insert_entry(json, "countries", directory::entry_json(directory::CountryAuthority{"ke", {ca.certificate}, {list}})));
    for (const std::string id : {"ke.customs", "ke.ncb"}) {
      directory::Agency agency;
      agency.id = id, agency.country = "ke", agency.type = "customs", agency.names = {{"en", id}}, agency.suites = {1};
      json = must(directory::insert_entry(json, "agencies", directory::entry_json(agency)));
    }
    const Bytes file = must(directory::add_signature(must(directory::make_unsigned({json, 1, std::nullopt, now})), authority.public_key(), [&](ByteView text) { return authority.sign(text); }));
    return must(directory::Directory::load(file, {1, {authority.public_key().hash()}}));
  }
};

struct Side {
  Side(boost::asio::io_context& io, const World& world, const Party& party, bool caller) : network(io, settings(), hooks(world, caller)) {
    if (const auto set = network.set_identity({{party.certificate}, net::share_key(party.key.evp())}); !set) stop(set.error().message());
  }
  static net::NetSettings settings() {
    net::NetSettings out;
    out.listen = "127.0.0.1:0";
    out.backoff_first = out.backoff_max = std::chrono::milliseconds(1);
    return out;
  }
  net::Hooks hooks(const World& world, bool caller) {
    net::Hooks all;
    all.admit = [&world](std::span<const Bytes> chain) -> Result<std::string> {
      LIAISON_TRY(const auto facts, world.directory->admit(chain, world.now));
      return facts.agency;
    };
    all.on_open = [this, caller](net::SessionId id, const std::string&, bool) { if (++opened; !caller) network.close(id, "next"); };
    all.on_bytes = [](net::SessionId, ByteView) {};
    all.on_writable = [](net::SessionId) {};
    all.on_closed = [](net::SessionId, const std::string&) {};
    all.on_unreachable = [](const std::string&, const std::string& reason) { stop(reason); };
    all.random = [] { return std::uint64_t{0}; };
    return all;
  }
  int opened = 0;
  net::Network network;
};

double microseconds_of_nodes(const World& world, int handshakes) {
  boost::asio::io_context io;
  Side server(io, world, world.customs, false), client(io, world, world.bureau, true);
  const auto port = must(server.network.listen());
  client.network.dial("ke.customs", {"127.0.0.1:" + std::to_string(port)});
  while (server.opened < 20) io.run_one();  // warm
  const int before = server.opened;
  const double start = cpu(RUSAGE_SELF);
  while (server.opened < before + handshakes) io.run_one();
  return (cpu(RUSAGE_SELF) - start) * 1e6 / handshakes;
}

double microseconds_of_admission(const World& world, int count) {
  const std::vector<Bytes> chain{world.bureau.certificate};
  const double start = cpu(RUSAGE_SELF);
  for (int i = 0; i < count; ++i)
    if (!world.directory->admit(chain, world.now)) stop("not admitted");
  return (cpu(RUSAGE_SELF) - start) * 1e6 / count;
}

std::string free_port(const World& world) {
  boost::asio::io_context io;
  Side unused(io, world, world.customs, false);
  return std::to_string(must(unused.network.listen()));
}

pid_t run(const std::filesystem::path& folder, std::vector<std::string> words, const std::string& output) {
  std::vector<char*> arguments;
  for (auto& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, 1, (folder / output).c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  posix_spawn_file_actions_adddup2(&actions, 1, 2);
  pid_t child = 0;
  if (::posix_spawnp(&child, arguments[0], &actions, nullptr, arguments.data(), environ) != 0) stop("openssl does not start");
  posix_spawn_file_actions_destroy(&actions);
  return child;
}

std::string read(const std::filesystem::path& file) {
  std::ifstream in(file);
  std::stringstream out;
  out << in.rdbuf();
  return out.str();
}

double microseconds_of_openssl(const World& world, const std::filesystem::path& folder, int duration) {
  write(folder / "ca.pem", pki::to_pem("CERTIFICATE", world.ca.certificate));
  for (const auto& [name, party] : {std::pair{"server", &world.customs}, {"client", &world.bureau}}) {
    write(folder / (std::string(name) + ".pem"), pki::to_pem("CERTIFICATE", party->certificate));
    const Bytes key = must(party->key.to_pkcs8_pem({}));
    write(folder / (std::string(name) + ".key"), text(key));
  }
  const auto at = [&](const char* name) { return (folder / name).string(); };
  const double start = cpu(RUSAGE_CHILDREN);
  const std::string port = free_port(world);
  const pid_t server = run(folder, {"openssl", "s_server", "-accept", "127.0.0.1:" + port, "-cert", at("server.pem"), "-key", at("server.key"), "-CAfile", at("ca.pem"), "-Verify", "2", "-verify_return_error",
                                    "-tls1_3", "-num_tickets", "0", "-no_cache", "-www", "-quiet"}, "server.log");
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  std::string told;
  int connections = 0;
  while (connections == 0 && std::chrono::steady_clock::now() < end) {  // until the server listens
    const pid_t client = run(folder, {"openssl", "s_time", "-connect", "127.0.0.1:" + port, "-cert", at("client.pem"), "-key", at("client.key"), "-CAfile", at("ca.pem"), "-verify", "2", "-new", "-time", std::to_string(duration)}, "client.log");
    ::waitpid(client, nullptr, 0);
    told = read(folder / "client.log");
    if (const auto place = told.find(" connections in "); place != std::string::npos) connections = std::atoi(told.substr(told.rfind('\n', place) + 1).c_str());
  }
  ::kill(server, SIGTERM);
  ::waitpid(server, nullptr, 0);
  if (connections == 0) stop("openssl s_time made no connection: " + told + read(folder / "server.log"));
  std::printf("openssl: %d handshakes\n", connections);
  return (cpu(RUSAGE_CHILDREN) - start) * 1e6 / connections;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App program{"Full mutual handshakes of nodes beside openssl s_time."};
  int handshakes = 1000, duration = 5;
  program.add_option("--handshakes", handshakes);
  program.add_option("--seconds", duration);
  CLI11_PARSE(program, argc, argv);
  char folder[] = "/tmp/liaison-handshakes-XXXXXX";
  if (::mkdtemp(folder) == nullptr) stop("no folder");
  if (!runtime::start_logging({std::string(folder) + "/log", runtime::Level::error})) stop("no log");
  const World world;
  const double nodes = microseconds_of_nodes(world, handshakes);
  const double admission = microseconds_of_admission(world, handshakes);
  const double openssl = microseconds_of_openssl(world, folder, duration);
  runtime::stop_logging();
  std::filesystem::remove_all(folder);
  std::printf("admission by the directory, with a revocation list: %.0f us\n", admission);
  std::printf("CPU per full mutual handshake, both ends: nodes %.0f us, openssl s_server and s_time %.0f us, ratio %.2f (wanted: at most 1.3)\n", nodes, openssl, nodes / openssl);
  return 0;
}
