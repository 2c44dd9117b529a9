// PeerChannels: what happens to a link's descriptor when the other end goes. Its number is the next one's.
#include "broker/peer_channels.h"

#include <sys/eventfd.h>

#include <catch2/catch.hpp>

#include "os/socket.h"
#include "os/temp_dir.h"

using namespace bobbin;

namespace {

constexpr uint64_t stranger = 1;

// A broker 2 that listens, and is the other end of one link.
struct Linked {
  Linked() {
    channels.serve({[this](broker::LinkId, Bytes frame) { told.emplace_back(frame); },
                    [this](broker::LinkId) { told.emplace_back("lost"); }});
    auto connected = channels.connect(BrokerId(2));
    REQUIRE(connected);
    link = *connected;
    auto accepted = os::accept(listener->value());
    REQUIRE((accepted && *accepted));
    other_end = std::move(**accepted);
  }
  std::vector<uint64_t> ready() {
    auto events = poller->wait(0);
    REQUIRE(events);
    std::vector<uint64_t> tokens;
    for (const os::Ready& each : *events) tokens.push_back(each.token);
    return tokens;
  }
  // The next descriptor that anybody opens, readable at once.
  void open_another() {
    another = os::Fd(::eventfd(1, EFD_CLOEXEC));
    REQUIRE(poller->add(another.value(), stranger, {true, false}));
  }

  ::test::TempDir root;
  home::ClusterDir dir{root.path()};
  Result<os::Fd> listener = os::listen_unix(dir.broker_socket(BrokerId(2)));
  Result<os::Poller> poller = os::Poller::open();
  broker::PeerChannels channels{*poller, dir};
  broker::LinkId link{0};
  os::Fd other_end, another;
  std::vector<std::string> told;
};

}  // namespace

TEST_CASE(
    "Peer channels: a link that fails while something is sent is told as lost, and gives up its place in the poller") {
  Linked l;
  l.other_end.close();
  l.channels.send(l.link, std::string("\0\0\0\1x", 5));
  l.channels.finish_round();
  CHECK(l.told == std::vector<std::string>{"lost"});
  CHECK(l.channels.has_work());
  l.open_another();
  l.channels.close(l.link);
  CHECK(l.ready() == std::vector{stranger});
  l.channels.finish_round();
  CHECK_FALSE(l.channels.has_work());
}

TEST_CASE("Peer channels: what came before the end is told first, and whoever has the number then keeps its place") {
  Linked l;
  const Bytes sent("\0\0\0\1x", 5);
  REQUIRE(os::send(l.other_end.value(), std::span(&sent, 1)));
  l.other_end.close();
  l.channels.serve({[&](broker::LinkId, Bytes frame) {
                      l.told.emplace_back(frame);
                      l.open_another();
                    },
                    [&](broker::LinkId) { l.told.emplace_back("lost"); }});
  l.channels.send(l.link, std::string(sent));
  l.channels.finish_round();
  CHECK(l.told == std::vector<std::string>{"x", "lost"});
  CHECK(l.ready() == std::vector{stranger});
}
