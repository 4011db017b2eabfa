// See edits.h: agencies that change, pause, leave, or hand over. Groups, competences, keys and authorities: edits_lists.cpp.
#include "core/directory/edits.h"

#include <algorithm>

#include "core/directory/json_edit.h"

namespace liaison::directory {
namespace {

JsonPath at_agency(const std::string& id) { return {"agencies", "id=" + id}; }
JsonPath below(JsonPath path, std::string step) {
  path.push_back(std::move(step));
  return path;
}
std::string date_of(Time time) { return to_string(time).substr(0, 10); }
bool contains(const std::vector<std::string>& items, std::string_view item) { return std::find(items.begin(), items.end(), item) != items.end(); }
std::string joined(const std::vector<std::string>& items) {
  std::string out;
  for (const auto& item : items) out += (out.empty() ? "" : ", ") + item;
  return out;
}

Result<const Agency*> member_of(const Authored& source, const std::string& id) {
  const auto* agency = source.content->find(id);
  if (agency == nullptr) return fail(Errc::not_found, id + " is not in the directory");
  if (agency->standing == Standing::left) return fail(Errc::not_permitted, standing_text(*agency) + ": its entry only keeps old records verifiable");
  return agency;
}

// A chain of edits on one text: the first error stays.
class Text {
 public:
  explicit Text(std::string json) : json_(std::move(json)) {}
  Text& set(const JsonPath& object, std::string_view key, std::string_view value) { return take([&] { return set_member(*json_, object, key, value); }); }
  Text& unset(const JsonPath& object, std::string_view key) { return take([&] { return remove_member(*json_, object, key); }); }
  Text& append(const JsonPath& list, std::string_view value) { return take([&] { return append_item(*json_, list, value); }); }
  Text& remove(const JsonPath& item) { return take([&] { return remove_item(*json_, item); }); }
  bool has(const JsonPath& path) const {
    if (!json_) return false;
    const auto root = read_json_tree(*json_);
    return root && find_node(*root, path) != nullptr;
  }
  Result<std::string> finish() { return std::move(json_); }

