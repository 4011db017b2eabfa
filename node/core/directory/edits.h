// What an author of the directory does to it, one act at a time: authored JSON in, authored JSON out, every other line as it was. Pure.
// Each act checks what it means (who is a member, who depends on whom); the result is read back as a whole by read_authored before anybody writes it.
// Errors: not_found (no such agency, group, key), already_exists, not_permitted (the act would leave something behind; says what to do first), bad_format.
#pragma once
#include "core/directory/authoring.h"

namespace liaison::directory {

// An authored file and what it says. Nothing is signed: for authors' tools only, never a source of keys for a node.
struct Authored {
  std::string json;
  std::shared_ptr<const Directory> content;
};
// An expired source can be read: it must be edited to live on. make_unsigned refuses it.
Result<Authored> read_authored(std::string json);

// What is absent stays as it is.
struct AgencyChange {
  std::optional<std::string> type, bureau;        // bureau "": none
  std::map<std::string, std::string> names;       // language -> name
  std::optional<std::vector<std::string>> endpoints, channels, blind_pairs;
  std::optional<bool> is_bureau, witness;
  std::vector<RegisteredKey> keys;                // added to those it has
};
Result<std::string> change_agency(const Authored& source, const std::string& id, const AgencyChange& change);
Result<std::string> suspend_agency(const Authored& source, const std::string& id, Time since);
Result<std::string> resume_agency(const Authored& source, const std::string& id);

// For good. Refused while it is somebody's bureau or owns a group. It goes out of groups and blind pairs; its entry stays without endpoints and channels.
Result<std::string> remove_agency(const Authored& source, const std::string& id, Time since);
// The agency lives on under another id, with new keys (a key serves one agency): all places that name the old id name the new one, groups included.
struct Rename {
  std::string from, to;
  std::vector<RegisteredKey> keys;
  std::optional<std::vector<std::string>> endpoints;  // absent: the old ones
  Time since{};
};
Result<std::string> rename_agency(const Authored& source, const Rename& rename);
// Another member takes over: competences, what is addressed to it, the groups it owns, and the agencies it is the bureau of (then `to` must be a bureau).
// Its seats in groups do not pass on: who is to read there is decided by adding the successor.
struct Succession {
  std::string from, to;
  Time since{};
};
Result<std::string> succeed_agency(const Authored& source, const Succession& succession);

// Makes the group when it does not exist (owner, purpose and end are needed then).
struct GroupChange {
  std::optional<std::string> purpose, owner, profession, form;
  std::optional<Time> ends;
  std::vector<std::string> join, leave;
  Time since{};                                   // from when joiners of an existing group get its records
};
Result<std::string> change_group(const Authored& source, const std::string& id, const GroupChange& change);

Result<std::string> add_competence(const Authored& source, const std::string& agency, const Competence& competence);
// `number` counts from 1, in the order of the file. The line stays; what was sealed under it before `date` (YYYY-MM-DD) keeps its competent author.
Result<std::string> end_competence(const Authored& source, const std::string& agency, std::size_t number, const std::string& date);

Result<std::string> revoke_key(const Authored& source, const Revocation& revocation);

struct AuthorityChange {
  std::vector<Bytes> add;                         // SubjectPublicKeyInfo
  std::vector<Hash> remove;
  std::optional<std::size_t> threshold;
};
Result<std::string> change_authorities(const Authored& source, const AuthorityChange& change);
struct Validity {
  std::optional<Time> expires, grace;
};
Result<std::string> change_validity(const Authored& source, const Validity& validity);

}  // namespace liaison::directory
