// The signed directory in the shell: which version a start begins with, and what follows when another comes into force: admission, dialling, open sessions.
// The store's newest version counts; the file of the settings only where it is newer and may follow. Everything else about it decides exchange.
#include "app/shell.h"
#include "core/exchange/directory_store.h"
#include "io/runtime/log.h"
#include "io/store/files.h"

namespace liaison::app {
namespace {
Error not_stored() { return fail(Errc::disk_full, "the store takes no writes; free disk space"); }

audit::Entry entry_of(const exchange::Clock& clock, audit::Event event, std::string reason, const Hash& directory) {
  audit::Entry entry;
  entry.event = event;
  entry.wall = clock.now();
  entry.monotonic_ns = static_cast<std::uint64_t>(clock.monotonic().count());
  entry.reason = std::move(reason);
  entry.decision = directory;
  return entry;
}
}  // namespace

Result<void> Shell::load_directory() {
  const directory::AuthorityPins pins{settings_.authorities.threshold, settings_.authorities.keys};
  auto stored = exchange::load_directory_in_force(*store_, pins);
  if (!stored)
    return fail(stored.error().code, "the stored directory cannot be used with the authorities named in the settings: " + stored.error().detail + "; check authorities, or restore the data directory");
  directory_ = std::move(*stored);
  const bool first = directory_ == nullptr;
  LIAISON_CHECK(first ? load_first_directory(pins) : load_newer_directory());
  if (directory_->realm() != settings_.realm) return fail(Errc::wrong_realm, "the directory is of realm " + directory_->realm() + ", the settings say " + settings_.realm);
  const std::string version = "directory version " + std::to_string(directory_->version());
  if (!exchange::is_member(*directory_, settings_.agency))
    return fail(Errc::invalid_settings, "agency " + settings_.agency + " is not in the directory as a member (" + version + "); call the authority, or check agency in the settings");
  const Time now = clock_.now();
  if (directory_->issued() > now + limits::clock_ahead_max)
    return fail(Errc::clock_wrong, "the clock says " + to_string(now) + ", before the directory was issued (" + to_string(directory_->issued()) + "); set the clock");
  choose_box_key();
  return check_own_keys();
}

// Also writes down which one is in force where a store of an older version of this program did not.
Result<void> Shell::load_first_directory(const directory::AuthorityPins& pins) {
  auto file = store::read_file(settings_.directory_file, limits::directory_bytes_max);
  if (!file) return fail(Errc::invalid_settings, "cannot read " + settings_.directory_file.string() + "; get the signed directory from the authority, once: later versions come over the links");
  LIAISON_TRY(directory_, directory::Directory::load(*file, pins));
  if (directory_->realm() != settings_.realm) return fail(Errc::wrong_realm, "the directory is of realm " + directory_->realm() + ", the settings say " + settings_.realm);
  exchange::WriteSet set = exchange::make_first_directory(*directory_, *file);
  set.ops.push_back(exchange::append_audit(entry_of(clock_, audit::Event::directory, "directory_first", directory_->hash())));
  if (store_->commit(std::span(&set, 1)).front() != exchange::Outcome::committed) return not_stored();
  return {};
}

// Whatever is wrong with the file, the stored version goes on.
Result<void> Shell::load_newer_directory() {
  LIAISON_TRY(const auto in_force, exchange::load_directory_file(*store_, directory_->version()));
  liaison_assert(in_force.has_value());
  exchange::WriteSet mark = exchange::make_first_directory(*directory_, *in_force);
  if (store_->commit(std::span(&mark, 1)).front() != exchange::Outcome::committed) return not_stored();
  const auto file = store::read_file(settings_.directory_file, limits::directory_bytes_max);
  if (!file) return {};
  auto next = exchange::check_new_directory({*store_, *directory_, true, clock_.now()}, *file);
  const std::string used = std::to_string(directory_->version());
  if (!next) {
    runtime::log_line(next.error().code == Errc::superseded ? runtime::Level::info : runtime::Level::warning, "directory_file_not_used",
                      {{"file", settings_.directory_file.string()}, {"why", next.error().message()}, {"used", used}});
    if (next.error().code == Errc::superseded) return {};
    exchange::WriteSet set;
    if (auto proof = exchange::proof_of(*store_, *file)) set.ops.push_back(std::move(*proof));
    set.ops.push_back(exchange::append_audit(entry_of(clock_, audit::Event::refused, std::string(name(next.error().code)), directory_->hash())));
    if (store_->commit(std::span(&set, 1)).front() != exchange::Outcome::committed) return not_stored();
    directory_refused_ = "the directory in " + settings_.directory_file.string() + " was refused: " + next.error().message() + "; version " + used + " stays in force";
    return {};
  }
  if (!next->directory) return {};
  next->set.ops.push_back(exchange::append_audit(entry_of(clock_, audit::Event::directory, "directory_file", next->directory->hash())));
  if (store_->commit(std::span(&next->set, 1)).front() != exchange::Outcome::committed) return not_stored();
  directory_ = std::move(next->directory);
  return {};
}

Result<void> Shell::check_own_keys() const {
  const Time now = clock_.now();
  for (const crypto::KeyRole role : {crypto::KeyRole::seal, crypto::KeyRole::link, crypto::KeyRole::box}) {
    LIAISON_TRY(const auto key, keys_->public_key(role));
    auto registered = directory_->key(settings_.agency, role, key.hash(), now);
    if (!registered)
      return fail(Errc::key_not_valid, "the key of role " + std::string(crypto::name(role)) + " in " + settings_.keys_dir.string() + " is not valid for " + settings_.agency + " in the directory (" +
                                           std::string(name(registered.error().code)) + " at " + to_string(now) + "); check the clock, or have the authority add this key");
  }
  return {};
}

// One side of each pair dials, so that two nodes do not replace each other's sessions: the bytewise smaller agency, unless it cannot be dialled back.
bool Shell::dials(const directory::Directory& directory, const std::string& id) const {
  const auto* self = directory.find(settings_.agency);
  const auto* peer = directory.find(id);
  if (self == nullptr || peer == nullptr || id == settings_.agency || peer->endpoints.empty() || !exchange::is_member(directory, id)) return false;
  return settings_.agency < id || self->endpoints.empty();
}

void Shell::dial_peers(const directory::Directory* before) {
  for (const auto& [id, agency] : directory_->agencies()) {
    if (!dials(*directory_, id)) continue;
    const bool as_before = before != nullptr && dials(*before, id) && before->find(id)->endpoints == agency.endpoints;
    if (!as_before) network_->dial(id, agency.endpoints);
  }
  if (before == nullptr) return;
  for (const auto& [id, agency] : before->agencies())
    if (dials(*before, id) && !dials(*directory_, id)) network_->stop_dialing(id);
}

// Sessions whose certificates the new directory does not admit end here; those of agencies that are no members were ended by exchange.
void Shell::perform(exchange::UseDirectory& action) {
  const auto before = std::exchange(directory_, action.directory);
  choose_box_key();
  watch_expiries();
  for (const auto& [session, reason] : network_->no_longer_admitted()) node_->on_session_refused(session, reason);
  dial_peers(before.get());
}

void Shell::perform(exchange::AskAround&) {
  for (const auto& [id, agency] : directory_->agencies()) {
    if (id == settings_.agency || agency.endpoints.empty() || !exchange::is_member(*directory_, id) || network_->connected(id)) continue;
    if (!dials(*directory_, id)) asking_[id] = agency.endpoints.size();
    network_->dial(id, agency.endpoints);
  }
}

// Dialled out of turn only until it is there, or cannot be reached.
void Shell::stop_asking(const std::string& agency, bool reached) {
  const auto found = asking_.find(agency);
  if (found == asking_.end() || (!reached && --found->second > 0)) return;
  asking_.erase(found);
  network_->stop_dialing(agency);
}

}  // namespace liaison::app
