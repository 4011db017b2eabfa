// See repeat_search.h. First every word that could be part of something held back, then which of them are enough: alone, or beside another part.
#include "core/policy/repeat_search.h"

#include <algorithm>

namespace liaison::policy {

using record::Gap;
using record::Script;
using record::Word;
using record::Words;

namespace {

constexpr std::size_t together_words = 2;   // two parts of one name stand at most so far apart
constexpr std::size_t country_code_max = 5;  // with the zeros dialled before it

class Search {
 public:
  Search(const Needles& needles, std::string_view text, Where where) : needles_(needles), text_(text), where_(where), words_(text), hashes_(joinables(words_)) {}

  std::vector<Hit> run() {
    const bool names = !needles_.words.empty() || !needles_.sounds.empty();
    for (std::size_t i = 0; i < words_.size(); ++i) {
      if (names) look_up_word(i);
      if (names || !needles_.marks.empty()) look_up_joined(i);
      if (!needles_.numbers.empty() && is_number(words_[i])) look_up_number(i);
      if (!needles_.runs.empty()) look_up_runs(i);
    }
    look_up_dates();
    support();
    std::sort(hits_.begin(), hits_.end(), [](const Hit& a, const Hit& b) { return a.offset != b.offset ? a.offset < b.offset : a.leaf < b.leaf; });
    hits_.erase(std::unique(hits_.begin(), hits_.end()), hits_.end());
    return std::move(hits_);
  }

 private:
  struct Weak { std::size_t word; const Part* part; };

  void found(std::size_t word, const Part& part, bool alone) {
    if (part.not_a_place && where_ == Where::places) return;
    if (alone) hits_.push_back({part.leaf, words_[word].begin});
    else weak_.push_back({word, &part});
  }

  void look_up_word(std::size_t i) {
    const Word& word = words_[i];
    look_up_exact(i, hashes_[i].value);
    if (word.script == Script::arabic && word.characters >= 5) {
      const auto key = words_.key(word);  // "and", "with", "for" are written as part of the next word
      for (const std::string_view joined : {"و", "ب", "ل", "ف", "ك"})
        if (key.starts_with(joined)) look_up_exact(i, joinable(key.substr(joined.size())).value);
    }
    if (needles_.sounds.empty() || is_number(word) || word.latin_bytes < 2) return;
    const std::string sound = record::sound_of(words_.latin(word));
    look_up_sound(i, sound);
    const bool vowels_missing = word.script == Script::arabic || word.script == Script::other;
    const std::string bare = record::bones_of(sound);
    if (bare.size() < 3) return;
    if (const auto* parts = needles_.bones.find(joinable(bare).value))
      for (const Part& part : *parts)
        if (part.script != word.script && (vowels_missing || part.script == Script::arabic || part.script == Script::other)) found(i, part, part.alone && bare.size() >= 4);
  }
  void look_up_exact(std::size_t i, std::uint64_t hash) {
    if (const auto* parts = needles_.words.find(hash))
      for (const Part& part : *parts)
        if (part.script == words_[i].script) found(i, part, part.alone);
  }
  void look_up_sound(std::size_t i, const std::string& sound) {
    const auto* parts = needles_.sounds.find(joinable(sound).value);
    if (parts == nullptr) return;
    for (const Part& part : *parts) {
      const Script own = words_[i].script;
      const bool spelled_otherwise = part.script == Script::latin && own == Script::latin && sound.size() >= 5;
      const bool other_script = part.script != own && part.script != Script::arabic && own != Script::arabic;
      if (spelled_otherwise || other_script) found(i, part, part.alone && own != Script::unspaced && record::common_word(words_.key(i)) == record::Common::none);
    }
  }

