// Lines: `issued <serial> <role> <subject> <key> <from> <to> <certificate>`, `handed <serial>`, `revoked <serial> <at> <reason>`, `crl <number> <at>`, each followed
// by the base64 hash of the previous hash and the line. What append() writes is first read by the same code that reads a register.
#include "pki/register.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "core/merkle/sha256.h"

namespace liaison::pki {
namespace {

// certificateHold and removeFromCRL are left out: what is revoked stays revoked.
constexpr std::array<std::string_view, 6> reasons{"unspecified", "keyCompromise", "cACompromise", "affiliationChanged", "superseded", "cessationOfOperation"};

std::vector<std::string_view> words_of(std::string_view line) {
  std::vector<std::string_view> words;
  for (;;) {
    const auto space = line.find(' ');
    words.push_back(line.substr(0, space));
    if (space == std::string_view::npos) return words;
    line.remove_prefix(space + 1);
  }
}

Hash next_hash(const Hash& chain, std::string_view body) { return merkle::Sha256().add(ByteView(chain)).add(view(body)).finish(); }

Error bad(std::string_view what) { return fail(Errc::bad_format, std::string(what)); }

}  // namespace

bool is_revocation_reason(std::string_view reason) { return std::find(reasons.begin(), reasons.end(), reason) != reasons.end(); }
std::string_view revocation_reasons() { return "unspecified, keyCompromise, cACompromise, affiliationChanged, superseded or cessationOfOperation"; }

Result<Register> Register::parse(std::string_view text) {
  Register out;
  std::size_t line_number = 0;
  for (auto end = text.find('\n'); end != std::string_view::npos; end = text.find('\n', out.whole_bytes_)) {
    ++line_number;
    const auto place = [&](std::string_view why) { return fail(Errc::bad_format, "register, line " + std::to_string(line_number) + ": " + std::string(why)); };
    const std::string_view line = text.substr(out.whole_bytes_, end - out.whole_bytes_);
    const auto last = line.rfind(' ');
    if (last == std::string_view::npos) return place("not a line of a register");
    const std::string_view body = line.substr(0, last);
    const Hash chain = next_hash(out.chain_, body);
    if (line.substr(last + 1) != to_base64(chain)) return place("a line was changed or is missing; restore the register from its copy");
    if (const auto taken = out.take(body); !taken) return place(taken.error().detail);
    out.chain_ = chain;
    out.whole_bytes_ = end + 1;
  }
  return out;
}

RegisteredCertificate* Register::find_mutable(std::string_view serial) {
  const auto found = std::find_if(certificates_.begin(), certificates_.end(), [&](const auto& one) { return one.serial == serial; });
  return found == certificates_.end() ? nullptr : &*found;
}
const RegisteredCertificate* Register::find(std::string_view serial) const { return const_cast<Register*>(this)->find_mutable(serial); }

const RegisteredCertificate* Register::find_key(const Hash& key) const {
  const auto found = std::find_if(certificates_.rbegin(), certificates_.rend(), [&](const auto& one) { return one.key == key; });
  return found == certificates_.rend() ? nullptr : &*found;
}

Result<void> Register::take_issued(std::span<const std::string_view> words) {
  const auto key = hash_from_base64(words[4]);
  const auto from = parse_time(words[5]), to = parse_time(words[6]);
  auto certificate = from_base64(words[7]);
  if (!from_hex(words[1]) || !key || !from || !to || !certificate) return bad("not an issued certificate");
  if (find(words[1]) != nullptr) return fail(Errc::already_exists, "serial number " + std::string(words[1]) + " was issued before");
  certificates_.push_back({std::string(words[1]), std::string(words[2]), std::string(words[3]), *key, *from, *to, std::move(*certificate)});
  return {};
}

Result<void> Register::take(std::string_view body) {
  const auto words = words_of(body);
  if (words[0] == "issued" && words.size() == 8) return take_issued(words);
  if (words[0] == "crl" && words.size() == 3) {
    std::uint64_t number = 0;
    const auto parsed = std::from_chars(words[1].data(), words[1].data() + words[1].size(), number);
    if (parsed.ec != std::errc() || number <= last_crl_ || !parse_time(words[2])) return bad("not a revocation list with a higher number");
    last_crl_ = number;
    return {};
  }
  auto* certificate = words.size() >= 2 ? find_mutable(words[1]) : nullptr;
  if (certificate == nullptr) return fail(Errc::not_found, words.size() >= 2 ? "serial number " + std::string(words[1]) + " was never issued here" : std::string("not a line of a register"));
  if (words[0] == "handed" && words.size() == 2) {
    certificate->handed_over = true;
    return {};
  }
  if (words[0] != "revoked" || words.size() != 4) return bad("not a line of a register");
  const auto at = parse_time(words[2]);
  if (!at || !is_revocation_reason(words[3])) return fail(Errc::invalid_argument, "reason: " + std::string(revocation_reasons()));
  if (certificate->revoked) return fail(Errc::already_exists, "serial number " + std::string(words[1]) + " was revoked at " + to_string(certificate->revoked->at));
  certificate->revoked = Withdrawal{*at, std::string(words[3])};
  return {};
}

Result<std::string> Register::append(const std::string& body) {
  LIAISON_CHECK(take(body));
  chain_ = next_hash(chain_, body);
  std::string line = body + " " + to_base64(chain_) + "\n";
  whole_bytes_ += line.size();
  return line;
}

Result<std::string> Register::add_issued(const RegisteredCertificate& one) {
  return append("issued " + one.serial + " " + one.role + " " + one.subject + " " + to_base64(one.key) + " " + to_string(one.from) + " " + to_string(one.to) + " " +
                to_base64(one.certificate));
}
Result<std::string> Register::add_handed_over(const std::string& serial) { return append("handed " + serial); }
Result<std::string> Register::add_revoked(const std::string& serial, const Withdrawal& why) { return append("revoked " + serial + " " + to_string(why.at) + " " + why.reason); }
Result<std::string> Register::add_crl(std::uint64_t number, Time now) { return append("crl " + std::to_string(number) + " " + to_string(now)); }

}  // namespace liaison::pki
