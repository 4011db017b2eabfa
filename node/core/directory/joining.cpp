// See joining.h. The text names the hashes of everything else in the file, so that one signature covers it all.
#include "core/directory/joining.h"

#include <algorithm>

#include "core/base/limits.h"
#include "core/base/tags.h"
#include "core/crypto/signed_text.h"
#include "core/directory/entries.h"

namespace liaison::directory {
namespace {

constexpr std::size_t request_bytes_max = 256 << 10;
constexpr auto request_age_max = std::chrono::days(30);
using crypto::KeyRole;

const crypto::TextGrammar& join_grammar() {
  using crypto::LineRule;
  static constexpr std::array lines{LineRule{"realm", 1}, LineRule{"agency", 1}, LineRule{"entry", 1}, LineRule{"tls", 1}, LineRule{"seal", 1}, LineRule{"at", 1}};
  static constexpr crypto::TextGrammar grammar{tags::join_text, lines};
  return grammar;
}

ByteView bytes_of(const flatbuffers::Vector<std::uint8_t>* from) { return from == nullptr ? ByteView() : ByteView(from->data(), from->size()); }
flatbuffers::Offset<flatbuffers::Vector<std::uint8_t>> vector_of(flatbuffers::FlatBufferBuilder& builder, ByteView bytes) { return builder.CreateVector(bytes.data(), bytes.size()); }

Result<Agency> agency_of(ByteView entry) {
  const Bytes aligned = to_bytes(entry);
  flatbuffers::Verifier verifier(aligned.data(), aligned.size(), 8, 2048);
  if (!verifier.VerifyBuffer<fb::Entry>(nullptr)) return fail(Errc::bad_format, "join request: its entry is not a valid FlatBuffer");
  const auto* agency = flatbuffers::GetRoot<fb::Entry>(aligned.data())->body_as_Agency();
  if (agency == nullptr) return fail(Errc::bad_format, "join request: its entry is not an agency");
  return read_agency(*agency);
}

Result<void> check_proofs(const JoinRequest& request, const fb::JoinFile& file, ByteView text) {
  for (const auto& key : request.agency.keys) {
    LIAISON_TRY(const auto constructed, crypto::PublicKey::from_spki(key.spki));
    if (!proves_itself(key.role)) continue;
    bool proved = false;
    for (std::uint32_t i = 0; file.proofs() != nullptr && i < file.proofs()->size() && !proved; ++i)
      proved = equal(bytes_of(file.proofs()->Get(i)->key()), key.hash) && constructed.verify(text, bytes_of(file.proofs()->Get(i)->signature()));
    if (!proved) return fail(Errc::bad_signature, "join request of " + request.agency.id + ": its " + std::string(crypto::name(key.role)) + " key did not sign the request: possession is not proved");
  }
  return {};
}

std::string text_or_empty(const flatbuffers::String* from) { return from == nullptr ? std::string() : from->str(); }

}  // namespace

bool proves_itself(KeyRole role) { return role != KeyRole::box && role != KeyRole::policy && role != KeyRole::tls; }

Result<Bytes> make_join_file(const JoinRequest& request, const ProofFunction& sign) {
  const Bytes entry = write_entry(request.agency);
  const std::string text = crypto::TextBuilder(join_grammar())
                               .add("realm", request.realm)
                               .add("agency", request.agency.id)
                               .add_hash("entry", merkle::sha256(ByteView(entry)))
                               .add_hash("tls", merkle::sha256(ByteView(request.tls_request)))
                               .add_hash("seal", merkle::sha256(ByteView(request.seal_request)))
                               .add("at", to_string(request.at))
                               .finish();
  flatbuffers::FlatBufferBuilder builder;
  std::vector<flatbuffers::Offset<fb::Proof>> proofs;
  for (const auto& key : request.agency.keys) {
    if (!proves_itself(key.role)) continue;
    LIAISON_TRY(const Bytes signature, sign(key, view(text)));
    const auto hash = vector_of(builder, key.hash);
    proofs.push_back(fb::CreateProof(builder, hash, vector_of(builder, signature)));
  }
  const auto text_vector = vector_of(builder, view(text));
  const auto entry_vector = vector_of(builder, entry);
  const auto tls = vector_of(builder, request.tls_request);
  const auto seal = vector_of(builder, request.seal_request);
  builder.Finish(fb::CreateJoinFile(builder, text_vector, entry_vector, tls, seal, builder.CreateVector(proofs)));
  const Bytes file{builder.GetBufferPointer(), builder.GetBufferPointer() + builder.GetSize()};
  LIAISON_CHECK(parse_join_file(file));
  return file;
}

Result<JoinRequest> parse_join_file(ByteView file) {
  if (file.size() > request_bytes_max) return fail(Errc::limit_exceeded, "join request of " + std::to_string(file.size()) + " bytes");
  const Bytes aligned = to_bytes(file);
  flatbuffers::Verifier verifier(aligned.data(), aligned.size(), 4, 128);
  if (!verifier.VerifyBuffer<fb::JoinFile>(nullptr)) return fail(Errc::bad_format, "not a join request (liaison join makes one)");
  const auto& from = *flatbuffers::GetRoot<fb::JoinFile>(aligned.data());
  const ByteView text = bytes_of(from.text());
  LIAISON_TRY(const auto parsed, crypto::ParsedText::parse(join_grammar(), text));
  JoinRequest request;
  request.realm = std::string(parsed.one("realm"));
  request.fingerprint = merkle::sha256(text);
  request.tls_request = to_bytes(bytes_of(from.tls_request()));
  request.seal_request = to_bytes(bytes_of(from.seal_request()));
  LIAISON_TRY(request.at, parsed.time("at"));
  LIAISON_TRY(request.agency, agency_of(bytes_of(from.entry())));
  const std::pair<std::string_view, ByteView> hashed[]{{"entry", bytes_of(from.entry())}, {"tls", request.tls_request}, {"seal", request.seal_request}};
  for (const auto& [key, bytes] : hashed) {
    LIAISON_TRY(const Hash hash, parsed.hash(key));
    if (hash != merkle::sha256(bytes)) return fail(Errc::bad_format, "join request: its " + std::string(key) + " is not the one its text names");
  }
  if (parsed.one("agency") != request.agency.id) return fail(Errc::bad_format, "join request: text and entry name different agencies");
  LIAISON_CHECK(check_proofs(request, from, text));
  return request;
}

std::vector<std::string> objections(const JoinRequest& request, const Directory& directory, Time now) {
  std::vector<std::string> out;
  const auto& agency = request.agency;
  if (request.realm != directory.realm()) out.push_back("it asks to join the realm " + request.realm + ", this is " + directory.realm());
  if (const auto* known = directory.find(agency.id))
    out.push_back(known->standing == Standing::left ? agency.id + " was a member once: an id is never given twice" : agency.id + " is in the directory already; for new keys use directory change --keys");
  if (request.at > now + limits::clock_ahead_max) out.push_back("it was made " + to_string(request.at) + ", in the future: one of the two clocks is wrong");
  if (request.at + request_age_max < now) out.push_back("it is older than 30 days: ask for a new one");
  if (agency.standing != Standing::member) out.push_back("it does not ask for membership");
  for (const auto& key : agency.keys) {
    for (const auto& [id, other] : directory.agencies())
      for (const auto& registered : other.keys)
        if (registered.hash == key.hash) out.push_back("its " + std::string(crypto::name(key.role)) + " key is registered for " + id + ": a key serves one agency");
    for (const auto& revocation : directory.revocations())
      if (revocation.key == key.hash) out.push_back("its " + std::string(crypto::name(key.role)) + " key is revoked");
    if (key.not_after <= now) out.push_back("its " + std::string(crypto::name(key.role)) + " key has ended");
  }
  for (const auto role : {KeyRole::seal, KeyRole::link, KeyRole::box, KeyRole::log})
    if (std::none_of(agency.keys.begin(), agency.keys.end(), [&](const RegisteredKey& key) { return key.role == role; })) out.push_back("it has no " + std::string(crypto::name(role)) + " key: no node can work without");
  if (!agency.bureau.empty()) {
    const auto* bureau = directory.find(agency.bureau);
    if (bureau == nullptr || !bureau->is_bureau || !directory.is_member(agency.bureau)) out.push_back("it names the bureau " + agency.bureau + ", which is not a bureau of this directory");
  }
  for (const auto& other : agency.blind_pairs)
    if (!directory.is_member(other)) out.push_back("it names the blind pair " + other + ", which is not a member");
  return out;
}

Bytes make_anchor_file(const Anchor& anchor) {
  flatbuffers::FlatBufferBuilder builder;
  std::vector<std::string> keys;
  for (const auto& key : anchor.pins.keys) keys.push_back(to_base64(key));
  const auto realm = builder.CreateString(anchor.realm);
  const auto agency = builder.CreateString(anchor.agency);
  const auto authorities = builder.CreateVectorOfStrings(keys);
  const auto directory = vector_of(builder, anchor.directory);
  const auto tls = builder.CreateString(anchor.tls_chain);
  builder.Finish(fb::CreateAnchorFile(builder, realm, agency, static_cast<std::uint32_t>(anchor.pins.threshold), authorities, directory, tls, builder.CreateString(anchor.seal_chain)));
  return {builder.GetBufferPointer(), builder.GetBufferPointer() + builder.GetSize()};
}

Result<Anchor> parse_anchor_file(ByteView file) {
  if (file.size() > limits::directory_bytes_max) return fail(Errc::limit_exceeded, "anchor of " + std::to_string(file.size()) + " bytes");
  const Bytes aligned = to_bytes(file);
  flatbuffers::Verifier verifier(aligned.data(), aligned.size(), 4, 64);
  if (!verifier.VerifyBuffer<fb::AnchorFile>(nullptr)) return fail(Errc::bad_format, "not an anchor file (liaison directory anchor makes one)");
  const auto& from = *flatbuffers::GetRoot<fb::AnchorFile>(aligned.data());
  Anchor anchor{text_or_empty(from.realm()), text_or_empty(from.agency()), {from.threshold(), {}}, to_bytes(bytes_of(from.directory())), text_or_empty(from.tls_chain()), text_or_empty(from.seal_chain())};
  for (std::uint32_t i = 0; from.authorities() != nullptr && i < from.authorities()->size(); ++i) {
    const auto hash = hash_from_base64(from.authorities()->Get(i)->string_view());
    if (!hash) return fail(Errc::bad_format, "anchor: an authority is not a key hash");
    anchor.pins.keys.push_back(*hash);
  }
  if (!crypto::is_token(anchor.realm) || !is_agency_id(anchor.agency) || anchor.pins.threshold == 0 || anchor.pins.threshold > anchor.pins.keys.size()) return fail(Errc::bad_format, "anchor: realm, agency or authorities are missing");
  std::sort(anchor.pins.keys.begin(), anchor.pins.keys.end());
  if (std::adjacent_find(anchor.pins.keys.begin(), anchor.pins.keys.end()) != anchor.pins.keys.end()) return fail(Errc::bad_format, "anchor: one authority stands twice");
  return anchor;
}

std::string anchor_code(const Anchor& anchor) {
  auto hash = merkle::Sha256();
  hash.add(anchor.realm).add_u8(0).add_u32(static_cast<std::uint32_t>(anchor.pins.threshold));
  auto keys = anchor.pins.keys;
  std::sort(keys.begin(), keys.end());
  for (const auto& key : keys) hash.add(ByteView(key));
  return to_hex(ByteView(hash.finish()).first(16));
}

}  // namespace liaison::directory
