// See word_lists.h. A broken shipped list is our own broken rule and asserts.
#include "core/record/word_lists.h"

#include <unicode/locid.h>

#include <map>
#include <unordered_map>

#include "core/base/result.h"
#include "schemas/embedded.h"

namespace liaison::record {
namespace {

std::vector<std::string> split(std::string_view chars, char separator) {
  std::vector<std::string> out(1);
  for (const char c : chars) {
    if (c == separator) out.emplace_back();
    else out.back() += c;
  }
  return out;
}

struct KeyHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view chars) const { return std::hash<std::string_view>{}(chars); }
};
template <class T>
using KeyMap = std::unordered_map<std::string, T, KeyHash, std::equal_to<>>;

struct Tables {
  KeyMap<Common> common;
  KeyMap<int> months;
};

const Tables& tables() {
  static const Tables out = [] {
    Tables made;
    for (const ListRow& row : word_lists()) {
      for (const std::string& chars : row.words) {
        const Words words(chars);
        for (const Word& word : words.list()) {
          if (row.kind == "common") made.common.emplace(words.key(word), row.key == "stop" ? Common::stop : Common::weak);
          if (row.kind == "month") made.months.emplace(words.key(word), std::stoi(row.key));
        }
      }
    }
    for (const ListRow& row : countries()) {
      for (const std::string& chars : row.words) {
        const Words words(chars);
        for (const Word& word : words.list()) made.common.emplace(words.key(word), Common::country);
      }
    }
    liaison_assert(made.common.size() > 500 && made.months.size() > 60);
    return made;
  }();
  return out;
}

// The number of a word that begins with 1, 2 or 4 digits ("17", "17th", "04T05"), or -1.
int number_of(std::string_view key, std::size_t most) {
  std::size_t digits = 0;
  while (digits < key.size() && key[digits] >= '0' && key[digits] <= '9') ++digits;
  if (digits == 0 || digits > most || (digits < key.size() && key.size() - digits > 3)) return -1;
  int out = 0;
  for (std::size_t i = 0; i < digits; ++i) out = 10 * out + (key[i] - '0');
  return out;
}

class Dates {
 public:
  explicit Dates(const Words& words) : words_(words) {}
  std::vector<FoundDate> find() {
    for (std::size_t i = 0; i < words_.size();) {
      FoundDate date;
      if (words_[i].has_digit || words_[i].has_letter) date = at(i);
      if (date.year != 0) out_.push_back(date);
      i = date.year != 0 ? date.last + 1 : i + 1;
    }
    return std::move(out_);
  }

 private:
  int year(std::size_t i) const {
    if (i >= words_.size() || words_[i].key_bytes != 4 || words_[i].has_letter) return 0;
    const int value = number_of(words_.key(i), 4);
    return value >= 1850 && value <= 2100 ? value : 0;
  }
  int day(std::size_t i) const {
    const int value = i < words_.size() && words_[i].has_digit ? number_of(words_.key(i), 2) : -1;
    return value >= 1 && value <= 31 ? value : 0;
  }
  int month(std::size_t i) const { return i < words_.size() && !words_[i].has_digit ? month_of(words_.key(i)) : 0; }
  // Over "of", "de", "du" between the parts.
  std::size_t after(std::size_t i) const {
    const std::size_t next = i + 1;
    if (next >= words_.size()) return next;
    const auto key = words_.key(next);
    return key == "of" || key == "de" || key == "del" || key == "du" ? next + 1 : next;
  }

