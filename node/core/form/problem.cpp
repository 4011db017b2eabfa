// The stable names of problem codes, as machines and the table of labels.json know them. Pure.
#include "core/form/problem.h"

namespace liaison::form {

std::string_view name(ProblemCode code) {
  switch (code) {
#define LIAISON_NAME(n) \
  case ProblemCode::n: return #n
    LIAISON_NAME(file_too_large); LIAISON_NAME(not_json); LIAISON_NAME(invalid_utf8); LIAISON_NAME(too_deep); LIAISON_NAME(too_many_values);
    LIAISON_NAME(not_an_object); LIAISON_NAME(duplicate_key); LIAISON_NAME(unknown_key); LIAISON_NAME(wrong_type);
    LIAISON_NAME(not_a_date); LIAISON_NAME(not_a_time); LIAISON_NAME(not_a_decimal); LIAISON_NAME(not_a_country); LIAISON_NAME(not_an_area);
    LIAISON_NAME(not_a_currency); LIAISON_NAME(not_an_appendix); LIAISON_NAME(not_a_code); LIAISON_NAME(not_in_list);
    LIAISON_NAME(out_of_range); LIAISON_NAME(no_such_element); LIAISON_NAME(message_too_large); LIAISON_NAME(missing);
    LIAISON_NAME(species_not_in_list); LIAISON_NAME(appendix_differs);
#undef LIAISON_NAME
  }
  return "not_json";
}

}  // namespace liaison::form
