// Authoring: the JSON source to the unsigned distributed form, signatures added one at a time, and the summary a person reviews before signing.
// Pure. Every refusal names line or entry and field; what make_unsigned lets pass, load accepts once signed.
#include <algorithm>

#include "core/base/limits.h"
#include "core/directory/authoring.h"
#include "core/directory/distributed.h"
#include "core/directory/entries.h"
#include "core/directory/json_parser.h"
#include "core/merkle/tree.h"

namespace liaison::directory {
namespace {

template <class Table, class Reader>
Result<void> write_entries(const flatbuffers::Vector<flatbuffers::Offset<Table>>* from, Reader read, std::vector<Bytes>& out) {
  if (from == nullptr) return {};
  for (const auto* table : *from) {
    LIAISON_TRY(const auto value, read(*table));
    out.push_back(write_entry(value));
  }
  return {};
}

Result<std::vector<Bytes>> entries_of(const fb::Source& source) {
  std::vector<Bytes> out;
  LIAISON_CHECK(write_entries(source.agencies(), read_agency, out));
  LIAISON_CHECK(write_entries(source.groups(), read_group, out));
  LIAISON_CHECK(write_entries(source.countries(), read_country, out));
  LIAISON_CHECK(write_entries(source.revocations(), read_revocation, out));
  LIAISON_CHECK(write_entries(source.policies(), read_policy, out));
  return out;
}

Result<std::vector<Bytes>> authority_keys_of(const fb::Source& source) {
  std::vector<Bytes> out;
  if (source.authorities() == nullptr || source.authorities()->keys() == nullptr) return fail(Errc::bad_format, "authorities: missing");
  for (const auto* chars : *source.authorities()->keys()) {
    const auto spki = from_base64(chars->string_view());
    if (!spki) return fail(Errc::bad_format, "authorities: keys must be base64 of the SubjectPublicKeyInfo");
    LIAISON_TRY(const auto key, crypto::PublicKey::from_spki(*spki));
    if (key.type() != crypto::key_type(crypto::KeyRole::authority)) return fail(Errc::bad_format, "authorities: keys must be P-256");
    out.push_back(*spki);
  }
  std::sort(out.begin(), out.end());
  if (std::adjacent_find(out.begin(), out.end()) != out.end()) return fail(Errc::bad_format, "authorities: one key stands twice");
  return out;
}

Result<Time> time_of(const flatbuffers::String* from, std::string_view field) {
  const auto parsed = from == nullptr ? std::nullopt : parse_time(from->string_view());
  if (!parsed) return fail(Errc::bad_format, std::string(field) + ": a time like 2026-01-31T00:00:00.000Z is needed");
  return *parsed;
}

std::string make_text(const fb::Source& source, const Draft& draft, const FileParts& parts) {
  std::vector<Hash> leaves;
  for (const auto& entry : parts.entries) leaves.push_back(entry_leaf(entry));
  crypto::TextBuilder builder(directory_grammar());
  builder.add("realm", source.realm()->string_view()).add("version", draft.version).add("issued", to_string(draft.issued));
  builder.add("expires", source.expires()->string_view()).add("grace", source.grace()->string_view());
  builder.add("prev", draft.previous ? to_base64(*draft.previous) : std::string("-"));
  builder.add("entries", parts.entries.size()).add_hash("root", merkle::root(leaves)).add("threshold", source.authorities()->threshold());
  for (const auto& key : parts.authority_keys) builder.add_hash("authority", merkle::sha256(ByteView(key)));
  return builder.finish();
}

}  // namespace

Result<Bytes> make_unsigned(const Draft& draft) {
  LIAISON_TRY(const Bytes parsed, parse_json(draft.json, "liaison.directory.fb.Source"));
  const auto& source = *flatbuffers::GetRoot<fb::Source>(parsed.data());
  if (source.realm() == nullptr || !crypto::is_token(source.realm()->string_view())) return fail(Errc::bad_format, "realm: a name of letters, digits, dots and hyphens is needed");
  LIAISON_CHECK(time_of(source.expires(), "expires"));
  LIAISON_CHECK(time_of(source.grace(), "grace"));
  FileParts parts;
  LIAISON_TRY(parts.authority_keys, authority_keys_of(source));
  LIAISON_TRY(parts.entries, entries_of(source));
  parts.text = make_text(source, draft, parts);
  Bytes file = write_file(parts);
  LIAISON_TRY(const auto opened, open_file(file));
  LIAISON_CHECK(Loader::read(opened));
  return file;
}

Result<std::shared_ptr<const Directory>> read_content(ByteView file) {
  LIAISON_TRY(const auto opened, open_file(file));
  LIAISON_TRY(std::shared_ptr<const Directory> content, Loader::read(opened));
  return content;
}

Result<std::shared_ptr<const Directory>> read_source_content(const std::string& json) {
  LIAISON_TRY(const Bytes file, make_unsigned({json, 1, std::nullopt, Time{}}));
  return read_content(file);
}

Result<Bytes> add_signature(ByteView file, const crypto::PublicKey& key, const std::function<Result<Bytes>(ByteView)>& sign) {
  LIAISON_TRY(const auto opened, open_file(file));
  LIAISON_TRY(const auto present, crypto::parse_signatures(opened.signatures));
  for (const auto& signature : present)
    if (signature.key == key.hash()) return fail(Errc::already_exists, "this key has already signed");
  if (present.size() >= limits::signatures_max) return fail(Errc::limit_exceeded, "the file has " + std::to_string(present.size()) + " signatures already");
  LIAISON_TRY(auto value, sign(view(opened.text.bytes())));
  LIAISON_CHECK(key.verify(view(opened.text.bytes()), value));
  FileParts parts = parts_of(opened);
  parts.signatures += crypto::format_signature(crypto::Signature{key.hash(), 1, std::move(value), 0, 0, {}});
  if (std::find(parts.authority_keys.begin(), parts.authority_keys.end(), key.spki()) == parts.authority_keys.end()) parts.authority_keys.push_back(key.spki());
  return write_file(parts);
}

Result<void> check_before_signing(const Directory& next, const Directory* previous, const Hash& key, Time now) {
  const auto is_authority = [&](const Directory& directory) {
    const auto& keys = directory.authorities().keys;
    return std::find(keys.begin(), keys.end(), key) != keys.end();
  };
  const std::string version = "version " + std::to_string(next.version());
  if (next.expires() <= now) return fail(Errc::expired, version + " expired " + to_string(next.expires()) + "; have a newer one made");
  if (next.issued() > now + limits::clock_ahead_max) return fail(Errc::clock_out_of_range, version + " was made " + to_string(next.issued()) + ", later than this machine's clock says; set the clock");
  if (previous != nullptr) {
    if (next.version() <= previous->version()) return fail(Errc::superseded, version + " does not come after version " + std::to_string(previous->version()));
    if (next.version() != previous->version() + 1) return fail(Errc::chain_broken, version + " does not follow version " + std::to_string(previous->version()) + " at once; compare it with the one before it");
    LIAISON_CHECK(check_successor(*previous, next));
  }
  if (!is_authority(next) && (previous == nullptr || !is_authority(*previous)))
    return fail(Errc::unknown_key, "the key " + to_base64(key) + " is not one of the directory's authorities" + (previous == nullptr ? "; when it was one before, give --previous" : ""));
  return {};
}

Result<Bytes> merge_signatures(std::span<const Bytes> files) {
  FileParts merged;
  for (const auto& file : files) {
    LIAISON_TRY(const auto opened, open_file(file));
    if (merged.text.empty()) {
      merged = parts_of(opened);
      merged.signatures.clear();
      merged.authority_keys.clear();
    }
    if (merged.text != opened.text.bytes()) return fail(Errc::conflicting_version, "the files are not the same version: their texts differ");
    for (const auto key : opened.authority_keys)
      if (std::find(merged.authority_keys.begin(), merged.authority_keys.end(), to_bytes(key)) == merged.authority_keys.end()) merged.authority_keys.push_back(to_bytes(key));
    LIAISON_TRY(const auto signatures, crypto::parse_signatures(opened.signatures));
    std::vector<Hash> signers;
    for (const auto& signature : signatures) signers.push_back(signature.key);
    LIAISON_TRY(const auto valid, valid_signers(opened, signers));
    for (const auto& signature : signatures) {
      if (std::find(valid.begin(), valid.end(), signature.key) == valid.end()) return fail(Errc::bad_signature, "the signature of " + to_base64(signature.key) + " does not verify");
      const std::string line = crypto::format_signature(signature);
      if (merged.signatures.find("sig " + to_base64(signature.key) + " ") == std::string::npos) merged.signatures += line;
    }
  }
  if (merged.text.empty()) return fail(Errc::invalid_argument, "no files to merge");
  return write_file(merged);
}

Result<Summary> summarise(ByteView file) {
  LIAISON_TRY(const auto opened, open_file(file));
  LIAISON_TRY(const auto directory, Loader::read(opened));
  LIAISON_TRY(const auto signatures, crypto::parse_signatures(opened.signatures));
  Summary summary{directory->version(), directory->hash(), directory->authorities().threshold, {}};
  for (const auto& signature : signatures) summary.signed_by.push_back(signature.key);
  return summary;
}

}  // namespace liaison::directory