  // This word and those that follow, as if nothing stood between them.
  void look_up_joined(std::size_t i) {
    Joinable joined = hashes_[i];
    std::size_t characters = words_[i].characters;
    bool digit = words_[i].has_digit;
    const bool unspaced = words_[i].script == Script::unspaced;
    std::string latin(unspaced ? words_.latin(words_[i]) : std::string_view{});
    if (digit) look_up_mark(i, joined.value);
    for (std::size_t j = i + 1; j < words_.size() && j < i + joined_words_max; ++j) {
      if (words_[j].before == Gap::comma || words_[j].before == Gap::sentence) break;
      if (words_[j].before != Gap::none && !continues(words_, j, text_)) break;
      joined = joined.then(hashes_[j]);
      characters += words_[j].characters;
      digit = digit || words_[j].has_digit;
      if (digit) {
        look_up_mark(i, joined.value);
      } else if (unspaced || (characters >= 6 && j < i + 3)) {
        look_up_exact(i, joined.value);
        if (unspaced && j == i + 1) look_up_sound(i, record::sound_of(latin.append(words_.latin(words_[j]))));
      }
    }
  }
  void look_up_mark(std::size_t i, std::uint64_t hash) {
    if (const auto* parts = needles_.marks.find(hash))
      for (const Part& part : *parts) found(i, part, true);
  }

  // The digits that end with this word, longer and longer to the left: the value does not change with zeros in front.
  void look_up_number(std::size_t last) {
    std::uint64_t value = 0, power = 1;
    std::size_t digits = 0;
    const std::size_t digits_max = needles_.longest_number + country_code_max;
    for (std::size_t i = last;; --i) {
      const auto key = words_.key(i);
      for (std::size_t k = key.size(); k-- > 0;) {
        value += static_cast<std::uint64_t>(key[k] - '0') * power;
        power *= hash_base;
        if (++digits < number_digits_min || key[k] == '0') continue;
        const std::size_t before = k - std::min(k, key.find_first_not_of('0'));
        if (before == 0) look_up_digits(i, needles_.tails, value, digits >= tail_digits_min);
        if (before <= country_code_max) look_up_digits(i, needles_.numbers, value, before == 0 || digits >= tail_digits_min);
      }
      if (i == 0 || digits >= digits_max || !is_number(words_[i - 1]) || !continues(words_, i, text_)) return;
    }
  }
  void look_up_digits(std::size_t i, const PartMap& map, std::uint64_t value, bool enough) {
    const auto* parts = enough ? map.find(value) : nullptr;
    if (parts == nullptr) return;
    for (const Part& part : *parts) found(i, part, true);
  }

  void look_up_runs(std::size_t i) {
    const auto look = [&](std::size_t count) {
      const std::uint64_t key = run_key(words_, hashes_, i, count);
      const auto* parts = key != 0 ? needles_.runs.find(key) : nullptr;
      if (parts == nullptr) return;
      for (const Part& part : *parts)
        if (part.leaf != run_leaf_ || i > run_last_ + 1) found(i, part, true);
      run_leaf_ = parts->front().leaf;
      run_last_ = i;
    };
    look(run_length(words_, i));
    if (needles_.has_short_runs)
      for (std::size_t count = run_words_min; count < run_words; ++count) look(count);
  }

  void look_up_dates() {
    if (needles_.dates.empty()) return;
    for (const auto& date : record::find_dates(words_))
      for (const auto& [held, part] : needles_.dates)
        if (held.year == date.year && held.month == date.month && held.day == date.day) found(date.first, part, true);
  }

  // Two different parts of one group near each other are enough.
  void support() {
    for (std::size_t a = 0; a < weak_.size(); ++a) {
      for (std::size_t b = a + 1; b < weak_.size() && weak_[b].word <= weak_[a].word + together_words; ++b) {
        const Part &one = *weak_[a].part, &two = *weak_[b].part;
        if (weak_[a].word == weak_[b].word || one.group != two.group || one.word == two.word || (one.figure && two.figure)) continue;
        hits_.push_back({one.leaf, words_[weak_[a].word].begin});
        if (one.leaf != two.leaf) hits_.push_back({two.leaf, words_[weak_[b].word].begin});
      }
    }
  }

  const Needles& needles_;
  std::string_view text_;
  Where where_;
  Words words_;
  std::vector<Joinable> hashes_;
  std::vector<Hit> hits_;
  std::vector<Weak> weak_;
  std::size_t run_leaf_ = ~std::size_t{0}, run_last_ = 0;
};

}  // namespace

std::vector<Hit> search_text(const Needles& needles, std::string_view text, Where where) { return Search(needles, text, where).run(); }

}  // namespace liaison::policy
