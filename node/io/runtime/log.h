// The node's log: one line per event, `time level event name=value ...`, to standard error or a file. Values are ids, codes, counts and
// addresses, never message content: bytes and secrets do not convert to a field. Control and bidirectional characters are escaped, so a
// peer cannot forge lines. Thread safe; before start_logging() lines of level info and above go to standard error.
#pragma once
#include <chrono>
#include <concepts>
#include <initializer_list>
#include <string>
#include <string_view>

#include "core/base/result.h"
#include "core/base/secret.h"

namespace liaison::runtime {

enum class Level { debug, info, warning, error, off };
std::optional<Level> parse_level(std::string_view chars);

struct LogField {
  LogField(std::string_view field, std::string_view text) : name(field), value(text) {}
  LogField(std::string_view field, const char* text) : name(field), value(text) {}
  LogField(std::string_view field, const std::string& text) : name(field), value(text) {}
  template <std::integral N>
  LogField(std::string_view field, N number) : name(field), value(std::to_string(number)) {}
  LogField(std::string_view field, const Bytes&) = delete;
  LogField(std::string_view field, ByteView) = delete;
  LogField(std::string_view field, const SecretBytes&) = delete;
  std::string_view name;
  std::string value;
};

struct LogSettings {
  std::string file;  // empty: standard error
  Level level = Level::info;
};
// Errc::invalid_settings when the file cannot be written. The file is created with mode 0640 and appended to; calling again reopens it.
Result<void> start_logging(const LogSettings& settings);
void stop_logging();  // flushes; later lines go to standard error

void log_line(Level level, std::string_view event, std::initializer_list<LogField> fields = {});

// For lines that strangers cause: one a second. `pass` answers how many were left out since the last one that passed, or nothing: leave this one out.
// One thread.
class LineLimit {
 public:
  std::optional<std::uint64_t> pass(std::chrono::steady_clock::time_point now);

 private:
  std::optional<std::chrono::steady_clock::time_point> passed_;
  std::uint64_t left_out_ = 0;
};

// `text` on one line and at most 256 bytes: control, bidirectional and invalid bytes as \xNN or \u{NNNN}, quoted when it holds a space.
std::string escape_value(std::string_view text);
// "link_open peer=ke.ncb session=7", as log_line writes it after time and level.
std::string format_line(std::string_view event, std::initializer_list<LogField> fields);

}  // namespace liaison::runtime
