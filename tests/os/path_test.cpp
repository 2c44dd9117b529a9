#include "os/path.h"

#include <catch2/catch.hpp>

using namespace bobbin;

TEST_CASE("path: the directory that a name stands in, and the name") {
  CHECK(os::parent_of("/a/b") == "/a");
  CHECK(os::parent_of("/a") == "/");
  CHECK(os::parent_of("/") == "/");
  CHECK(os::parent_of("a/b") == "a");
  CHECK(os::parent_of("a") == ".");
  CHECK(os::parent_of("/a/b/") == "/a/b");
  CHECK(os::name_in("/a/b") == "b");
  CHECK(os::name_in("/a") == "a");
  CHECK(os::name_in("a") == "a");
  CHECK(os::name_in("/a/b/") == "");
  CHECK(os::name_in("/") == "");
}
