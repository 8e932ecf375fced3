// A pipe, both ends owned.
#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "podvisor/fd.h"

namespace podvisor {

struct Ends {
  Fd read, write;
};

inline Ends make_pipe() {
  int ends[2] = {-1, -1};
  EXPECT_EQ(::pipe2(ends, O_CLOEXEC), 0);
  return {Fd(ends[0]), Fd(ends[1])};
}

}  // namespace podvisor
