#include "runtime/spawn_failure.h"

#include <gtest/gtest.h>

#include <cerrno>

namespace podvisor {
namespace {

using pause::Step;

TEST(SpawnFailure, NamesWhatWasTriedAndOnWhat) {
  ProcessSpec spec;
  spec.argv = {"php-fpm"};
  spec.working_directory = "/srv";
  spec.uid = 33;
  EXPECT_EQ(explain({Step::WorkingDirectory, ENOENT, 0}, spec),
            "cannot change to the working directory \"/srv\": No such file or directory");
  EXPECT_EQ(explain({Step::Mount, ELOOP, 0}, spec, "/data"),
            "cannot mount a volume at \"/data\": Too many levels of symbolic links");
  EXPECT_EQ(explain({Step::Exec, ENOENT, 0}, spec),
            "exec: \"php-fpm\": executable file not found in $PATH");
}

TEST(SpawnFailure, SaysTheWayOutOfAMissingPrivilege) {
  ProcessSpec spec;
  spec.uid = 33;
  EXPECT_EQ(explain({Step::User, EPERM, 0}, spec),
            "cannot set the user id 33: Operation not permitted; run podvisor as root, or leave "
            "runAsUser, runAsGroup and supplementalGroups out");
  EXPECT_EQ(explain({Step::MakeNamespaces, EPERM, 0}, {}),
            "cannot make the pod's namespaces: Operation not permitted; run podvisor as root, or "
            "set hostNetwork: true");
}

TEST(SpawnFailure, EXE4_OnlyTheProgramsOwnFaultsAreExitCodes) {
  EXPECT_EQ(shell_exit_code({Step::Exec, ENOENT, 0}), 127);
  EXPECT_EQ(shell_exit_code({Step::Exec, EACCES, 0}), 126);
  EXPECT_EQ(shell_exit_code({Step::Exec, ENOEXEC, 0}), 126);
  EXPECT_EQ(shell_exit_code({Step::Exec, ENOMEM, 0}), 0);
  EXPECT_EQ(shell_exit_code({Step::Cgroup, ENOENT, 0}), 0);
}

}  // namespace
}  // namespace podvisor
