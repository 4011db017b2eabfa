// Microseconds of the repeated-value check on a message of 100 KB with every item about persons withheld, in several scripts, and of its parts.
// Takes the number of rounds as its only argument.
#include <cstdio>
#include <cstdlib>
#include <ctime>

#include "core/form/import.h"
#include "core/policy/repeats.h"
#include "core/record/words.h"
#include "tests/bench/measure.h"
#include "tests/support/messages.h"

namespace {

using namespace liaison;
using bench::measure;

std::string repeated(const std::string& sentence) {
  std::string out;
  for (int i = 0; out.size() + sentence.size() < 100'000; ++i) out += sentence + std::to_string(i % 100) + " ";
  return out;
}

void measure_text(const record::Schema& schema, const char* name, const std::string& text, int rounds) {
  const std::string json = R"({"2.2": "informant Njoroge Kamau called the office at night", "5": [{"5.b": "Barasa", "5.c": "Josphat Wanyonyi", "5.e": "Captain, Jos",
    "5.f": "17 August 1981, Bungoma", "5.h": "Plot 88, Links Road, Nyali, Mombasa", "5.i": "National identity card 90000117", "5.l": "tel. +254 700 000 117; KZZ 117Q"},
    {"5.b": "Кузнецов", "5.c": "Остап", "5.l": "+7 900 000 00 17"}, {"5.b": "الخيالي", "5.c": "منذر"}, {"5.b": "王", "5.c": "小明"}], "12": ")" + text + "\"}";
  const auto import = form::import_json(json);
  liaison_assert(import.message.has_value());
  auto leaves = record::flatten(schema, *import.message, Time{});
  const auto openings = record::Openings::commit({}, std::move(*leaves), [](std::span<std::uint8_t> out) { std::fill(out.begin(), out.end(), std::uint8_t{0}); });
  std::vector<record::LeafDecision> decisions;
  for (std::size_t i = 0; i < openings->size(); ++i) {
    const auto facts = schema.describe(openings->path(i));
    decisions.push_back({facts->item.starts_with("5.") || facts->item == "2.2" ? record::LeafEffect::withhold : record::LeafEffect::open, "GENERAL"});
  }
  measure(name, rounds, [&] { return policy::find_repeats(schema, *openings, decisions).size() + 1; });
  measure("  of it: words", rounds, [&] { return record::Words(text).size(); });
}

// The typical message with all about persons withheld: what every send pays.
void measure_typical(const record::Schema& schema, int rounds) {
  auto leaves = record::flatten(schema, support::typical_ecomessage(), Time{});
  const auto openings = record::Openings::commit({}, std::move(*leaves), [](std::span<std::uint8_t> out) { std::fill(out.begin(), out.end(), std::uint8_t{0}); });
  std::vector<record::LeafDecision> decisions;
  for (std::size_t i = 0; i < openings->size(); ++i)
    decisions.push_back({schema.describe(openings->path(i))->category.starts_with("person.") ? record::LeafEffect::withhold : record::LeafEffect::open, "GENERAL"});
  measure("typical message, persons withheld", rounds * 20, [&] { return policy::find_repeats(schema, *openings, decisions).size() + 1; });
}

}  // namespace

int main(int argc, char** argv) {
  const int rounds = argc > 1 ? std::max(1, std::atoi(argv[1])) : 50;
  const auto schema = support::ecomessage_schema();
  const std::clock_t start = std::clock();
  bench::sink = bench::sink + record::Words("The first text of a process").size();
  bench::print_line("first text: tables are filled", static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC);
  measure_typical(*schema, rounds);
  measure_text(*schema, "100 KB of English", repeated("Container ZZZU 117044-0 left the yard with tea cartons and household goods on 4 March 2026, weight "), rounds);
  measure_text(*schema, "100 KB of Arabic", repeated("غادرت الحاوية الساحة محملة بصناديق الشاي والأمتعة المنزلية في الرابع من مارس، الوزن "), rounds);
  measure_text(*schema, "100 KB of Russian", repeated("Контейнер покинул площадку с коробками чая и домашними вещами четвертого марта, вес "), rounds);
  measure_text(*schema, "100 KB of Chinese", repeated("集装箱于三月四日离开堆场，装有茶叶纸箱和家居用品，重量"), rounds);
  measure_text(*schema, "100 KB of numbers", repeated("0700 000 118 254 "), rounds);
  return 0;
}
