// Facts out of the directory and out of opened leaves. What is missing, malformed or contradictory becomes unknown or the stricter reading.
#include "core/policy/facts.h"

#include <algorithm>

#include "core/base/limits.h"
#include "core/policy/fields.h"
#include "core/record/derive.h"

namespace liaison::policy {
namespace {

using record::LeafType;

struct TypeClass { std::string_view type; RecipientClass value; };
constexpr std::array type_classes{
    TypeClass{"police", RecipientClass::law_enforcement}, TypeClass{"bureau", RecipientClass::law_enforcement}, TypeClass{"wildlife", RecipientClass::law_enforcement},
    TypeClass{"task_force", RecipientClass::law_enforcement}, TypeClass{"customs", RecipientClass::customs}, TypeClass{"cites_management", RecipientClass::cites_authority},
    TypeClass{"cites_scientific", RecipientClass::cites_authority}, TypeClass{"prosecutor", RecipientClass::judicial}, TypeClass{"central_authority", RecipientClass::judicial},
    TypeClass{"financial_intelligence", RecipientClass::financial_intelligence}, TypeClass{"laboratory", RecipientClass::laboratory},
    TypeClass{"regional", RecipientClass::international_organisation}, TypeClass{"international", RecipientClass::international_organisation}};

// Nationality as the originator stated it beside the text, and the list of countries if there is one.
struct StatedNationality {
  Nationality seen = Nationality::unknown;
  bool listed = false, has_own = false, has_other = false, doubtful = false;
};

struct PersonSource {
  PersonFacts facts;
  StatedNationality nationality;
  std::string status_text, nationality_text, birth_text;
  bool minor_derived = false;
};

template <class Enum>
Enum read_enum(const record::Openings::Item& item, Enum last) {
  if (item.type != LeafType::unsigned_number || item.value.size() != 8) return Enum::unknown;
  ByteReader reader(item.value);
  const std::uint64_t value = reader.u64();
  return value <= static_cast<std::uint64_t>(last) ? static_cast<Enum>(value) : Enum::unknown;
}

// "5.g 'Kenyan', confirmed by the sender": for people of the agency only, so shortened but not hidden.
std::string words(std::string_view item, std::string_view chars) {
  if (chars.empty()) return "the structured answer to " + std::string(item) + ", confirmed by the sender";
  std::size_t end = std::min<std::size_t>(chars.size(), 60);
  while (end > 0 && end < chars.size() && (static_cast<unsigned char>(chars[end]) & 0xC0) == 0x80) --end;
  return std::string(item) + " '" + std::string(chars.substr(0, end)) + (end < chars.size() ? "...'" : "'") + ", confirmed by the sender";
}

Nationality nationality_seen_from(const StatedNationality& stated, bool same_country) {
  if (stated.listed) {
    const bool own = stated.has_own || (same_country && (stated.seen == Nationality::own || stated.seen == Nationality::own_and_other));
    if (own) return stated.has_other || stated.doubtful || !stated.has_own ? Nationality::own_and_other : Nationality::own;
    if (stated.doubtful || !stated.has_other) return Nationality::unknown;
    return Nationality::other;
  }
  if (same_country || stated.seen == Nationality::stateless) return stated.seen;
  return stated.seen == Nationality::own ? Nationality::other : Nationality::unknown;  // "other" and the second of two may be ours
}

class FactReader {
 public:
  FactReader(const record::Manifest& manifest, const record::Openings& openings, const FieldTable& fields, std::string_view own_country)
      : manifest_(manifest), openings_(openings), fields_(fields) {
    for (const char c : own_country) own_ += static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
    same_country_ = country_of(manifest.from) == own_country;
  }

  void run(Situation& out) {
    for (std::size_t i = 0; i < openings_.size(); ++i) {
      const int field = fields_.locate(openings_.path(i));
      if (field < 0) continue;
      const std::string& name = fields_.fields()[static_cast<std::size_t>(field)].name;
      if (fields_.fields()[static_cast<std::size_t>(field)].of_person) read_person(name, openings_[i], FieldTable::person_of(openings_.path(i)));
      else read_message(name, openings_[i], out);
    }
    const bool complete = openings_.size() == manifest_.leaves;
    if (persons_.empty() && (!complete || unknown_persons_)) persons_.emplace_back();
    for (PersonSource& source : persons_) out.persons.push_back(finish(source));
  }

 private:
  static std::string_view string(const record::Openings::Item& item) { return item.type == LeafType::string ? text(item.value) : std::string_view(); }

  void read_message(const std::string& name, const record::Openings::Item& item, Situation& out) {
    if (name == "persons_unknown") unknown_persons_ = true;
    if (name == "persons" && item.value.size() == 4) {
      const std::uint32_t count = ByteReader(item.value).u32();
      if (count <= limits::leaves_max && persons_.size() < count) persons_.resize(count);
    }
    if (name == "source_class") out.source_class = read_enum(item, SourceClass::private_person);
    if (name == "discovery_method") out.source_from = words("2.2", string(item));
    if (name == "source_grade") out.source_grade = grade_of(string(item));
    if (name == "information_grade") out.information_grade = information_of(string(item));
  }

