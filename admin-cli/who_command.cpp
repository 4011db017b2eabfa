// See who_command.h. Finding is comparing folded words; printing is in the officer's language, with everything from the file made visible.
#include "admin-cli/who_command.h"

#include <algorithm>
#include <boost/json.hpp>
#include <memory>
#include <ostream>

#include "admin-cli/office_hours.h"
#include "admin-cli/offline.h"
#include "core/base/limits.h"
#include "core/directory/directory.h"
#include "core/form/labels.h"
#include "core/form/text.h"
#include "io/config/settings.h"
#include "io/store/files.h"

namespace liaison::cli {
namespace {
using directory::Agency;
using directory::Competence;
using directory::Directory;

struct Who {
  std::string topic, country, agency, legal_basis, language, at, directory, settings;
  std::vector<std::string> authorities;
  std::uint64_t threshold = 1;
};

struct Found {
  const Agency* agency = nullptr;
  std::size_t number = 0;  // of the competence, from 1; 0: the agency alone
};

bool speaks_of(const std::vector<std::string>& items, const std::string& wanted) {
  const std::string folded = form::fold(wanted);
  return wanted.empty() || std::any_of(items.begin(), items.end(), [&](const std::string& item) { return form::fold(item).find(folded) != std::string::npos; });
}

bool is_designated(const Competence& competence, const std::string& day) {
  return (competence.designated.empty() || competence.designated <= day) && (competence.ended.empty() || day < competence.ended);
}

std::vector<Found> find(const Directory& directory, const Who& who, Time at) {
  const std::string day = to_string(at).substr(0, 10);
  std::vector<Found> out;
  for (const auto& [id, agency] : directory.agencies()) {
    if ((!who.country.empty() && agency.country != who.country) || (!who.agency.empty() && id != who.agency)) continue;
    const std::size_t before = out.size();
    for (std::size_t i = 0; i < agency.competences.size(); ++i) {
      const auto& one = agency.competences[i];
      const bool fits = speaks_of(one.topics, who.topic) && speaks_of(one.legal_bases, who.legal_basis) && speaks_of(one.languages, who.language);
      if (fits && is_designated(one, day)) out.push_back({&agency, i + 1});
    }
    if (!who.agency.empty() && out.size() == before && who.topic.empty() && who.legal_basis.empty() && who.language.empty()) out.push_back({&agency, 0});
  }
  return out;
}

std::string list_of(const std::vector<std::string>& items) {
  std::string out;
  for (const auto& item : items) out += (out.empty() ? "" : "; ") + item;
  return out;
}

// Names in the chosen language, else English, else whatever there is; the id when there is none.
std::string name_of(const Agency& agency, const std::string& language) {
  for (const auto& wanted : {language, std::string("en")})
    if (const auto found = agency.names.find(wanted); found != agency.names.end()) return found->second;
  return agency.names.empty() ? agency.id : agency.names.begin()->second;
}

class Printer {
 public:
  Printer(const Directory& directory, Context& context, Time at) : directory_(directory), context_(context), language_(language_of(context)), at_(at) {}
  void head(Time now) const;
  void print(const Found& found) const;
  void nobody(const Who& who) const;

 private:
  std::string words(std::string_view key, const std::vector<std::string>& args = {}) const { return form::filled(form::phrase(key, language_), args); }
  void line(std::string_view key, const std::string& value) const {
    if (!value.empty()) context_.out() << "  " << words(key) << ": " << form::visible(value) << "\n";
  }
  std::string reachable(const Agency& agency) const;
  void standing(const Agency& agency) const;

