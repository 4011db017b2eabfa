// Fields that several texts of a record share: numbers, optional hashes, base64 paths. Pure; errors are bad_text naming the key.
#pragma once
#include "core/crypto/signed_text.h"
#include "core/record/leaf.h"

namespace liaison::record {

inline std::string hash_or_dash(const std::optional<Hash>& hash) { return hash ? to_base64(*hash) : "-"; }

inline bool is_channel(std::string_view word) { return word == "interpol" || word == "customs" || word == "cites" || word == "judicial"; }

inline Result<std::uint32_t> parse_u32(std::string_view token, std::string_view key) {
  const auto number = crypto::parse_decimal(token);
  if (!number || *number > 0xFFFFFFFFu) return fail(Errc::bad_text, std::string(key));
  return static_cast<std::uint32_t>(*number);
}

inline Result<Bytes> parse_path(std::string_view token, std::string_view key) {
  auto path = from_base64(token);
  if (!path || path->empty() || path->size() > limits::path_bytes_max) return fail(Errc::bad_text, std::string(key));
  return std::move(*path);
}

inline Result<Hash> parse_hash(std::string_view token, std::string_view key) {
  const auto hash = hash_from_base64(token);
  if (!hash) return fail(Errc::bad_text, std::string(key));
  return *hash;
}

// `record <from> <uuid> <version>`
struct RecordName { std::string from; RecordId id; };
inline Result<RecordName> parse_record_line(const crypto::ParsedText& text) {
  RecordName out;
  LIAISON_TRY(out.from, text.agency("record"));
  LIAISON_TRY(out.id.id, text.uuid("record", 1));
  LIAISON_TRY(out.id.version, parse_u32(text.one("record", 2), "record"));
  return out;
}

}  // namespace liaison::record
