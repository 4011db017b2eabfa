// The options of `liaison directory change|suspend|resume|remove|rename|succeed|group|competence|revoke|authority|validity`, handed to core/directory/edits.
// What a person typed is checked here where it is a matter of form; what it means, there.
#include <memory>

#include "admin-cli/directory_edits.h"
#include "admin-cli/offline_binds.h"

namespace liaison::cli {
namespace {
using directory::Authored;
constexpr auto required = Need::required;

struct Typed {
  std::string source, agency, since, a, b, c, d, e, f;
  std::vector<std::string> x, y, z;
  std::uint64_t number = 0;
  bool dry_run = false;
};
using TypedPtr = std::shared_ptr<Typed>;

TypedPtr common(Options& options) {
  auto typed = std::make_shared<Typed>();
  options.text("SOURCE", typed->source, "authored directory", required);
  options.flag("--dry-run", typed->dry_run, "only say who could newly read what; exit code 8 when access would widen");
  return typed;
}

TypedPtr for_agency(Options& options) {
  auto typed = common(options);
  options.text("--agency", typed->agency, "id of the agency", required);
  return typed;
}

int run(Context& context, const Typed& typed, const EditAct& act) {
  const OfflineContext offline{context.out(), context.err(), wall_now()};
  return edit_directory(context.command, {typed.source, typed.dry_run}, act, offline);
}

Result<std::optional<bool>> yes_or_no(const std::string& chars, std::string_view option) {
  if (chars.empty()) return std::optional<bool>{};
  if (chars != "yes" && chars != "no") return fail(Errc::invalid_argument, std::string(option) + ": yes or no");
  return std::optional<bool>{chars == "yes"};
}

// "-" alone empties the list.
std::optional<std::vector<std::string>> list_or_none(const std::vector<std::string>& items) {
  if (items.empty()) return std::nullopt;
  return items == std::vector<std::string>{"-"} ? std::vector<std::string>{} : items;
}

Result<std::map<std::string, std::string>> names_of(const std::vector<std::string>& items) {
  std::map<std::string, std::string> names;
  for (const auto& item : items) {
    const auto equals = item.find('=');
    if (equals == std::string::npos || equals == 0) return fail(Errc::invalid_argument, "--name: a language and a name like fr=Douanes are needed, not " + item);
    names[item.substr(0, equals)] = item.substr(equals + 1);
  }
  return names;
}

std::optional<std::string> given(const std::string& chars) { return chars.empty() ? std::nullopt : std::optional(chars); }

}  // namespace

Action bind_directory_change(Options& options) {
  struct More {
    std::vector<std::string> names, endpoints, channels, pairs;
    std::string type, bureau, is_bureau, witness, keys;
  };
  auto typed = for_agency(options);
  auto more = std::make_shared<More>();
  options.text("--type", more->type, "type of agency");
  options.list("--name", more->names, "LANGUAGE=NAME, for example fr=Douanes");
  options.list("--endpoint", more->endpoints, "host:port of its node, instead of those it has; - for none");
  options.list("--channel", more->channels, "interpol, customs, cites or judicial, instead of those it has; - for none");
  options.text("--bureau", more->bureau, "id of its own bureau; - for none");
  options.text("--is-bureau", more->is_bureau, "yes or no");
  options.text("--witness", more->witness, "yes or no: cosigns the audit logs of others");
  options.list("--blind-pair", more->pairs, "agency for whom it forwards unopened, instead of those it has; - for none");
  options.text("--keys", more->keys, "further public keys (liaison keys show); those it has stay until they end or are revoked");
  return [typed, more](Context& context) {
    return run(context, *typed, [&](const Authored& source) -> Result<std::string> {
      directory::AgencyChange change;
      change.type = given(more->type);
      if (!more->bureau.empty()) change.bureau = more->bureau == "-" ? "" : more->bureau;
      LIAISON_TRY(change.names, names_of(more->names));
      change.endpoints = list_or_none(more->endpoints);
      change.channels = list_or_none(more->channels);
      change.blind_pairs = list_or_none(more->pairs);
      LIAISON_TRY(change.is_bureau, yes_or_no(more->is_bureau, "--is-bureau"));
      LIAISON_TRY(change.witness, yes_or_no(more->witness, "--witness"));
      if (!more->keys.empty()) {
        LIAISON_TRY(change.keys, keys_of_request(more->keys, typed->agency));
      }
      return change_agency(source, typed->agency, change);
    });
  };
}

Action bind_directory_suspend(Options& options) {
  auto typed = for_agency(options);
  options.text("--since", typed->since, "what its keys signed later does not count; default: now");
  return [typed](Context& context) {
    return run(context, *typed, [&](const Authored& source) -> Result<std::string> {
      LIAISON_TRY(const Time since, time_or_now(typed->since, wall_now(), "--since"));
      return suspend_agency(source, typed->agency, since);
    });
  };
}

Action bind_directory_resume(Options& options) {
  auto typed = for_agency(options);
  return [typed](Context& context) { return run(context, *typed, [&](const Authored& source) { return resume_agency(source, typed->agency); }); };
}

Action bind_directory_remove(Options& options) {
  auto typed = for_agency(options);
  options.text("--since", typed->since, "what its keys signed later does not count; default: now");
  return [typed](Context& context) {
    return run(context, *typed, [&](const Authored& source) -> Result<std::string> {
      LIAISON_TRY(const Time since, time_or_now(typed->since, wall_now(), "--since"));
      return remove_agency(source, typed->agency, since);
    });
  };
}

Action bind_directory_rename(Options& options) {
  auto typed = for_agency(options);
  options.text("--to", typed->a, "its new id", required);
  options.text("--keys", typed->b, "public keys of the new id (liaison keys show): a key serves one id", required);
  options.list("--endpoint", typed->x, "host:port of its node; default: as before");
  options.text("--since", typed->since, "what the old id signed later does not count; default: now");
  return [typed](Context& context) {
    return run(context, *typed, [&](const Authored& source) -> Result<std::string> {
      directory::Rename rename{typed->agency, typed->a, {}, list_or_none(typed->x), {}};
      LIAISON_TRY(rename.keys, keys_of_request(typed->b, typed->a));
      LIAISON_TRY(rename.since, time_or_now(typed->since, wall_now(), "--since"));
      return rename_agency(source, rename);
    });
  };
}

Action bind_directory_succeed(Options& options) {
  auto typed = for_agency(options);
  options.text("--by", typed->a, "the member that takes over", required);
  options.text("--since", typed->since, "what the agency that ends signed later does not count; default: now");
  return [typed](Context& context) {
    return run(context, *typed, [&](const Authored& source) -> Result<std::string> {
      directory::Succession succession{typed->agency, typed->a, {}};
      LIAISON_TRY(succession.since, time_or_now(typed->since, wall_now(), "--since"));
      return succeed_agency(source, succession);
    });
  };
}

Action bind_directory_group(Options& options) {
  auto typed = common(options);
  options.text("--group", typed->agency, "id of the group; made when it does not exist", required);
  options.text("--owner", typed->a, "agency that answers for it; owning is not being a member");
  options.text("--purpose", typed->b, "what it is for");
  options.text("--profession", typed->c, "whose it is: police, customs, cites, wildlife, prosecutor ...");
  options.text("--form", typed->d, "form of its alerts: short or long");
  options.text("--ends", typed->e, "date from which it covers nobody");
  options.list("--join", typed->x, "agency that becomes a member");
  options.list("--leave", typed->y, "agency that leaves: it keeps what it holds and gets nothing new");
  options.text("--since", typed->since, "joiners get what is created from then on; default: now");
  return [typed](Context& context) {
    return run(context, *typed, [&](const Authored& source) -> Result<std::string> {
      directory::GroupChange change{given(typed->b), given(typed->a), given(typed->c), given(typed->d), {}, typed->x, typed->y, {}};
      if (!typed->e.empty()) {
        LIAISON_TRY(change.ends, time_or_now(typed->e, wall_now(), "--ends"));
      }
      LIAISON_TRY(change.since, time_or_now(typed->since, wall_now(), "--since"));
      return change_group(source, typed->agency, change);
    });
  };
}

Action bind_directory_competence(Options& options) {
  auto typed = for_agency(options);
  options.list("--topic", typed->x, "what it is competent for, for example \"bank records\"");
  options.list("--legal-basis", typed->y, "treaty or law");
  options.list("--language", typed->z, "language it works in");
  options.text("--hours", typed->a, "24h, or days and times like \"Mo-Fr 08:00-17:00; Sa 09:00-12:00\"");
  options.text("--zone", typed->b, "time zone of the hours, for example Africa/Nairobi");
  options.text("--telephone", typed->c, "telephone in office hours");
  options.text("--urgent", typed->d, "telephone for urgent matters, at any hour");
  options.text("--designated", typed->e, "date of designation, like 2026-01-31");
  options.number("--end", typed->number, "instead: end the designation of this number (liaison who --agency numbers them)");
  options.text("--on", typed->f, "date of the end; default: today");
  return [typed](Context& context) {
    return run(context, *typed, [&](const Authored& source) -> Result<std::string> {
      if (typed->number > 0) return end_competence(source, typed->agency, typed->number, typed->f.empty() ? to_string(wall_now()).substr(0, 10) : typed->f);
      return add_competence(source, typed->agency, {.topics = typed->x, .legal_bases = typed->y, .languages = typed->z, .hours = typed->a, .telephone = typed->c, .designated = typed->e,
                                                    .urgent = typed->d, .zone = typed->b, .ended = {}});
    });
  };
}

Action bind_directory_revoke(Options& options) {
  auto typed = common(options);
  options.text("--key", typed->a, "key hash", required);
  options.text("--since", typed->since, "since when", required);
  options.text("--kind", typed->b, "compromised (nothing it signed counts without independent proof of time) or superseded (what it signed before counts)", required);
  return [typed](Context& context) {
    return run(context, *typed, [&](const Authored& source) -> Result<std::string> {
      const auto hash = hash_from_base64(typed->a);
      if (!hash) return fail(Errc::invalid_argument, "--key: base64 of a key hash is needed (44 characters)");
      if (typed->b != "compromised" && typed->b != "superseded") return fail(Errc::invalid_argument, "--kind: compromised or superseded");
      LIAISON_TRY(const Time since, time_or_now(typed->since, wall_now(), "--since"));
      return revoke_key(source, {*hash, since, typed->b == "compromised" ? directory::RevocationKind::compromised : directory::RevocationKind::superseded});
    });
  };
}

Action bind_directory_authority(Options& options) {
  auto typed = common(options);
  options.list("--add", typed->x, "public key of a new authority, base64 (liaison directory key prints it)");
  options.list("--remove", typed->y, "key hash of an authority");
  options.number("--threshold", typed->number, "how many authorities must sign from this version on; the version itself needs the old number of the old ones too");
  return [typed](Context& context) {
    return run(context, *typed, [&](const Authored& source) -> Result<std::string> {
      directory::AuthorityChange change;
      for (const auto& chars : typed->x) {
        const auto spki = from_base64(chars);
        if (!spki) return fail(Errc::invalid_argument, "--add: base64 of the SubjectPublicKeyInfo is needed");
        change.add.push_back(*spki);
      }
      for (const auto& chars : typed->y) {
        const auto hash = hash_from_base64(chars);
        if (!hash) return fail(Errc::invalid_argument, "--remove: base64 of a key hash is needed (44 characters)");
        change.remove.push_back(*hash);
      }
      if (typed->number > 0) change.threshold = typed->number;
      return change_authorities(source, change);
    });
  };
}

Action bind_directory_validity(Options& options) {
  auto typed = common(options);
  options.text("--expires", typed->a, "from then on nodes warn");
  options.text("--grace", typed->b, "from then on nodes neither seal nor accept");
  return [typed](Context& context) {
    return run(context, *typed, [&](const Authored& source) -> Result<std::string> {
      directory::Validity validity;
      if (!typed->a.empty()) {
        LIAISON_TRY(validity.expires, time_or_now(typed->a, wall_now(), "--expires"));
      }
      if (!typed->b.empty()) {
        LIAISON_TRY(validity.grace, time_or_now(typed->b, wall_now(), "--grace"));
      }
      return change_validity(source, validity);
    });
  };
}

}  // namespace liaison::cli
