#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <random>

#include "transport/frame_memory.h"
#include "transport/listening.h"

using namespace test;

namespace {

std::string offer() { return encode_offer(); }

// Sends the bytes and the descriptor with them.
void put_with(const os::Fd& client, Bytes bytes, int passed) {
  REQUIRE(os::send_with(client.value(), bytes, passed).value() == bytes.size());
}

size_t open_descriptors() {
  size_t count = 0;
  for (int fd = 0; fd < 1024; fd++) count += ::fcntl(fd, F_GETFD) >= 0;
  return count;
}

}  // namespace

TEST_CASE("FrameMemory: frames lie apart until they are freed, in any order of sizes") {
  unsigned seed = std::random_device{}();
  INFO("seed " << seed);
  std::mt19937 random(seed);
  auto memory = FrameMemory::create(4096).value();
  std::vector<FrameMemory::Piece> held;
  auto begin_of = [](const FrameMemory::Piece& piece) { return piece.bytes().data(); };
  size_t refused = 0;
  for (int i = 0; i < 20000; i++) {
    if (!held.empty() && random() % 2) {
      size_t which = random() % held.size();
      for (char c : held[which].bytes()) REQUIRE(c == held[which].bytes()[0]);
      std::swap(held[which], held.back());
      held.pop_back();
      continue;
    }
    size_t bytes = random() % 8 ? random() % 700 + 1 : random() % 5000;
    auto piece = memory->take(bytes);
    if (!piece) {
      refused++;
      CHECK((!held.empty() || bytes == 0 || bytes > 4096));
      continue;
    }
    REQUIRE(piece->bytes().size() >= bytes);
    auto at = memory->place_of({begin_of(*piece), 1});
    REQUIRE(at == piece->at());
    REQUIRE(*at + piece->bytes().size() <= 4096);
    REQUIRE(begin_of(*piece) + bytes / 2 >= memory->piece_around({begin_of(*piece) + bytes / 2, 1}).data());
    REQUIRE(memory->piece_around({begin_of(*piece) + bytes / 2, 1}).data() == begin_of(*piece));
    std::fill(piece->bytes().begin(), piece->bytes().end(), static_cast<char>(i));
    held.push_back(std::move(*piece));
  }
  CHECK(refused > 0);
  held.clear();
  CHECK(memory->take(4096));
  CHECK_FALSE(memory->place_of("elsewhere"));
}

TEST_CASE("FrameMemory: a piece outlives who made the memory") {
  auto memory = FrameMemory::create(4096).value();
  FrameMemory::Piece piece = std::move(*memory->take(100));
  memory.reset();
  std::fill(piece.bytes().begin(), piece.bytes().end(), 'x');
  FrameMemory::Piece other = std::move(piece);
  CHECK(piece.bytes().empty());
  CHECK(other.bytes()[99] == 'x');
  other.give_back();
  CHECK(other.bytes().empty());
}

TEST_CASE("Notes: what is written is read, anything else is no note or a wrong one") {
  auto read = [](const std::string& frame) { return parse_note(Bytes(frame).substr(4)); };
  CHECK(read(encode_offer()).value()->is_offer);
  auto note = read(encode_note(77, 1234567890123)).value();
  REQUIRE(note);
  CHECK(note->at == 77);
  CHECK(note->bytes == 1234567890123);
  CHECK(!parse_note("").value());
  CHECK(!parse_note(std::string(20, '\0')).value());
  std::string good = encode_note(1, 2).substr(4);
  for (size_t bytes = 4; bytes < good.size(); bytes++) CHECK(!parse_note(good.substr(0, bytes)).ok());
  CHECK(!parse_note(good + "x").ok());
  std::string negative = encode_note(uint64_t{1} << 63, 2).substr(4);
  CHECK(!parse_note(negative).ok());
  for (auto [at, bytes] :
       {std::pair(int64_t{-1}, int64_t{10}), std::pair(int64_t{10}, int64_t{-1}), std::pair(INT64_MIN, INT64_MIN)}) {
    std::string lie = encode_note(0, 0);
    store_be(lie.data() + 8, at);
    store_be(lie.data() + 16, bytes);
    CHECK_FALSE(read(lie).ok());
  }
}

