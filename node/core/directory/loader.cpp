// Opens, checks and indexes a distributed directory. Pure; a thousand agencies load in well under 200 ms because keys and certificates are only hashed here.
#include "core/directory/loader.h"

#include <algorithm>
#include <set>

#include "core/base/limits.h"
#include "core/base/tags.h"
#include "core/directory/entries.h"
#include "core/directory/key_slot.h"
#include "core/merkle/tree.h"

namespace liaison::directory {
namespace {

constexpr std::size_t authorities_max = 16;
constexpr std::size_t entries_max = 4 * limits::agencies_max;
constexpr std::size_t successions_max = 16;
constexpr unsigned verifier_depth = 8;
constexpr unsigned verifier_tables = 2048;

Error bad(std::string what) { return fail(Errc::bad_format, "directory: " + std::move(what)); }

ByteView bytes_of(const flatbuffers::Vector<std::uint8_t>* from) { return from == nullptr ? ByteView() : ByteView(from->data(), from->size()); }

// FlatBuffers may share one vector many times: the sum of all parts may not pass the size of the file.
Result<std::vector<ByteView>> blobs(const flatbuffers::Vector<flatbuffers::Offset<fb::Blob>>* from, std::size_t items_max, std::size_t& bytes_left) {
  std::vector<ByteView> out;
  if (from == nullptr) return out;
  if (from->size() > items_max) return fail(Errc::limit_exceeded, "directory with " + std::to_string(from->size()) + " parts of one kind");
  out.reserve(from->size());
  for (const auto* blob : *from) {
    out.push_back(bytes_of(blob->bytes()));
    if (out.back().size() > bytes_left) return fail(Errc::limit_exceeded, "directory whose parts are larger than the file");
    bytes_left -= out.back().size();
  }
  return out;
}

Result<void> check_tree(const OpenedFile& file) {
  LIAISON_TRY(const auto count, file.text.number("entries"));
  LIAISON_TRY(const Hash expected, file.text.hash("root"));
  if (count != file.entries.size()) return bad(std::to_string(file.entries.size()) + " entries, signed are " + std::to_string(count));
  std::vector<Hash> leaves;
  leaves.reserve(file.entries.size());
  for (const auto entry : file.entries) leaves.push_back(entry_leaf(entry));
  if (merkle::root(leaves) != expected) return fail(Errc::wrong_root, "directory: the entries do not give the signed root");
  return {};
}

template <class Value, class Key>
Result<void> insert_new(std::map<std::string, Value, std::less<>>& map, const Key& key, Value value) {
  if (map.emplace(key, std::move(value)).second) return {};
  return bad("two entries for " + std::string(key));
}

Result<const fb::Entry*> verified_entry(const Bytes& aligned) {
  flatbuffers::Verifier verifier(aligned.data(), aligned.size(), verifier_depth, verifier_tables);
  if (!verifier.VerifyBuffer<fb::Entry>(nullptr)) return bad("an entry is not a valid FlatBuffer");
  const auto* entry = flatbuffers::GetRoot<fb::Entry>(aligned.data());
  if (entry->body() == nullptr) return bad("an entry is empty");
  return entry;
}

}  // namespace

const crypto::TextGrammar& directory_grammar() {
  using crypto::LineRule;
  static constexpr std::array lines{LineRule{"realm", 1}, LineRule{"version", 1}, LineRule{"issued", 1},    LineRule{"expires", 1},
                                    LineRule{"grace", 1}, LineRule{"prev", 1},    LineRule{"entries", 1},   LineRule{"root", 1},
                                    LineRule{"threshold", 1}, LineRule{"authority", 1, crypto::Repeat::any}};
  static constexpr crypto::TextGrammar grammar{tags::directory_text, lines};
  return grammar;
}

Hash entry_leaf(ByteView entry) { return merkle::Sha256().add_u8(0).add(tags::directory_entry).add(entry).finish(); }

Result<OpenedFile> open_file(ByteView file) {
  if (file.size() > limits::directory_bytes_max) return fail(Errc::limit_exceeded, "directory of " + std::to_string(file.size()) + " bytes");
  auto bytes = std::make_unique<Bytes>(to_bytes(file));  // aligned, and outlives the views
  flatbuffers::Verifier verifier(bytes->data(), bytes->size(), 4, entries_max + authorities_max * 2 + 1);
  if (!verifier.VerifyBuffer<fb::File>(nullptr)) return bad("not a distributed directory file");
  const auto* root = flatbuffers::GetRoot<fb::File>(bytes->data());
  std::size_t bytes_left = bytes->size();
  LIAISON_TRY(auto text, crypto::ParsedText::parse(directory_grammar(), bytes_of(root->text())));
  LIAISON_TRY(auto authority_keys, blobs(root->authorities(), authorities_max * 2, bytes_left));
  LIAISON_TRY(auto entries, blobs(root->entries(), entries_max, bytes_left));
  const ByteView signatures = bytes_of(root->sigs());
  OpenedFile opened{std::move(bytes), std::move(text), signatures, std::move(authority_keys), std::move(entries)};
  LIAISON_CHECK(check_tree(opened));
  return opened;
}

Result<std::vector<Hash>> valid_signers(const OpenedFile& file, std::span<const Hash> wanted) {
  std::vector<Hash> signers;
  crypto::VerifiedBatches batches;
  for (const auto spki : file.authority_keys) {
    const Hash hash = merkle::sha256(spki);
    const bool is_wanted = std::find(wanted.begin(), wanted.end(), hash) != wanted.end();
    if (!is_wanted || std::find(signers.begin(), signers.end(), hash) != signers.end()) continue;
    LIAISON_TRY(const auto key, crypto::PublicKey::from_spki(spki));
    if (key.type() != crypto::key_type(crypto::KeyRole::authority)) return bad("an authority key is not of type P-256");
    if (crypto::verify_text(file.text.one("realm"), view(file.text.bytes()), file.signatures, key, batches)) signers.push_back(hash);
  }
  return signers;
}

struct Loader::Owned : Directory {};

Result<std::shared_ptr<Directory>> Loader::read(const OpenedFile& file) {
  std::shared_ptr<Directory> made = std::make_shared<Owned>();
  Loader loader;
  loader.to_ = made.get();
  LIAISON_CHECK(loader.read_text(file.text));
  for (const auto entry : file.entries) LIAISON_CHECK(loader.read_entry(entry));
  LIAISON_CHECK(loader.index_keys());
  LIAISON_CHECK(loader.check_references());
  return made;
}

Result<void> Loader::read_text(const crypto::ParsedText& text) {
  to_->realm_ = std::string(text.one("realm"));
  LIAISON_TRY(to_->version_, text.number("version"));
  LIAISON_TRY(to_->issued_, text.time("issued"));
  LIAISON_TRY(to_->expires_, text.time("expires"));
  LIAISON_TRY(to_->grace_, text.time("grace"));
  LIAISON_TRY(to_->previous_, text.hash_or_dash("prev"));
  LIAISON_TRY(to_->authorities_.threshold, text.number("threshold"));
  to_->hash_ = crypto::text_hash(view(text.bytes()));
  for (const auto& line : text.all("authority")) {
    const auto hash = hash_from_base64(line[0]);
    if (!hash) return bad("an authority line is not a key hash");
    to_->authorities_.keys.push_back(*hash);
  }
  const auto& pins = to_->authorities_;
  if (to_->version_ == 0 || (to_->version_ == 1) == to_->previous_.has_value()) return bad("version 1 and only version 1 has no previous one");
  if (to_->expires_ <= to_->issued_ || to_->grace_ < to_->expires_) return bad("issued, expires and grace are not in this order");
  if (pins.threshold == 0 || pins.threshold > pins.keys.size() || pins.keys.size() > authorities_max)
    return bad("threshold " + std::to_string(pins.threshold) + " of " + std::to_string(pins.keys.size()) + " authorities");
  return {};
}

Result<void> Loader::read_entry(ByteView bytes) {
  const Bytes aligned = to_bytes(bytes);
  LIAISON_TRY(const auto* entry, verified_entry(aligned));
  switch (entry->body_type()) {
    case fb::Body::Agency: {
      LIAISON_TRY(auto agency, read_agency(*entry->body_as_Agency()));
      if (to_->agencies_.size() == limits::agencies_max) return fail(Errc::limit_exceeded, "directory with too many agencies");
      const std::string id = agency.id;
      return insert_new(to_->agencies_, id, std::move(agency));
    }
    case fb::Body::Group: {
      LIAISON_TRY(auto group, read_group(*entry->body_as_Group()));
      const std::string id = group.id;
      return insert_new(to_->groups_, id, std::move(group));
    }
    case fb::Body::CountryAuthority: {
      LIAISON_TRY(auto country, read_country(*entry->body_as_CountryAuthority()));
      const std::string code = country.country;
      return insert_new(to_->countries_, code, std::move(country));
    }
    case fb::Body::Revocation: {
      LIAISON_TRY(to_->revocations_.emplace_back(), read_revocation(*entry->body_as_Revocation()));
      return {};
    }
    case fb::Body::FederationPolicy: {
      LIAISON_TRY(to_->policies_.emplace_back(), read_policy(*entry->body_as_FederationPolicy()));
      return {};
    }
    case fb::Body::NONE: break;
  }
  return bad("an entry of an unknown kind");
}

// A key serves one agency in one role (formats 1), and authorities use their keys for nothing else.
Result<void> Loader::index_keys() {
  auto& hashes = to_->key_hashes_;
  for (const auto& [id, agency] : to_->agencies_)
    for (const auto& key : agency.keys) hashes.push_back(key.hash);
  std::sort(hashes.begin(), hashes.end());
  if (std::adjacent_find(hashes.begin(), hashes.end()) != hashes.end()) return bad("one key is registered twice; a key serves one agency in one role");
  for (const auto& authority : to_->authorities_.keys)
    if (std::binary_search(hashes.begin(), hashes.end(), authority)) return bad("an authority key is also registered for an agency");
  to_->slots_ = std::make_unique<Directory::KeySlot[]>(hashes.size());
  std::stable_sort(to_->revocations_.begin(), to_->revocations_.end(), [](const Revocation& a, const Revocation& b) { return a.key < b.key; });
  return {};
}

Result<void> Loader::check_agency(const Agency& agency) const {
  if (!agency.bureau.empty()) {
    const auto* bureau = to_->find(agency.bureau);
    if (bureau == nullptr || !bureau->is_bureau || agency.bureau == agency.id)
      return bad("agency " + agency.id + ": bureau " + agency.bureau + " is not another agency marked as bureau");
  }
  for (const auto& other : agency.blind_pairs)
    if (to_->find(other) == nullptr) return bad("agency " + agency.id + ": blind pair " + other + " is not in the directory");
  return check_successors(agency);
}

// Every chain of successors ends at an agency that has not left, or with nobody.
Result<void> Loader::check_successors(const Agency& agency) const {
  const auto* at = &agency;
  for (std::size_t steps = 0; at->standing == Standing::left && !at->successor.empty(); ++steps) {
    const auto* next = to_->find(at->successor);
    if (next == nullptr) return bad("agency " + at->id + ": successor " + at->successor + " is not in the directory");
    if (steps == successions_max) return bad("agency " + agency.id + ": its successors lead in a circle, or over more than " + std::to_string(successions_max) + " agencies");
    at = next;
  }
  return {};
}

Result<void> Loader::check_references() const {
  for (const auto& [id, agency] : to_->agencies_) LIAISON_CHECK(check_agency(agency));
  for (const auto& [id, group] : to_->groups_) {
    if (to_->find(group.owner) == nullptr) return bad("group " + id + ": owner " + group.owner + " is not in the directory");
    for (const auto& member : group.members)
      if (const auto* found = to_->find(member); found == nullptr) return bad("group " + id + ": member " + member + " is not in the directory");
      else if (found->standing == Standing::left) return bad("group " + id + ": member " + member + " has left the federation");
  }
  return {};
}

}  // namespace liaison::directory
