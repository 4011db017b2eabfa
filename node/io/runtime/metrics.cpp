// Metrics over prometheus-cpp: the registry, its text form, and the optional HTTP server (its own two threads, only when asked for).
#include "io/runtime/metrics.h"

#include <prometheus/counter.h>
#include <prometheus/exposer.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

namespace liaison::runtime {

struct Metrics::State {
  std::shared_ptr<prometheus::Registry> registry = std::make_shared<prometheus::Registry>();
  std::unique_ptr<prometheus::Exposer> exposer;
};

void Counter::add(double amount) { static_cast<prometheus::Counter*>(counter_)->Increment(amount); }
void Gauge::set(double value) { static_cast<prometheus::Gauge*>(gauge_)->Set(value); }
void Gauge::add(double amount) { static_cast<prometheus::Gauge*>(gauge_)->Increment(amount); }
void Histogram::observe(double value) { static_cast<prometheus::Histogram*>(histogram_)->Observe(value); }

Metrics::Metrics() : state_(std::make_unique<State>()) {}
Metrics::~Metrics() = default;

Counter Metrics::counter(const Name& name, const Labels& labels) {
  return Counter(&prometheus::BuildCounter().Name(name.name).Help(name.help).Register(*state_->registry).Add(labels));
}

Gauge Metrics::gauge(const Name& name, const Labels& labels) {
  return Gauge(&prometheus::BuildGauge().Name(name.name).Help(name.help).Register(*state_->registry).Add(labels));
}

Histogram Metrics::histogram(const Name& name, std::vector<double> upper_bounds, const Labels& labels) {
  auto& family = prometheus::BuildHistogram().Name(name.name).Help(name.help).Register(*state_->registry);
  return Histogram(&family.Add(labels, std::move(upper_bounds)));
}

std::string Metrics::text() const { return prometheus::TextSerializer().Serialize(state_->registry->Collect()); }

Result<std::uint16_t> Metrics::serve(const std::string& address) {
  try {
    state_->exposer = std::make_unique<prometheus::Exposer>(address, 1);
    state_->exposer->RegisterCollectable(state_->registry);
    const auto ports = state_->exposer->GetListeningPorts();
    if (ports.empty()) return fail(Errc::invalid_settings, "metrics: cannot listen on " + address);
    return static_cast<std::uint16_t>(ports.front());
  } catch (const std::exception&) {
    return fail(Errc::invalid_settings, "metrics: cannot listen on " + address);
  }
}

}  // namespace liaison::runtime
