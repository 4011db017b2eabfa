// Shipped lists, compiled in: countries and a small extract of species names. Parsed once, immutable, shared between threads.
// Full lists come from files (species.h parses them; reading the file is the caller's business).
#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace liaison::form {

// Fields of one line of comma-separated text: double quotes around a field with commas, doubled quotes inside.
std::vector<std::string> parse_csv_line(std::string_view line);
// Lines without their ends; calls with every line that is not empty.
std::vector<std::string_view> split_lines(std::string_view text);

bool is_country(std::string_view code);                // ISO 3166-1 alpha-2, XX unknown, HS high seas; capitals
std::string_view country_name(std::string_view code);  // English, or empty

class SpeciesList;
const SpeciesList& shipped_species();

}  // namespace liaison::form
