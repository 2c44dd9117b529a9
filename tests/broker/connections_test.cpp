// Connections: the order of answers, and what is held back behind requests that are not done.
#include <catch2/catch.hpp>
#include <map>
#include <set>

#include "broker/connections.h"

using namespace bobbin;
using namespace bobbin::broker;

namespace {

struct Ends : Wire {
  void send(ConnectionId id, std::string frame) override { sent[id].push_back(std::move(frame)); }
  void close(ConnectionId id) override { closed.insert(id); }
  void pause(ConnectionId id) override { paused.insert(id); }
  void resume(ConnectionId id) override { paused.erase(id); }
  std::map<ConnectionId, std::vector<std::string>> sent;
  std::set<ConnectionId> closed, paused;
};

using Frames = std::vector<std::string>;
constexpr ConnectionId one{1}, two{2};

struct Clients {
  Clients() {
    connections.open(one, {});
    connections.open(two, {});
  }
  bool is_paused(ConnectionId id) const { return ends.paused.contains(id); }
  void keep(ConnectionId id, const std::string& frame) { connections.keep_frame(id, frame, memory.take(frame.size())); }
  // What is handled now of that which was kept, "1 frame".
  Frames handled() {
    Frames all;
    while (auto next = connections.next_kept_frame())
      all.push_back(std::to_string(next->first.value) + " " + next->second);
    return all;
  }

  Ends ends;
  Budget memory;
  Frames refused;
  Connections connections{ends, [this](ConnectionId, const Error& why) { refused.push_back(why.message); }};
};

}  // namespace

TEST_CASE("Connections: answers leave in the order of their requests, whatever is ready first") {
  Clients c;
  Reply a = c.connections.begin(one), b = c.connections.begin(one), d = c.connections.begin(one);
  Reply other = c.connections.begin(two);
  d.send(std::string("d"));
  other.send(std::string("other"));
  CHECK(c.ends.sent[one].empty());
  CHECK(c.ends.sent[two] == Frames{"other"});
  a.nothing();
  CHECK(c.connections.unanswered(one) == 2);
  b.send(std::string("b"));
  CHECK(c.ends.sent[one] == Frames{"b", "d"});
  CHECK(c.connections.unanswered(one) == 0);
}

TEST_CASE("Connections: who is away is not read, and what came behind is handled when it is back") {
  Clients c;
  Reply reply = c.connections.begin(one);
  c.connections.send_away(one);
  CHECK(c.is_paused(one));
  CHECK((c.connections.is_away(one) && c.connections.is_held(one)));
  CHECK_FALSE((c.connections.is_away(two) || c.connections.is_held(two) || c.is_paused(two)));
  c.keep(one, "x");
  c.keep(one, "y");
  CHECK(c.memory.used() == 2);
  reply.send(std::string("answered while away"));
  CHECK(c.handled().empty());
  CHECK(c.is_paused(one));
  c.connections.send_away(one);  // for another reason as well: both must be over
  c.connections.come_back(one);
  CHECK((c.is_paused(one) && c.handled().empty()));
  c.connections.come_back(one);
  CHECK_FALSE(c.is_paused(one));
  CHECK(c.connections.is_held(one));  // what is read now must not overtake what is kept
  CHECK(c.handled() == Frames{"1 x", "1 y"});
  CHECK_FALSE(c.connections.is_held(one));
  CHECK(c.memory.used() == 0);
  c.connections.come_back(one);
  CHECK(c.handled().empty());
}

TEST_CASE("Connections: held and away end one by one, in either order") {
  Clients c;
  Reply reply = c.connections.begin(one);
  c.connections.hold(one);
  c.connections.send_away(one);
  c.keep(one, "x");
  SECTION("answered first") {
    reply.send(std::string("a"));
    CHECK((c.is_paused(one) && c.handled().empty()));
    c.connections.come_back(one);
  }
  SECTION("back first") {
    c.connections.come_back(one);
    CHECK((c.is_paused(one) && c.handled().empty()));
    reply.send(std::string("a"));
  }
  CHECK_FALSE(c.is_paused(one));
  CHECK(c.handled() == Frames{"1 x"});
}

TEST_CASE("Connections: a kept frame that goes away itself holds back those behind it") {
  Clients c;
  Reply reply = c.connections.begin(one);
  c.connections.send_away(one);
  for (const char* frame : {"x", "y"}) c.keep(one, frame);
  c.connections.come_back(one);
  auto x = c.connections.next_kept_frame();
  REQUIRE(x);
  c.connections.send_away(one);
  CHECK_FALSE(c.connections.next_kept_frame());
  SECTION("it is done") {
    c.connections.come_back(one);
    CHECK(c.handled() == Frames{"1 y"});
  }
  SECTION("it is put back, before what came behind it") {
    c.connections.put_back(one, x->second, c.memory.take(1));
    c.connections.come_back(one);
    CHECK(c.handled() == Frames{"1 x", "1 y"});
  }
  CHECK_FALSE(c.is_paused(one));
  CHECK(c.memory.used() == 0);
}

TEST_CASE("Connections: who goes while away takes what was kept along, and nobody is told") {
  Clients c;
  {
    Reply reply = c.connections.begin(one, c.memory.take(1000));
    CHECK(reply.memory() == 1000);
    c.connections.send_away(one);
    c.keep(one, "x");
    c.connections.gone(one);
    CHECK(c.memory.used() == 1000);  // that of the request, which is still worked on
    c.connections.come_back(one);
    c.connections.send_away(one);
    CHECK_FALSE(c.connections.is_away(one));
    reply.send(std::string("a"));
    CHECK(c.memory.used() == 0);
  }
  CHECK(c.handled().empty());
  CHECK(c.ends.sent[one].empty());
  CHECK(c.ends.closed.empty());
}

TEST_CASE("Connections: what is refused closes, once those before it are answered, and says why") {
  Clients c;
  Reply a = c.connections.begin(one), b = c.connections.begin(one);
  b.refuse({Errc::malformed, "no request"});
  CHECK(c.refused == Frames{"no request"});
  CHECK(c.ends.closed.empty());
  a.send(std::string("a"));
  CHECK(c.ends.sent[one] == Frames{"a"});
  CHECK(c.ends.closed == std::set<ConnectionId>{one});
  { Reply dropped = c.connections.begin(two); }
  CHECK(c.ends.closed.contains(two));
}
