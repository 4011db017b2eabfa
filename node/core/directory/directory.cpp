// Questions to a loaded directory: which key at which time, who may connect, who relays for whom. Pure; safe to ask from several threads.
#include "core/directory/directory.h"

#include <algorithm>

#include "core/crypto/presented_chain.h"
#include "core/directory/key_slot.h"
#include "core/directory/loader.h"

namespace liaison::directory {
namespace {

template <class Value>
const Value* find_in(const std::map<std::string, Value, std::less<>>& map, std::string_view id) {
  const auto found = map.find(id);
  return found == map.end() ? nullptr : &found->second;
}

bool contains(const std::vector<std::string>& items, std::string_view item) { return std::find(items.begin(), items.end(), item) != items.end(); }

std::string of_agency(std::string_view agency, crypto::KeyRole role) { return std::string(crypto::name(role)) + " key of " + std::string(agency); }

Result<void> check_threshold(const std::vector<Hash>& signers, const AuthorityPins& pins, std::string_view whose) {
  std::size_t counted = 0;
  for (std::size_t i = 0; i < pins.keys.size(); ++i) {
    const bool repeated = std::find(pins.keys.begin(), pins.keys.begin() + static_cast<std::ptrdiff_t>(i), pins.keys[i]) != pins.keys.begin() + static_cast<std::ptrdiff_t>(i);
    if (!repeated && std::find(signers.begin(), signers.end(), pins.keys[i]) != signers.end()) ++counted;
  }
  if (pins.threshold > 0 && counted >= pins.threshold) return {};
  return fail(Errc::bad_signature, "directory: " + std::to_string(counted) + " of " + std::to_string(pins.threshold) + " signatures needed from " +
                                       std::string(whose) + " authorities are valid");
}

}  // namespace

Directory::~Directory() = default;

std::string standing_text(const Agency& agency) {
  const std::string since = " since " + to_string(agency.since);
  if (agency.standing == Standing::suspended) return agency.id + " is suspended" + since;
  return agency.id + " is no member" + since + (agency.successor.empty() ? "" : "; its successor is " + agency.successor);
}

Result<std::shared_ptr<const Directory>> Directory::load(ByteView file, const AuthorityPins& pins) {
  if (pins.threshold == 0 || pins.keys.empty()) return fail(Errc::invalid_settings, "no directory authorities are pinned");
  LIAISON_TRY(const OpenedFile opened, open_file(file));
  AuthorityPins named;
  LIAISON_TRY(named.threshold, opened.text.number("threshold"));
  std::vector<Hash> wanted = pins.keys;
  for (const auto& line : opened.text.all("authority")) {
    const auto hash = hash_from_base64(line[0]);
    if (!hash) return fail(Errc::bad_text, "directory: an authority line is not a key hash");
    named.keys.push_back(*hash);
    wanted.push_back(*hash);
  }
  LIAISON_TRY(const auto signers, valid_signers(opened, wanted));
  LIAISON_CHECK(check_threshold(signers, pins, "the pinned"));
  LIAISON_CHECK(check_threshold(signers, named, "its own"));
  LIAISON_TRY(std::shared_ptr<const Directory> made, Loader::read(opened));
  return made;
}

const Agency* Directory::find(std::string_view id) const { return find_in(agencies_, id); }
const Group* Directory::group(std::string_view id) const { return find_in(groups_, id); }
const CountryAuthority* Directory::country(std::string_view code) const { return find_in(countries_, code); }

bool Directory::is_member(std::string_view id) const {
  const Agency* entry = find(id);
  return entry != nullptr && entry->standing == Standing::member;
}

const Agency* Directory::successor(std::string_view id) const {
  const Agency* entry = find(id);
  if (entry == nullptr || entry->standing != Standing::left) return nullptr;
  while (entry != nullptr && entry->standing == Standing::left) entry = entry->successor.empty() ? nullptr : find(entry->successor);  // no circles: the Loader looked
  return entry;
}

Result<void> Directory::check_fresh(Time now) const {
  if (now <= grace_) return {};
  return fail(Errc::directory_stale, "directory version " + std::to_string(version_) + " was usable until " + to_string(grace_));
}

Result<void> Directory::check_revoked(const Hash& key, Time at, std::optional<Time> witnessed) const {
  auto found = std::lower_bound(revocations_.begin(), revocations_.end(), key, [](const Revocation& r, const Hash& k) { return r.key < k; });
  for (; found != revocations_.end() && found->key == key; ++found) {
    if (found->kind == RevocationKind::compromised && witnessed && *witnessed < found->since && at < found->since) continue;
    if (found->kind == RevocationKind::compromised) return fail(Errc::key_not_valid, "key was compromised since " + to_string(found->since));
    if (at > found->since) return fail(Errc::key_not_valid, "key was superseded at " + to_string(found->since));
  }
  return {};
}

Result<crypto::PublicKey> Directory::constructed(const RegisteredKey& key) const {
  const auto found = std::lower_bound(key_hashes_.begin(), key_hashes_.end(), key.hash);
  liaison_assert(found != key_hashes_.end() && *found == key.hash);
  KeySlot& slot = slots_[static_cast<std::size_t>(found - key_hashes_.begin())];
  std::call_once(slot.once, [&] { slot.key.emplace(crypto::PublicKey::from_spki(key.spki)); });
  return *slot.key;
}

Result<crypto::PublicKey> Directory::key(std::string_view agency, crypto::KeyRole role, const Hash& hash, Time at) const { return find_key(agency, role, hash, at, std::nullopt); }

Result<crypto::PublicKey> Directory::key_witnessed(std::string_view agency, crypto::KeyRole role, const Hash& hash, Time at, Time witnessed) const {
  return find_key(agency, role, hash, at, witnessed);
}

Result<crypto::PublicKey> Directory::find_key(std::string_view agency, crypto::KeyRole role, const Hash& hash, Time at, std::optional<Time> witnessed) const {
  const Agency* entry = find(agency);
  if (entry == nullptr) return fail(Errc::unknown_key, std::string(agency) + " is not in the directory");
  const auto found = std::find_if(entry->keys.begin(), entry->keys.end(), [&](const RegisteredKey& k) { return k.role == role && k.hash == hash; });
  if (found == entry->keys.end()) return fail(Errc::unknown_key, "not a registered " + of_agency(agency, role));
  if (at < found->not_before || at > found->not_after) return fail(Errc::key_not_valid, of_agency(agency, role) + " is not valid at " + to_string(at));
  LIAISON_CHECK(check_revoked(hash, at, witnessed));
  if (entry->standing != Standing::member && at > entry->since) return fail(Errc::key_not_valid, of_agency(agency, role) + ": " + standing_text(*entry));
  return constructed(*found);
}

Result<crypto::PublicKey> Directory::current_key(std::string_view agency, crypto::KeyRole role, Time now) const {
  const Agency* entry = find(agency);
  if (entry == nullptr) return fail(Errc::unknown_key, std::string(agency) + " is not in the directory");
  const RegisteredKey* best = nullptr;
  for (const auto& key : entry->keys) {
    if (key.role != role || now < key.not_before || now > key.not_after || !check_revoked(key.hash, now)) continue;
    if (best == nullptr || key.not_before > best->not_before) best = &key;
  }
  if (entry->standing != Standing::member) return fail(Errc::key_not_valid, of_agency(agency, role) + ": " + standing_text(*entry));
  if (best == nullptr) return fail(Errc::key_not_valid, "no valid " + of_agency(agency, role) + " at " + to_string(now));
  return constructed(*best);
}

Result<crypto::CertificateFacts> Directory::admit(std::span<const Bytes> chain, Time now, std::span<const Bytes> newer) const {
  const auto refuse = [](std::string why) { return fail(Errc::not_admitted, std::move(why)); };
  if (chain.empty()) return refuse("no certificate");
  const Agency* agency = nullptr;
  std::vector<Bytes> crls;
  const auto trust_of = [&](const crypto::CertificateFacts& claimed) -> Result<crypto::Trust> {
    agency = find(claimed.agency);
    if (agency == nullptr) return refuse(claimed.agency + " is not in the directory");
    if (agency->standing != Standing::member) return refuse(standing_text(*agency));
    const CountryAuthority* authority = country(agency->country);
    if (authority == nullptr) return refuse("the directory has no certificate authority of " + agency->country);
    crls = authority->crls;
    crls.insert(crls.end(), newer.begin(), newer.end());
    return crypto::Trust{agency->country, authority->certificates, crls, authority->crl_grace};
  };
  LIAISON_TRY(auto facts, crypto::check_presented({realm_, crypto::KeyRole::tls, now}, chain, trust_of));
  if (const auto revoked = check_revoked(facts.key_hash, now); !revoked) return refuse(agency->id + ": " + revoked.error().detail);
  // An agency that registers tls keys is admitted with these only.
  const auto pins = [](const RegisteredKey& key) { return key.role == crypto::KeyRole::tls; };
  if (std::any_of(agency->keys.begin(), agency->keys.end(), pins)) {
    if (const auto pinned = key(agency->id, crypto::KeyRole::tls, facts.key_hash, now); !pinned) return refuse(pinned.error().detail);
  }
  return facts;
}

bool Directory::has_channel(std::string_view agency, std::string_view channel) const {
  const Agency* entry = find(agency);
  return entry != nullptr && entry->standing == Standing::member && contains(entry->channels, channel);
}

bool Directory::relays(std::string_view channel, std::string_view relay, std::string_view agency) const {
  const Agency* served = find(agency);
  const Agency* bureau = find(relay);
  if (served == nullptr || bureau == nullptr || served->standing != Standing::member || bureau->standing != Standing::member) return false;
  return served->bureau == bureau->id && bureau->is_bureau && contains(bureau->channels, channel);
}

bool Directory::group_covers(const Group& group, std::string_view agency, const AudienceTimes& times) const {
  if (times.now > group.ends || !is_member(group.owner) || !contains(group.members, agency)) return false;
  const auto joined = group.joined.find(std::string(agency));
  return joined == group.joined.end() || times.created >= joined->second;
}

bool Directory::audience_covers(std::string_view audience, std::string_view agency, const AudienceTimes& times) const {
  const auto colon = audience.find(':');
  const Agency* entry = find(agency);
  if (colon == std::string_view::npos || entry == nullptr || entry->standing != Standing::member) return false;
  const auto kind = audience.substr(0, colon);
  const auto id = audience.substr(colon + 1);
  if (kind == "agency") return id == agency || successor(id) == entry;
  if (kind == "group") {
    const Group* named = group(id);
    return named != nullptr && group_covers(*named, agency, times);
  }
  if (kind != "country" || entry->country != id) return false;
  if (entry->is_bureau) return true;
  const Agency* bureau = entry->bureau.empty() ? nullptr : find(entry->bureau);
  return bureau != nullptr && bureau->standing == Standing::member && bureau->country == id;
}

Result<void> check_successor(const Directory& current, const Directory& next) {
  if (next.realm() != current.realm()) return fail(Errc::wrong_realm, "directory of realm " + next.realm());
  const std::string versions = "version " + std::to_string(next.version()) + " after " + std::to_string(current.version());
  if (next.version() < current.version()) return fail(Errc::superseded, "directory " + versions);
  if (next.version() == current.version() && next.hash() != current.hash())
    return fail(Errc::conflicting_version, "directory version " + std::to_string(next.version()) + " exists with two hashes");
  if (next.version() == current.version() + 1 && next.previous() != current.hash()) return fail(Errc::chain_broken, "directory " + versions + " names another previous one");
  return {};
}

}  // namespace liaison::directory
