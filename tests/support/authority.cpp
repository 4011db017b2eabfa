// Keys and signatures of test agencies, made with the same functions the node uses.
#include "tests/support/authority.h"

#include "core/record/path.h"

namespace liaison::support {

const crypto::PrivateKey& Authority::add(const std::string& agency) {
  const auto found = keys_.find(agency);
  if (found != keys_.end()) return found->second;
  auto key = crypto::PrivateKey::generate(crypto::KeyType::p256);
  liaison_assert(key.has_value());
  return keys_.emplace(agency, std::move(*key)).first->second;
}

const Hash& Authority::key_of(const std::string& agency) { return add(agency).public_key().hash(); }

std::string Authority::sign(const std::string& agency, const std::string& text) {
  const crypto::PrivateKey& key = add(agency);
  auto der = key.sign(view(text));
  liaison_assert(der.has_value());
  crypto::Signature signature;
  signature.key = key.public_key().hash();
  signature.value = std::move(*der);
  return crypto::format_signature(signature);
}

Result<crypto::PublicKey> Authority::seal_key(std::string_view agency, const Hash& key, Time at) const {
  const auto found = keys_.find(agency);
  if (found == keys_.end() || found->second.public_key().hash() != key) return fail(Errc::unknown_key, std::string(agency));
  const auto ended = ended_.find(agency);
  if (ended != ended_.end() && at >= ended->second) return fail(Errc::key_not_valid, std::string(agency));
  return found->second.public_key();
}

bool Authority::relays(std::string_view, std::string_view relay, std::string_view agency) const {
  return relays_.contains({std::string(relay), std::string(agency)});
}

bool Authority::reaches(std::string_view channel, std::string_view relay, std::string_view audience) const {
  return audience.starts_with("agency:") && relays(channel, relay, audience.substr(7));
}

bool Authority::audience_covers(std::string_view audience, std::string_view agency, Time) const {
  if (audience.starts_with("agency:")) return audience.substr(7) == agency;
  if (audience.starts_with("country:")) return audience.substr(8) == country_of(agency);
  return groups_.contains({std::string(audience), std::string(agency)});
}

record::RandomFill seeded_random(std::uint64_t seed) {
  return [state = seed * 0x9E3779B97F4A7C15u + 1](std::span<std::uint8_t> out) mutable {
    for (std::uint8_t& byte : out) {  // splitmix64
      state += 0x9E3779B97F4A7C15u;
      std::uint64_t mixed = (state ^ (state >> 30)) * 0xBF58476D1CE4E5B9u;
      mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EBu;
      byte = static_cast<std::uint8_t>(mixed >> 33);
    }
  };
}

record::NewRecord new_record(Parties& parties, const record::Schema& schema, const std::string& from, std::vector<std::string> audience) {
  record::NewRecord out;
  record::Manifest& manifest = out.manifest;
  std::array<std::uint8_t, 10> random;
  parties.random(random);
  manifest.realm = "test-exercise";
  manifest.record.id = make_uuid(parties.now, random);
  manifest.kind = schema.kind();
  manifest.schema_number = schema.number();
  manifest.schema = schema.hash();
  manifest.from = from;
  manifest.key = parties.authority.key_of(from);
  manifest.directory_version = 7;
  manifest.purpose = "investigation";
  manifest.channel = "customs";
  manifest.level = "international";
  manifest.created = parties.now;
  manifest.review = parties.now + std::chrono::hours(24 * 365);
  out.audience = std::move(audience);
  return out;
}

record::Package seal(Parties& parties, const record::Schema& schema, ByteView message, record::NewRecord record) {
  auto committed = record::commit_record(schema, message, std::move(record), parties.random);
  if (!committed) assertion_failed(committed.error().message().c_str(), __FILE__, __LINE__);
  record::Package out;
  out.manifest.text = committed->text;
  out.openings = std::move(committed->openings);
  parties.authority.sign(committed->manifest.from, out.manifest);
  return out;
}

std::vector<record::LeafDecision> open_all(const record::Package& package, const Pass& pass) {
  const std::vector<std::string> serves = pass.serves.empty() ? std::vector{pass.recipient} : pass.serves;
  std::vector<record::LeafDecision> out(package.openings.size());
  for (std::size_t i = 0; i < out.size(); ++i) {
    const auto item = package.openings[i];
    if (!record::is_audience(item.path)) continue;
    const bool kept = std::any_of(serves.begin(), serves.end(), [&](const std::string& agency) { return text(item.value) == "agency:" + agency; });
    if (!kept) out[i].effect = record::LeafEffect::opaque;
  }
  return out;
}

Result<record::Package> pass_on(Parties& parties, const record::Package& package, const Pass& pass, const std::vector<record::LeafDecision>& decisions) {
  record::Hop hop;
  hop.relay = pass.relay;
  hop.key = parties.authority.key_of(pass.relay);
  hop.recipient = pass.recipient;
  hop.purpose = "investigation";
  hop.policy = {"direct", 1, Hash{}};
  hop.at = parties.now;
  auto out = record::disclose(package, decisions, hop, parties.random);
  if (out) parties.authority.sign(pass.relay, out->disclosures.back());
  return out;
}

}  // namespace liaison::support
