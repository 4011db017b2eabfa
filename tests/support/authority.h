// Agencies of tests: generated seal keys, who relays for whom, who covers whom; and the signatures they would give. Not a directory:
// nothing expires unless a test says so.
#pragma once
#include <map>
#include <set>

#include "core/record/verify.h"

namespace liaison::support {

class Authority : public record::Authority {
 public:
  // Adds the agency with a fresh seal key if it is not known yet.
  const crypto::PrivateKey& add(const std::string& agency);
  const Hash& key_of(const std::string& agency);
  // `relay` may relay for `agency` on every channel.
  void let_relay(const std::string& relay, const std::string& agency) { relays_.insert({relay, agency}); }
  void put_in_group(const std::string& group, const std::string& agency) { groups_.insert({group, agency}); }
  void end_validity(const std::string& agency, Time since) { ended_[agency] = since; }
  // Signature block of one text, algorithm 1.
  std::string sign(const std::string& agency, const std::string& text);
  void sign(const std::string& agency, record::SignedText& text) { text.signatures = sign(agency, text.text); }

  Result<crypto::PublicKey> seal_key(std::string_view agency, const Hash& key, Time at) const override;
  bool relays(std::string_view channel, std::string_view relay, std::string_view agency) const override;
  bool reaches(std::string_view channel, std::string_view relay, std::string_view audience) const override;
  bool audience_covers(std::string_view audience, std::string_view agency, Time created) const override;

 private:
  std::map<std::string, crypto::PrivateKey, std::less<>> keys_;
  std::set<std::pair<std::string, std::string>> relays_, groups_;
  std::map<std::string, Time, std::less<>> ended_;
};

// Reproducible bytes for tests; never the same twice from one object.
record::RandomFill seeded_random(std::uint64_t seed);

// A signed record and the means to pass it on.
struct Parties {
  Authority authority;
  record::RandomFill random = seeded_random(1);
  Time now = *parse_time("2026-03-04T05:06:07.089Z");
};
record::NewRecord new_record(Parties& parties, const record::Schema& schema, const std::string& from, std::vector<std::string> audience);
// Committed, manifest signed by `from`, no disclosure yet.
record::Package seal(Parties& parties, const record::Schema& schema, ByteView message, record::NewRecord record);
// One hop, signed by the relay. `serves`: the agencies whose audience leaves stay open, the recipient when empty.
struct Pass { std::string relay, recipient; std::vector<std::string> serves{}; };
Result<record::Package> pass_on(Parties& parties, const record::Package& package, const Pass& pass, const std::vector<record::LeafDecision>& decisions);
// Everything open but other agencies' audience leaves, which become opaque.
std::vector<record::LeafDecision> open_all(const record::Package& package, const Pass& pass);

}  // namespace liaison::support
