// See changes_facts.h. A key that can open, admit or speak for an agency widens access; one that only proves what was done does not.
#include "core/directory/changes_facts.h"

#include <algorithm>
#include <set>

namespace liaison::directory {
namespace {

using crypto::KeyRole;

std::string joined(const std::vector<std::string>& items) {
  std::string out;
  for (const auto& item : items) out += (out.empty() ? "" : ", ") + item;
  return out.empty() ? "none" : out;
}

class Facts {
 public:
  Facts(const Directory* before, const Directory& after, std::vector<Change>& out) : before_(before), after_(after), out_(out) {}
  void run() {
    for (const auto& [id, agency] : after_.agencies()) agency_changes(agency, before_ == nullptr ? nullptr : before_->find(id));
    if (before_ != nullptr)
      for (const auto& [id, agency] : before_->agencies())
        if (after_.find(id) == nullptr) narrows(id + " and its keys are no longer in the directory: NOTHING it ever signed verifies any more (use directory remove, which keeps the entry)");
    groups();
    countries();
    revocations();
    policies();
    authorities();
    validity();
  }

 private:
  void widens(std::string text) { out_.push_back({Effect::widens, std::move(text)}); }
  void narrows(std::string text) { out_.push_back({Effect::narrows, std::move(text)}); }
  void says(std::string text) { out_.push_back({Effect::neutral, std::move(text)}); }

  void agency_changes(const Agency& now, const Agency* was);
  void standing(const Agency& now, const Agency* was);
  void keys(const Agency& now, const Agency* was);
  void reachability(const Agency& now, const Agency& was);
  void competences(const Agency& now, const Agency* was);
  void groups();
  void countries();
  void revocations();
  void policies();
  void authorities();
  void validity();

