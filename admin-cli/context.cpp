// See context.h. The clock and the randomness are those of io/runtime.
#include "admin-cli/context.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <ostream>
#include <vector>

#include "core/form/labels.h"
#include "core/form/text.h"
#include "io/runtime/clock.h"
#include "io/runtime/random.h"

namespace liaison::cli {

std::string language_of(const Context& context) {
  std::vector<std::string> environment;
  for (const char* name : {"LC_ALL", "LC_MESSAGES", "LANG"}) {
    const char* value = std::getenv(name);
    environment.emplace_back(value ? value : "");
  }
  return form::choose_language(context.language, environment);
}

std::string word(const Context& context, std::string_view key) {
  const std::string_view found = form::phrase(key, language_of(context));
  return std::string(found.empty() ? key : found);
}

bool is_yes(std::string_view answer) {
  static constexpr std::array<std::string_view, 12> words{"y", "Y", "yes", "Yes", "o", "oui", "s", "si", "sí", "Sí", "ن", "نعم"};
  return std::find(words.begin(), words.end(), answer) != words.end();
}

bool is_no(std::string_view answer) {
  static constexpr std::array<std::string_view, 7> words{"n", "N", "no", "No", "non", "Non", "لا"};
  return std::find(words.begin(), words.end(), answer) != words.end();
}

// What the node says may quote what somebody sent: made visible like everything else. In other languages than English the code's meaning comes first.
int tell(const Context& context, const Error& error) {
  const std::string language = language_of(context);
  const std::string meaning(language == "en" ? std::string_view{} : form::error_text(name(error.code), language));
  std::string what = error.detail.empty() && meaning.empty() ? std::string(name(error.code)) : error.detail;
  if (!meaning.empty()) what = meaning + (what.empty() ? "" : "\n  " + what);
  context.err() << "liaison " << context.command << ": " << form::visible(what, true) << " [" << name(error.code) << "]\n";
  return code(exit_of(error.code));
}

int finish(const Context& context, const Result<void>& result) { return result ? code(Exit::done) : tell(context, result.error()); }

std::string utc(Time time) {
  if (millis(time) <= 0) return "-";
  std::string chars = to_string(time);  // 2026-03-04T05:06:07.089Z
  chars[10] = ' ';
  return chars.substr(0, 19) + " UTC";
}
std::string utc_of_millis(std::int64_t value) { return utc(time_from_millis(value)); }

Time wall_now() { return runtime::SystemClock{}.now(); }

Uuid fresh_uuid() {
  std::array<std::uint8_t, 10> random{};
  runtime::SystemRandom{}.fill(random);
  return make_uuid(wall_now(), random);
}

}  // namespace liaison::cli
