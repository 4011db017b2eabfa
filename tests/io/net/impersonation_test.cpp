// The stolen CA of one country against the nodes of others, over real TLS on loopback and with a real signed directory: whatever certificates the thief makes,
// as caller or as called, the agency of another country is never believed; the node's log says why, the thief learns that it was refused and no more.
#include <gtest/gtest.h>

#include "io/net/network.h"
#include "tests/support/certificates.h"
#include "tests/unit/directory/fixture.h"

namespace liaison::net {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using support::CaOptions;
using support::CertificateAuthority;

const std::string realm = "test-exercise";
CertificateAuthority ca_of(const std::string& country) { return CertificateAuthority(CaOptions{.realm = realm, .country = country}); }

struct Countries {
  CertificateAuthority kenya = ca_of("ke"), international = ca_of("int");
  std::shared_ptr<const directory::Directory> directory;
  Countries() {
    directory::test::Federation federation;
    federation.countries = R"([{"country":"ke","certificates":[")" + to_base64(kenya.certificate()) + R"("]},{"country":"int","certificates":[")" +
                           to_base64(international.certificate()) + "\"]}]";
    directory = directory::Directory::load(federation.signed_file(), federation.pins()).value();
  }
};
const Countries& countries() {
  static const Countries made;
  return made;
}

Identity identity(const support::Issued& leaf, std::vector<Bytes> others = {}) {
  Identity out{{leaf.certificate}, share_key(leaf.key.evp())};
  out.chain.insert(out.chain.end(), others.begin(), others.end());
  return out;
}

support::Issued leaf_of(const CertificateAuthority& ca, const std::string& agency) { return ca.issue({.agency = agency, .realm = realm}); }

using Admit = std::function<Result<std::string>(std::span<const Bytes>)>;
Result<std::string> by_directory(std::span<const Bytes> chain) {
  LIAISON_TRY(const auto facts, countries().directory->admit(chain, support::certificate_time));
  return facts.agency;
}

struct Side {
  Side(asio::io_context& io, Identity own, Admit admit) : network(io, settings(), hooks(std::move(admit))) {
    liaison_assert(network.set_identity(std::move(own)).has_value());
    port = *network.listen();
  }
  static NetSettings settings() {
    NetSettings out;
    out.listen = "127.0.0.1:0";
    out.backoff_first = 10ms;
    return out;
  }
  Hooks hooks(Admit admit) {
    Hooks all;
    all.admit = std::move(admit);
    all.on_open = [this](SessionId, const std::string& agency, bool) { opened.push_back(agency); };
    all.on_bytes = [this](SessionId, ByteView bytes) { received += bytes.size(); };
    all.on_writable = [](SessionId) {};
    all.on_closed = [this](SessionId, const std::string& reason) { learned.push_back(reason); };
    all.on_refused = [this](const std::string&, const std::string& reason) { refused.push_back(reason); };
    all.on_unreachable = [this](const std::string&, const std::string& reason) { learned.push_back(reason); };
    all.random = [this] { return random += 0x9E3779B97F4A7C15ull; };
    return all;
  }
  std::string endpoint() const { return "127.0.0.1:" + std::to_string(port); }
  std::vector<std::string> opened, refused, learned;
  std::size_t received = 0;
  std::uint64_t random = 1;
  std::uint16_t port = 0;
  Network network;
};

struct Forgery {
  std::string name, reason;
  std::function<Identity()> make;
};

