// See edits.h: closed user groups, competences, revocations, authorities, and how long the directory is valid.
#include <algorithm>

#include "core/directory/edits.h"
#include "core/directory/json_edit.h"

namespace liaison::directory {
namespace {

bool contains(const std::vector<std::string>& items, std::string_view item) { return std::find(items.begin(), items.end(), item) != items.end(); }

Result<const Agency*> living(const Authored& source, const std::string& id) {
  const auto* agency = source.content->find(id);
  if (agency == nullptr) return fail(Errc::not_found, id + " is not in the directory");
  if (agency->standing == Standing::left) return fail(Errc::not_permitted, standing_text(*agency));
  return agency;
}

Result<std::string> with_list(std::string_view json, const JsonPath& object, const std::string& name) {
  LIAISON_TRY(const auto root, read_json_tree(json));
  auto path = object;
  path.push_back(name);
  if (find_node(root, path) != nullptr) return std::string(json);
  return set_member(json, object, name, "[]");
}

Result<std::string> new_group(const Authored& source, const std::string& id, const GroupChange& change) {
  if (!change.owner || !change.purpose || !change.ends) return fail(Errc::not_found, "there is no group " + id + "; to make it, give --owner, --purpose and --ends");
  std::string object = "{\"id\": " + json_quoted(id) + ", \"purpose\": " + json_quoted(*change.purpose) + ", \"owner\": " + json_quoted(*change.owner) + ",\n     \"members\": " + json_list(change.join) +
                       ", \"ends\": " + json_quoted(to_string(*change.ends));
  if (change.profession) object += ", \"profession\": " + json_quoted(*change.profession);
  if (change.form) object += ", \"form\": " + json_quoted(*change.form);
  LIAISON_TRY(const std::string json, with_list(source.json, {}, "groups"));
  return append_item(json, {"groups"}, object + "}");
}

Result<std::string> join_and_leave(std::string json, const Group& group, const GroupChange& change) {
  const JsonPath place{"groups", "id=" + group.id}, members{"groups", "id=" + group.id, "members"}, joined{"groups", "id=" + group.id, "joined"};
  for (const auto& id : change.leave) {
    if (!contains(group.members, id)) return fail(Errc::not_found, id + " is not a member of the group " + group.id);
    LIAISON_TRY(json, remove_item(json, {"groups", "id=" + group.id, "members", "=" + id}));
    if (group.joined.contains(id)) {
      LIAISON_TRY(json, remove_item(json, {"groups", "id=" + group.id, "joined", "member=" + id}));
    }
  }
  for (const auto& id : change.join) {
    if (contains(group.members, id)) return fail(Errc::already_exists, id + " is a member of the group " + group.id + " already");
    LIAISON_TRY(json, with_list(json, place, "members"));
    LIAISON_TRY(json, append_item(json, members, json_quoted(id)));
    LIAISON_TRY(json, with_list(json, place, "joined"));
    LIAISON_TRY(json, append_item(json, joined, "{\"member\": " + json_quoted(id) + ", \"since\": " + json_quoted(to_string(change.since)) + "}"));
  }
  return json;
}

Result<std::string> without_authority(std::string json, const Hash& hash) {
  LIAISON_TRY(const auto root, read_json_tree(json));
  const auto* keys = find_node(root, {"authorities", "keys"});
  for (std::size_t i = 0; keys != nullptr && i < keys->children.size(); ++i) {
    const auto spki = from_base64(keys->children[i].text);
    if (spki && merkle::sha256(ByteView(*spki)) == hash) return remove_item(json, {"authorities", "keys", "#" + std::to_string(i)});
  }
  return fail(Errc::not_found, to_base64(hash) + " is not an authority");
}

}  // namespace

Result<std::string> change_group(const Authored& source, const std::string& id, const GroupChange& change) {
  for (const auto& member : change.join) LIAISON_CHECK(living(source, member));
  if (change.owner) LIAISON_CHECK(living(source, *change.owner));
  const auto* group = source.content->group(id);
  if (group == nullptr && change.leave.empty()) return new_group(source, id, change);
  if (group == nullptr) return fail(Errc::not_found, "there is no group " + id);
  const JsonPath place{"groups", "id=" + id};
  std::string json = source.json;
  const auto set = [&](std::string_view key, const std::optional<std::string>& value) -> Result<void> {
    if (value) {
      LIAISON_TRY(json, set_member(json, place, key, json_quoted(*value)));
    }
    return {};
  };
  LIAISON_CHECK(set("purpose", change.purpose));
  LIAISON_CHECK(set("owner", change.owner));
  LIAISON_CHECK(set("profession", change.profession));
  LIAISON_CHECK(set("form", change.form));
  LIAISON_CHECK(set("ends", change.ends ? std::optional(to_string(*change.ends)) : std::nullopt));
  return join_and_leave(std::move(json), *group, change);
}

Result<std::string> add_competence(const Authored& source, const std::string& agency, const Competence& competence) {
  LIAISON_CHECK(living(source, agency));
  if (competence.topics.empty()) return fail(Errc::invalid_argument, "a competence needs at least one topic");
  const JsonPath place{"agencies", "id=" + agency};
  LIAISON_TRY(const std::string json, with_list(source.json, place, "competences"));
  return append_item(json, {"agencies", "id=" + agency, "competences"}, competence_json(competence));
}

Result<std::string> end_competence(const Authored& source, const std::string& agency, std::size_t number, const std::string& date) {
  LIAISON_TRY(const auto* entry, living(source, agency));
  if (number == 0 || number > entry->competences.size()) return fail(Errc::not_found, agency + " has " + std::to_string(entry->competences.size()) + " competences; liaison who --agency " + agency + " numbers them");
  const auto& competence = entry->competences[number - 1];
  if (!competence.ended.empty()) return fail(Errc::already_exists, "competence " + std::to_string(number) + " of " + agency + " ended on " + competence.ended);
  if (!competence.designated.empty() && date < competence.designated) return fail(Errc::invalid_argument, "competence " + std::to_string(number) + " of " + agency + " began on " + competence.designated);
  return set_member(source.json, {"agencies", "id=" + agency, "competences", "#" + std::to_string(number - 1)}, "ended", json_quoted(date));
}

Result<std::string> revoke_key(const Authored& source, const Revocation& revocation) {
  for (const auto& known : source.content->revocations())
    if (known.key == revocation.key && known.kind == revocation.kind) return fail(Errc::already_exists, "this key is revoked in this way since " + to_string(known.since));
  for (const auto& authority : source.content->authorities().keys)
    if (authority == revocation.key) return fail(Errc::not_permitted, "this is the key of an authority: take it out with directory authority --remove");
  LIAISON_TRY(const std::string json, with_list(source.json, {}, "revocations"));
  return append_item(json, {"revocations"}, "{\"key\": " + json_quoted(to_base64(revocation.key)) + ", \"since\": " + json_quoted(to_string(revocation.since)) + ", \"kind\": " +
                                                (revocation.kind == RevocationKind::compromised ? "\"compromised\"}" : "\"superseded\"}"));
}

Result<std::string> change_authorities(const Authored& source, const AuthorityChange& change) {
  std::string json = source.json;
  for (const auto& spki : change.add) {
    LIAISON_TRY(json, append_item(json, {"authorities", "keys"}, json_quoted(to_base64(spki))));
  }
  for (const auto& hash : change.remove) {
    LIAISON_TRY(json, without_authority(std::move(json), hash));
  }
  if (change.threshold) {
    LIAISON_TRY(json, set_member(json, {"authorities"}, "threshold", std::to_string(*change.threshold)));
  }
  return json;
}

Result<std::string> change_validity(const Authored& source, const Validity& validity) {
  std::string json = source.json;
  if (validity.expires) {
    LIAISON_TRY(json, set_member(json, {}, "expires", json_quoted(to_string(*validity.expires))));
  }
  if (validity.grace) {
    LIAISON_TRY(json, set_member(json, {}, "grace", json_quoted(to_string(*validity.grace))));
  }
  return json;
}

}  // namespace liaison::directory
