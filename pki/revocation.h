// What a CA says about certificates it withdrew: revocation lists (RFC 5280 section 5) and OCSP answers (RFC 6960), both signed with the CA's own key.
// Pure over bytes; the register tells what was issued and revoked. Errors: crypto_failed, limit_exceeded.
#pragma once
#include "pki/ca.h"
#include "pki/register.h"

namespace liaison::pki {

struct RevocationListOrder {
  std::uint64_t number = 1;
  Time now{}, next_update{};
};
// DER. Certificates that ran out more than a week ago are left out; a certificate that is valid never is.
Result<Bytes> make_revocation_list(const CountryCa& ca, const Register& issued, const RevocationListOrder& order);

// One answer per certificate asked about: good only when the register has it and it is not revoked; of another CA or unheard of: unknown. The nonce is returned.
// A request that is none gets the answer malformedRequest.
Result<Bytes> answer_ocsp(const CountryCa& ca, const Register& issued, ByteView request, const RevocationListOrder& order);

}  // namespace liaison::pki
