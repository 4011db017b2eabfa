// Numbers for operators in Prometheus' text format: counters, gauges and histograms by name and labels, read as text or over HTTP.
// Hides the Prometheus library. Labels are fixed sets (lane, outcome, peer agency), never ids of records or persons.
// Thread safe; handles stay valid as long as the Metrics object.
#pragma once
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/base/result.h"

namespace liaison::runtime {

class Counter {
 public:
  void add(double amount = 1);

 private:
  friend class Metrics;
  explicit Counter(void* counter) : counter_(counter) {}
  void* counter_;
};
class Gauge {
 public:
  void set(double value);
  void add(double amount);

 private:
  friend class Metrics;
  explicit Gauge(void* gauge) : gauge_(gauge) {}
  void* gauge_;
};
class Histogram {
 public:
  void observe(double value);

 private:
  friend class Metrics;
  explicit Histogram(void* histogram) : histogram_(histogram) {}
  void* histogram_;
};

class Metrics {
 public:
  using Labels = std::map<std::string, std::string>;
  struct Name {
    std::string name;  // liaison_records_sent_total
    std::string help;
  };
  Metrics();
  ~Metrics();
  // The same name and labels give the same metric.
  Counter counter(const Name& name, const Labels& labels = {});
  Gauge gauge(const Name& name, const Labels& labels = {});
  Histogram histogram(const Name& name, std::vector<double> upper_bounds, const Labels& labels = {});
  std::string text() const;
  // Serves text() at http://address/metrics ("127.0.0.1:9464"); answers the port. Errc::invalid_settings when it cannot listen.
  Result<std::uint16_t> serve(const std::string& address);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace liaison::runtime
