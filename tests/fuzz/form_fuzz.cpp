// Fuzz target of core/form: the same bytes as a form file, as a message and as a species list. What is accepted must survive the way there and back.
#include <cstddef>
#include <cstdint>

#include "core/form/export.h"
#include "core/form/formats.h"
#include "core/form/import.h"
#include "core/form/message.h"
#include "core/form/path_words.h"
#include "core/form/view.h"

using namespace liaison;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView bytes(data, size);
  const form::Import import = form::import_json(text(bytes));
  if (import.message) {
    const auto json = form::export_json(*import.message);
    liaison_assert(json);
    const form::Import again = form::import_json(*json);
    liaison_assert(again.message && *again.message == *import.message);
  }
  for (const form::Problem& problem : import.problems) static_cast<void>(form::name(problem.code));
  if (const auto lines = form::view_lines(bytes, "en")) static_cast<void>(form::view_text(*lines));
  const form::Picture picture{{{to_bytes(bytes), "ke.ncb", "X"}}, {{to_bytes(bytes), record::LeafType::structure, to_bytes(bytes)}}, false};
  if (const auto lines = form::view_lines(bytes, picture, "ar")) static_cast<void>(form::view_text(*lines));
  static_cast<void>(form::words_of(bytes, "fr"));
  if (const auto checked = form::check_message(bytes)) static_cast<void>(checked->gaps.size());
  if (const auto list = form::SpeciesList::parse(text(bytes), {"fuzz", "2026-01-01"})) static_cast<void>(list->nearest("Panthera tigris"));
  if (const auto degrees = form::parse_degrees(text(bytes), 180)) liaison_assert(form::parse_degrees(form::degrees_text(*degrees), 180) == degrees);
  return 0;
}
