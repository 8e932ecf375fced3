// What it costs to read, check and type a file of a thousand pods, beside yaml-cpp's own LoadAll of
// the same text, which checks nothing: time, and the most memory that was in use at once.
#include <benchmark/benchmark.h>
#include <malloc.h>
#include <yaml-cpp/yaml.h>

#include <chrono>
#include <cstddef>
#include <cstdlib>
#include <new>
#include <string>

#include "manifest/manifest.h"

namespace {

/// Bytes that operator new has handed out and not got back, and the most there ever were.
std::size_t in_use = 0;
std::size_t peak = 0;

void* count(void* memory) {
  if (memory == nullptr) throw std::bad_alloc();
  in_use += ::malloc_usable_size(memory);
  if (in_use > peak) peak = in_use;
  return memory;
}

}  // namespace

// Not inlined: the compiler would see a free() of what came from new.
[[gnu::noinline]] void* operator new(std::size_t size) { return count(std::malloc(size)); }
[[gnu::noinline]] void operator delete(void* memory) noexcept {
  if (memory != nullptr) in_use -= ::malloc_usable_size(memory);
  std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept { operator delete(memory); }

namespace podvisor {
namespace {

constexpr int kPods = 1000;

/// A pod as people write them: two containers, probes, resources, a volume.
std::string pod(int number) {
  return R"(apiVersion: v1
kind: Pod
metadata:
  name: web-)" +
         std::to_string(number) + R"(
  labels: {app: web, tier: front, release: stable}
  annotations:
    podvisor.io/restart-scope: all
spec:
  terminationGracePeriodSeconds: 20
  volumes:
    - name: run
      emptyDir: {medium: Memory, sizeLimit: 16Mi}
  containers:
    - name: web
      command: [/usr/sbin/nginx, -g, "daemon off;", -c, /etc/nginx/nginx.conf]
      env:
        - {name: MODE, value: production}
        - {name: LEVEL, value: "3"}
      ports:
        - {name: http, containerPort: 8080}
      volumeMounts:
        - {name: run, mountPath: /run/web}
      resources:
        requests: {cpu: 100m, memory: 64Mi}
        limits: {cpu: "1", memory: 256Mi}
      readinessProbe:
        httpGet: {path: /ready, port: http}
        periodSeconds: 5
        failureThreshold: 2
      livenessProbe:
        httpGet: {path: /live, port: http}
        initialDelaySeconds: 10
    - name: php
      command: [/usr/sbin/php-fpm8.2, --nodaemonize]
      volumeMounts:
        - {name: run, mountPath: /run/php}
      resources:
        limits: {cpu: "2", memory: 512Mi}
      readinessProbe:
        exec: {command: [/usr/bin/test, -S, /run/php/fpm.sock]}
)";
}

const std::string& text() {
  static const std::string all = [] {
    std::string pods;
    for (int i = 0; i < kPods; ++i) pods += "---\n" + pod(i);
    return pods;
  }();
  return all;
}

using Clock = std::chrono::steady_clock;

struct Cost {
  double seconds = 0;
  std::size_t bytes = 0;
};

template <typename Work>
Cost cost_of(Work work) {
  peak = in_use;
  const std::size_t before = in_use;
  const auto begin = Clock::now();
  work();
  return {std::chrono::duration<double>(Clock::now() - begin).count(), peak - before};
}

/// Both in turn within each iteration, so that what disturbs the machine disturbs both.
void ThousandPodsBesideYamlCpp(benchmark::State& state) {
  Cost ours;
  Cost yaml;
  std::size_t loaded = 0;
  for (auto _ : state) {
    const Cost plain = cost_of([] { benchmark::DoNotOptimize(YAML::LoadAll(text())); });
    const Cost typed = cost_of([&] { loaded = load_text(text(), "pods.yaml", {}).pods.size(); });
    ours = {ours.seconds + typed.seconds, typed.bytes};
    yaml = {yaml.seconds + plain.seconds, plain.bytes};
    state.SetIterationTime(typed.seconds);
  }
  if (loaded != kPods) state.SkipWithError("not every pod was loaded");
  const auto count = static_cast<double>(state.iterations());
  state.counters["file_KiB"] = static_cast<double>(text().size()) / 1024;
  state.counters["ms"] = ours.seconds / count * 1e3;
  state.counters["peak_MiB"] = static_cast<double>(ours.bytes) / (1 << 20);
  state.counters["time_vs_yaml_cpp"] = ours.seconds / yaml.seconds;
  state.counters["memory_vs_yaml_cpp"] =
      static_cast<double>(ours.bytes) / static_cast<double>(yaml.bytes);
}
BENCHMARK(ThousandPodsBesideYamlCpp)->UseManualTime()->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace podvisor
