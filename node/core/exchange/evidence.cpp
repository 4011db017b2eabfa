// Evidence texts and the Texts buffer that carries them. Pure; limits on number and size before anything is copied.
#include "core/exchange/evidence.h"

#include "core/base/limits.h"
#include "core/base/tags.h"
#include "schemas/record_generated.h"

namespace liaison::exchange {
namespace {
constexpr crypto::LineRule evidence_lines[] = {{"realm", 1}, {"id", 1}, {"from", 1}, {"key", 1}, {"to", 1}, {"record", 3}, {"manifest", 1},
                                               {"disclosure", 1, crypto::Repeat::any}, {"core", 1}, {"event", 1}, {"reason", 1}, {"at", 1}};
constexpr crypto::TextGrammar evidence_grammar{tags::evidence_text, evidence_lines};

constexpr crypto::LineRule pass_lines[] = {{"realm", 1}, {"id", 1}, {"from", 1}, {"key", 1}, {"to", 1}, {"text", 1, crypto::Repeat::any}, {"at", 1}};
constexpr crypto::TextGrammar pass_grammar{tags::pass_text, pass_lines};

std::string hash_or_dash(const std::optional<Hash>& hash) { return hash ? to_base64(*hash) : "-"; }

// Of a key that may stand in several lines with one hash each.
Result<std::vector<Hash>> hashes_of(const crypto::ParsedText& text, std::string_view key) {
  std::vector<Hash> hashes;
  for (const auto& tokens : text.all(key)) {
    const auto hash = hash_from_base64(tokens[0]);
    if (!hash) return fail(Errc::bad_text, std::string(key));
    hashes.push_back(*hash);
  }
  return hashes;
}
}  // namespace

std::string make_text(const Evidence& evidence) {
  crypto::TextBuilder builder(evidence_grammar);
  builder.add("realm", evidence.realm).add("id", to_string(evidence.id)).add("from", evidence.from).add_hash("key", evidence.key).add("to", evidence.to);
  if (evidence.record_from) builder.add("record", {*evidence.record_from, to_string(evidence.record.id), std::to_string(evidence.record.version)});
  else builder.add("record", {"-", "-", "-"});
  builder.add("manifest", hash_or_dash(evidence.manifest));
  for (const auto& disclosure : evidence.disclosures) builder.add_hash("disclosure", disclosure);
  builder.add("core", hash_or_dash(evidence.core)).add("event", evidence.event).add("reason", evidence.reason).add("at", to_string(evidence.at));
  return builder.finish();
}

Result<Evidence> parse_evidence(ByteView bytes) {
  LIAISON_TRY(const auto parsed, crypto::ParsedText::parse(evidence_grammar, bytes));
  Evidence evidence;
  evidence.realm = parsed.one("realm");
  LIAISON_TRY(evidence.id, parsed.uuid("id"));
  LIAISON_TRY(evidence.from, parsed.agency("from"));
  LIAISON_TRY(evidence.key, parsed.hash("key"));
  LIAISON_TRY(evidence.to, parsed.agency("to"));
  if (parsed.one("record") != "-") {
    LIAISON_TRY(evidence.record_from, parsed.agency("record"));
    LIAISON_TRY(evidence.record.id, parsed.uuid("record", 1));
    LIAISON_TRY(const auto version, parsed.number("record", 2));
    if (version > 0xFFFFFFFFU) return fail(Errc::bad_text, "record");
    evidence.record.version = static_cast<std::uint32_t>(version);
  }
  LIAISON_TRY(evidence.manifest, parsed.hash_or_dash("manifest"));
  LIAISON_TRY(evidence.disclosures, hashes_of(parsed, "disclosure"));
  LIAISON_TRY(evidence.core, parsed.hash_or_dash("core"));
  evidence.event = parsed.one("event");
  evidence.reason = parsed.one("reason");
  LIAISON_TRY(evidence.at, parsed.time("at"));
  return evidence;
}

std::string make_text(const Pass& pass) {
  crypto::TextBuilder builder(pass_grammar);
  builder.add("realm", pass.realm).add("id", to_string(pass.id)).add("from", pass.from).add_hash("key", pass.key).add("to", pass.to);
  for (const auto& hash : pass.texts) builder.add_hash("text", hash);
  return builder.add("at", to_string(pass.at)).finish();
}

Result<Pass> parse_pass(ByteView bytes) {
  LIAISON_TRY(const auto parsed, crypto::ParsedText::parse(pass_grammar, bytes));
  Pass pass;
  pass.realm = parsed.one("realm");
  LIAISON_TRY(pass.id, parsed.uuid("id"));
  LIAISON_TRY(pass.from, parsed.agency("from"));
  LIAISON_TRY(pass.key, parsed.hash("key"));
  LIAISON_TRY(pass.to, parsed.agency("to"));
  LIAISON_TRY(pass.texts, hashes_of(parsed, "text"));
  LIAISON_TRY(pass.at, parsed.time("at"));
  return pass;
}

Bytes encode_texts(const std::vector<record::SignedText>& texts) {
  flatbuffers::FlatBufferBuilder builder(1024);
  std::vector<flatbuffers::Offset<wire::SignedText>> offsets;
  for (const auto& entry : texts) {
    const auto body = builder.CreateVector(view(entry.text).data(), entry.text.size());
    offsets.push_back(wire::CreateSignedText(builder, body, builder.CreateVector(view(entry.signatures).data(), entry.signatures.size())));
  }
  builder.Finish(wire::CreateTexts(builder, builder.CreateVector(offsets)));
  return {builder.GetBufferPointer(), builder.GetBufferPointer() + builder.GetSize()};
}

Result<std::vector<record::SignedText>> decode_texts(ByteView bytes) {
  flatbuffers::Verifier verifier(bytes.data(), bytes.size(), 4, limits::evidence_texts_max + 2);
  if (!verifier.VerifyBuffer<wire::Texts>()) return fail(Errc::bad_format, "texts");
  const auto* list = flatbuffers::GetRoot<wire::Texts>(bytes.data())->texts();
  if (list == nullptr || list->size() == 0 || list->size() > limits::evidence_texts_max) return fail(Errc::bad_format, "number of texts");
  std::size_t total = 0;
  std::vector<record::SignedText> texts;
  for (const auto* entry : *list) {
    if (entry->text() == nullptr || entry->sigs() == nullptr) return fail(Errc::bad_format, "text without signature");
    total += entry->text()->size() + entry->sigs()->size();
    if (total > bytes.size() || entry->text()->size() > limits::text_bytes_max) return fail(Errc::limit_exceeded, "texts");
    const auto as_string = [](const flatbuffers::Vector<std::uint8_t>& v) { return std::string(v.begin(), v.end()); };
    texts.push_back({as_string(*entry->text()), as_string(*entry->sigs())});
  }
  return texts;
}

}  // namespace liaison::exchange
