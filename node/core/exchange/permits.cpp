// See permits.h. The text names the manifest, so it permits this version of this record and nothing else.
#include "core/exchange/permits.h"

#include "core/base/limits.h"
#include "core/exchange/routes.h"
#include "core/record/permit.h"

namespace liaison::exchange {
namespace {
// Next hop -> everybody from there on.
std::map<std::string, std::set<std::string>> ways(const Context& context, const record::Manifest& manifest, std::span<const std::string> recipients) {
  std::map<std::string, std::set<std::string>> found;
  const Journey journey = make_journey(context, manifest);
  for (const auto& recipient : recipients)
    for (const auto& agency : expand_audience(*context.directory, journey, audience_of(recipient))) {
      const auto path = make_path(*context.directory, journey, agency);
      if (path && path->size() > 2) found[first_hop(*context.directory, *path).recipient].insert(path->begin() + 1, path->end());
    }
  return found;
}
}  // namespace

Result<std::vector<GivenPermit>> make_permits(const Context& context, const record::Manifest& manifest, const Hash& manifest_hash, std::span<const std::string> recipients) {
  const Time now = context.ports.clock.now();
  std::vector<std::string> texts;
  std::vector<GivenPermit> given;
  for (const auto& [next, agencies] : ways(context, manifest, recipients)) {
    record::Permit permit;
    permit.realm = context.realm;
    permit.id = context.new_uuid(now);
    permit.from = permit.record_from = context.agency;
    permit.key = context.seal_key;
    permit.to = next;
    permit.recipients.assign(agencies.begin(), agencies.end());
    permit.record = manifest.record;
    permit.manifest = manifest_hash;
    permit.event = "permitted";
    permit.reason = "-";
    permit.at = now;
    texts.push_back(record::make_text(permit));
    given.push_back({next, {texts.back(), {}}, {}});
  }
  if (given.empty()) return given;
  LIAISON_TRY(auto blocks, context.seal_texts(texts));
  const RecordKey key{context.agency, manifest.record.id, manifest.record.version};
  for (std::size_t i = 0; i < given.size(); ++i) {
    given[i].text.signatures = std::move(blocks[i]);
    const link::SignedText row{given[i].text.text, given[i].text.signatures};
    given[i].op = {OpKind::insert, Table::permit, key_of_permit(key, crypto::text_hash(view(row.text))), encode(row)};
  }
  return given;
}

Report make_permit_report(const Context& context, const GivenPermit& permit) {
  Report report{link_for(context, permit.next), {}};
  auto& row = report.row;
  if (report.to != permit.next) row.recipient = permit.next;
  row.accepted = context.ports.clock.now();
  row.msg_id = context.new_uuid(row.accepted);
  row.expires = row.accepted + limits::envelope_life_max - std::chrono::hours{1};
  row.texts = {permit.text};
  row.bytes = static_cast<std::uint32_t>(permit.text.text.size() + permit.text.signatures.size() + 1024);
  return report;
}

}  // namespace liaison::exchange
