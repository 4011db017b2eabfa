// What every command gets: the streams, whether a person is on the other end, the options that all commands share, and the time.
// Nothing here connects anywhere. Errors are told in one form: "liaison <command>: what is wrong, where, what to do [code]".
#pragma once
#include <iosfwd>
#include <string>

#include "admin-cli/exits.h"
#include "core/base/ids.h"

namespace liaison::cli {

struct Streams {
  std::istream& in;
  std::ostream& out;
  std::ostream& err;
  bool in_is_terminal = false;
  bool out_is_terminal = false;
};

struct Context {
  Streams streams;
  std::string command;      // "send ecomessage"
  std::string node_file;    // --node, else LIAISON_NODE
  std::string person_file;  // --as, else LIAISON_PERSON
  std::string language;     // --lang as given; empty: the locale decides
  bool json = false;
  std::uint64_t wait_seconds = 30;

  std::ostream& out() const { return streams.out; }
  std::ostream& err() const { return streams.err; }
};

// en, fr, es or ar.
std::string language_of(const Context& context);
// Words of the command line in that language; the key itself where there is none.
std::string word(const Context& context, std::string_view key);

// A person's answer at the terminal, in any of the four languages; the first letter is enough.
bool is_yes(std::string_view answer);
bool is_no(std::string_view answer);

int tell(const Context& context, const Error& error);
int finish(const Context& context, const Result<void>& result);
inline int code(Exit exit) { return static_cast<int>(exit); }

// 2026-03-04 05:06:07 UTC; "-" for no time.
std::string utc(Time time);
std::string utc_of_millis(std::int64_t value);
Time wall_now();
Uuid fresh_uuid();

}  // namespace liaison::cli
