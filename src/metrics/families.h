// Metric families built for one scrape.
#pragma once

#include <prometheus/metric_family.h>

#include <map>
#include <string>
#include <vector>

namespace podvisor {

using Labels = std::vector<prometheus::ClientMetric::Label>;

/// What Prometheus is told of a family besides its samples.
struct FamilyInfo {
  std::string name;
  std::string help;
  prometheus::MetricType type = prometheus::MetricType::Gauge;
};

class Families {
 public:
  /// Made on first use; the reference stays valid.
  prometheus::MetricFamily& get(const FamilyInfo& info);
  /// Takes in what a prometheus::Registry collected.
  void add(std::vector<prometheus::MetricFamily> families);
  /// The text format, version 0.0.4: families by name, samples by labels, so that two scrapes of
  /// the same state are the same text. Families without a sample are left out. Any thread.
  [[nodiscard]] std::string text() &&;

 private:
  std::map<std::string, prometheus::MetricFamily> families_;
};

/// `value` as what the family's type says.
void add_sample(prometheus::MetricFamily& family, Labels labels, double value);

/// One pod's or container's samples of a family: the labels in common, then the extra ones.
class Sink {
 public:
  Sink(prometheus::MetricFamily& family, const Labels& common) : family_(family), common_(common) {}
  void add(double value, const Labels& extra = {}) const;

 private:
  prometheus::MetricFamily& family_;
  const Labels& common_;
};

}  // namespace podvisor