  static SourceGrade grade_of(std::string_view chars) {
    if (chars.size() != 1) return SourceGrade::unknown;
    const char c = static_cast<char>(chars[0] >= 'A' && chars[0] <= 'Z' ? chars[0] - 'A' + 'a' : chars[0]);
    if (c == 'x') return SourceGrade::x;
    return c >= 'a' && c <= 'f' ? static_cast<SourceGrade>(c - 'a' + 1) : SourceGrade::unknown;
  }
  static InformationGrade information_of(std::string_view chars) {
    return chars.size() == 1 && chars[0] >= '1' && chars[0] <= '6' ? static_cast<InformationGrade>(chars[0] - '0') : InformationGrade::unknown;
  }

  void read_person(std::string_view name, const record::Openings::Item& item, int number) {
    if (number < 0 || number >= static_cast<int>(limits::leaves_max)) return;
    const auto index = static_cast<std::size_t>(number);
    if (persons_.size() <= index) persons_.resize(index + 1);
    PersonSource& person = persons_[index];
    name.remove_prefix(std::min<std::size_t>(name.size(), 10));  // "persons[]."
    if (name == "status") person.facts.status = read_enum(item, Status::possible_threat);
    if (name == "nationality") person.nationality.seen = read_enum(item, Nationality::stateless);
    if (name == "nationalities") read_countries(item, person.nationality);
    if (name == "nationality_text") person.nationality_text = string(item);
    if (name == "birth_text") person.birth_text = string(item);
    if (name == "other") person.status_text = string(item);
    if (name == "birth#adult") {
      person.facts.minor = minor_of(string(item));
      person.minor_derived = true;
    }
    if (name == "birth" && !person.minor_derived) {
      const auto derived = record::derive(record::Derived::adult, item.value, manifest_.created);
      if (derived) person.facts.minor = minor_of(text(derived->value));
    }
  }

  static Minor minor_of(std::string_view chars) { return chars == "minor" ? Minor::minor : chars == "adult" ? Minor::adult : Minor::unknown; }

  void read_countries(const record::Openings::Item& item, StatedNationality& out) const {
    if (item.type != LeafType::scalar_vector) return;
    ByteReader reader(item.value);
    const std::uint32_t count = reader.u32();
    for (std::uint32_t i = 0; i < count && reader.ok(); ++i) {
      const auto code = text(reader.take(reader.u32()));
      out.listed = true;
      if (code == own_) out.has_own = true;
      else if (code == "XX" || code.size() != 2) out.doubtful = true;
      else out.has_other = true;
    }
  }

  PersonFacts finish(PersonSource& source) const {
    PersonFacts out = source.facts;
    out.nationality = nationality_seen_from(source.nationality, same_country_);
    if (out.status != Status::unknown) out.status_from = "the structured answer to 5, confirmed by the sender";
    if (out.nationality != Nationality::unknown) out.nationality_from = words("5.g", source.nationality_text);
    if (out.minor != Minor::unknown) out.minor_from = words("5.f", source.birth_text);
    return out;
  }

  const record::Manifest& manifest_;
  const record::Openings& openings_;
  const FieldTable& fields_;
  std::string own_;
  bool same_country_ = false;
  bool unknown_persons_ = false;
  std::vector<PersonSource> persons_;
};

}  // namespace

Classes classes_of_type(std::string_view type) {
  const auto found = std::find_if(type_classes.begin(), type_classes.end(), [&](const TypeClass& entry) { return entry.type == type; });
  return class_bit(found == type_classes.end() ? RecipientClass::unknown : found->value);
}

Recipient describe_recipient(const directory::Directory& directory, std::string_view deciding_agency, std::string_view recipient, Time now) {
  Recipient out;
  out.agency = recipient;
  out.country = country_of(recipient);
  const directory::Agency* agency = directory.find(recipient);
  if (agency == nullptr) return out;
  out.country = agency->country;
  out.classes = classes_of_type(agency->type);
  if (out.country == country_of(deciding_agency)) out.classes |= class_bit(RecipientClass::own_country);
  if (recipient == deciding_agency) out.classes |= class_bit(RecipientClass::own_agency);
  for (const auto& [id, group] : directory.groups()) {
    const bool member = std::find(group.members.begin(), group.members.end(), recipient) != group.members.end();
    if (member && now <= group.ends) out.groups.push_back(id);
  }
  return out;
}

Result<Situation> make_situation(const record::Schema& schema, const record::Manifest& manifest, const record::Openings& openings, Recipient recipient,
                                 const StatedFacts& stated, std::string_view own_country) {
  const auto& tables = shipped_fields();
  const auto fields = std::find_if(tables.begin(), tables.end(), [&](const FieldTable& table) { return table.schema() == schema.hash(); });
  if (fields == tables.end()) return fail(Errc::unknown_schema, schema.kind() + ": facts are read from shipped kinds only");
  Situation out;
  out.recipient = std::move(recipient);
  out.purpose = manifest.purpose;
  out.channel = manifest.channel;
  out.kind = manifest.kind;
  out.level = manifest.level;
  out.urgent = manifest.urgent;
  for (const auto& code : manifest.handling)
    if (!code.prefix) out.handling.push_back(code.code);
  out.stated = stated;
  FactReader(manifest, openings, *fields, own_country).run(out);
  return out;
}

}  // namespace liaison::policy
