#include "metrics/families.h"

#include <prometheus/text_serializer.h>

#include <algorithm>
#include <iterator>
#include <sstream>
#include <utility>

namespace podvisor {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

MetricFamily& Families::get(const FamilyInfo& info) {
  auto& family = families_[info.name];
  family.name = info.name;
  family.help = info.help;
  family.type = info.type;
  return family;
}

void Families::add(std::vector<MetricFamily> families) {
  for (auto& family : families) families_[family.name] = std::move(family);
}

std::string Families::text() && {
  std::vector<MetricFamily> sorted;
  for (auto& [name, family] : families_) {
    if (family.metric.empty()) continue;
    std::sort(family.metric.begin(), family.metric.end(),
              [](const ClientMetric& a, const ClientMetric& b) { return a.label < b.label; });
    sorted.push_back(std::move(family));
  }
  std::ostringstream out;
  prometheus::TextSerializer().Serialize(out, sorted);
  return std::move(out).str();
}

void add_sample(MetricFamily& family, Labels labels, double value) {
  ClientMetric sample;
  sample.label = std::move(labels);
  if (family.type == MetricType::Counter) {
    sample.counter.value = value;
  } else if (family.type == MetricType::Gauge) {
    sample.gauge.value = value;
  } else {
    sample.untyped.value = value;
  }
  family.metric.push_back(std::move(sample));
}

void Sink::add(double value, const Labels& extra) const {
  Labels labels = common_;
  labels.insert(labels.end(), extra.begin(), extra.end());
  add_sample(family_, std::move(labels), value);
}

}  // namespace podvisor
