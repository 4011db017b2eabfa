// The order of checks: what costs nothing first, then signatures, then what the versions say of each other.
#include "core/directory/succession.h"

#include <algorithm>
#include <set>

#include "core/base/limits.h"
#include "core/directory/distributed.h"
#include "core/directory/entries.h"

namespace liaison::directory {
namespace {

constexpr std::size_t changes_told_max = 200;

std::string version_text(std::uint64_t version) { return "directory version " + std::to_string(version); }

// The signatures do not suffice. Where the authorities it names signed it themselves, a version that handed over to them may be missing here.
Error not_signed(const Directory& current, const Label& label, ByteView file, Error why) {
  if (why.code != Errc::bad_signature || label.version <= current.version() + 1 || same_authorities(label.authorities, current.authorities())) return why;
  if (!Directory::load(file, label.authorities)) return why;
  return fail(Errc::chain_broken, version_text(label.version) + " names authorities that are not in force after version " + std::to_string(current.version()) +
                                      "; the version that changed them is missing in between, bring that one first");
}

template <class Value>
void compare_entries(const std::map<std::string, Value, std::less<>>& before, const std::map<std::string, Value, std::less<>>& after, const std::string& kind, std::vector<std::string>& out) {
  for (const auto& [id, value] : after) {
    const auto old = before.find(id);
    if (old == before.end()) out.push_back("added " + kind + " " + id);
    else if (write_entry(old->second) != write_entry(value)) out.push_back("changed " + kind + " " + id);
  }
  for (const auto& [id, value] : before)
    if (!after.contains(id)) out.push_back("removed " + kind + " " + id);
}

std::string describe(const AuthorityPins& pins) { return std::to_string(pins.threshold) + " of " + std::to_string(pins.keys.size()); }

}  // namespace

Result<Label> parse_label(ByteView file) {
  if (file.size() > limits::directory_bytes_max) return fail(Errc::limit_exceeded, "directory of " + std::to_string(file.size()) + " bytes");
  LIAISON_TRY(const auto text, parse_text_of(file));
  Label label;
  label.realm = std::string(text.one("realm"));
  LIAISON_TRY(label.version, text.number("version"));
  LIAISON_TRY(label.authorities.threshold, text.number("threshold"));
  label.hash = crypto::text_hash(view(text.bytes()));
  for (const auto& line : text.all("authority")) {
    const auto hash = hash_from_base64(line[0]);
    if (!hash) return fail(Errc::bad_text, "directory: an authority line is not a key hash");
    label.authorities.keys.push_back(*hash);
  }
  return label;
}

bool same_authorities(const AuthorityPins& a, const AuthorityPins& b) {
  return a.threshold == b.threshold && std::set(a.keys.begin(), a.keys.end()) == std::set(b.keys.begin(), b.keys.end());
}

Result<std::shared_ptr<const Directory>> check_arrival(const Directory& current, ByteView file, Time now) {
  LIAISON_TRY(const Label label, parse_label(file));
  if (label.realm != current.realm()) return fail(Errc::wrong_realm, "the directory is of realm " + label.realm + ", this node is of " + current.realm());
  if (label.version == current.version() && label.hash == current.hash()) return std::shared_ptr<const Directory>();
  if (label.version < current.version())
    return fail(Errc::superseded, version_text(label.version) + " is older than version " + std::to_string(current.version()) + " in force; versions never go back");
  auto loaded = Directory::load(file, current.authorities());
  if (!loaded) return not_signed(current, label, file, std::move(loaded).error());
  LIAISON_CHECK(check_successor(current, **loaded));
  const bool leads_on = !same_authorities((*loaded)->authorities(), current.authorities());
  if (!leads_on) LIAISON_CHECK((*loaded)->check_fresh(now));
  return std::move(*loaded);
}

Result<std::shared_ptr<const Directory>> load_chain(std::span<const Bytes> files, const AuthorityPins& pins) {
  liaison_assert(!files.empty());
  AuthorityPins in_force = pins;
  for (const auto& file : files.first(files.size() - 1)) {
    LIAISON_TRY(const Label label, parse_label(file));
    if (same_authorities(label.authorities, in_force)) continue;
    // Not signed by the set in force: it is older than the pins.
    if (const auto step = Directory::load(file, in_force)) in_force = (*step)->authorities();
  }
  return Directory::load(files.back(), in_force);
}

std::vector<std::string> describe_changes(const Directory& before, const Directory& after) {
  std::vector<std::string> out;
  if (!same_authorities(before.authorities(), after.authorities()))
    out.push_back("authorities: " + describe(before.authorities()) + " before, " + describe(after.authorities()) + " now");
  compare_entries(before.agencies(), after.agencies(), "agency", out);
  compare_entries(before.groups(), after.groups(), "group", out);
  for (const auto& revocation : after.revocations()) {
    const auto same = [&](const Revocation& old) { return old.key == revocation.key && old.since == revocation.since && old.kind == revocation.kind; };
    if (std::none_of(before.revocations().begin(), before.revocations().end(), same))
      out.push_back(std::string("revoked ") + (revocation.kind == RevocationKind::compromised ? "compromised" : "superseded") + " key " + to_base64(revocation.key));
  }
  if (before.grace() != after.grace()) out.push_back("usable until " + to_string(after.grace()) + ", before " + to_string(before.grace()));
  if (out.size() > changes_told_max) {
    const std::size_t more = out.size() - changes_told_max;
    out.resize(changes_told_max);
    out.push_back("and " + std::to_string(more) + " more");
  }
  return out;
}

}  // namespace liaison::directory
