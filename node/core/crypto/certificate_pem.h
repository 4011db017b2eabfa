// A certificate chain as people keep it in a file: blocks of PEM (RFC 7468), own certificate first, nothing between them. Pure; checks form only.
#pragma once
#include <vector>

#include "core/base/bytes.h"
#include "core/base/ids.h"
#include "core/base/result.h"

namespace liaison::crypto {

// DER of each, at most limits::certificate_chain_max. Errc::bad_format.
Result<std::vector<Bytes>> chain_from_pem(ByteView pem);
// Hash of the public key that a certificate names (DER), whatever else it says. Errc::bad_format.
Result<Hash> certificate_key(ByteView der);
Result<Time> certificate_end(ByteView der);  // notAfter of any certificate

}  // namespace liaison::crypto
