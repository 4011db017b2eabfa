// CPU microseconds per stage of a record's way, on the typical Ecomessage: what the node spends beside ECDSA and HPKE. Prints one line per stage;
// takes the number of rounds as its only argument.
#include <openssl/rand.h>

#include <cstdlib>

#include "core/record/rebuild.h"
#include "core/record/structure.h"
#include "core/record/tree.h"
#include "core/record/walk.h"
#include "tests/bench/measure.h"
#include "tests/support/authority.h"
#include "tests/support/messages.h"

namespace {

using namespace liaison;
using bench::measure;

void run(int rounds) {
  support::Parties parties;
  parties.random = [](std::span<std::uint8_t> out) { liaison_assert(RAND_bytes(out.data(), static_cast<int>(out.size())) == 1); };
  const auto schema = support::ecomessage_schema();
  record::SchemaRegistry registry;
  registry.add(schema);
  const Bytes message = support::typical_ecomessage();
  const auto input = support::new_record(parties, *schema, "ke.customs", {"agency:int.gs"});
  const support::Pass hop{"ke.customs", "int.gs"};
  const record::Package sealed = support::seal(parties, *schema, message, input);
  const auto decisions = support::open_all(sealed, hop);
  const record::Package package = *support::pass_on(parties, sealed, hop, decisions);
  const Bytes encoded = record::encode_package(package);
  const record::Hop terms{hop.relay, parties.authority.key_of(hop.relay), hop.recipient, "investigation", {"direct", 1, {}}, {}, {}, parties.now};
  const record::VerifyContext context{"test-exercise", "int.gs", "ke.customs", parties.now, false, registry, parties.authority};
  const auto parsed = record::parse_manifest(view(package.manifest.text));
  const auto key = parties.authority.seal_key("ke.customs", terms.key, parties.now);
  std::printf("message %zu B, %zu leaves with decoys, package %zu B\n", message.size(), sealed.openings.size(), encoded.size());

  measure("verify_message", rounds, [&] { return schema->verify_message(message) ? 1u : 0u; });
  measure("walk and pack", rounds, [&] { return record::pack_message(schema->reflection(), message, parties.now)->spans.size(); });
  measure("commit_record (walk included)", rounds, [&] { return record::commit_record(*schema, message, input, parties.random)->openings.size(); });
  measure("disclose", rounds, [&] { return record::disclose(sealed, decisions, terms, parties.random)->openings.size(); });
  measure("encode_package", rounds, [&] { return record::encode_package(package).size(); });
  measure("decode_package", rounds, [&] { return record::decode_package(encoded)->openings.size(); });
  std::vector<Hash> hashes = sealed.openings.leaf_hashes();
  measure("sort and root", rounds, [&] {
    std::vector<Hash> copy = hashes;
    return (*record::sorted_root(copy))[0];
  });
  measure("parse_manifest", rounds, [&] { return record::parse_manifest(view(package.manifest.text))->leaves; });
  measure("parse_disclosure", rounds, [&] { return record::parse_disclosure(view(package.disclosures[0].text))->opened; });
  measure("Openings::parse (hashing)", rounds, [&] { return record::Openings::parse(parsed->record, package.openings.packed())->size(); });
  measure("structure", rounds, [&] { return record::check_structure(*parsed, package.openings, package.withheld) ? 1u : 0u; });
  measure("rebuild", rounds, [&] { return record::rebuild(*schema, package.openings)->size(); });
  measure("verify (two ECDSA included)", rounds, [&] {
    crypto::VerifiedBatches batches;
    return record::verify(package, context, batches)->opaque_count();
  });
  measure("one ECDSA verification", rounds, [&] {
    crypto::VerifiedBatches batches;
    return crypto::verify_text("test-exercise", view(package.manifest.text), view(package.manifest.signatures), *key, batches) ? 1u : 0u;
  });
}

}  // namespace

int main(int argc, char** argv) {
  run(argc > 1 ? std::max(1, std::atoi(argv[1])) : 2000);
  return 0;
}
