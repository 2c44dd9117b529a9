// What the connections of a Listener may hold together, who waits for it, and who is closed because others wait.
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "transport/listening.h"

using namespace test;

namespace {

constexpr size_t KiB = 1 << 10, MiB = 1 << 20;

// A client that sends as its socket takes it.
struct Sender {
  explicit Sender(Listening& l) : fd(l.raw_client()) {
    const size_t known = l.handler.seen.size();
    l.until([&] { return l.handler.seen.size() > known; });
    id = l.handler.seen.rbegin()->first;
  }
  void add(Bytes bytes) { left += bytes; }
  void push() {
    while (!left.empty()) {
      Bytes parts[] = {Bytes(left).substr(0, 64 * KiB)};
      auto n = os::send(fd.value(), parts);
      if (!n || !*n) return;
      left.erase(0, **n);
    }
  }
  os::Fd fd;
  ConnectionId id;
  std::string left;
};

struct Budgets {
  Budget requests, answers;
};

struct Shared : Budgets, Listening {
  explicit Shared(size_t request_bytes = SIZE_MAX, size_t answer_bytes = SIZE_MAX)
      : Budgets{Budget(request_bytes), Budget(answer_bytes)}, Listening(limits_of(*this)) {
    REQUIRE(listener.start_unix(path()));
  }
  // Rounds until nothing moves any more.
  void settle_with(std::initializer_list<Sender*> senders) {
    for (int quiet = 0; quiet < 3;) {
      size_t left = 0;
      for (Sender* s : senders) {
        left += s->left.size();
        s->push();
        left -= s->left.size();
      }
      const bool worked = round() > 0 || listener.has_work() || left > 0;
      quiet = worked ? 0 : quiet + 1;
    }
  }
  void pass(int64_t ms, std::initializer_list<Sender*> senders) {
    clock.now_ms += ms;
    settle_with(senders);
  }
  // Sends an answer, of which the socket's buffer may take some.
  void answer(const Sender& to, size_t bytes) {
    listener.send(to.id, std::string(bytes, 'a'));
    settle();
  }
  size_t frames(const Sender& s) { return handler.seen.at(s.id).frames.size(); }
  bool gone(const Sender& s) { return handler.seen.at(s.id).gone; }

 private:
  static ListenerLimits limits_of(const Budgets& budgets) {
    ListenerLimits limits;
    limits.request_memory = budgets.requests;
    limits.answer_memory = budgets.answers;
    return limits;
  }
};

uint16_t port_of(const std::string& address) {
  return static_cast<uint16_t>(std::stoi(address.substr(address.rfind(':') + 1)));
}

os::Fd tcp_client(const std::string& address) {
  return std::move(os::connect_tcp(os::resolve("127.0.0.1", port_of(address)).value().front()).value());
}

std::string of_size(size_t bytes) { return frame_of(std::string(bytes, 'x')); }

}  // namespace

TEST_CASE("Listener: a large frame takes room for all of it, and who finds none waits until there is some") {
  Shared l(4 * MiB);
  Sender a(l), b(l);
  const std::string large = of_size(3 * MiB);
  a.add(Bytes(large).substr(0, 100 * KiB));
  l.settle_with({&a});
  CHECK(l.requests.used() == 3 * MiB);
  b.add(of_size(2 * MiB));
  l.settle_with({&a, &b});
  CHECK_FALSE(b.left.empty());  // it is not read
  CHECK(l.frames(b) == 0);
  CHECK(l.requests.used() == 3 * MiB);
  a.add(Bytes(large).substr(100 * KiB));
  l.settle_with({&a, &b});
  CHECK((l.frames(a) == 1 && l.frames(b) == 1));
  CHECK(l.handler.seen.at(b.id).frames[0] == std::string(2 * MiB, 'x'));
  CHECK(l.requests.used() == 0);
  CHECK(l.handler.dropped.empty());
}

TEST_CASE("Listener: small frames always come in, and the largest leave room to those of a common size") {
  Shared l(8 * MiB);
  Sender a(l), b(l), small(l), common(l);
  for (auto [sender, bytes] : {std::pair(&a, 6 * MiB), std::pair(&b, 2 * MiB)})
    for (int times = 0; times < 2; times++) {  // its size, and then more
      sender->add(Bytes(of_size(bytes)).substr(0, 100));
      l.settle_with({sender});
    }
  CHECK(l.requests.used() == 6 * MiB);  // b would fit, but for the last quarter
  common.add(of_size(MiB) + of_size(100 * KiB));
  l.settle_with({&common});
  CHECK(l.frames(common) == 2);
  Budget::Share rest = l.requests.take(2 * MiB);
  CHECK(l.requests.left() == 0);
  common.add(of_size(100 * KiB));
  small.add(of_size(16 * KiB) + of_size(1) + of_size(10 * KiB));
  l.settle_with({&common, &small});
  CHECK(l.frames(small) == 3);
  CHECK(l.frames(common) == 2);
  rest.resize(MiB);
  l.pass(100, {&common});
  CHECK(l.frames(common) == 3);
}

