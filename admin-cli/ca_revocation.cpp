// `liaison ca revoke|crl|list|ocsp`, see ca_commands.h: what happens to certificates after they left.
#include <algorithm>
#include <iomanip>
#include <iostream>
#include <iterator>
#include <ostream>

#include "admin-cli/ca_book.h"
#include "admin-cli/ca_commands.h"
#include "pki/revocation.h"

namespace liaison::cli {
namespace {

Result<void> revoke(const CaRevoke& command, const OfflineContext& context) {
  LIAISON_TRY(auto book, CaBook::open(command.directory));
  if (!pki::is_revocation_reason(command.reason)) return fail(Errc::invalid_argument, "--reason: " + std::string(pki::revocation_reasons()));
  std::string serial = command.serial;
  std::transform(serial.begin(), serial.end(), serial.begin(), [](char c) { return c >= 'A' && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c; });
  LIAISON_CHECK(book.append(book.entries().add_revoked(serial, {context.now, command.reason})));
  const auto* revoked = book.entries().find(serial);
  context.out << "revoked " << revoked->role << " certificate " << revoked->serial << " of " << revoked->subject << " (" << command.reason
              << ")\nit counts from the next list on: liaison ca crl --ca " << command.directory.string() << " --out NEW.crl, then give the list to the directory's authority\n";
  return {};
}

Result<void> crl(const CaCrl& command, const OfflineContext& context) {
  if (command.lifetime < std::chrono::days(1) || command.lifetime > std::chrono::days(400)) return fail(Errc::invalid_argument, "--days: 1 to 400");
  LIAISON_TRY(auto book, CaBook::open(command.directory));
  LIAISON_TRY(const auto ca, open_ca(command.directory, command.passphrase_file));
  const std::uint64_t number = book.entries().last_crl() + 1;
  LIAISON_CHECK(book.append(book.entries().add_crl(number, context.now)));  // a number is never used twice, whatever happens from here on
  LIAISON_CHECK(context.reached("recorded"));
  LIAISON_TRY(const Bytes list, pki::make_revocation_list(ca, book.entries(), {number, context.now, context.now + command.lifetime}));
  LIAISON_CHECK(store::create_durably(command.out, list, 0644));
  const auto count = std::count_if(book.entries().certificates().begin(), book.entries().certificates().end(), [](const auto& one) { return one.revoked.has_value(); });
  context.out << "revocation list " << number << " of " << ca.country << " with " << count << " revoked, next one due " << to_string(context.now + command.lifetime) << "\n";
  return {};
}

std::string state_of(const pki::RegisteredCertificate& one, Time now) {
  if (one.revoked) return "revoked " + to_string(one.revoked->at).substr(0, 10) + " " + one.revoked->reason;
  if (one.to <= now) return "ran out";
  if (!one.handed_over) return "not handed out: give the same command again";
  return std::to_string(std::chrono::floor<std::chrono::days>(one.to - now).count()) + " days left";
}

Result<void> list(const CaList& command, const OfflineContext& context) {
  LIAISON_TRY(const auto book, CaBook::open(command.directory));
  for (const auto& one : book.entries().certificates()) {
    if (command.valid_only && (one.revoked || one.to <= context.now)) continue;
    context.out << std::left << std::setw(42) << one.serial << std::setw(6) << one.role << std::setw(24) << one.subject << to_string(one.to).substr(0, 10) << "  " << state_of(one, context.now) << "\n";
  }
  return {};
}

Result<Bytes> read_request_bytes(const std::filesystem::path& path) {
  if (path != "-") {
    LIAISON_TRY(const std::string bytes, read_text(path));
    return to_bytes(bytes);
  }
  Bytes bytes;
  for (char c = 0; bytes.size() < (64 << 10) && std::cin.get(c);) bytes.push_back(static_cast<std::uint8_t>(c));
  return bytes;
}

Result<void> ocsp(const CaOcsp& command, const OfflineContext& context) {
  LIAISON_TRY(const auto book, CaBook::open(command.directory));
  LIAISON_TRY(const auto ca, open_ca(command.directory, command.passphrase_file));
  LIAISON_TRY(const Bytes request, read_request_bytes(command.request));
  LIAISON_TRY(const Bytes answer, pki::answer_ocsp(ca, book.entries(), request, {0, context.now, context.now + command.lifetime}));
  if (command.answer != "-") return store::create_durably(command.answer, answer, 0644);
  context.out.write(reinterpret_cast<const char*>(answer.data()), static_cast<std::streamsize>(answer.size()));
  return {};
}

}  // namespace

int ca_revoke(const CaRevoke& command, const OfflineContext& context) { return finish(context, "ca revoke", revoke(command, context)); }
int ca_crl(const CaCrl& command, const OfflineContext& context) { return finish(context, "ca crl", crl(command, context)); }
int ca_list(const CaList& command, const OfflineContext& context) { return finish(context, "ca list", list(command, context)); }
int ca_ocsp(const CaOcsp& command, const OfflineContext& context) { return finish(context, "ca ocsp", ocsp(command, context)); }

}  // namespace liaison::cli