// All of them are made with the genuine CA key of Kenya.
std::vector<Forgery> forgeries() {
  static const CertificateAuthority& kenya = countries().kenya;
  return {
      {"named directly", "unable to get local issuer certificate", [] { return identity(leaf_of(kenya, "int.gs")); }},
      {"with the other country's root in its chain", "unable to get local issuer certificate",
       [] { return identity(leaf_of(kenya, "int.gs"), {countries().international.certificate()}); }},
      {"by an issuing CA that claims the other country", "unable to get local issuer certificate",
       [] {
         const auto issuing = kenya.intermediate({.realm = realm, .country = "int", .path_length = 0});
         return identity(leaf_of(issuing, "int.gs"), {issuing.certificate()});
       }},
      {"by an issuing CA without constraint", "unable to get local issuer certificate",
       [] {
         const auto issuing = kenya.intermediate({.realm = realm, .path_length = 0, .name_constraints = false});
         return identity(leaf_of(issuing, "int.gs"), {issuing.certificate()});
       }},
      {"by a new root with the other country's name", "self-signed certificate in certificate chain",
       [] {
         static const CertificateAuthority impostor = ca_of("int");
         return identity(leaf_of(impostor, "int.gs"), {impostor.certificate()});
       }},
      {"with upper case", "not an agency", [] { return identity(kenya.issue({.agency = "ke.ncb", .flaw = support::Flaw::foreign_name, .realm = realm})); }},
  };
}

class Impersonation : public testing::Test {
 protected:
  template <class Condition>
  [[nodiscard]] bool until(Condition condition) {
    const auto end = std::chrono::steady_clock::now() + 20s;
    while (!condition()) {
      if (std::chrono::steady_clock::now() > end) return false;
      if (io.stopped()) io.restart();
      io.run_one_for(20ms);
    }
    return true;
  }
  static void expect_kept_secret(const Side& thief) {
    for (const auto& said : thief.learned)
      for (const char* detail : {"subtree", "constraint", "issuer", "not_admitted", "directory", "agency"}) EXPECT_EQ(said.find(detail), std::string::npos) << said;
  }
  asio::io_context io;
};

TEST_F(Impersonation, AStolenCaDoesNotOpenAnotherCountrysDoorFromOutside) {
  for (const auto& forgery : forgeries()) {
    SCOPED_TRACE(forgery.name);
    Side victim(io, identity(leaf_of(countries().kenya, "ke.customs")), by_directory);
    Side thief(io, forgery.make(), [](std::span<const Bytes>) -> Result<std::string> { return std::string("ke.customs"); });
    thief.network.dial("ke.customs", {victim.endpoint()});
    ASSERT_TRUE(until([&] { return !victim.refused.empty() && !thief.learned.empty(); }));
    EXPECT_TRUE(victim.opened.empty());
    EXPECT_EQ(victim.received, 0u);
    EXPECT_NE(victim.refused[0].find(forgery.reason), std::string::npos) << victim.refused[0];
    expect_kept_secret(thief);
  }
}

TEST_F(Impersonation, NorAnswersItInAnotherCountrysName) {
  for (const auto& forgery : forgeries()) {
    SCOPED_TRACE(forgery.name);
    Side victim(io, identity(leaf_of(countries().kenya, "ke.customs")), by_directory);
    Side thief(io, forgery.make(), [](std::span<const Bytes>) -> Result<std::string> { return std::string("ke.customs"); });
    victim.network.dial("int.gs", {thief.endpoint()});
    ASSERT_TRUE(until([&] { return !victim.refused.empty() && !thief.refused.empty(); }));
    EXPECT_TRUE(victim.opened.empty());
    EXPECT_NE(victim.refused[0].find(forgery.reason), std::string::npos) << victim.refused[0];
    thief.learned = thief.refused;  // all that reached the other end
    expect_kept_secret(thief);
  }
}

// What the theft does allow, so that the tests above prove something: names of the thief's own country, until the CA is revoked.
TEST_F(Impersonation, TheSameCaStillNamesItsOwnCountry) {
  Side victim(io, identity(leaf_of(countries().international, "int.gs")), by_directory);
  Side peer(io, identity(leaf_of(countries().kenya, "ke.ncb")), by_directory);
  peer.network.dial("int.gs", {victim.endpoint()});
  ASSERT_TRUE(until([&] { return victim.opened.size() == 1 && peer.opened.size() == 1; }));
  EXPECT_EQ(victim.opened[0], "ke.ncb");
  EXPECT_EQ(peer.opened[0], "int.gs");
}

}  // namespace
}  // namespace liaison::net
