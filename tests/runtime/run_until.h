// Runs the real loop until something has happened.
#pragma once

#include <gtest/gtest.h>
#include <uv.h>

#include <chrono>
#include <functional>

#include "loop/loop.h"

namespace podvisor {

/// Fails the test when it does not happen; how long it takes proves nothing.
inline void run_until(Loop& loop, const std::function<bool()>& reached) {
  struct Watch {
    Loop& loop;
    const std::function<bool()>& reached;
  } watch{loop, reached};
  // Asked before each wait for descriptors: a timer alone would not end a wait.
  const UvHandle<uv_prepare_t> prepare(new uv_prepare_t);
  uv_prepare_init(loop.raw(), prepare.get());
  prepare->data = &watch;
  uv_prepare_start(prepare.get(), [](uv_prepare_t* handle) {
    const auto& asked = *static_cast<Watch*>(handle->data);
    if (asked.reached()) asked.loop.stop();
  });
  Timer deadline(loop, [&] { loop.stop(); });
  deadline.start(std::chrono::seconds(30));
  if (!reached()) loop.run();
  ASSERT_TRUE(reached()) << "what the test waits for did not happen";
}

}  // namespace podvisor