TEST_CASE("Listener: those that wait for memory are read in the order in which they came, each kind for itself") {
  Shared l(8 * MiB);
  Budget::Share all = l.requests.take(8 * MiB);
  Sender first(l), second(l), third(l);
  first.add(of_size(5 * MiB));
  l.settle_with({&first});
  second.add(of_size(2 * MiB));
  l.settle_with({&first, &second});
  third.add(of_size(MiB));
  l.settle_with({&first, &second, &third});
  all.resize(4 * MiB);  // enough for the second, but it is not its turn
  l.pass(100, {&first, &second, &third});
  CHECK((l.frames(first) == 0 && l.frames(second) == 0));
  CHECK(l.frames(third) == 1);
  all.resize(MiB);
  l.pass(100, {&first, &second, &third});
  CHECK((l.frames(first) == 1 && l.frames(second) == 1));
}

TEST_CASE("Listener: what is as large as all memory, or larger, comes in alone") {
  for (size_t bytes : {4 * MiB, 4 * MiB + 1, 9 * MiB}) {
    INFO(bytes);
    Shared l(4 * MiB);
    Sender small(l), large(l);
    auto held = l.requests.take(1);
    large.add(of_size(bytes));
    l.settle_with({&large});
    CHECK(l.frames(large) == 0);
    small.add(of_size(16 * KiB));
    l.settle_with({&small});
    CHECK(l.frames(small) == 1);  // which needs no room
    held.resize(0);
    l.pass(100, {&large});
    CHECK(l.frames(large) == 1);
    CHECK_FALSE(l.gone(large));
  }
}

