// Words, repeated values and proposals on any bytes: places lie inside the text they were found in, and what is searched for in itself is found.
#include "core/form/proposals.h"
#include "core/policy/repeat_search.h"

using namespace liaison;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 2) return 0;
  const std::string_view all(reinterpret_cast<const char*>(data) + 1, size - 1);
  const std::size_t cut = std::min<std::size_t>(data[0], all.size());
  const std::string_view held = all.substr(0, cut), open = all.substr(cut);
  const record::Words words(open);
  for (const auto& word : words.list()) liaison_assert(word.begin < word.end && word.end <= open.size() && words.key(word).size() <= open.size() * 9);
  for (const auto& date : record::find_dates(words)) liaison_assert(date.first <= date.last && date.last < words.size());
  for (const auto matter : {policy::Matter::name, policy::Matter::company, policy::Matter::place, policy::Matter::prose, policy::Matter::source, policy::Matter::figures}) {
    policy::Needles needles;
    needles.add({0, matter, 0, true}, held);
    for (const auto& hit : policy::search_text(needles, open)) liaison_assert(hit.offset < open.size());
    for (const auto& hit : policy::search_text(needles, held)) liaison_assert(hit.offset < held.size());
  }
  form::Value root = form::Value::object(), person = form::Value::object();
  for (const char* item : {"5.a", "5.f", "5.g", "5.l"}) person.add(item, form::Value::string(std::string(open)));
  root.add("5", form::Value::array()).elements.push_back(std::move(person));
  root.add("2.2", form::Value::string(std::string(open)));
  const auto proposals = form::propose_facts(root, "KE", *parse_time("2026-03-04T05:06:07.089Z"));
  for (const auto& one : proposals) {
    if (one.values.empty()) continue;
    liaison_assert(form::apply_answers(root, {{one.path, one.values}}));
  }
  return 0;
}
