// Random messages in every version: what is written is read again; what is cut, changed or invented never does harm.
#include <catch2/catch.hpp>
#include <cstdlib>
#include <vector>

#include "protocol/every_message.h"
#include "protocol/random_message.h"

namespace bobbin::protocol {
namespace {

// One message without its type, so that the tests below are compiled once.
struct Subject {
  std::string_view name;
  VersionRange versions;
  std::string (*random_bytes)(RandomMessages&, int16_t version);
  // Writes a random message and reads it; says what went wrong.
  std::string (*round_trip)(RandomMessages&, int16_t version);
  // Reads the bytes, writes what was read, and reads that; true if both are the same. Moves on to what follows.
  Result<bool> (*read_twice)(Bytes& bytes, int16_t version);
};

template <class M>
std::string encoded(const M& m, int16_t version) {
  std::string out;
  encode(m, version, out);
  return out;
}

template <class M>
std::string random_bytes(RandomMessages& random, int16_t version) {
  return encoded(random.make<M>(version), version);
}

template <class M>
std::string round_trip(RandomMessages& random, int16_t version) {
  const M m = random.make<M>(version);
  if (const Status s = encodable(m, version); !s) return s.error().message;
  const std::string bytes = encoded(m, version);
  const auto again = decode<M>(bytes, version);
  if (!again) return again.error().message;
  return *again == m ? "" : "read another message than was written";
}

template <class M>
Result<bool> read_twice(Bytes& bytes, int16_t version) {
  BOBBIN_TRY_ASSIGN(first, decode_front<M>(bytes, version));
  const std::string written = encoded(first, version);
  BOBBIN_TRY_ASSIGN(second, decode<M>(written, version));
  return second == first;
}

std::vector<Subject> subjects() {
  std::vector<Subject> all;
  auto add = [&]<class M>() {
    all.push_back({M::message_name, M::versions, random_bytes<M>, round_trip<M>, read_twice<M>});
  };
  Requests::each(add);
  Responses::each(add);
  Records::each(add);
  GroupRecords::each(add);
  return all;
}

template <class F>
void each_version(F f) {
  for (const Subject& subject : subjects()) {
    for (int16_t v = subject.versions.first; v <= subject.versions.last; v++) {
      INFO(subject.name << " version " << v);
      f(subject, v);
    }
  }
}

// BOBBIN_SEED=n runs a failed case again.
uint64_t seed() {
  const char* given = std::getenv("BOBBIN_SEED");
  return given ? std::stoull(given) : std::random_device()();
}

TEST_CASE("Codec: a random message of any version is read as it was written") {
  const uint64_t s = seed();
  INFO("BOBBIN_SEED=" << s);
  RandomMessages random(s);
  each_version([&](const Subject& subject, int16_t version) {
    for (int i = 0; i < 40; i++) REQUIRE(subject.round_trip(random, version) == "");
  });
}

TEST_CASE("Codec: bytes after a message are left") {
  RandomMessages random(1);
  each_version([&](const Subject& subject, int16_t version) {
    const std::string bytes = subject.random_bytes(random, version) + "rest";
    Bytes body = bytes;
    const auto same = subject.read_twice(body, version);
    REQUIRE(same.ok());
    CHECK(*same);
    CHECK(body == "rest");
  });
}

TEST_CASE("Codec: a message cut at any byte is malformed") {
  const uint64_t s = seed();
  INFO("BOBBIN_SEED=" << s);
  RandomMessages random(s);
  each_version([&](const Subject& subject, int16_t version) {
    const std::string bytes = subject.random_bytes(random, version);
    for (size_t n = 0; n < bytes.size(); n++) {
      // In memory of its own, so that a sanitizer sees a read beyond the cut.
      const std::vector<char> cut(bytes.begin(), bytes.begin() + static_cast<ptrdiff_t>(n));
      Bytes body(cut.data(), cut.size());
      const auto result = subject.read_twice(body, version);
      INFO("cut at " << n << " of " << bytes.size());
      REQUIRE_FALSE(result.ok());
      REQUIRE(result.error().code == Errc::malformed);
    }
  });
}

// Whatever parses can be written, and is then read as the same.
void check_if_it_parses(const Subject& subject, Bytes bytes, int16_t version) {
  const auto same = subject.read_twice(bytes, version);
  if (same) REQUIRE(*same);
  else REQUIRE(same.error().code == Errc::malformed);
}

TEST_CASE("Codec: a message with changed bytes is malformed or another message") {
  const uint64_t s = seed();
  INFO("BOBBIN_SEED=" << s);
  RandomMessages random(s);
  each_version([&](const Subject& subject, int16_t version) {
    for (int i = 0; i < 200; i++) {
      std::string bytes = subject.random_bytes(random, version);
      for (uint64_t n = random.below(4); n < 4 && !bytes.empty(); n++)
        bytes[random.below(bytes.size())] = static_cast<char>(random.below(256));
      check_if_it_parses(subject, bytes, version);
    }
  });
}

TEST_CASE("Codec: random bytes are malformed or a message") {
  const uint64_t s = seed();
  INFO("BOBBIN_SEED=" << s);
  RandomMessages random(s);
  each_version([&](const Subject& subject, int16_t version) {
    for (int i = 0; i < 200; i++) {
      std::string bytes(random.below(100), '\0');
      const uint64_t range = random.below(2) ? 256 : 4;  // small bytes are lengths that are often there
      for (auto& c : bytes) c = static_cast<char>(random.below(range));
      check_if_it_parses(subject, bytes, version);
    }
  });
}

}  // namespace
}  // namespace bobbin::protocol
