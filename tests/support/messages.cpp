// The samples as JSON. The typical one has the shape that the bench and the sizes in formats are about: one person, one company, one kind of goods.
#include "tests/support/messages.h"

#include <flatbuffers/idl.h>

#include "schemas/embedded.h"

namespace liaison::support {
namespace {

constexpr const char* typical = R"({
  offence: "Attempted export of raw ivory without permit", code_name: "SAVANNA", legal_description: "Wildlife Act 2013, s. 92; up to 20 years",
  discovery_place_text: "Mombasa, Port Reitz, container yard 4", discovery_method: "Control after a risk profile", discovery_city_country: "Mombasa, Kenya",
  discovery_time_text: "3 March 2026, 04:20", contraband_text: "Raw tusks of Loxodonta africana, dead, parts", quantity_text: "214 kg, 61 pieces, about USD 180,000",
  persons: [{ arrest_date: "3 March 2026", family_name: "Okonkwo-Bassey", first_names: "Emeka Tobias", sex_text: "male", aliases: "Tobi",
    birth_text: "12 July 1984, Calabar", nationality_text: "nigériane", address_text: "17 Harbour Street, Calabar", document_text: "Passport A01234567, Abuja, 2 May 2021",
    profession: "forwarder", company_function: "managing director", other: "+234 800 555 0142", status: "suspect", nationality: "other", nationalities: ["NG"],
    sex: "male", arrested_on: "2026-03-03", birth: "1984-07-12", birth_place: { area: "NG", city: "Calabar" },
    document: { kind: "passport", number: "A01234567", country: "NG", issued_on: "2021-05-02" } }],
  companies: [{ legal_type: "Ltd", names: "Blue Heron Logistics", activities: "freight forwarding", headquarters_text: "Calabar, 4 Marina Road",
    registration_text: "RC 998877", business_address_text: "unknown", role: "forwarder", registration_country: "NG" }],
  transport_text: "Container MSKU 123456-5 by sea, Mombasa to Haiphong", origin: "Kenya, from the wild", destination: "Viet Nam, Haiphong",
  papers_text: "Bill of lading, declared as timber", responsible_agency: "Kenya Revenue Authority, Customs, Mombasa", modus_operandi: "Hollowed teak logs closed with wax",
  additional_information: "Second container expected", information_requested: "Arrest record of the person", subject: "wildlife",
  discovery_place: { area: "KE-28", city: "Mombasa", coordinates: { latitude: -4043477, longitude: 39668206 } }, discovered_at: "2026-03-03T04:20",
  contraband: [{ subject: "wildlife", species: "Loxodonta africana", appendix: "I", specimen: "part", quantity: "214", unit: "kg", value: "180000", currency: "USD" }],
  transport: [{ means: "sea", identification: "MSKU1234565" }], destination_country: "VN", wanted: ["arrest_record", "carrier"] })";

std::string large() {
  std::string persons, text;
  for (int i = 0; i < 40; ++i) {
    const std::string n = std::to_string(i);
    persons += (i == 0 ? "" : ",") + std::string("{family_name: \"اسم") + n + "\", first_names: \"Мария " + n + "\", birth: \"2009-03-0" + std::to_string(i % 9 + 1) + "\", aliases: \"unknown\"}";
  }
  for (int i = 0; i < 9000; ++i) text += "paragraph " + std::to_string(i) + " of the file; ";
  return "{ offence: \"large\", persons: [" + persons + "], additional_information: \"" + text + "\" }";
}

Bytes ecomessage(const std::string& json) { return message_from_json(view(schemas::embedded("ecomessage.1.bfbs")), json); }

}  // namespace

std::shared_ptr<const record::Schema> ecomessage_schema() {
  static const auto registry = record::SchemaRegistry::shipped();
  liaison_assert(registry.has_value());
  return registry->newest("ecomessage");
}

Bytes message_from_json(ByteView bfbs, const std::string& json) {
  flatbuffers::IDLOptions options;
  options.strict_json = false;
  flatbuffers::Parser parser(options);
  liaison_assert(parser.Deserialize(bfbs.data(), bfbs.size()));
  if (!parser.ParseJson(json.c_str())) assertion_failed(parser.error_.c_str(), __FILE__, __LINE__);
  return Bytes(parser.builder_.GetBufferPointer(), parser.builder_.GetBufferPointer() + parser.builder_.GetSize());
}

Bytes tiny_ecomessage() { return ecomessage(R"({ offence: "one", discovery_method: "unknown", subject: "waste" })"); }
Bytes typical_ecomessage() { return ecomessage(typical); }
Bytes large_ecomessage() { return ecomessage(large()); }

}  // namespace liaison::support
