// The OpenSSL side of names and extensions, shared by the profiles and requests (x509.h). Errors carry the reason of OpenSSL.
#include "pki/x509.h"

namespace liaison::pki {
namespace {

bool add_entry(X509_NAME* name, int nid, const std::string& value) {
  const auto* bytes = reinterpret_cast<const unsigned char*>(value.data());
  return value.empty() || X509_NAME_add_entry_by_NID(name, nid, MBSTRING_UTF8, bytes, static_cast<int>(value.size()), -1, 0) == 1;
}

std::string chars_of(const ASN1_STRING* value) {
  return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(value)), static_cast<std::size_t>(ASN1_STRING_length(value))};
}

}  // namespace

Result<Name> make_name(const NameParts& parts) {
  Name name(X509_NAME_new());
  const bool made = name && add_entry(name.get(), NID_organizationName, parts.organization) &&
                    add_entry(name.get(), NID_organizationalUnitName, parts.unit) && add_entry(name.get(), NID_commonName, parts.common);
  if (!made) return crypto::openssl_failed("distinguished name");
  return name;
}

Result<std::string> name_entry(const X509_NAME* name, int nid) {
  const int first = X509_NAME_get_index_by_NID(name, nid, -1);
  if (first < 0 || X509_NAME_get_index_by_NID(name, nid, first) >= 0) return fail(Errc::bad_format, std::string("subject: ") + OBJ_nid2ln(nid) + " must stand once");
  return chars_of(X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, first)));
}

Result<std::string> single_dns_name(const GENERAL_NAMES* names) {
  if (names == nullptr || sk_GENERAL_NAME_num(names) != 1) return fail(Errc::bad_format, "exactly one subject alternative name is needed");
  int type = 0;
  const auto* value = static_cast<const ASN1_STRING*>(GENERAL_NAME_get0_value(sk_GENERAL_NAME_value(names, 0), &type));
  if (type != GEN_DNS) return fail(Errc::bad_format, "the subject alternative name must be a DNS name");
  return chars_of(value);
}

Result<Extension> make_extension(int nid, const std::string& value, X509V3_CTX* context) {
  Extension extension(X509V3_EXT_conf_nid(nullptr, context, nid, value.c_str()));
  if (!extension) return crypto::openssl_failed(std::string("extension ") + OBJ_nid2sn(nid));
  return extension;
}

}  // namespace liaison::pki