  FoundDate at(std::size_t i) const {
    const auto digit = [&](std::size_t at) { return at < words_.size() && words_[at].has_digit; };
    if (!words_[i].has_digit) return (digit(i + 1) || digit(i + 2)) && month(i) != 0 ? from_month(i) : FoundDate{};
    if (const int y = year(i)) return from_year(i, y);
    if (const int d = day(i)) return from_day(i, d);
    return {};
  }
  // August 17 1981; August 1981
  FoundDate from_month(std::size_t i) const {
    const std::size_t next = after(i);
    if (const int y = year(next)) return {i, next, y, month(i), 0};
    const int d = day(next);
    const int y = d != 0 ? year(after(next)) : 0;
    return y != 0 ? FoundDate{i, after(next), y, month(i), d} : FoundDate{};
  }
  // 1981-08-17, 1981-08; 1981 alone
  FoundDate from_year(std::size_t i, int y) const {
    const auto tight = [&](std::size_t at) { return at < words_.size() && words_[at].before == Gap::tight; };
    const int m = tight(i + 1) && words_[i + 1].key_bytes == 2 ? day(i + 1) : 0;
    if (m == 0 || m > 12) return {i, i, y, 0, 0};
    const int d = tight(i + 2) ? day(i + 2) : 0;
    return d != 0 ? FoundDate{i, i + 2, y, m, d} : FoundDate{i, i + 1, y, m, 0};
  }
  // 17 August 1981; 17.8.1981; 17 8 1981 is not read
  FoundDate from_day(std::size_t i, int first) const {
    const std::size_t next = after(i);
    if (const int m = month(next)) {
      const int y = year(after(next));
      return y != 0 ? FoundDate{i, after(next), y, m, first} : FoundDate{};
    }
    const bool tight = i + 2 < words_.size() && words_[i + 1].before == Gap::tight && words_[i + 2].before == Gap::tight;
    const int second = tight ? day(i + 1) : 0;
    const int y = second != 0 ? year(i + 2) : 0;
    if (y == 0) return {};
    if (first == second && first <= 12) return {i, i + 2, y, first, first};
    if (first > 12 && second <= 12) return {i, i + 2, y, second, first};
    if (second > 12 && first <= 12) return {i, i + 2, y, first, second};
    return {i, i + 2, y, 0, 0};
  }

  const Words& words_;
  std::vector<FoundDate> out_;
};

}  // namespace

const std::vector<ListRow>& countries() {
  static const std::vector<ListRow> rows = [] {
    std::map<std::string, ListRow, std::less<>> out;
    const std::array<icu::Locale, 4> languages{icu::Locale("en"), icu::Locale("fr"), icu::Locale("es"), icu::Locale("ar")};
    for (const char* const* code = icu::Locale::getISOCountries(); *code != nullptr; ++code) {
      const icu::Locale country("", *code);
      ListRow& row = out.emplace(*code, ListRow{"country", *code, {country.getISO3Country()}}).first->second;
      for (const auto& language : languages) {
        icu::UnicodeString name;
        country.getDisplayCountry(language, name).toUTF8String(row.words.emplace_back());
      }
    }
    for (const ListRow& row : word_lists()) {
      if (row.kind != "country" && row.kind != "nationality") continue;
      auto& words = out.emplace(row.key, ListRow{"country", row.key, {}}).first->second.words;
      words.insert(words.end(), row.words.begin(), row.words.end());
    }
    std::vector<ListRow> all;
    for (auto& [code, row] : out) all.push_back(std::move(row));
    return all;
  }();
  return rows;
}

const std::vector<ListRow>& word_lists() {
  static const std::vector<ListRow> rows = [] {
    std::vector<ListRow> out;
    for (const std::string& line : split(schemas::embedded("facts.csv"), '\n')) {
      if (line.empty() || line.starts_with('#') || line == "kind,key,words") continue;
      const std::size_t one = line.find(','), two = line.find(',', one + 1);
      liaison_assert(one != std::string::npos && two != std::string::npos);
      out.push_back({line.substr(0, one), line.substr(one + 1, two - one - 1), split(std::string_view(line).substr(two + 1), '|')});
    }
    liaison_assert(out.size() > 200);
    return out;
  }();
  return rows;
}

Common common_word(std::string_view key) {
  const auto& common = tables().common;
  const auto found = common.find(key);
  return found == common.end() ? Common::none : found->second;
}

int month_of(std::string_view key) {
  const auto& months = tables().months;
  const auto found = months.find(key);
  return found == months.end() ? 0 : found->second;
}

std::vector<FoundDate> find_dates(const Words& words) { return Dates(words).find(); }

}  // namespace liaison::record
