#include <catch2/catch.hpp>

#include "transport/receive_buffer.h"

using namespace bobbin;
using namespace bobbin::transport;

namespace {

void feed(ReceiveBuffer& buffer, Bytes bytes) {
  while (!bytes.empty()) {
    std::span<char> room = buffer.room();
    REQUIRE(!room.empty());
    size_t n = std::min(room.size(), bytes.size());
    std::memcpy(room.data(), bytes.data(), n);
    buffer.filled(n);
    bytes.remove_prefix(n);
  }
}

std::string frame_of(Bytes body) {
  std::string out;
  append_be(out, static_cast<int32_t>(body.size()));
  out += body;
  return out;
}

}  // namespace

TEST_CASE("ReceiveBuffer: nothing, half a size, half a frame, a frame") {
  ReceiveBuffer buffer;
  CHECK(buffer.capacity() == 0);
  CHECK(!buffer.frame(100).value());
  feed(buffer, Bytes("\0\0", 2));
  CHECK(!buffer.announced());
  CHECK(!buffer.frame(100).value());
  feed(buffer, Bytes("\0\3ab", 4));
  CHECK(buffer.announced() == 3);
  CHECK(!buffer.frame(100).value());
  feed(buffer, "c");
  CHECK(buffer.frame(100).value() == "abc");
  CHECK(buffer.frame(2).error().code == Errc::malformed);
  buffer.drop_frame();
  CHECK(buffer.is_empty());
}

TEST_CASE("ReceiveBuffer: holds no more than some times what arrived") {
  ReceiveBuffer buffer;
  std::string start;
  append_be<int32_t>(start, INT32_MAX);
  feed(buffer, start);
  std::string piece(10000, 'x');
  for (int i = 0; i < 1000; i++) {
    feed(buffer, piece);
    REQUIRE(buffer.capacity() <= std::max(ReceiveBuffer::bytes_min, 2 * buffer.size()));
  }
}

TEST_CASE("ReceiveBuffer: a large frame is received where it lies, and the next begins at the front") {
  ReceiveBuffer buffer;
  std::string body(1 << 20, 'x');
  feed(buffer, frame_of(body));
  const char* at = buffer.frame(1 << 20).value()->data();
  buffer.drop_frame();
  size_t capacity = buffer.capacity();
  for (int i = 0; i < 10; i++) {
    feed(buffer, frame_of(body));
    CHECK(buffer.frame(1 << 20).value()->data() == at);
    CHECK(buffer.capacity() == capacity);
    buffer.drop_frame();
  }
}

TEST_CASE("ReceiveBuffer: no more than the rest of a large frame is asked for") {
  ReceiveBuffer buffer;
  feed(buffer, frame_of(std::string(200000, 'x')).substr(0, 199000));
  CHECK(buffer.room().size() <= 1004);
}

TEST_CASE("ReceiveBuffer: shrinks to what it holds, and goes on") {
  ReceiveBuffer buffer;
  feed(buffer, frame_of(std::string(1 << 20, 'x')));
  buffer.drop_frame();
  std::string frame = frame_of("hello");
  feed(buffer, Bytes(frame).substr(0, 7));
  buffer.shrink();
  CHECK(buffer.capacity() <= 1024);
  feed(buffer, Bytes(frame).substr(7));
  CHECK(buffer.frame(100).value() == "hello");
  buffer.drop_frame();
  buffer.shrink();
  CHECK(buffer.capacity() == 0);
  feed(buffer, frame_of(std::string(300000, 'y')));
  CHECK(buffer.frame(300000).value() == std::string(300000, 'y'));
}

TEST_CASE("ReceiveBuffer: many frames behind a tail that is moved stay whole") {
  ReceiveBuffer buffer;
  std::string stream;
  for (int i = 0; i < 20000; i++) stream += frame_of(std::to_string(i));
  int next = 0;
  Bytes rest = stream;
  while (!rest.empty()) {
    Bytes piece = rest.substr(0, 997);
    feed(buffer, piece);
    rest.remove_prefix(piece.size());
    while (auto frame = buffer.frame(100).value()) {
      REQUIRE(*frame == std::to_string(next++));
      buffer.drop_frame();
    }
  }
  CHECK(next == 20000);
  CHECK(buffer.capacity() == ReceiveBuffer::bytes_min);
}
