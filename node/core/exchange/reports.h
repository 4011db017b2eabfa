// What goes back to the agencies that sent us records: own evidence and texts of others passed on, gathered over one group of work and signed together.
// One outbox row per agency; a single own text goes as it is, anything else under a `liaison pass v1` (formats 3). Evidence is never answered with evidence.
#pragma once
#include <map>

#include "core/exchange/context.h"
#include "core/exchange/evidence.h"
#include "core/exchange/rows.h"

namespace liaison::exchange {

struct Statement {
  std::string to;
  std::optional<RecordKey> record;         // none: the envelope could not be opened
  std::optional<Hash> manifest, disclosure, core;
  std::string event, reason;
};
struct Report {
  std::string to;                          // the peer whose outbox it goes into
  OutboxRow row;                           // of the routine lane; the caller numbers it
};

class Reports;
// To whom sealed an envelope that could not be forwarded. Texts are not answered.
void say_not_forwarded(const OutboxRow& row, const std::string& next, const std::string& reason, Reports& reports);

class Reports {
 public:
  void say(Statement statement);
  void pass(const std::string& to, record::SignedText text);
  // Echoes (echo.h): own ones, and those of others. They go in a report of their own, which is given up when nobody would answer any more.
  void add(const std::string& to, std::string own_echo) { echoes_[to].own.push_back({std::move(own_echo), {}}); }
  void pass_now(const std::string& to, record::SignedText echo) { echoes_[to].passed.push_back(std::move(echo)); }
  // Signs everything in one batch. Errors: of the KeyHolder.
  Result<std::vector<Report>> finish(const Context& context) &&;

 private:
  struct Bundle {
    std::vector<Statement> own;
    std::vector<record::SignedText> passed;
  };
  struct Echoes {
    std::vector<record::SignedText> own, passed;
  };
  std::map<std::string, Bundle> bundles_;
  std::map<std::string, Echoes> echoes_;
};

}  // namespace liaison::exchange