 private:
  template <class Edit>
  Text& take(Edit edit) {
    if (json_) json_ = edit();
    return *this;
  }
  Result<std::string> json_;
};

std::string names_json(const std::map<std::string, std::string>& names) {
  std::string out = "[";
  for (const auto& [language, name] : names) out += (out.size() > 1 ? ", " : "") + std::string("{\"language\": ") + json_quoted(language) + ", \"text\": " + json_quoted(name) + "}";
  return out + "]";
}

std::vector<std::string> served_by(const Directory& directory, const std::string& bureau) {
  std::vector<std::string> out;
  for (const auto& [id, agency] : directory.agencies())
    if (agency.bureau == bureau) out.push_back(id);
  return out;
}

std::vector<std::string> owned_by(const Directory& directory, const std::string& owner) {
  std::vector<std::string> out;
  for (const auto& [id, group] : directory.groups())
    if (group.owner == owner) out.push_back(id);
  return out;
}

void leave_groups(Text& text, const Directory& directory, const std::string& id) {
  for (const auto& [name, group] : directory.groups()) {
    if (!contains(group.members, id)) continue;
    const JsonPath place{"groups", "id=" + name};
    text.remove(below(below(place, "members"), "=" + id));
    if (group.joined.contains(id)) text.remove(below(below(place, "joined"), "member=" + id));
  }
}

void leave_blind_pairs(Text& text, const Directory& directory, const std::string& id) {
  for (const auto& [other, agency] : directory.agencies())
    if (contains(agency.blind_pairs, id)) text.remove(below(below(at_agency(other), "blind_pairs"), "=" + id));
}

// What an agency that has left does not keep.
void strip(Text& text, const Agency& agency, Time since, const std::string& successor) {
  const JsonPath place = at_agency(agency.id);
  for (const auto* field : {"endpoints", "channels", "bureau", "is_bureau", "witness", "blind_pairs"}) text.unset(place, field);
  for (std::size_t i = 0; i < agency.competences.size(); ++i)
    if (agency.competences[i].ended.empty()) text.set(below(below(place, "competences"), "#" + std::to_string(i)), "ended", json_quoted(date_of(since)));
  text.set(place, "standing", "\"left\"").set(place, "since", json_quoted(to_string(since)));
  if (!successor.empty()) text.set(place, "successor", json_quoted(successor));
}

std::vector<Competence> handed_over(const Agency& agency, Time since) {
  std::vector<Competence> out;
  for (auto competence : agency.competences) {
    if (!competence.ended.empty()) continue;
    competence.designated = date_of(since);
    out.push_back(std::move(competence));
  }
  return out;
}

// Every place that names `from` as bureau or owner names `to`.
void repoint(Text& text, const Directory& directory, const std::string& from, const std::string& to) {
  for (const auto& id : served_by(directory, from)) text.set(at_agency(id), "bureau", json_quoted(to));
  for (const auto& id : owned_by(directory, from)) text.set({"groups", "id=" + id}, "owner", json_quoted(to));
}

Result<void> check_since(const Agency& agency, Time since) {
  if (agency.standing == Standing::suspended && since > agency.since) return fail(Errc::not_permitted, standing_text(agency) + ": it cannot leave later than that; give --since " + to_string(agency.since));
  return {};
}

}  // namespace

Result<Authored> read_authored(std::string json) {
  LIAISON_TRY(auto content, read_source_content(json));
  return Authored{std::move(json), std::move(content)};
}

Result<std::string> change_agency(const Authored& source, const std::string& id, const AgencyChange& change) {
  LIAISON_TRY(const auto* agency, member_of(source, id));
  const JsonPath place = at_agency(id);
  Text text(source.json);
  if (change.type) text.set(place, "type", json_quoted(*change.type));
  if (change.endpoints) text.set(place, "endpoints", json_list(*change.endpoints));
  if (change.channels) text.set(place, "channels", json_list(*change.channels));
  if (change.blind_pairs) text.set(place, "blind_pairs", json_list(*change.blind_pairs));
  if (change.is_bureau) text.set(place, "is_bureau", *change.is_bureau ? "true" : "false");
  if (change.witness) text.set(place, "witness", *change.witness ? "true" : "false");
  if (change.bureau && change.bureau->empty()) text.unset(place, "bureau");
  else if (change.bureau) text.set(place, "bureau", json_quoted(*change.bureau));
  if (!change.names.empty()) {
    auto names = agency->names;
    for (const auto& [language, name] : change.names) names[language] = name;
    text.set(place, "names", names_json(names));
  }
  for (const auto& key : change.keys) {
    const bool is_there = std::any_of(agency->keys.begin(), agency->keys.end(), [&](const RegisteredKey& k) { return k.hash == key.hash; });
    if (is_there) continue;
    if (!text.has(below(place, "keys"))) text.set(place, "keys", "[\n     ]");
    text.append(below(place, "keys"), key_json(key));
  }
  return text.finish();
}

Result<std::string> suspend_agency(const Authored& source, const std::string& id, Time since) {
  LIAISON_TRY(const auto* agency, member_of(source, id));
  if (agency->standing == Standing::suspended) return fail(Errc::already_exists, standing_text(*agency) + " already");
  return Text(source.json).set(at_agency(id), "standing", "\"suspended\"").set(at_agency(id), "since", json_quoted(to_string(since))).finish();
}

Result<std::string> resume_agency(const Authored& source, const std::string& id) {
  LIAISON_TRY(const auto* agency, member_of(source, id));
  if (agency->standing != Standing::suspended) return fail(Errc::not_permitted, id + " is not suspended");
  return Text(source.json).unset(at_agency(id), "standing").unset(at_agency(id), "since").finish();
}

Result<std::string> remove_agency(const Authored& source, const std::string& id, Time since) {
  LIAISON_TRY(const auto* agency, member_of(source, id));
  LIAISON_CHECK(check_since(*agency, since));
  const auto served = served_by(*source.content, id), owned = owned_by(*source.content, id);
  if (!served.empty()) return fail(Errc::not_permitted, id + " is the bureau of " + joined(served) + ": give these another one first (directory change --bureau), or let another bureau succeed it (directory succeed)");
  if (!owned.empty()) return fail(Errc::not_permitted, id + " owns the groups " + joined(owned) + ": give these another owner first (directory group --owner)");
  Text text(source.json);
  leave_groups(text, *source.content, id);
  leave_blind_pairs(text, *source.content, id);
  strip(text, *agency, since, {});
  return text.finish();
}

Result<std::string> rename_agency(const Authored& source, const Rename& rename) {
  LIAISON_TRY(const auto* agency, member_of(source, rename.from));
  LIAISON_CHECK(check_since(*agency, rename.since));
  const auto& directory = *source.content;
  if (directory.find(rename.to) != nullptr) return fail(Errc::already_exists, rename.to + " is in the directory; an id is never given twice (for another agency that takes over: directory succeed)");
  if (country_of(rename.to) != agency->country) return fail(Errc::not_permitted, "an agency keeps its country when its id changes: " + rename.to + " is not of " + agency->country);
  Agency next = *agency;
  next.id = rename.to;
  next.keys = rename.keys;
  next.standing = Standing::member;
  if (rename.endpoints) next.endpoints = *rename.endpoints;
  next.competences = handed_over(*agency, rename.since);
  Text text(source.json);
  text.append({"agencies"}, entry_json(next));
  repoint(text, directory, rename.from, rename.to);
  for (const auto& [name, group] : directory.groups()) {
    if (!contains(group.members, rename.from)) continue;
    const JsonPath place{"groups", "id=" + name};
    text.append(below(place, "members"), json_quoted(rename.to)).remove(below(below(place, "members"), "=" + rename.from));
    if (group.joined.contains(rename.from)) text.set(below(below(place, "joined"), "member=" + rename.from), "member", json_quoted(rename.to));
  }
  for (const auto& [other, entry] : directory.agencies())
    if (other != rename.from && contains(entry.blind_pairs, rename.from))
      text.append(below(at_agency(other), "blind_pairs"), json_quoted(rename.to)).remove(below(below(at_agency(other), "blind_pairs"), "=" + rename.from));
  strip(text, *agency, rename.since, rename.to);
  return text.finish();
}

Result<std::string> succeed_agency(const Authored& source, const Succession& succession) {
  LIAISON_TRY(const auto* agency, member_of(source, succession.from));
  LIAISON_TRY(const auto* heir, member_of(source, succession.to));
  LIAISON_CHECK(check_since(*agency, succession.since));
  if (heir == agency) return fail(Errc::invalid_argument, "an agency cannot succeed itself");
  if (heir->standing != Standing::member) return fail(Errc::not_permitted, standing_text(*heir) + ": it cannot take over");
  auto served = served_by(*source.content, succession.from);
  std::erase(served, succession.to);
  if (!served.empty() && !heir->is_bureau) return fail(Errc::not_permitted, succession.from + " is the bureau of " + joined(served) + " and " + succession.to + " is not a bureau (directory change --is-bureau yes)");
  Text text(source.json);
  repoint(text, *source.content, succession.from, succession.to);
  if (heir->bureau == succession.from) text.unset(at_agency(succession.to), "bureau");
  const auto competences = handed_over(*agency, succession.since);
  const JsonPath list = below(at_agency(succession.to), "competences");
  if (!competences.empty() && !text.has(list)) text.set(at_agency(succession.to), "competences", "[]");
  for (const auto& competence : competences) text.append(list, competence_json(competence));
  leave_groups(text, *source.content, succession.from);
  leave_blind_pairs(text, *source.content, succession.from);
  strip(text, *agency, succession.since, succession.to);
  return text.finish();
}

}  // namespace liaison::directory