  const Directory& directory_;
  Context& context_;
  std::string language_;
  Time at_;
};

void Printer::head(Time now) const {
  const auto age = std::chrono::duration_cast<std::chrono::hours>(now - directory_.issued()).count() / 24;
  context_.out() << words("who_source", {std::to_string(directory_.version()), utc(directory_.issued()), std::to_string(age)}) << "\n";
  if (now > directory_.expires()) context_.err() << words("who_expired", {utc(directory_.expires())}) << "\n";
}

std::string Printer::reachable(const Agency& agency) const {
  if (agency.channels.empty()) return words("who_no_channel");
  std::string out = list_of(agency.channels);
  if (!agency.bureau.empty()) {
    const auto* bureau = directory_.find(agency.bureau);
    out += "; " + words("who_through", {bureau == nullptr ? agency.bureau : name_of(*bureau, language_) + " (" + agency.bureau + ")"});
  }
  return agency.endpoints.empty() ? out : out + "; " + list_of(agency.endpoints);
}

void Printer::standing(const Agency& agency) const {
  if (agency.standing == directory::Standing::suspended) context_.out() << "  " << words("who_suspended", {utc(agency.since)}) << "\n";
  if (agency.standing != directory::Standing::left) return;
  const auto* successor = directory_.successor(agency.id);
  context_.out() << "  " << words(successor == nullptr ? "who_left" : "who_succeeded", {utc(agency.since), successor == nullptr ? "" : successor->id}) << "\n";
}

void Printer::print(const Found& found) const {
  const Agency& agency = *found.agency;
  context_.out() << "\n" << agency.id << "  " << form::visible(name_of(agency, language_)) << "\n";
  standing(agency);
  if (found.number > 0) {
    const Competence& one = agency.competences[found.number - 1];
    line("who_competent", list_of(one.topics) + "  [" + std::to_string(found.number) + "]");
    line("who_designated", one.designated.empty() ? words("who_not_known") : one.designated + (one.ended.empty() ? "" : " - " + one.ended));
    line("who_legal_bases", list_of(one.legal_bases));
    line("who_languages", list_of(one.languages));
    const auto open = is_open(one.hours, one.zone, at_);
    const std::string state = !open ? words("who_open_unknown") : words(*open ? "who_open" : "who_closed");
    if (!one.hours.empty()) line("who_hours", one.hours + (one.zone.empty() ? "" : " (" + one.zone + ")") + " - " + state);
    line("who_telephone", one.telephone);
    line("who_urgent", one.urgent);
  }
  line("who_reachable", reachable(agency));
}

void Printer::nobody(const Who& who) const {
  std::string asked;
  for (const auto& part : {who.topic, who.country, who.agency, who.legal_basis, who.language})
    if (!part.empty()) asked += (asked.empty() ? "" : ", ") + part;
  context_.out() << words("who_nobody", {form::visible(asked), to_string(at_).substr(0, 10)}) << "\n";
  const std::string country = !who.country.empty() ? who.country : std::string(country_of(who.agency));
  for (const auto& [id, agency] : directory_.agencies()) {
    if (!agency.is_bureau || agency.country != country || agency.standing != directory::Standing::member) continue;
    context_.out() << words("who_bureau") << "\n";
    print({&agency, agency.competences.empty() ? std::size_t{0} : std::size_t{1}});
  }
}

boost::json::array array_of(const std::vector<std::string>& items) { return boost::json::array(items.begin(), items.end()); }

boost::json::object json_of(const Found& found, const Directory& directory, const std::string& language, Time at) {
  const Agency& agency = *found.agency;
  boost::json::object out{{"agency", agency.id}, {"name", name_of(agency, language)}, {"type", agency.type}, {"bureau", agency.bureau}, {"member", directory.is_member(agency.id)}};
  out["channels"] = array_of(agency.channels);
  out["endpoints"] = array_of(agency.endpoints);
  if (found.number == 0) return out;
  const Competence& one = agency.competences[found.number - 1];
  out["topics"] = array_of(one.topics);
  out["legal_bases"] = array_of(one.legal_bases);
  out["languages"] = array_of(one.languages);
  const std::pair<const char*, const std::string&> texts[]{{"hours", one.hours},   {"zone", one.zone},             {"telephone", one.telephone},
                                                           {"urgent", one.urgent}, {"designated", one.designated}, {"ended", one.ended}};
  for (const auto& [key, value] : texts) out[key] = value;
  if (const auto open = is_open(one.hours, one.zone, at)) out["open"] = *open;
  return out;
}

Result<std::shared_ptr<const Directory>> load(const Who& who) {
  directory::AuthorityPins pins{who.threshold, {}};
  std::filesystem::path file = who.directory;
  if (!who.settings.empty()) {
    LIAISON_TRY(const auto settings, config::load_settings(who.settings));
    pins = {settings.authorities.threshold, settings.authorities.keys};
    if (file.empty()) file = settings.directory_file;
  }
  for (const auto& chars : who.authorities) {
    const auto hash = hash_from_base64(chars);
    if (!hash) return fail(Errc::invalid_argument, "--authority: base64 of a key hash is needed (44 characters)");
    pins.keys.push_back(*hash);
  }
  if (file.empty()) return fail(Errc::invalid_argument, "name the signed directory with --directory FILE, or the node's settings with --settings FILE");
  if (pins.keys.empty()) return fail(Errc::invalid_argument, "name the authorities you trust with --authority HASH, or the node's settings with --settings FILE");
  LIAISON_TRY(const Bytes bytes, store::read_file(file, limits::directory_bytes_max));
  return Directory::load(bytes, pins);
}

Result<Exit> run(const Who& who, Context& context) {
  LIAISON_TRY(const auto directory, load(who));
  const Time now = wall_now();
  Time at = now;
  if (!who.at.empty()) {
    const auto parsed = parse_time(who.at.size() == 10 ? who.at + "T12:00:00.000Z" : who.at);
    if (!parsed) return fail(Errc::invalid_argument, "--at: a date like 2026-01-31 or a time like 2026-01-31T00:00:00.000Z is needed");
    at = *parsed;
  }
  const auto found = find(*directory, who, at);
  if (context.json) {
    boost::json::array list;
    for (const auto& one : found) list.push_back(json_of(one, *directory, language_of(context), at));
    const boost::json::object out{{"version", directory->version()}, {"issued", to_string(directory->issued())}, {"expired", now > directory->expires()}, {"found", std::move(list)}};
    context.out() << boost::json::serialize(out) << "\n";
  } else {
    const Printer printer(*directory, context, at);
    printer.head(now);
    for (const auto& one : found) printer.print(one);
    if (found.empty()) printer.nobody(who);
  }
  return found.empty() ? Exit::not_found : Exit::done;
}

}  // namespace

Action bind_who(Options& options) {
  auto who = std::make_shared<Who>();
  options.text("--topic", who->topic, "what for, for example \"bank records\"; a part of the words is enough");
  options.text("--country", who->country, "two small letters, or int");
  options.text("--agency", who->agency, "id of one agency");
  options.text("--legal-basis", who->legal_basis, "treaty or law");
  options.text("--language", who->language, "language they work in, for example en");
  options.text("--at", who->at, "date or time to answer for; default: now");
  options.text("--directory", who->directory, "signed directory file");
  options.list("--authority", who->authorities, "key hash of an authority you trust");
  options.number("--threshold", who->threshold, "how many of them must have signed");
  options.text("--settings", who->settings, "settings of the node, which name both");
  return [who](Context& context) {
    const auto result = run(*who, context);
    return result ? code(*result) : tell(context, result.error());
  };
}

}  // namespace liaison::cli
