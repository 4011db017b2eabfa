// Versions coming in: marks, pulls, checks, and bringing one into force. Handing on is in directory_offers.cpp.
#include "core/exchange/directory_keeper.h"

#include "core/base/limits.h"
#include "core/directory/delta.h"
#include "core/exchange/node.h"

namespace liaison::exchange {
namespace {
constexpr auto retry_after = Seconds{2};
constexpr auto ask_around_again_after = Seconds{60};
constexpr auto return_every = Seconds{1};

std::string versions(const link::DirectoryMark& mark) { return "directory version " + std::to_string(mark.version) + " (" + to_base64(mark.hash) + ")"; }
}  // namespace

link::DirectoryMark DirectoryKeeper::mark() const { return {node_.context_->directory->version(), node_.context_->directory->hash()}; }

Result<void> DirectoryKeeper::start() {
  LIAISON_TRY(steps_, load_directory_steps(node_.engine_.ports().store));
  LIAISON_TRY(const auto allowed, load_override(node_.engine_.ports().store));
  if (allowed && allowed->directory == node_.context_->directory->hash()) {
    auto context = std::make_shared<Context>(*node_.context_);
    context->directory_override = allowed->until;
    node_.replace_context(std::move(context));
  }
  count_reachable();
  for (const auto& [id, peer] : node_.peers_)
    if (has_left(*node_.context_->directory, id) && peer->anything_waits()) leaving_.insert(id);
  return {};
}

void DirectoryKeeper::count_reachable() {
  reachable_ = 0;
  for (const auto& [id, agency] : node_.context_->directory->agencies())
    if (id != node_.context_->agency && !agency.endpoints.empty() && is_member(*node_.context_->directory, id)) ++reachable_;
}

// --- what links say ---

void DirectoryKeeper::on_mark(const std::string& peer, const link::DirectoryMark& held, bool first) {
  auto& link = links_[peer];
  if (first) link = Link{held, node_.engine_.now(), false, false};
  link.held = held;
  const auto own = mark();
  if (held.version == own.version && held.hash != own.hash) {
    node_.engine_.alarm("directory_conflict", peer + " holds another " + versions(held) + "; ours is " + to_base64(own.hash) + ". Neither replaces the other; call the authority", [&] {
      audit::Entry entry = node_.context_->entry(audit::Event::alarm);
      entry.peer = peer;
      entry.reason = "directory_conflict";
      entry.decision = held.hash;
      return append_audit(entry);
    });
  }
  look_for_news();
  for (auto& [id, one] : node_.peers_) one->look_at_gate();
}

void DirectoryKeeper::on_link_down(const std::string& peer) {
  links_.erase(peer);
  if (!pull_ || pull_->peer != peer) return;
  ask_from_.erase(peer);  // a lost line is nobody's fault; others have their turn first
  give_up_pull();
}

bool DirectoryKeeper::may_exchange(const std::string& peer) {
  const auto& context = *node_.context_;
  const auto found = links_.find(peer);
  if (found == links_.end() || !context.check_fresh() || !is_member(*context.directory, peer)) return false;
  Link& link = found->second;
  if (link.open) return true;
  const auto* agency = context.directory->find(peer);
  const std::size_t others = reachable_ - (agency->endpoints.empty() ? 0 : 1);
  const Time now = node_.engine_.now();
  link.since = std::min(link.since, now);  // the wall clock was set back
  const auto confirms = [&](const auto& other) { return other.first != peer && other.second.held.version <= context.directory->version(); };
  const auto knows_better = [&](const auto& other) { return other.first != peer && other.second.held.version > context.directory->version() && !asked_in_vain(other.first); };
  link.open = others == 0 || std::any_of(links_.begin(), links_.end(), confirms) ||
              (now >= link.since + limits::directory_wait && std::none_of(links_.begin(), links_.end(), knows_better));
  if (!link.open && (now < asked_around_ || now - asked_around_ >= ask_around_again_after)) {
    asked_around_ = now;
    node_.engine_.emit(AskAround{});
  }
  return link.open;
}

// --- pulling ---

bool DirectoryKeeper::asked_in_vain(const std::string& peer) const {
  const auto found = ask_from_.find(peer);
  const bool under_way = checking_ || (pull_ && pull_->peer == peer);
  return !under_way && found != ask_from_.end() && node_.engine_.now() < found->second;
}

// The peer with the newest one is asked, one at a time; a conflicting one is fetched once, as proof.
void DirectoryKeeper::look_for_news() {
  if (pull_ || checking_ || node_.engine_.now() < look_again_) return;
  const auto own = mark();
  Link* best = nullptr;
  const std::string* peer = nullptr;
  for (auto& [id, link] : links_) {
    const bool conflict = link.held.version == own.version && link.held.hash != own.hash && !link.asked_for_proof;
    if ((link.held.version <= own.version && !conflict) || asked_in_vain(id)) continue;
    if (best != nullptr && best->held.version >= link.held.version) continue;
    best = &link;
    peer = &id;
  }
  if (best != nullptr) ask(std::string(*peer), *best);
}

void DirectoryKeeper::ask(const std::string& peer, Link& link) {
  if (link.held.version == mark().version) link.asked_for_proof = true;
  const Time now = node_.engine_.now();
  ask_from_[peer] = now + limits::directory_ask_again_after;  // taken back when its answer is good
  if (!node_.peer(peer).ask_directory({mark(), 0, 0})) return;
  pull_ = Pull{peer, mark(), {}, 0, {}, now, now};
}

void DirectoryKeeper::on_came(const std::string& peer, link::DirectoryPiece piece) {
  if (!pull_ || pull_->peer != peer) return;  // given up meanwhile
  // The first piece, or the giver got a still newer version meanwhile and begins again.
  if (piece.offset == 0 && piece.to.version > pull_->to.version) {
    pull_->to = piece.to;
    pull_->total = piece.total;
    pull_->bytes.clear();
  }
  const bool other = piece.to != pull_->to || piece.total != pull_->total || piece.offset != pull_->bytes.size();
  if (piece.total == 0 || other || pull_->base != mark()) {
    if (const auto link = links_.find(peer); link != links_.end()) {
      link->second.held = piece.to;
      if (pull_->base != mark()) ask_from_.erase(peer);  // ours is another one by now: no fault of the peer
    }
    return give_up_pull();
  }
  put(pull_->bytes, piece.bytes);
  pull_->heard = node_.engine_.now();
  if (pull_->bytes.size() == pull_->total) {
    Pull whole = std::move(*pull_);
    pull_.reset();
    return take_delta(std::move(whole));
  }
  if (!node_.peer(peer).ask_directory({mark(), pull_->to.version, static_cast<std::uint32_t>(pull_->bytes.size())})) give_up_pull();
}

void DirectoryKeeper::give_up_pull() {
  pull_.reset();
  look_for_news();
}

void DirectoryKeeper::take_delta(Pull pull) {
  const Origin origin{pull.peer, {}};
  check(origin,
        [delta = std::make_shared<const Bytes>(std::move(pull.bytes))](const Context& context) -> Result<Bytes> {
          LIAISON_TRY(const auto base, load_directory_file(context.ports.store, context.directory->version()));
          return directory::apply_delta(*delta, base ? std::optional<ByteView>(*base) : std::nullopt);
        },
        {});
}

// --- checking and bringing into force ---

void DirectoryKeeper::publish(Bytes file, const std::string& person, Done done) {
  if (checking_) return done(fail(Errc::busy, "another directory is being checked; try again"));
  check({{}, person}, [bytes = std::make_shared<const Bytes>(std::move(file))](const Context&) -> Result<Bytes> { return *bytes; }, std::move(done));
}

void DirectoryKeeper::check(const Origin& origin, std::function<Result<Bytes>(const Context&)> file, Done done) {
  checking_ = true;
  ++node_.tasks_;
  node_.engine_.run(false, [this, origin, file = std::move(file), done = std::move(done), context = node_.context_]() -> Finish {
    auto checked = std::make_shared<Checked>(Checked{fail(Errc::bad_format), std::nullopt, {}});
    if (auto bytes = file(*context); !bytes) {
      checked->next = std::move(bytes).error();
    } else {
      checked->next = check_new_directory(*context, *bytes);
      if (const auto label = directory::parse_label(*bytes)) checked->hash = label->hash;
      if (!checked->next) checked->proof = proof_of(context->ports.store, *bytes);
    }
    return [this, origin, checked, done] {
      --node_.tasks_;
      checking_ = false;
      on_checked(origin, std::move(*checked), done);
    };
  });
}

void DirectoryKeeper::on_checked(const Origin& origin, Checked checked, const Done& done) {
  if (!checked.next) {
    refuse(origin, checked);
    // That somebody signed two texts is not the fault of who hands one on.
    if (checked.next.error().code == Errc::conflicting_version) ask_from_.erase(origin.peer);
    if (done) done(checked.next.error());
    return look_for_news();
  }
  ask_from_.erase(origin.peer);
  if (checked.next->directory) return commit(origin, std::move(*checked.next), done);
  if (done) done(Published{node_.context_->directory, {}, true});
  look_for_news();
}

// Kept as proof, audited, and an alarm unless a person here only mistook an old file for a new one.
void DirectoryKeeper::refuse(const Origin& origin, const Checked& checked) {
  const Error& why = checked.next.error();
  const auto note = [&](audit::Event event) {
    audit::Entry entry = node_.context_->entry(event);
    entry.peer = origin.peer;
    if (!origin.person.empty()) entry.person = node_.context_->commit_to_person(origin.person);
    entry.reason = std::string(name(why.code));
    entry.decision = checked.hash;
    return append_audit(entry);
  };
  WriteSet set;
  if (checked.proof) set.ops.push_back(*checked.proof);
  const bool mistake = !origin.person.empty() && why.code != Errc::conflicting_version && why.code != Errc::chain_broken;
  if (!mistake) {
    const std::string from = origin.person.empty() ? "from " + origin.peer : "published here";
    const std::string code = why.code == Errc::conflicting_version ? "directory_conflict" : "directory_refused";
    return node_.engine_.alarm(code, "a directory " + from + " was refused: " + why.message() + "; the one in force stays" + (checked.proof ? ", the other is kept as proof; call the authority" : ""),
                               [&] { return note(audit::Event::refused); }, std::move(set));
  }
  set.cls = WriteClass::hand_over;
  set.ops.push_back(note(audit::Event::refused));
  node_.engine_.commit(std::move(set), [](Outcome) {});
}

void DirectoryKeeper::commit(const Origin& origin, NewDirectory next, const Done& done) {
  audit::Entry entry = node_.context_->entry(audit::Event::directory);
  entry.peer = origin.peer;
  if (!origin.person.empty()) entry.person = node_.context_->commit_to_person(origin.person);
  entry.reason = origin.person.empty() ? "directory_taken" : "directory_published";
  entry.decision = next.directory->hash();
  next.set.ops.push_back(append_audit(entry));
  checking_ = true;
  node_.hold_decisions(true);  // nothing decided under the old one is committed after the new one is stored
  WriteSet set = std::move(next.set);
  node_.engine_.commit(std::move(set), [this, next = std::make_shared<NewDirectory>(std::move(next)), done](Outcome outcome) {
    checking_ = false;
    if (outcome == Outcome::unknown) {  // it may be in force: the store decides, before anything else is decided
      Context after(*node_.context_);
      after.directory = next->directory;
      after.directory_stored = true;
      const auto wanted = directory_in_force(after);
      if (const auto held = node_.engine_.ports().store.get(wanted.table, wanted.key); held && *held == wanted.expected) outcome = Outcome::committed;
    }
    if (outcome == Outcome::committed) {
      use(next->directory, next->steps);
    } else {
      look_again_ = node_.engine_.now() + retry_after;
      node_.engine_.log(Severity::error, "directory version " + std::to_string(next->directory->version()) + " could not be stored; it is tried again");
    }
    node_.hold_decisions(false);
    if (!done) return;
    if (outcome == Outcome::committed) done(Published{next->directory, next->changes, false});
    else done(fail(outcome == Outcome::conflict ? Errc::conflict : Errc::outcome_unknown, "the directory was not stored; the old one stays in force; publish it again"));
  });
}

void DirectoryKeeper::use(const std::shared_ptr<const directory::Directory>& next, std::vector<std::uint64_t> steps) {
  const auto before = node_.context_->directory;
  auto context = std::make_shared<Context>(*node_.context_);
  context->directory = next;
  context->directory_stored = true;
  context->directory_override.reset();
  node_.replace_context(std::move(context));
  steps_ = std::move(steps);
  offers_.clear();
  count_reachable();
  node_.engine_.log(Severity::info, "directory version " + std::to_string(next->version()) + " is in force");
  node_.engine_.emit(UseDirectory{next});
  shut_out(*before);
  node_.add_peers();
  if (!is_member(*next, node_.context_->agency))
    node_.engine_.alarm("not_a_member", node_.context_->agency + " is no member of the federation any more since directory version " + std::to_string(next->version()) + "; peers refuse this node; call the authority", [&] {
      audit::Entry entry = node_.context_->entry(audit::Event::alarm);
      entry.reason = "not_a_member";
      return append_audit(entry);
    });
  tell_everybody();
  look_for_news();
}

// Sessions with agencies that are no members any more, and of which a key was compromised, end at once; what comes back is admitted by the new directory.
void DirectoryKeeper::shut_out(const directory::Directory& before) {
  const auto& now = *node_.context_->directory;
  std::set<Hash> stolen;
  for (const auto& revocation : now.revocations())
    if (revocation.kind == directory::RevocationKind::compromised) stolen.insert(revocation.key);
  for (const auto& revocation : before.revocations())
    if (revocation.kind == directory::RevocationKind::compromised) stolen.erase(revocation.key);
  const std::string version = " since directory version " + std::to_string(now.version());
  for (auto& [id, peer] : node_.peers_) {
    const auto* agency = before.find(id);
    const auto is_stolen = [&](const directory::RegisteredKey& key) { return stolen.contains(key.hash); };
    if (!is_member(now, id)) {
      peer->shut_out(fail(Errc::not_admitted, id + " is no member of the federation" + version));
      if (has_left(now, id)) leaving_.insert(id);
    } else if (agency != nullptr && std::any_of(agency->keys.begin(), agency->keys.end(), is_stolen)) {
      peer->shut_out(fail(Errc::key_not_valid, "a key of " + id + " counts as compromised" + version));
    }
  }
}

// --- time ---

void DirectoryKeeper::on_tick() {
  const Time now = node_.engine_.now();
  look_again_ = std::min(look_again_, now + retry_after);  // the wall clock was set back
  for (auto& [id, time] : ask_from_) time = std::min<Time>(time, now + limits::directory_ask_again_after);
  if (pull_) {
    pull_->heard = std::min(pull_->heard, now);
    pull_->began = std::min(pull_->began, now);
    if (now >= pull_->heard + limits::directory_answer_deadline || now >= pull_->began + limits::directory_pull_max) {
      node_.engine_.log(Severity::warning, pull_->peer + " does not go on giving the directory it says it holds; others are asked");
      pull_.reset();
    }
  }
  look_for_news();
  warn_of_age();
  if (leaving_.empty() || (now >= returned_ && now - returned_ < return_every)) return;
  returned_ = now;
  std::erase_if(leaving_, [this](const std::string& id) { return !has_left(*node_.context_->directory, id) || !node_.peer(id).return_waiting(name(Errc::not_admitted)); });
}

Time DirectoryKeeper::next_deadline() const {
  Time next = Time::max();
  if (pull_) next = pull_->heard + limits::directory_answer_deadline;
  if (!leaving_.empty()) next = std::min(next, returned_ + return_every);
  const Time now = node_.engine_.now();
  if (look_again_ > now) next = std::min(next, look_again_);
  for (const auto& [id, link] : links_)
    if (!link.open && link.since + limits::directory_wait > now) next = std::min(next, link.since + limits::directory_wait);
  return next;
}

void DirectoryKeeper::warn_of_age() {
  const auto& context = *node_.context_;
  const auto& directory = *context.directory;
  const Time now = node_.engine_.now();
  if (now <= directory.expires()) return;
  const bool stale = now > context.usable_until();
  const std::string code = stale ? "directory_stale" : "directory_expired";
  const std::string text = "directory version " + std::to_string(directory.version()) + " expired at " + to_string(directory.expires()) +
                           (stale ? " and may not be used since " + to_string(context.usable_until()) + ": nothing is sent or taken; publish a new one, or allow some hours (liaison directory override)"
                                  : "; nothing is sent or taken after " + to_string(context.usable_until()) + "; have the authority publish a new one");
  node_.engine_.alarm(code, text, [&] {
    audit::Entry entry = context.entry(audit::Event::alarm);
    entry.reason = code;
    return append_audit(entry);
  });
}

void DirectoryKeeper::allow(std::uint32_t hours, const std::string& person, const std::string& reason, std::function<void(Result<Time>)> done) {
  auto allowed = extend_override(*node_.context_, hours);
  if (!allowed) return done(allowed.error());
  WriteSet set;
  set.preconditions.push_back(directory_in_force(*node_.context_));
  set.ops.push_back(put_override(*allowed));
  node_.engine_.commit_alarm(
      "directory_override", "directory version " + std::to_string(node_.context_->directory->version()) + " is used until " + to_string(allowed->until) + ", past its grace: " + reason,
      [&] {
        audit::Entry entry = node_.context_->entry(audit::Event::directory);
        entry.person = node_.context_->commit_to_person(person);
        entry.reason = "override_" + std::to_string(hours) + "h";
        entry.decision = allowed->directory;
        return append_audit(entry);
      },
      std::move(set), [this, allowed = *allowed, done = std::move(done)](Outcome outcome) {
        if (outcome != Outcome::committed) return done(fail(outcome == Outcome::conflict ? Errc::conflict : Errc::outcome_unknown, "it was not stored; ask again"));
        if (allowed.directory == node_.context_->directory->hash()) {
          auto context = std::make_shared<Context>(*node_.context_);
          context->directory_override = allowed.until;
          node_.replace_context(std::move(context));
          for (auto& [id, one] : node_.peers_) one->look_at_gate();
        }
        done(allowed.until);
      });
}

}  // namespace liaison::exchange