TEST_CASE("Listener: a note stands for the frame that lies in memory, in its turn") {
  Listening l;
  REQUIRE(l.listener.start_unix(l.path()));
  size_t before = open_descriptors();
  {
    os::Fd client = l.raw_client();
    auto memory = FrameMemory::create(1 << 16).value();
    put(client, frame_of("before"));
    put_with(client, offer(), memory->fd());
    std::string large(40000, 'x');
    auto room = std::move(*memory->take(large.size()));
    std::copy(large.begin(), large.end(), room.bytes().begin());
    uint64_t at = room.at();
    put(client, encode_note(at, large.size()) + frame_of("behind it") + encode_note(at, 3));
    l.settle();
    CHECK(l.handler.only().frames == std::vector<std::string>{"before", large, "behind it", "xxx"});
    CHECK_FALSE(l.handler.only().gone);
  }
  l.settle();
  CHECK(l.handler.only().gone);
  CHECK(open_descriptors() == before);
}

TEST_CASE("Listener: a wrong offer or note closes the connection, and nothing else happens") {
  Listening l;
  REQUIRE(l.listener.start_unix(l.path()));
  size_t before = open_descriptors();
  auto closes = [&](const std::function<void(os::Fd&)>& send) {
    os::Fd client = l.raw_client();
    size_t known = l.handler.seen.size();
    send(client);
    l.settle();
    REQUIRE(l.handler.seen.size() == known + 1);
    CHECK(l.handler.seen.rbegin()->second.gone);
    CHECK(l.handler.seen.rbegin()->second.frames.empty());
  };
  closes([](os::Fd& c) { put(c, encode_note(0, 5)); });
  closes([](os::Fd& c) { put(c, offer()); });
  closes([](os::Fd& c) {
    int pipe[2];
    REQUIRE(::pipe2(pipe, O_CLOEXEC) == 0);
    put_with(c, offer(), pipe[0]);
    ::close(pipe[0]);
    ::close(pipe[1]);
  });
  closes([](os::Fd& c) {
    os::Fd file(::open("/proc/self/exe", O_RDONLY | O_CLOEXEC));
    put_with(c, offer(), file.value());
  });
  auto memory = FrameMemory::create(4096).value();
  using Range = std::pair<uint64_t, uint64_t>;
  for (const Range& r : {Range{4096, 1}, Range{0, 4097}, Range{4000, 200}, Range{INT64_MAX, 1}, Range{0, INT64_MAX},
                         Range{1, 200000000}})
    closes([&](os::Fd& c) {
      put_with(c, offer(), memory->fd());
      put(c, encode_note(r.first, r.second));
    });
  // Memory that cannot be read, or has nothing in it, is no harm either.
  os::Fd unsealed(::memfd_create("test", MFD_CLOEXEC));
  closes([&](os::Fd& c) {
    put_with(c, offer(), unsealed.value());
    put(c, encode_note(0, 100));
  });
  CHECK(open_descriptors() == before + 2);
  os::Fd client = l.raw_client();
  put(client, frame_of("all is well"));
  l.settle();
  CHECK(l.handler.seen.rbegin()->second.frames == std::vector<std::string>{"all is well"});
}

TEST_CASE("Listener: descriptors that nobody wants are closed") {
  Listening l;
  REQUIRE(l.listener.start_unix(l.path()));
  size_t before = open_descriptors();
  {
    os::Fd client = l.raw_client();
    auto memory = FrameMemory::create(4096).value();
    for (int i = 0; i < 50; i++) {
      put_with(client, frame_of("x"), memory->fd());
      l.settle();
    }
    CHECK(l.handler.only().frames.size() == 50);
    CHECK(open_descriptors() <= before + 4);
  }
  l.settle();
  CHECK(open_descriptors() == before);
}

TEST_CASE("Channel: an offer goes with its bytes, and frames keep their order around it") {
  Listening l;
  REQUIRE(l.listener.start_unix(l.path()));
  auto memory = FrameMemory::create(1 << 16).value();
  Channel channel = Channel::connect_unix(l.path()).value();
  std::vector<std::string> expected;
  for (int i = 0; i < 100; i++) {
    channel.send(frame_of(std::to_string(i)));
    expected.push_back(std::to_string(i));
  }
  channel.offer(*memory);
  auto room = std::move(*memory->take(5));
  std::copy_n("piece", 5, room.bytes().begin());
  channel.send(encode_note(room.at(), 5));
  expected.push_back("piece");
  channel.send(frame_of("end"));
  expected.push_back("end");
  for (int i = 0; i < 1000 && channel.wants_write(); i++) {
    REQUIRE(channel.advance().ok());
    l.settle();
  }
  l.settle();
  CHECK(l.handler.only().frames == expected);
}
