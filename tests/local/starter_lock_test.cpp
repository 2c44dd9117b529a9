// The starters' lock: had by one, and waited for so long and no longer.
#include "local/starter_lock.h"

#include <catch2/catch.hpp>
#include <filesystem>

#include "os/posix/storage.h"

using namespace bobbin;

TEST_CASE("StarterLock: who comes second waits, and is told what holds it up") {
  os::PosixStorage storage;
  const std::string root =
      std::filesystem::temp_directory_path() / ("bobbin-starter-lock-" + std::to_string(::getpid()));
  std::filesystem::create_directory(root);
  {
    const home::ClusterDir cluster{root};
    auto first = local::take_starter_lock(storage, cluster, 0);
    REQUIRE(first.ok());
    auto second = local::take_starter_lock(storage, cluster, 1);
    REQUIRE_FALSE(second.ok());
    CHECK(second.error().code == Errc::no_answer);
    CHECK(second.error().message.starts_with("another command has been starting brokers in " + root));
    first->reset();
    CHECK(local::take_starter_lock(storage, cluster, 0).ok());
  }
  std::filesystem::remove_all(root);
  CHECK(local::take_starter_lock(storage, {root}, 1000).error().code == Errc::not_found);
}