TEST_CASE("Listener: who sends too slowly for its room is closed when others wait for it, and told why") {
  Shared l(4 * MiB);
  Sender slow(l);
  slow.add(Bytes(of_size(3 * MiB)).substr(0, 100 * KiB));
  l.settle_with({&slow});
  l.pass(60'000, {&slow});
  CHECK_FALSE(l.gone(slow));  // nobody wants it
  Sender other(l);
  other.add(of_size(2 * MiB));
  l.settle_with({&slow, &other});
  REQUIRE(l.listener.next_deadline_ms());
  CHECK(*l.listener.next_deadline_ms() <= l.clock.now_ms + 100);
  l.pass(100, {&slow, &other});
  CHECK(l.gone(slow));
  CHECK(l.frames(other) == 1);
  CHECK(l.handler.dropped == std::vector<std::string>{"it sends its request too slowly, and others wait for memory"});
  CHECK(l.requests.used() == 0);
}

TEST_CASE("Listener: who sends fast enough keeps its room, and the others wait as long as it takes") {
  Shared l(4 * MiB);
  Sender quick(l), other(l);
  const std::string large = of_size(3 * MiB);
  quick.add(Bytes(large).substr(0, 500 * KiB));
  l.settle_with({&quick});
  other.add(of_size(2 * MiB));
  for (size_t at = 500 * KiB; at < large.size(); at += 500 * KiB) {
    l.pass(900, {&quick, &other});
    CHECK(l.frames(other) == 0);
    quick.add(Bytes(large).substr(at, 500 * KiB));
  }
  l.pass(900, {&quick, &other});
  CHECK((l.frames(quick) == 1 && l.frames(other) == 1));
  CHECK(l.handler.dropped.empty());
}

TEST_CASE("Listener: one that waits for memory and goes leaves the queue to those behind it") {
  Shared l(4 * MiB);
  Budget::Share all = l.requests.take(4 * MiB);
  Sender goes(l), stays(l);
  goes.add(of_size(2 * MiB));
  l.settle_with({&goes});
  stays.add(of_size(2 * MiB));
  l.settle_with({&goes, &stays});
  l.listener.close(goes.id);
  all.resize(0);
  l.pass(100, {&stays});
  CHECK(l.gone(goes));
  CHECK(l.frames(stays) == 1);
  CHECK(l.requests.used() == 0);
}

TEST_CASE("Listener: who does not read its answers holds its room for a request no longer than who does not send") {
  Shared l(4 * MiB);
  Sender hog(l), other(l);
  hog.add(Bytes(of_size(3 * MiB)).substr(0, 500 * KiB));
  l.settle_with({&hog});
  l.answer(hog, 12 * MiB);  // to an earlier request: from now on it is not read
  other.add(of_size(2 * MiB));
  l.settle_with({&other});
  l.pass(900, {&other});
  CHECK_FALSE(l.gone(hog));
  l.pass(200, {&other});
  CHECK(l.gone(hog));
  CHECK(l.frames(other) == 1);
}

TEST_CASE("Listener: who has not read its answers for seconds is closed when memory is scarce") {
  Shared l(SIZE_MAX, 16 * MiB);
  Sender some(l), most(l), reads(l);
  l.answer(some, 3 * MiB);
  l.pass(60'000, {});
  CHECK_FALSE(l.gone(some));  // there is enough
  l.answer(most, 6 * MiB);
  l.pass(4'000, {});
  CHECK_FALSE(l.gone(most));
  l.pass(1'100, {});
  CHECK(l.gone(some));  // most began to wait later, and has 5 seconds from then on
  CHECK_FALSE(l.gone(most));
  l.answer(reads, 4 * MiB);
  l.pass(100, {});
  CHECK(l.gone(most));
  CHECK_FALSE(l.gone(reads));
  CHECK(l.handler.dropped == std::vector<std::string>(2, "it does not read its answers, and memory is scarce"));
}

TEST_CASE("Listener: when hardly any memory is left, an answer may lie for a second only") {
  Shared l(SIZE_MAX, 16 * MiB);
  Sender first(l), second(l);
  l.answer(first, 8 * MiB);
  l.answer(second, 7 * MiB);
  l.pass(900, {});
  CHECK_FALSE((l.gone(first) || l.gone(second)));
  l.pass(200, {});
  CHECK(l.gone(first));
  l.pass(1000, {});
  CHECK_FALSE(l.gone(second));  // there is enough again
}

TEST_CASE("Listener: who reads a little of its answers now and then is as one who does not") {
  Shared l(SIZE_MAX, 16 * MiB);
  const std::string address = l.listener.start_tcp("127.0.0.1", 0).value();
  // As over a network: small segments and windows, so that the kernel tells of each little that is taken.
  auto connect = [&](ConnectionId& id) {
    os::Fd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const int window = 4096, segment = 536;
    REQUIRE(::setsockopt(fd.value(), SOL_SOCKET, SO_RCVBUF, &window, sizeof window) == 0);
    REQUIRE(::setsockopt(fd.value(), IPPROTO_TCP, TCP_MAXSEG, &segment, sizeof segment) == 0);
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port_of(address));
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    REQUIRE(::connect(fd.value(), reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0);
    REQUIRE(::fcntl(fd.value(), F_SETFL, O_NONBLOCK) == 0);
    const size_t known = l.handler.seen.size();
    l.until([&] { return l.handler.seen.size() > known; });
    id = l.handler.seen.rbegin()->first;
    return fd;
  };
  ConnectionId drips_id, reads_id;
  os::Fd drips = connect(drips_id), reads = connect(reads_id);
  // Lets the client take what comes until the broker has sent so much more of its answer, in however many pieces.
  auto takes = [&](const os::Fd& fd, ConnectionId id, size_t bytes) {
    const size_t before = l.listener.queued_bytes(id);
    std::string some(4 * KiB, '\0');
    l.until([&] {
      (void)os::receive(fd.value(), some);
      return l.listener.queued_bytes(id) + bytes <= before;
    });
  };
  l.listener.send(drips_id, std::string(8 * MiB, 'a'));
  l.listener.send(reads_id, std::string(6 * MiB, 'a'));
  l.settle();
  for (int second = 1; second < 16 && !l.handler.seen.at(drips_id).gone; second++) {
    l.pass(1000, {});
    if (second % 4 == 0) takes(drips, drips_id, 1);
    if (second % 4 == 2) takes(reads, reads_id, 512 * KiB);
  }
  CHECK(l.handler.seen.at(drips_id).gone);
  CHECK_FALSE(l.handler.seen.at(reads_id).gone);
}

TEST_CASE("Listener: an answer counts as a whole until the last of it is taken") {
  Shared l(SIZE_MAX, 64 * MiB);
  Sender a(l);
  l.answer(a, 12 * MiB);
  const size_t before = l.answers.used();
  CHECK(before >= 12 * MiB);
  size_t taken = 0;
  while (taken < 11 * MiB && l.answers.used() > 0) {
    std::string some(64 * KiB, '\0');
    if (auto n = os::receive(a.fd.value(), some).value()) taken += *n;
    l.settle();
    const size_t left = l.listener.queued_bytes(a.id);
    REQUIRE(l.answers.used() == (left > 0 ? before : 0));
  }
  l.until([&] { return (taken += take(a.fd).size()) == 12 * MiB; });
  l.settle();
  CHECK(l.answers.used() == 0);
}

TEST_CASE("Listener: many tiny answers count with what each of them costs") {
  Shared l(SIZE_MAX, 64 * MiB);
  Sender a(l);
  l.answer(a, 4 * MiB);  // the socket is full
  const size_t before = l.answers.used();
  for (int i = 0; i < 10'000; i++) l.listener.send(a.id, std::string(8, 'b'));
  CHECK(l.answers.used() - before >= 10'000 * (8 + sizeof(std::string)));
}

TEST_CASE("Listener: when answers fill all memory, who holds most of it is closed at once") {
  Shared l(SIZE_MAX, 16 * MiB);
  Sender most(l), other(l);
  l.answer(most, 10 * MiB);
  l.answer(other, 9 * MiB);
  CHECK(l.gone(most));
  CHECK_FALSE(l.gone(other));
  CHECK(l.handler.dropped == std::vector<std::string>{"its answers fill the memory"});
}

TEST_CASE("Listener: room for an answer is a share of what is left, and all of it for one that cannot be cut") {
  Shared l(SIZE_MAX, 16 * MiB);
  Sender a(l), b(l);
  CHECK(l.listener.answer_room(a.id).bytes == 4 * MiB);
  CHECK(l.listener.answer_room(a.id).at_least == SIZE_MAX);  // alone, whatever it is
  l.answer(a, 6 * MiB);
  const size_t left = l.answers.left();
  CHECK((left <= 10 * MiB && left > 9 * MiB));
  CHECK(l.listener.answer_room(b.id).bytes == left / 4);
  CHECK(l.listener.answer_room(b.id).at_least == left);
  // Who has not taken its last answer has more of the first half only.
  CHECK(l.listener.answer_room(a.id).bytes == (left - 8 * MiB) / 4);
  CHECK(l.listener.answer_room(a.id).at_least == left - 8 * MiB);
  l.answer(b, 3 * MiB);
  CHECK(l.listener.answer_room(a.id).bytes == 0);
  CHECK(l.listener.answer_room(b.id).at_least == 0);
  Sender reads(l);
  CHECK(l.listener.answer_room(reads.id).at_least == l.answers.left());
  CHECK(l.listener.answer_room(ConnectionId(99)).bytes == 0);
}

TEST_CASE("Listener: over TCP so many come in a second as are let in, the others in the next one") {
  Listening l;
  const std::string address = l.listener.start_tcp("127.0.0.1", 0).value();
  l.listener.set_limits(ConnectionLimits{.a_second_max = 2});
  std::vector<os::Fd> clients;
  for (int i = 0; i < 5; i++) clients.push_back(tcp_client(address));
  l.until([&] { return l.handler.seen.size() == 2; });
  l.settle();
  CHECK(l.handler.seen.size() == 2);
  CHECK(l.round(50) == 0);  // nor does it spin meanwhile
  for (size_t there : {size_t{4}, size_t{5}}) {
    REQUIRE(l.listener.next_deadline_ms());
    CHECK(*l.listener.next_deadline_ms() <= l.clock.now_ms + 1000);
    l.clock.now_ms += 1000;
    l.until([&] { return l.handler.seen.size() == there; });
    l.settle();
    CHECK(l.handler.seen.size() == there);
  }
}

TEST_CASE("Listener: beyond max.connections those over TCP wait, and are let in when one goes or the limit grows") {
  Listening l;
  REQUIRE(l.listener.start_unix(l.path()));
  const std::string address = l.listener.start_tcp("127.0.0.1", 0).value();
  l.listener.set_limits(ConnectionLimits{.all_max = 1});
  std::vector<os::Fd> clients;
  for (int i = 0; i < 3; i++) clients.push_back(tcp_client(address));
  l.until([&] { return l.handler.seen.size() == 1; });
  os::Fd local = l.raw_client();
  l.until([&] { return l.handler.seen.size() == 2; });
  l.settle();
  CHECK(l.handler.seen.size() == 2);
  l.listener.set_limits(ConnectionLimits{.all_max = 3});
  l.until([&] { return l.handler.seen.size() == 3; });
  local.close();
  l.until([&] { return l.handler.seen.size() == 4; });
  CHECK(l.handler.dropped.empty());
}

TEST_CASE("Listener: one more of an address than max.connections.per.ip is closed at once, and told") {
  Listening l;
  REQUIRE(l.listener.start_unix(l.path()));
  const std::string address = l.listener.start_tcp("127.0.0.1", 0).value();
  l.listener.set_limits(ConnectionLimits{.per_ip_max = 1});
  os::Fd first = tcp_client(address);
  l.until([&] { return l.handler.seen.size() == 1; });
  os::Fd second = tcp_client(address);
  bool ended = false;
  l.until([&] {
    take(second, &ended);
    return ended;
  });
  CHECK(l.handler.seen.size() == 1);
  CHECK(l.handler.dropped == std::vector<std::string>{"there are max.connections.per.ip connections of its address"});
  os::Fd local = l.raw_client();
  l.until([&] { return l.handler.seen.size() == 2; });
}
