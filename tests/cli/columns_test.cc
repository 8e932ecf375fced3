#include "cli/columns.h"

#include <gtest/gtest.h>

namespace podvisor::cli {
namespace {

TEST(Columns, PadsEveryCellButTheLast) {
  Columns columns = list_columns();
  columns.add({"NAME", "READY"});
  columns.add({"a-long-name", "1/1"});
  EXPECT_EQ(columns.flush(),
            "NAME          READY\n"
            "a-long-name   1/1\n");
}

TEST(Columns, HaveAMinimalWidth) {
  Columns columns = list_columns();
  columns.add({"a", "b"});
  EXPECT_EQ(columns.flush(), "a     b\n");
}

TEST(Columns, EndWhereALineHasNoSuchCell) {
  Columns columns = detail_columns();
  columns.add({"Name:", "web"});
  columns.add({"Labels:", "<none>"});
  columns.add({"Containers:"});
  columns.add({"  A:", "1"});
  EXPECT_EQ(columns.flush(),
            "Name:    web\n"
            "Labels:  <none>\n"
            "Containers:\n"
            "  A:  1\n");
}

TEST(Columns, CountCharactersNotBytes) {
  Columns columns = detail_columns();
  columns.add({"\xC3\xA9", "1"});
  columns.add({"ab", "2"});
  EXPECT_EQ(columns.flush(), "\xC3\xA9   1\nab  2\n");
}

TEST(Columns, LeaveNoSpaceAtTheEndOfALine) {
  Columns columns = detail_columns();
  columns.add({"Image:", ""});
  EXPECT_EQ(columns.flush(), "Image:\n");
}

TEST(Columns, KeepTheirWidthWhileWatching) {
  Columns columns = list_columns();
  columns.add({"a-long-name", "x"});
  EXPECT_EQ(columns.flush_keeping_widths(), "a-long-name   x\n");
  columns.add({"b", "y"});
  EXPECT_EQ(columns.flush_keeping_widths(), "b             y\n");
}

}  // namespace
}  // namespace podvisor::cli