  const Directory* before_;
  const Directory& after_;
  std::vector<Change>& out_;
};

void Facts::agency_changes(const Agency& now, const Agency* was) {
  if (was == nullptr) says(now.id + " is new in the directory (" + now.type + "), reachable at " + joined(now.endpoints) + (now.bureau.empty() ? "" : ", its bureau is " + now.bureau));
  standing(now, was);
  keys(now, was);
  if (was != nullptr) reachability(now, *was);
  competences(now, was);
}

void Facts::standing(const Agency& now, const Agency* was) {
  const Standing before = was == nullptr ? Standing::member : was->standing;
  if (now.standing == Standing::member && before != Standing::member) widens(now.id + " is a member again: its node is admitted, what is sealed for it goes out");
  if (now.standing != Standing::member && (was == nullptr || before != now.standing || was->since != now.since || was->successor != now.successor))
    narrows(standing_text(now) + ": its node is refused, nothing is sealed for it, what its keys sign later does not count");
}

bool is_power(KeyRole role) { return role != KeyRole::log && role != KeyRole::witness && role != KeyRole::exporting && role != KeyRole::link; }

std::string power_of(const RegisteredKey& key, const std::string& id) {
  switch (key.role) {
    case KeyRole::box: return "opens what is sealed for " + id;
    case KeyRole::seal: return "speaks for " + id + ": records, permits, evidence";
    case KeyRole::policy: return "signs what " + id + " discloses (policies)";
    case KeyRole::tls: return "is admitted as " + id;
    default: return std::string("key of role ") + std::string(crypto::name(key.role)) + " of " + id;
  }
}

void Facts::keys(const Agency& now, const Agency* was) {
  const auto in = [](const Agency& agency, const RegisteredKey& key) {
    return std::find_if(agency.keys.begin(), agency.keys.end(), [&](const RegisteredKey& k) { return k.hash == key.hash && k.role == key.role; });
  };
  for (const auto& key : now.keys) {
    const std::string valid = to_base64(key.hash) + ", valid from " + to_string(key.not_before) + " to " + to_string(key.not_after);
    const auto old = was == nullptr ? now.keys.end() : in(*was, key);
    if (was == nullptr || old == was->keys.end()) {
      const std::string text = "new " + std::string(crypto::name(key.role)) + " key " + valid + ": " + power_of(key, now.id);
      is_power(key.role) ? widens(text) : says(text);
    } else if (old->not_before != key.not_before || old->not_after != key.not_after) {
      const std::string text = "other validity of the " + std::string(crypto::name(key.role)) + " key " + valid + ": " + power_of(key, now.id);
      is_power(key.role) && (key.not_after > old->not_after || key.not_before < old->not_before) ? widens(text) : says(text);
    }
  }
  if (was == nullptr) return;
  for (const auto& key : was->keys)
    if (in(now, key) == now.keys.end()) narrows("the " + std::string(crypto::name(key.role)) + " key " + to_base64(key.hash) + " of " + now.id + " is gone: what it signed does not verify any more (use directory revoke)");
}

void Facts::reachability(const Agency& now, const Agency& was) {
  if (now.endpoints != was.endpoints) says("what is sent to " + now.id + " goes to " + joined(now.endpoints) + " instead of " + joined(was.endpoints) + " (its certificate is still asked for)");
  if (now.bureau != was.bureau) says("the bureau of " + now.id + " is " + (now.bureau.empty() ? "nobody" : now.bureau) + " instead of " + (was.bureau.empty() ? "nobody" : was.bureau));
  if (now.is_bureau != was.is_bureau) says(now.id + (now.is_bureau ? " is a bureau: other agencies may name it as theirs" : " is no bureau any more"));
  if (now.blind_pairs != was.blind_pairs) says(now.id + " forwards unopened for " + joined(now.blind_pairs) + " instead of " + joined(was.blind_pairs));
  if (now.witness != was.witness) says(now.id + (now.witness ? " cosigns the audit logs of others" : " cosigns no audit logs any more"));
  if (now.names != was.names || now.type != was.type) says("names or type of " + now.id + " changed");
  if (now.min_suite < was.min_suite) widens("weaker suites are accepted for " + now.id);
  else if (now.suites != was.suites || now.min_suite != was.min_suite || now.min_suite_since != was.min_suite_since) says("the cryptographic suites of " + now.id + " changed");
}

void Facts::competences(const Agency& now, const Agency* was) {
  for (std::size_t i = 0; i < now.competences.size(); ++i) {
    const auto& one = now.competences[i];
    const std::string what = now.id + ": competence for " + joined(one.topics);
    const auto* old = was != nullptr && i < was->competences.size() ? &was->competences[i] : nullptr;
    const std::string calls = "telephone " + (one.telephone.empty() ? "none" : one.telephone) + ", urgent " + (one.urgent.empty() ? "none" : one.urgent);
    if (old == nullptr) says(what + (one.designated.empty() ? "" : ", designated " + one.designated) + "; " + calls);
    else if (old->ended != one.ended) says(what + (one.ended.empty() ? " is designated again" : " ends on " + one.ended));
    else if (old->topics != one.topics || old->designated != one.designated || old->legal_bases != one.legal_bases || old->languages != one.languages) says(what + " changed");
    if (old != nullptr && (old->telephone != one.telephone || old->urgent != one.urgent || old->hours != one.hours || old->zone != one.zone)) says(what + ": people will call " + calls + " (confirm it over a number you already have)");
  }
  if (was != nullptr && was->competences.size() > now.competences.size()) says(now.id + ": " + std::to_string(was->competences.size() - now.competences.size()) + " competences are gone (directory competence --end keeps the date)");
}

void Facts::groups() {
  for (const auto& [id, group] : after_.groups()) {
    const auto* was = before_ == nullptr ? nullptr : before_->group(id);
    const std::string facts = "owner " + group.owner + ", until " + to_string(group.ends) + ", form " + group.form + (group.profession.empty() ? "" : ", profession " + group.profession) + ", purpose: " + group.purpose;
    if (was == nullptr) says("group " + id + " is new: " + facts);
    else if (was->owner != group.owner || was->ends != group.ends || was->form != group.form || was->profession != group.profession || was->purpose != group.purpose) says("group " + id + ": " + facts);
    if (was != nullptr && group.ends > was->ends) widens("group " + id + " goes on until " + to_string(group.ends) + " instead of " + to_string(was->ends));
    for (const auto& [member, since] : was == nullptr ? std::map<std::string, Time>{} : was->joined) {
      const auto found = group.joined.find(member);
      const bool is_member = std::find(group.members.begin(), group.members.end(), member) != group.members.end();
      if (is_member && (found == group.joined.end() || found->second < since)) widens(member + " gets older records of the group " + id + " than before");
    }
  }
  if (before_ == nullptr) return;
  for (const auto& [id, group] : before_->groups())
    if (after_.group(id) == nullptr) narrows("the group " + id + " is gone");
}

void Facts::countries() {
  std::set<std::string> codes;
  for (const auto* directory : {before_, &after_})
    if (directory != nullptr)
      for (const auto& [code, authority] : directory->countries()) codes.insert(code);
  for (const auto& code : codes) {
    const auto* now = after_.country(code);
    const auto* was = before_ == nullptr ? nullptr : before_->country(code);
    const std::vector<Bytes> none;
    const auto& certificates = now == nullptr ? none : now->certificates;
    const auto& old = was == nullptr ? none : was->certificates;
    for (const auto& certificate : certificates)
      if (std::find(old.begin(), old.end(), certificate) == old.end())
        widens("a certificate authority of " + code + " (SHA-256 of the certificate " + to_base64(merkle::sha256(ByteView(certificate))) + ") says whose node is admitted as an agency of " + code);
    for (const auto& certificate : old)
      if (std::find(certificates.begin(), certificates.end(), certificate) == certificates.end()) narrows("certificates of a certificate authority of " + code + " are no longer accepted");
    if (now == nullptr || was == nullptr) continue;
    if (now->crls.size() < was->crls.size()) widens("a revocation list of " + code + " is gone: what it revoked is accepted again");
    else if (now->crls != was->crls) says("newer revocation lists of " + code);
    if (now->crl_grace > was->crl_grace) widens("old revocation lists of " + code + " are used longer: " + std::to_string(now->crl_grace.count()) + " hours past their next update");
  }
}

void Facts::revocations() {
  const std::vector<Revocation> none;
  const auto& old = before_ == nullptr ? none : before_->revocations();
  const auto in = [](const std::vector<Revocation>& list, const Revocation& one) {
    return std::any_of(list.begin(), list.end(), [&](const Revocation& r) { return r.key == one.key && r.kind == one.kind && r.since == one.since; });
  };
  const auto text = [this](const Revocation& one) {
    std::string whose = "no key registered here (a tls certificate?)";
    for (const auto& [id, agency] : after_.agencies())
      for (const auto& key : agency.keys)
        if (key.hash == one.key) whose = std::string(crypto::name(key.role)) + " key of " + id;
    return to_base64(one.key) + ", " + whose + ", " + (one.kind == RevocationKind::compromised ? "compromised" : "superseded") + " since " + to_string(one.since);
  };
  for (const auto& one : after_.revocations())
    if (!in(old, one)) narrows("revoked: " + text(one));
  for (const auto& one : old)
    if (!in(after_.revocations(), one)) widens("no longer revoked: " + text(one));
}

void Facts::policies() {
  const auto in = [](const std::vector<FederationPolicy>& list, const FederationPolicy& one) {
    return std::any_of(list.begin(), list.end(), [&](const FederationPolicy& p) { return p.name == one.name && p.version == one.version && p.fingerprint == one.fingerprint; });
  };
  const std::vector<FederationPolicy> none;
  for (const auto& one : after_.policies())
    if (!in(before_ == nullptr ? none : before_->policies(), one)) widens("policy " + one.name + " version " + std::to_string(one.version) + " of the federation is new: read it with liaison policy diff");
  for (const auto& one : before_ == nullptr ? none : before_->policies())
    if (!in(after_.policies(), one)) says("policy " + one.name + " version " + std::to_string(one.version) + " of the federation is gone");
}

void Facts::authorities() {
  const auto& now = after_.authorities();
  const std::vector<Hash> none;
  const auto& old = before_ == nullptr ? none : before_->authorities().keys;
  const std::string needed = std::to_string(now.threshold) + " of " + std::to_string(now.keys.size());
  for (const auto& key : now.keys)
    if (std::find(old.begin(), old.end(), key) == old.end()) widens("authority " + to_base64(key) + " may sign the directory");
  for (const auto& key : old)
    if (std::find(now.keys.begin(), now.keys.end(), key) == now.keys.end()) narrows("authority " + to_base64(key) + " no longer signs the directory");
  if (before_ != nullptr && now.threshold < before_->authorities().threshold) widens("fewer authorities must sign: " + needed);
  if (before_ != nullptr && now.threshold > before_->authorities().threshold) narrows("more authorities must sign: " + needed);
}

void Facts::validity() {
  if (before_ == nullptr || after_.expires() != before_->expires() || after_.grace() != before_->grace())
    says("the directory expires " + to_string(after_.expires()) + ", and is not used after " + to_string(after_.grace()));
}

}  // namespace

void compare_facts(const Directory* before, const Directory& after, std::vector<Change>& out) { Facts(before, after, out).run(); }

}  // namespace liaison::directory
