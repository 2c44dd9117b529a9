#include "local/probe.h"

#include <catch2/catch.hpp>
#include <filesystem>

#include "os/posix/random.h"
#include "os/posix/storage.h"
#include "protocol/messages/api_versions.h"

using namespace bobbin;
using namespace bobbin::local;

namespace {

// A cluster whose broker 1 holds its lock, and does at its socket what a case says.
struct Held {
  std::string path;
  home::ClusterDir dir;
  os::PosixStorage storage;
  os::Fd listener, connection;

  Held() {
    std::string pattern = (std::filesystem::temp_directory_path() / "bobbin-probe-XXXXXX").string();
    REQUIRE(mkdtemp(pattern.data()) != nullptr);
    path = pattern;
    dir = {path + "/cluster"};
    os::PosixRandom random;
    REQUIRE(home::create(storage, random, dir).ok());
  }
  ~Held() { std::filesystem::remove_all(path); }
  void listen() {
    auto fd = os::listen_unix(dir.broker_socket(BrokerId(1)));
    REQUIRE(fd.ok());
    listener = std::move(*fd);
  }
  void take() {
    auto taken = os::accept(listener.value());
    REQUIRE((taken.ok() && taken->has_value()));
    connection = std::move(**taken);
  }
};

Probe begun(const Held& held) {
  auto probe = Probe::begin(held.dir, BrokerId(1));
  REQUIRE(probe.ok());
  return std::move(*probe);
}

Probe::State state_after(Probe& probe) {
  for (int i = 0; i < 3; i++) probe.advance();
  return probe.state();
}

}  // namespace

TEST_CASE("Probe: where nobody listens, nobody answers") {
  Held held;
  CHECK_FALSE(Probe::begin(held.dir, BrokerId(1)).ok());
}

TEST_CASE("Probe: who listens and says nothing is asked still") {
  Held held;
  held.listen();
  Probe probe = begun(held);
  CHECK(state_after(probe) == Probe::State::asked);
  held.take();
  CHECK(state_after(probe) == Probe::State::asked);
}

TEST_CASE("Probe: who hangs up does not answer") {
  Held held;
  held.listen();
  Probe probe = begun(held);
  held.take();
  held.connection.close();
  CHECK(state_after(probe) == Probe::State::silent);
}

TEST_CASE("Probe: who sends a frame answers") {
  Held held;
  held.listen();
  Probe probe = begun(held);
  held.take();
  const std::string frame = protocol::encode_response(1, 0, protocol::ApiVersionsResponse());
  const Bytes parts[] = {frame};
  auto sent = os::send(held.connection.value(), parts);
  REQUIRE((sent.ok() && sent->has_value()));
  CHECK(state_after(probe) == Probe::State::answers);
}
