// The signed directory (formats 8): agencies, their nodes' endpoints and keys, channels, bureaus, groups, country CAs; "which key at time T".
// Immutable once loaded: a new version is a new object. Pure; nothing is used before m of n distinct authority signatures verified.
// Errors: bad_format, bad_signature, key_not_valid, not_admitted, unknown_key, superseded (older version), directory_stale.
#pragma once
#include <functional>
#include <map>
#include <memory>
#include <optional>

#include "core/base/ids.h"
#include "core/crypto/certificate.h"
#include "core/crypto/keys.h"

namespace liaison::directory {

struct RegisteredKey {
  crypto::KeyRole role{};
  Bytes spki;
  Hash hash{};
  Time not_before{}, not_after{};
};
enum class RevocationKind : std::uint8_t { superseded, compromised };
struct Revocation {
  Hash key{};
  Time since{};
  RevocationKind kind{};
};
struct Competence {
  std::vector<std::string> topics, legal_bases, languages;
  std::string hours, telephone, designated;       // designated: YYYY-MM-DD or empty
  std::string urgent, zone, ended;                // ended: YYYY-MM-DD, the designation is revoked from then on
};
enum class Standing : std::uint8_t { member, suspended, left };
struct Agency {
  std::string id, country, type;
  std::map<std::string, std::string> names;       // language -> name
  std::vector<std::string> endpoints;             // host:port of the node's link listener
  std::vector<std::string> channels;              // interpol customs cites judicial
  std::string bureau;                             // id of the agency's own bureau, empty for none
  bool is_bureau = false;
  std::vector<RegisteredKey> keys;                // long-lived roles, current and next
  std::vector<std::uint16_t> suites;              // in order of preference
  std::uint16_t min_suite = 1;
  std::optional<Time> min_suite_since;
  bool witness = false;
  std::vector<std::string> blind_pairs;           // agencies for whom sealed envelopes may be forwarded unopened
  std::vector<Competence> competences;
  Standing standing = Standing::member;
  Time since{};                                   // of a standing other than member: later signatures do not count
  std::string successor;                          // of an agency that has left: who has taken over, empty for nobody
};
struct Group {
  std::string id, purpose;
  std::string owner;
  std::vector<std::string> members;               // empty group: nobody
  Time ends{};
  std::string profession, form;                   // form: "short" or "long"
  std::map<std::string, Time> joined;             // members that came later, and since when
};
struct CountryAuthority {
  std::string country;
  std::vector<Bytes> certificates;                // DER anchors
  std::vector<Bytes> crls{};                      // DER revocation lists of the country's CAs
  std::chrono::hours crl_grace{168};              // past a list's next update
};

struct FederationPolicy {
  std::string name;
  std::uint32_t version = 0;
  Hash fingerprint{};
};

// The authorities a node trusts: threshold and key hashes, pinned in its settings or taken from an earlier version.
struct AuthorityPins {
  std::size_t threshold = 1;
  std::vector<Hash> keys;
};

// "ke.customs is suspended since ..."; for agencies that are not members.
std::string standing_text(const Agency& agency);

// When somebody is to be covered by an audience: now, and for what was created when.
struct AudienceTimes {
  Time now{}, created{};
};

class Directory {
 public:
  // `file` is the distributed form: signed text, signature block, authority keys (SPKI) and entries. Verifies everything.
  static Result<std::shared_ptr<const Directory>> load(ByteView file, const AuthorityPins& pins);
  const std::string& realm() const { return realm_; }
  std::uint64_t version() const { return version_; }
  const Hash& hash() const { return hash_; }      // of the signed text
  Time issued() const { return issued_; }
  Time expires() const { return expires_; }
  Time grace() const { return grace_; }           // after this instant nothing is sealed or accepted
  const std::optional<Hash>& previous() const { return previous_; }
  const AuthorityPins& authorities() const { return authorities_; }

  const Agency* find(std::string_view id) const;  // null: not in the directory; also agencies that are suspended or have left
  const std::map<std::string, Agency, std::less<>>& agencies() const { return agencies_; }
  bool is_member(std::string_view id) const;      // in the directory, neither suspended nor left
  const Agency* successor(std::string_view id) const;  // who has in the end taken over from an agency that has left; null: nobody
  const Group* group(std::string_view id) const;
  const std::map<std::string, Group, std::less<>>& groups() const { return groups_; }
  const CountryAuthority* country(std::string_view code) const;
  const std::map<std::string, CountryAuthority, std::less<>>& countries() const { return countries_; }
  const std::vector<Revocation>& revocations() const { return revocations_; }  // ascending by key
  const std::vector<FederationPolicy>& policies() const { return policies_; }

