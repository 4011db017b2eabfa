// Parts to bytes and back; the order of entries is the order of the leaves.
#include "core/directory/distributed.h"

#include "core/base/limits.h"

namespace liaison::directory {
namespace {

constexpr std::size_t file_parts_max = 4 * limits::agencies_max + 2 * limits::signatures_max + 1;

flatbuffers::Offset<flatbuffers::Vector<flatbuffers::Offset<fb::Blob>>> write_blobs(flatbuffers::FlatBufferBuilder& builder, const std::vector<Bytes>& items) {
  std::vector<flatbuffers::Offset<fb::Blob>> blobs;
  for (const auto& item : items) blobs.push_back(fb::CreateBlob(builder, builder.CreateVector(item)));
  return builder.CreateVector(blobs);
}

ByteView bytes_of(const flatbuffers::Vector<std::uint8_t>* from) { return from == nullptr ? ByteView() : ByteView(from->data(), from->size()); }

// FlatBuffers may share one vector many times: the sum of all parts may not pass the size of what holds them.
Result<std::vector<ByteView>> read_blobs(const flatbuffers::Vector<flatbuffers::Offset<fb::Blob>>* from, std::size_t items_max, std::size_t& bytes_left) {
  std::vector<ByteView> out;
  if (from == nullptr) return out;
  if (from->size() > items_max) return fail(Errc::limit_exceeded, "directory delta with " + std::to_string(from->size()) + " parts of one kind");
  for (const auto* blob : *from) {
    out.push_back(bytes_of(blob->bytes()));
    if (out.back().size() > bytes_left) return fail(Errc::limit_exceeded, "directory delta whose parts are larger than itself");
    bytes_left -= out.back().size();
  }
  return out;
}

}  // namespace

Result<crypto::ParsedText> parse_text_of(ByteView file) {
  const Bytes aligned = to_bytes(file);
  flatbuffers::Verifier verifier(aligned.data(), aligned.size(), 4, file_parts_max);
  if (!verifier.VerifyBuffer<fb::File>(nullptr)) return fail(Errc::bad_format, "directory: not a distributed directory file");
  return crypto::ParsedText::parse(directory_grammar(), bytes_of(flatbuffers::GetRoot<fb::File>(aligned.data())->text()));
}

Result<OpenedDelta> open_delta(ByteView delta) {
  OpenedDelta out;
  out.bytes = std::make_unique<Bytes>(to_bytes(delta));
  flatbuffers::Verifier verifier(out.bytes->data(), out.bytes->size(), 4, file_parts_max);
  if (!verifier.VerifyBuffer<fb::Delta>(nullptr)) return fail(Errc::bad_format, "not a directory delta");
  const auto* root = flatbuffers::GetRoot<fb::Delta>(out.bytes->data());
  out.text = bytes_of(root->text());
  out.signatures = bytes_of(root->sigs());
  out.leaves = bytes_of(root->leaves());
  if (out.text.size() > limits::text_bytes_max || out.signatures.size() > limits::signature_block_bytes_max) return fail(Errc::limit_exceeded, "directory delta: text or signatures");
  if (out.leaves.size() % sizeof(Hash) != 0 || out.leaves.size() / sizeof(Hash) > file_parts_max) return fail(Errc::bad_format, "directory delta: leaf hashes");
  std::size_t bytes_left = out.bytes->size();
  LIAISON_TRY(out.authority_keys, read_blobs(root->authorities(), limits::signatures_max * 2, bytes_left));
  LIAISON_TRY(out.entries, read_blobs(root->entries(), file_parts_max, bytes_left));
  return out;
}

Bytes write_delta(const FileParts& parts, ByteView leaves) {
  flatbuffers::FlatBufferBuilder builder;
  const auto text = builder.CreateVector(view(parts.text).data(), parts.text.size());
  const auto signatures = builder.CreateVector(view(parts.signatures).data(), parts.signatures.size());
  const auto keys = write_blobs(builder, parts.authority_keys);
  const auto hashes = builder.CreateVector(leaves.data(), leaves.size());
  builder.Finish(fb::CreateDelta(builder, text, signatures, keys, hashes, write_blobs(builder, parts.entries)));
  return {builder.GetBufferPointer(), builder.GetBufferPointer() + builder.GetSize()};
}

Bytes write_file(const FileParts& parts) {
  flatbuffers::FlatBufferBuilder builder;
  const auto text = builder.CreateVector(view(parts.text).data(), parts.text.size());
  const auto signatures = builder.CreateVector(view(parts.signatures).data(), parts.signatures.size());
  const auto keys = write_blobs(builder, parts.authority_keys);
  builder.Finish(fb::CreateFile(builder, text, signatures, keys, write_blobs(builder, parts.entries)));
  return {builder.GetBufferPointer(), builder.GetBufferPointer() + builder.GetSize()};
}

FileParts parts_of(const OpenedFile& file) {
  FileParts parts{std::string(file.text.bytes()), std::string(text(file.signatures)), {}, {}};
  for (const auto key : file.authority_keys) parts.authority_keys.push_back(to_bytes(key));
  for (const auto entry : file.entries) parts.entries.push_back(to_bytes(entry));
  return parts;
}

}  // namespace liaison::directory
