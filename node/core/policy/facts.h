// The facts a disclosure decision rests on: who would receive, for what, what people stated beside the message, and who stands in it.
// Facts come from opened structured leaves; a missing one is "unknown", never guessed. The words *_from stay inside the agency. Pure.
#pragma once
#include "core/directory/directory.h"
#include "core/record/manifest.h"
#include "schemas/policy_generated.h"

namespace liaison::policy {

using fb::Authorisation;
using fb::Confidentiality;
using fb::InformationGrade;
using fb::Minor;
using fb::Nationality;
using fb::OffenceClass;
using fb::RecipientClass;
using fb::SourceClass;
using fb::SourceGrade;
using fb::Status;

struct PersonFacts {
  Status status = Status::unknown;
  Nationality nationality = Nationality::unknown;
  Minor minor = Minor::unknown;
  std::string status_from, nationality_from, minor_from;  // "5.g 'Kenyan', confirmed by the sender"
};

// What people of the deciding agency said beside the message.
struct StatedFacts {
  Authorisation authorisation = Authorisation::unknown;
  OffenceClass offence_class = OffenceClass::unknown;
  Confidentiality confidentiality = Confidentiality::unknown;
  bool operator==(const StatedFacts&) const = default;
};

using Classes = std::uint32_t;  // bit 1 << RecipientClass
inline constexpr Classes class_bit(RecipientClass value) { return Classes{1} << static_cast<unsigned>(value); }

struct Recipient {
  std::string agency, country;
  Classes classes = class_bit(RecipientClass::unknown);
  std::vector<std::string> groups;  // ascending
};
// An agency that is not in the directory has class unknown. A group that has ended counts no more.
Recipient describe_recipient(const directory::Directory& directory, std::string_view deciding_agency, std::string_view recipient, Time now);
// The bits of an agency type of the directory; unknown for a type that has no class.
Classes classes_of_type(std::string_view type);

struct Situation {
  Recipient recipient;
  std::string purpose, channel, kind, level;
  bool urgent = false;
  std::vector<std::string> handling;  // codes of the whole message; those of a part are read from the manifest
  StatedFacts stated;
  SourceClass source_class = SourceClass::unknown;
  SourceGrade source_grade = SourceGrade::unknown;
  InformationGrade information_grade = InformationGrade::unknown;
  std::vector<PersonFacts> persons;   // by element of persons[]; empty: the message names nobody
  std::string source_from;
};

// Facts of a message seen from `own_country` ("ke"). Dual nationality is own_and_other; doubt is unknown. Where something was held back upstream and no
// person is visible, one person of whom nothing is known stands for those that may be there.
Result<Situation> make_situation(const record::Schema& schema, const record::Manifest& manifest, const record::Openings& openings, Recipient recipient,
                                 const StatedFacts& stated, std::string_view own_country);

}  // namespace liaison::policy
