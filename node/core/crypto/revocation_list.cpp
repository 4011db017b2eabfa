// Parses a list with OpenSSL; see revocation_list.h. A list that is not one DER value, or is larger than the limit, is refused unread.
#include "core/crypto/revocation_list.h"

#include "core/base/limits.h"
#include "core/crypto/certificate_parts.h"

namespace liaison::crypto {
namespace {

using Integer = std::unique_ptr<ASN1_INTEGER, FreeWith<ASN1_INTEGER_free>>;

}  // namespace

Result<RevocationListHandle> parse_revocation_list(ByteView der) {
  if (der.size() > revocation_list_bytes_max) return not_admitted("revocation list of " + std::to_string(der.size()) + " bytes");
  const unsigned char* at = der.data();
  RevocationListHandle out(d2i_X509_CRL(nullptr, &at, static_cast<long>(der.size())));
  if (!out || at != der.data() + der.size()) return not_admitted("not a DER revocation list");
  return out;
}

Result<RevocationListFacts> read_revocation_list(ByteView der) {
  LIAISON_TRY(const RevocationListHandle list, parse_revocation_list(der));
  RevocationListFacts facts;
  LIAISON_TRY(facts.issuer, name_text(X509_CRL_get_issuer(list.get())));
  LIAISON_TRY(facts.this_update, time_of(X509_CRL_get0_lastUpdate(list.get())));
  if (const ASN1_TIME* next = X509_CRL_get0_nextUpdate(list.get()); next != nullptr) {
    LIAISON_TRY(facts.next_update, time_of(next));
  }
  const Integer number(static_cast<ASN1_INTEGER*>(X509_CRL_get_ext_d2i(list.get(), NID_crl_number, nullptr, nullptr)));
  if (std::uint64_t value = 0; number && ASN1_INTEGER_get_uint64(&value, number.get()) == 1) facts.number = value;
  if (const auto* revoked = X509_CRL_get_REVOKED(list.get()); revoked != nullptr) facts.entries = static_cast<std::size_t>(sk_X509_REVOKED_num(revoked));
  return facts;
}

}  // namespace liaison::crypto