  // directory_stale once `now` is past the grace period: then nothing is sealed or accepted.
  Result<void> check_fresh(Time now) const;
  // The key of that hash if registered for the agency in that role and valid at `at` (superseded: up to since; compromised: never here).
  Result<crypto::PublicKey> key(std::string_view agency, crypto::KeyRole role, const Hash& hash, Time at) const;
  // The same for a signature that somebody else's word (our own receipt, a cosigned checkpoint) proves to be no younger than `witnessed`: what was there before
  // the key was compromised counts (formats 8).
  Result<crypto::PublicKey> key_witnessed(std::string_view agency, crypto::KeyRole role, const Hash& hash, Time at, Time witnessed) const;
  // The key to use now: the valid one with the latest not_before.
  Result<crypto::PublicKey> current_key(std::string_view agency, crypto::KeyRole role, Time now) const;
  // A TLS peer: chain to its own country's CA, constraints, agency registered, role tls, not revoked (key or list), now within validity. The reason is in detail.
  // `newer`: revocation lists that reached the node otherwise, read beside those of the directory; a list can only refuse.
  Result<crypto::CertificateFacts> admit(std::span<const Bytes> chain, Time now, std::span<const Bytes> newer = {}) const;
  // Route rules (disclosure, Routes): may `relay` relay for `agency` on `channel`; may the two exchange directly on it?
  bool relays(std::string_view channel, std::string_view relay, std::string_view agency) const;
  bool has_channel(std::string_view agency, std::string_view channel) const;
  // An agency also stands for those it has taken over from; a group for its members, later ones only for what was created since they joined.
  bool audience_covers(std::string_view audience, std::string_view agency, const AudienceTimes& times) const;

 private:
  Directory() = default;
  friend class Loader;
  std::string realm_;
  std::uint64_t version_ = 0;
  Hash hash_{};
  Time issued_{}, expires_{}, grace_{};
  std::optional<Hash> previous_;
  AuthorityPins authorities_;
  std::map<std::string, Agency, std::less<>> agencies_;
  std::map<std::string, Group, std::less<>> groups_;
  std::map<std::string, CountryAuthority, std::less<>> countries_;
  std::vector<Revocation> revocations_;
  std::vector<FederationPolicy> policies_;

  // Public keys are constructed at first use, once, by whichever thread comes first.
  struct KeySlot;
  Result<crypto::PublicKey> constructed(const RegisteredKey& key) const;
  Result<void> check_revoked(const Hash& key, Time at, std::optional<Time> witnessed = {}) const;
  Result<crypto::PublicKey> find_key(std::string_view agency, crypto::KeyRole role, const Hash& hash, Time at, std::optional<Time> witnessed) const;
  bool group_covers(const Group& group, std::string_view agency, const AudienceTimes& times) const;
  std::vector<Hash> key_hashes_;                   // ascending; key_hashes_[i] belongs to slots_[i]
  std::unique_ptr<KeySlot[]> slots_;

 public:
  ~Directory();
};

// May `next` replace `current`? wrong_realm, superseded (lower version), conflicting_version (one version with two hashes; keep both, alarm),
// chain_broken (the following version does not name the current one as previous).
Result<void> check_successor(const Directory& current, const Directory& next);

// Authoring (tools): from the JSON sources (directory.fbs, comments allowed) to an unsigned distributed form, then one signature at a time.
struct Draft {
  std::string json;                               // the authored file
  std::uint64_t version = 1;
  std::optional<Hash> previous;
  Time issued{};
};
Result<Bytes> make_unsigned(const Draft& draft);
Result<Bytes> add_signature(ByteView file, const crypto::PublicKey& key, const std::function<Result<Bytes>(ByteView)>& sign);
struct Summary { std::uint64_t version; Hash hash; std::size_t threshold; std::vector<Hash> signed_by; };
Result<Summary> summarise(ByteView file);         // what a person reviews before signing; verifies nothing but form

}  // namespace liaison::directory
