// See changes.h. Who reads and who relays; keys, authorities and the rest: changes_facts.cpp.
#include "core/directory/changes.h"

#include <algorithm>
#include <set>

#include "core/directory/changes_facts.h"

namespace liaison::directory {
namespace {

using Names = std::set<std::string>;

std::string joined(const Names& names) {
  std::string out;
  for (const auto& name : names) out += (out.empty() ? "" : ", ") + name;
  return out;
}

Names minus(const Names& from, const Names& what) {
  Names out;
  std::set_difference(from.begin(), from.end(), what.begin(), what.end(), std::inserter(out, out.end()));
  return out;
}

// Audience value -> who is covered now, for what is created now; agencies without a channel get nothing.
std::map<std::string, Names> readers(const Directory* directory, Time now) {
  std::map<std::string, Names> out;
  if (directory == nullptr) return out;
  const auto add = [&](const std::string& audience, const std::string& id) {
    const auto* agency = directory->find(id);
    if (agency != nullptr && !agency->channels.empty() && directory->audience_covers(audience, id, {now, now})) out[audience].insert(id);
  };
  for (const auto& [id, agency] : directory->agencies()) {
    const auto* successor = directory->successor(id);
    add("agency:" + id, successor == nullptr ? id : successor->id);
    add("country:" + agency.country, id);
  }
  for (const auto& [id, group] : directory->groups())
    for (const auto& member : group.members) add("group:" + id, member);
  return out;
}

std::string addressed(const std::string& audience) {
  const auto colon = audience.find(':');
  const std::string kind = audience.substr(0, colon), id = audience.substr(colon + 1);
  if (kind == "group") return "what is addressed to the group " + id;
  if (kind == "country") return "what is addressed to the country " + id;
  return "what is addressed to " + id;
}

void compare_readers(const Directory* before, const Directory& after, Time now, std::vector<Change>& out) {
  const auto old_readers = readers(before, now), new_readers = readers(&after, now);
  for (const auto& [audience, names] : new_readers) {
    const auto found = old_readers.find(audience);
    const Names added = minus(names, found == old_readers.end() ? Names{} : found->second);
    if (!added.empty()) out.push_back({Effect::widens, joined(added) + " could newly read " + addressed(audience)});
  }
  for (const auto& [audience, names] : old_readers) {
    const auto found = new_readers.find(audience);
    const Names gone = minus(names, found == new_readers.end() ? Names{} : found->second);
    if (!gone.empty()) out.push_back({Effect::narrows, joined(gone) + " could no longer read " + addressed(audience)});
  }
}

// Which bureaus open what is sent to and from an agency, per channel: those on its way up that do not forward unopened for it.
std::map<std::pair<std::string, std::string>, Names> openers(const Directory* directory) {
  std::map<std::pair<std::string, std::string>, Names> out;
  if (directory == nullptr) return out;
  constexpr std::size_t steps_max = 8;
  for (const auto& [id, agency] : directory->agencies())
    for (const auto* channel : {"interpol", "judicial"}) {
      if (!directory->has_channel(id, channel)) continue;
      const Agency* at = &agency;
      for (std::size_t step = 0; step < steps_max && !at->bureau.empty() && directory->relays(channel, at->bureau, at->id); ++step) {
        at = directory->find(at->bureau);
        const bool blind = std::find(at->blind_pairs.begin(), at->blind_pairs.end(), id) != at->blind_pairs.end();
        if (at->id != id && !blind) out[{id, channel}].insert(at->id);
      }
    }
  return out;
}

void compare_openers(const Directory* before, const Directory& after, std::vector<Change>& out) {
  const auto old_openers = openers(before), new_openers = openers(&after);
  const auto line = [](const auto& entry, const Names& names, const char* how) {
    return joined(names) + how + " the records of " + entry.first.first + " that pass over it as bureau, channel " + entry.first.second;
  };
  for (const auto& entry : new_openers) {
    const auto found = old_openers.find(entry.first);
    const Names added = minus(entry.second, found == old_openers.end() ? Names{} : found->second);
    if (!added.empty()) out.push_back({Effect::widens, line(entry, added, " would newly open")});
  }
  for (const auto& entry : old_openers) {
    const auto found = new_openers.find(entry.first);
    const Names gone = minus(entry.second, found == new_openers.end() ? Names{} : found->second);
    if (!gone.empty()) out.push_back({Effect::narrows, line(entry, gone, " would no longer open")});
  }
}

void compare_channels(const Directory* before, const Directory& after, std::vector<Change>& out) {
  const auto channels = [](const Directory* directory) {
    std::map<std::string, Names> all;
    if (directory == nullptr) return all;
    for (const auto& [id, agency] : directory->agencies())
      if (agency.standing == Standing::member) all[id].insert(agency.channels.begin(), agency.channels.end());
    return all;
  };
  auto old_channels = channels(before), new_channels = channels(&after);
  for (const auto& [id, names] : new_channels) {
    const Names added = minus(names, old_channels[id]);
    if (!added.empty()) out.push_back({Effect::widens, id + " takes part in the channel " + joined(added) + ": it can send and receive there"});
  }
  for (const auto& [id, names] : old_channels) {
    const Names gone = minus(names, new_channels[id]);
    if (!gone.empty()) out.push_back({Effect::narrows, id + " no longer takes part in the channel " + joined(gone)});
  }
}

}  // namespace

std::vector<Change> compare(const Directory* before, const Directory& after, Time now) {
  std::vector<Change> out;
  compare_readers(before, after, now, out);
  compare_openers(before, after, out);
  compare_channels(before, after, out);
  compare_facts(before, after, out);
  if (!out.empty() && after.authorities().threshold < 2)
    out.push_back({Effect::neutral, "ONE authority alone can widen access; a threshold of 2 or more asks for a second person (directory authority --threshold)"});
  std::stable_sort(out.begin(), out.end(), [](const Change& a, const Change& b) { return a.effect < b.effect; });
  return out;
}

bool widens(std::span<const Change> changes) {
  return std::any_of(changes.begin(), changes.end(), [](const Change& change) { return change.effect == Effect::widens; });
}

std::string changes_text(std::span<const Change> changes) {
  std::string out;
  for (const auto& change : changes) out += (change.effect == Effect::widens ? "WIDENS   " : change.effect == Effect::narrows ? "narrows  " : "         ") + change.text + "\n";
  return out;
}

std::string summary_code(std::span<const Change> changes, const Hash& text_hash) {
  return to_hex(merkle::Sha256().add(ByteView(text_hash)).add(changes_text(changes)).finish());
}

}  // namespace liaison::directory
