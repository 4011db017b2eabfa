// Package to FlatBuffer and back. Decoding checks form only: limits, packed forms, orders; who said what is verify's business.
// A shared part is paid for each time it is referred to, so the sum of all parts is held against the size of the whole.
#include "core/record/package.h"

#include <algorithm>

#include "core/base/limits.h"
#include "core/record/path.h"
#include "core/record/tree.h"
#include "schemas/record_generated.h"

namespace liaison::record {
namespace {

using flatbuffers::FlatBufferBuilder;
using flatbuffers::Offset;
using ByteVector = flatbuffers::Vector<std::uint8_t>;

ByteView bytes_of(const ByteVector* vector) { return vector == nullptr ? ByteView() : ByteView(vector->data(), vector->size()); }
auto put_bytes(FlatBufferBuilder& builder, ByteView bytes) { return builder.CreateVector(bytes.data(), bytes.size()); }

Bytes pack_withheld(const std::vector<WithheldLeaf>& leaves) {
  Bytes out;
  for (const WithheldLeaf& leaf : leaves) {
    put_u16(out, static_cast<std::uint16_t>(leaf.path.size()));
    put(out, leaf.path);
    put(out, leaf.commitment);
  }
  return out;
}

Result<std::vector<WithheldLeaf>> unpack_withheld(ByteView packed) {
  std::vector<WithheldLeaf> out;
  for (ByteReader reader(packed); !reader.at_end();) {
    const ByteView path = reader.take(reader.u16());
    const Hash commitment = reader.hash();
    const bool valid = reader.ok() && is_path(path) && !is_audience(path) && !is_decoy(path);
    if (!valid || (!out.empty() && compare(out.back().path, path) >= 0)) return fail(Errc::bad_format, "withheld leaf " + std::to_string(out.size()));
    if (out.size() == limits::leaves_max) return fail(Errc::limit_exceeded, "withheld leaves");
    out.push_back({to_bytes(path), commitment});
  }
  return out;
}

Bytes pack_opaque(const std::vector<std::vector<Hash>>& hops) {
  Bytes out;
  for (const auto& hop : hops) {
    put_u16(out, static_cast<std::uint16_t>(hop.size()));
    for (const Hash& leaf : hop) put(out, leaf);
  }
  return out;
}

Result<std::vector<std::vector<Hash>>> unpack_opaque(ByteView packed) {
  std::vector<std::vector<Hash>> out;
  for (ByteReader reader(packed); !reader.at_end();) {
    const std::size_t count = reader.u16();
    if (!reader.ok() || reader.left() < count * sizeof(Hash)) return fail(Errc::bad_format, "opaque leaves of hop " + std::to_string(out.size() + 1));
    if (out.size() == limits::hops_max) return fail(Errc::limit_exceeded, "hops");
    std::vector<Hash> hop(count);
    for (Hash& leaf : hop) leaf = reader.hash();
    if (!strictly_ascending(hop)) return fail(Errc::bad_format, "opaque leaves of hop " + std::to_string(out.size() + 1) + " out of order");
    out.push_back(std::move(hop));
  }
  return out;
}

using TextVector = flatbuffers::Vector<Offset<wire::SignedText>>;

auto put_texts(FlatBufferBuilder& builder, const std::vector<SignedText>& texts) {
  std::vector<Offset<wire::SignedText>> out;
  for (const SignedText& signed_text : texts) {
    const auto text_bytes = put_bytes(builder, view(signed_text.text));
    const auto signature_bytes = put_bytes(builder, view(signed_text.signatures));
    out.push_back(wire::CreateSignedText(builder, text_bytes, signature_bytes));
  }
  return builder.CreateVector(out);
}

struct TextLimits { std::size_t count, text_bytes; };
Result<std::vector<SignedText>> unpack_texts(const TextVector* texts, TextLimits allowed, std::string_view what) {
  std::vector<SignedText> out;
  if (texts == nullptr) return out;
  if (texts->size() > allowed.count) return fail(Errc::limit_exceeded, std::string(what));
  for (const auto* entry : *texts) {
    const ByteView text_bytes = bytes_of(entry->text());
    const ByteView signatures = bytes_of(entry->sigs());
    if (text_bytes.empty()) return fail(Errc::bad_format, std::string(what) + ": empty text");
    if (text_bytes.size() > allowed.text_bytes || signatures.size() > limits::signature_block_bytes_max) return fail(Errc::limit_exceeded, std::string(what));
    out.push_back({std::string(text(text_bytes)), std::string(text(signatures))});
  }
  return out;
}

template <std::size_t n>
bool copy_exact(const ByteVector* from, std::array<std::uint8_t, n>& to) {
  const ByteView bytes = bytes_of(from);
  if (bytes.size() != n) return false;
  std::copy(bytes.begin(), bytes.end(), to.begin());
  return true;
}

// One key per opened attachment, in path order.
Result<std::vector<BlobKey>> unpack_blob_keys(const flatbuffers::Vector<Offset<wire::BlobKey>>* keys, const Openings& openings) {
  std::vector<BlobKey> out;
  const std::size_t count = keys == nullptr ? 0 : keys->size();
  if (count > openings.size()) return fail(Errc::bad_format, "more blob keys than leaves");
  for (std::size_t i = 0; i < count; ++i) {
    const wire::BlobKey& entry = *keys->Get(static_cast<flatbuffers::uoffset_t>(i));
    BlobKey key;
    key.path = to_bytes(bytes_of(entry.path()));
    key.size = entry.size();
    if (!copy_exact(entry.root(), key.root) || !copy_exact(entry.key(), key.key) || !copy_exact(entry.salt(), key.salt)) return fail(Errc::bad_format, "blob key");
    out.push_back(std::move(key));
  }
  std::size_t next = 0;
  for (std::size_t i = 0; i < openings.size(); ++i) {
    if (openings[i].type != LeafType::attachment) continue;
    if (next == out.size() || !equal(out[next].path, openings[i].path)) return fail(Errc::bad_format, "attachment without its blob key");
    ++next;
  }
  if (next != out.size()) return fail(Errc::bad_format, "blob key without its attachment");
  return out;
}

std::size_t sum_of_texts(const TextVector* texts) {
  std::size_t sum = 0;
  if (texts == nullptr) return sum;
  for (const auto* entry : *texts) sum += bytes_of(entry->text()).size() + bytes_of(entry->sigs()).size();
  return sum;
}

Result<void> check_sum(const wire::Package& package, std::size_t size) {
  std::size_t sum = bytes_of(package.manifest()).size() + bytes_of(package.manifest_sigs()).size() + bytes_of(package.opened()).size() +
                    bytes_of(package.withheld()).size() + bytes_of(package.opaque()).size() + sum_of_texts(package.disclosures()) +
                    sum_of_texts(package.permits());
  if (package.blob_keys() != nullptr) {
    for (const auto* key : *package.blob_keys()) sum += bytes_of(key->path()).size();
  }
  if (sum > size) return fail(Errc::limit_exceeded, "sum of parts " + std::to_string(sum) + " of " + std::to_string(size) + " bytes");
  return {};
}

// The order of permits means nothing: they are kept by hash, so that every arrangement gives the same package.
Result<void> sort_permits(std::vector<SignedText>& permits) {
  const auto less = [](const SignedText& a, const SignedText& b) { return hash_less(crypto::text_hash(view(a.text)), crypto::text_hash(view(b.text))); };
  std::sort(permits.begin(), permits.end(), less);
  for (std::size_t i = 1; i < permits.size(); ++i) {
    if (permits[i - 1].text == permits[i].text) return fail(Errc::bad_format, "permit twice");
  }
  return {};
}

Result<Package> unpack(const wire::Package& in, std::size_t size) {
  LIAISON_CHECK(check_sum(in, size));
  Package out;
  out.manifest = {std::string(text(bytes_of(in.manifest()))), std::string(text(bytes_of(in.manifest_sigs())))};
  if (out.manifest.signatures.size() > limits::signature_block_bytes_max) return fail(Errc::limit_exceeded, "manifest signatures");
  LIAISON_TRY(const Manifest manifest, parse_manifest(view(out.manifest.text)));
  LIAISON_TRY(out.openings, Openings::parse(manifest.record, to_bytes(bytes_of(in.opened()))));
  LIAISON_TRY(out.withheld, unpack_withheld(bytes_of(in.withheld())));
  LIAISON_TRY(out.opaque, unpack_opaque(bytes_of(in.opaque())));
  LIAISON_TRY(out.disclosures, unpack_texts(in.disclosures(), {limits::hops_max, limits::disclosure_bytes_max}, "disclosures"));
  LIAISON_TRY(out.permits, unpack_texts(in.permits(), {limits::evidence_texts_max, limits::text_bytes_max}, "permits"));
  LIAISON_CHECK(sort_permits(out.permits));
  if (out.opaque.size() != out.disclosures.size()) return fail(Errc::bad_format, "opaque lists and disclosures differ in number");
  LIAISON_TRY(out.blob_keys, unpack_blob_keys(in.blob_keys(), out.openings));
  return out;
}

}  // namespace

Bytes encode_package(const Package& package) {
  std::size_t expected = package.openings.packed().size() + package.manifest.text.size() + 2048;
  for (const SignedText& disclosure : package.disclosures) expected += disclosure.text.size() + 512;
  FlatBufferBuilder builder(expected);
  const auto manifest = put_bytes(builder, view(package.manifest.text));
  const auto manifest_sigs = put_bytes(builder, view(package.manifest.signatures));
  const auto opened = put_bytes(builder, package.openings.packed());
  const auto withheld = put_bytes(builder, pack_withheld(package.withheld));
  const auto opaque = put_bytes(builder, pack_opaque(package.opaque));
  const auto disclosures = put_texts(builder, package.disclosures);
  const auto permits = put_texts(builder, package.permits);
  std::vector<Offset<wire::BlobKey>> keys;
  for (const BlobKey& key : package.blob_keys) {
    const auto path = put_bytes(builder, key.path);
    const auto root = put_bytes(builder, key.root);
    const auto secret = put_bytes(builder, key.key);
    const auto salt = put_bytes(builder, key.salt);
    keys.push_back(wire::CreateBlobKey(builder, path, root, key.size, secret, salt));
  }
  const auto blob_keys = keys.empty() ? 0 : builder.CreateVector(keys);
  builder.Finish(wire::CreatePackage(builder, manifest, manifest_sigs, opened, withheld, opaque, disclosures, permits, blob_keys));
  return {builder.GetBufferPointer(), builder.GetBufferPointer() + builder.GetSize()};
}

Result<Package> decode_package(ByteView bytes) {
  if (bytes.size() > limits::plain_bytes_max) return fail(Errc::limit_exceeded, std::to_string(bytes.size()) + " bytes of package");
  Bytes aligned;
  if (reinterpret_cast<std::uintptr_t>(bytes.data()) % 8 != 0) {
    aligned = to_bytes(bytes);
    bytes = aligned;
  }
  flatbuffers::Verifier::Options options;
  options.max_depth = limits::verifier_depth_max;
  options.max_tables = limits::verifier_tables_max;
  flatbuffers::Verifier verifier(bytes.data(), bytes.size(), options);
  if (bytes.size() < 8 || !verifier.VerifyBuffer<wire::Package>(nullptr)) return fail(Errc::bad_format, "not a package");
  return unpack(*flatbuffers::GetRoot<wire::Package>(bytes.data()), bytes.size());
}

}  // namespace liaison::record
