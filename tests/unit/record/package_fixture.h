// One record on its way: sealed by ke.customs, relayed by ke.ncb to int.gs and on to fr.ncb.
#pragma once
#include "tests/unit/record/fixture.h"

namespace liaison::record {

class RecordOnItsWay : public testing::Test {
 protected:
  RecordOnItsWay() : schema(support::ecomessage_schema()) {
    registry.add(schema);
    registry.add(every().schema);
    parties.authority.let_relay("ke.ncb", "ke.customs");
    parties.authority.let_relay("int.gs", "ke.ncb");
  }

  Package sealed(const Schema& kind, ByteView message) {
    return support::seal(parties, kind, message, support::new_record(parties, kind, "ke.customs", {"agency:int.gs", "agency:fr.ncb", "country:tz"}));
  }
  Package sealed() { return sealed(*schema, support::typical_ecomessage()); }
  Package direct(const Package& package) { return *pass(package, to_ncb); }

  Result<Package> pass(const Package& package, const support::Pass& hop) {
    return support::pass_on(parties, package, hop, support::open_all(package, hop));
  }
  VerifyContext context(const support::Pass& last) {
    return {"test-exercise", last.recipient, last.relay, parties.now, false, registry, parties.authority};
  }
  Result<VerifiedPackage> check(const Package& package, const support::Pass& last) {
    crypto::VerifiedBatches batches;
    return verify(package, context(last), batches);
  }
  // Over the wire and back before verification.
  Result<VerifiedPackage> receive(const Package& package, const support::Pass& last) {
    LIAISON_TRY(auto decoded, decode_package(encode_package(package)));
    return check(decoded, last);
  }

  std::shared_ptr<const Schema> schema;
  SchemaRegistry registry;
  support::Parties parties;
  const support::Pass to_ncb{"ke.customs", "ke.ncb", {"int.gs", "fr.ncb"}};
  const support::Pass to_gs{"ke.ncb", "int.gs", {"int.gs", "fr.ncb"}};
  const support::Pass to_ncb_only{"ke.customs", "ke.ncb", {}};
  const support::Pass to_france{"int.gs", "fr.ncb", {}};
};

}  // namespace liaison::record
