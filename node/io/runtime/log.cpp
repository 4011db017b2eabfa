// Log lines over spdlog: formatting and escaping here, time stamps (UTC) and sinks there. A line that cannot be written is lost, never thrown.
#include "io/runtime/log.h"

#include <fcntl.h>
#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <cstdio>
#include <mutex>
#include <utility>

namespace liaison::runtime {
namespace {

constexpr std::size_t value_bytes_max = 256;
constexpr auto pattern = "%Y-%m-%dT%H:%M:%S.%eZ %l %v";

std::mutex logger_mutex;
std::shared_ptr<spdlog::logger> logger;  // guarded by logger_mutex

std::shared_ptr<spdlog::logger> make_logger(spdlog::sink_ptr sink, spdlog::level::level_enum level) {
  auto made = std::make_shared<spdlog::logger>("liaison", std::move(sink));
  made->set_pattern(pattern, spdlog::pattern_time_type::utc);
  made->set_level(level);
  made->flush_on(spdlog::level::debug);
  made->set_error_handler([](const std::string&) {});
  return made;
}

std::shared_ptr<spdlog::logger> current() {
  std::lock_guard lock(logger_mutex);
  if (!logger) logger = make_logger(std::make_shared<spdlog::sinks::stderr_sink_mt>(), spdlog::level::info);
  return logger;
}

spdlog::level::level_enum to_spdlog(Level level) {
  switch (level) {
    case Level::debug: return spdlog::level::debug;
    case Level::info: return spdlog::level::info;
    case Level::warning: return spdlog::level::warn;
    case Level::error: return spdlog::level::err;
    case Level::off: break;
  }
  return spdlog::level::off;
}

// Length of the well-formed UTF-8 sequence at the front, and its code point; 0 when there is none.
std::size_t decode(std::string_view text, char32_t& point) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(0);
  if (lead < 0x80) return point = lead, 1;
  const std::size_t length = lead >= 0xF0 && lead <= 0xF4 ? 4 : lead >= 0xE0 && lead < 0xF0 ? 3 : lead >= 0xC2 && lead < 0xE0 ? 2 : 0;
  if (length == 0 || text.size() < length) return 0;
  point = lead & (0x7F >> length);
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return 0;
    point = (point << 6) | (byte(i) & 0x3F);
  }
  const char32_t least = length == 4 ? 0x10000 : length == 3 ? 0x800 : 0x80;
  return point < least || point > 0x10FFFF || (point >= 0xD800 && point <= 0xDFFF) ? 0 : length;
}

bool is_hidden(char32_t point) {
  return point < 0x20 || (point >= 0x7F && point < 0xA0) || point == 0xAD || point == 0x061C || (point >= 0x200B && point <= 0x200F) ||
         (point >= 0x2028 && point <= 0x202E) || (point >= 0x2060 && point <= 0x206F) || point == 0xFEFF;
}

}  // namespace

std::optional<Level> parse_level(std::string_view chars) {
  if (chars == "debug") return Level::debug;
  if (chars == "info") return Level::info;
  if (chars == "warning") return Level::warning;
  if (chars == "error") return Level::error;
  if (chars == "off") return Level::off;
  return std::nullopt;
}

std::string escape_value(std::string_view text) {
  std::string out;
  bool quote = text.empty();
  char escaped[16];
  while (!text.empty()) {
    if (out.size() >= value_bytes_max) {
      out += "...";
      break;
    }
    char32_t point = 0;
    const std::size_t length = decode(text, point);
    if (length == 0) {
      std::snprintf(escaped, sizeof escaped, "\\x%02x", static_cast<unsigned>(static_cast<unsigned char>(text[0])));
      out += escaped;
    } else if (is_hidden(point)) {
      std::snprintf(escaped, sizeof escaped, "\\u{%x}", static_cast<unsigned>(point));
      out += escaped;
    } else {
      if (point == ' ' || point == '=') quote = true;
      if (point == '"' || point == '\\') out += '\\';
      out += text.substr(0, length);
    }
    text.remove_prefix(std::max<std::size_t>(1, length));
  }
  return quote ? '"' + out + '"' : out;
}

std::string format_line(std::string_view event, std::initializer_list<LogField> fields) {
  std::string line(event);
  for (const auto& field : fields) {
    line += ' ';
    line += field.name;
    line += '=';
    line += escape_value(field.value);
  }
  return line;
}

Result<void> start_logging(const LogSettings& settings) {
  spdlog::sink_ptr sink;
  if (settings.file.empty()) {
    sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
  } else {
    const int file = ::open(settings.file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640);
    if (file < 0) return fail(Errc::invalid_settings, "cannot write the log file " + settings.file);
    ::close(file);
    try {
      sink = std::make_shared<spdlog::sinks::basic_file_sink_mt>(settings.file, false);
    } catch (const spdlog::spdlog_ex&) {
      return fail(Errc::invalid_settings, "cannot write the log file " + settings.file);
    }
  }
  std::lock_guard lock(logger_mutex);
  logger = make_logger(std::move(sink), to_spdlog(settings.level));
  return {};
}

void stop_logging() {
  std::lock_guard lock(logger_mutex);
  if (logger) logger->flush();
  logger.reset();
}

void log_line(Level level, std::string_view event, std::initializer_list<LogField> fields) {
  const auto sink = current();
  const auto at = to_spdlog(level);
  if (sink->should_log(at)) sink->log(at, format_line(event, fields));
}

std::optional<std::uint64_t> LineLimit::pass(std::chrono::steady_clock::time_point now) {
  if (passed_ && now - *passed_ < std::chrono::seconds(1)) {
    ++left_out_;
    return std::nullopt;
  }
  passed_ = now;
  return std::exchange(left_out_, 0);
}

}  // namespace liaison::runtime
