#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include "os/posix/storage.h"
#include "os/socket.h"
#include "os/temp_dir.h"
#include "os/wait.h"

using namespace bobbin;
using namespace bobbin::os;
using test::TempDir;

namespace {

void wait_readable(int fd) {
  WaitFd waits[] = {{fd, true}};
  REQUIRE(wait(waits, 30000).value() == 1);
}

Fd accept_one(int listener) {
  wait_readable(listener);
  return std::move(accept(listener).value().value());
}

void check_talk(int a, int b) {
  Bytes parts[] = {"hel", "", "lo"};
  CHECK(send(a, parts).value() == 5u);
  wait_readable(b);
  char buffer[16];
  CHECK(receive(b, buffer).value() == 5u);
  CHECK(Bytes(buffer, 5) == "hello");
  CHECK(!receive(b, buffer).value().has_value());
}

uint16_t port_of(const std::string& address) {
  return static_cast<uint16_t>(std::stoi(address.substr(address.rfind(':') + 1)));
}

}  // namespace

TEST_CASE("unix socket: is reached at a path longer than 108 bytes, and is ours alone") {
  TempDir dir;
  PosixStorage storage;
  std::string deep = dir.path();
  for (int i = 0; i < 6; i++) {
    deep += "/" + std::string(40, 'd');
    REQUIRE(storage.make_dir(deep));
  }
  std::string path = deep + "/broker-1.sock";
  CHECK(connect_unix(path).error().code == Errc::not_found);
  Fd listener = listen_unix(path).value();
  struct stat s {};
  REQUIRE(::stat(path.c_str(), &s) == 0);
  CHECK((s.st_mode & 0777) == 0600);
  CHECK(!accept(listener.value()).value().has_value());
  Fd client = connect_unix(path).value();
  Fd server = accept_one(listener.value());
  check_talk(client.value(), server.value());
  check_talk(server.value(), client.value());
  PeerCredentials who = peer_credentials(server.value()).value();
  CHECK(who.uid == ::geteuid());
  CHECK(who.pid == ::getpid());
}

TEST_CASE("unix socket: a stale one refuses and is replaced, anything else is left alone") {
  TempDir dir;
  PosixStorage storage;
  std::string path = dir / "s";
  listen_unix(path).value().close();
  CHECK(connect_unix(path).error().code == Errc::no_answer);
  Fd listener = listen_unix(path).value();
  CHECK(connect_unix(path));
  unlink_unix(path);
  CHECK(connect_unix(path).error().code == Errc::not_found);
  REQUIRE(write_whole_file(storage, dir / "file", "x"));
  CHECK(listen_unix(dir / "file").error().code == Errc::busy);
  unlink_unix(dir / "file");
  CHECK(read_whole_file(storage, dir / "file").value() == "x");
  CHECK(!listen_unix(dir / std::string(200, 'n')));
  CHECK(listen_unix(dir / "no/s").error().code == Errc::not_found);
}

TEST_CASE("socket: the end is 0, a broken connection an error, and a full socket nothing") {
  TempDir dir;
  Fd listener = listen_unix(dir / "s").value();
  Fd client = connect_unix(dir / "s").value();
  Fd server = accept_one(listener.value());
  std::string much(1 << 20, 'x');
  Bytes parts[] = {much};
  size_t sent = 0;
  while (auto n = send(client.value(), parts).value()) sent += *n;
  CHECK(sent > 0);
  client.close();
  std::string buffer(1 << 16, '\0');
  size_t got = 0;
  while (size_t n = receive(server.value(), {buffer.data(), buffer.size()}).value().value()) got += n;
  CHECK(got == sent);
  CHECK(send(server.value(), parts).error().code == Errc::disconnected);
}

TEST_CASE("TCP: a free port is taken and told, and both ends know each other") {
  const char* host = GENERATE("127.0.0.1", "localhost", "::1");
  auto listening = listen_tcp(host, 0);
  if (!listening && std::string(host) == "::1") return;  // a machine without IPv6
  Fd listener = std::move(*listening);
  std::string address = local_address(listener.value()).value().text();
  CHECK(port_of(address) != 0);
  CHECK(address == (std::string(host) == "::1" ? "[::1]:" : "127.0.0.1:") + std::to_string(port_of(address)));
  Fd client = connect_tcp(resolve(host, port_of(address)).value().front()).value();
  WaitFd waits[] = {{client.value(), false, true}};
  REQUIRE(wait(waits, 30000).value() == 1);
  CHECK(finish_connect(client.value()).value());
  Fd server = accept_one(listener.value());
  CHECK(peer_address(client.value()).value().text() == address);
  CHECK(local_address(client.value()).value().text() == peer_address(server.value()).value().text());
  CHECK(peer_address(server.value()).value().is_loopback());
  check_talk(client.value(), server.value());
  check_talk(server.value(), client.value());
}

TEST_CASE("TCP: a loopback peer's uid is told while it is there") {
  Fd listener = listen_tcp("127.0.0.1", 0).value();
  auto address = local_address(listener.value()).value();
  Fd client = connect_tcp(address).value();
  Fd server = accept_one(listener.value());
  auto uid = loopback_peer_uid(server.value());
  if (uid) CHECK(*uid == ::geteuid());  // a sandbox may not tell
  client.close();
  CHECK(!loopback_peer_uid(server.value()).has_value());
}

TEST_CASE("TCP: a port that is taken is busy, one where nobody listens does not answer") {
  Fd listener = listen_tcp("127.0.0.1", 0).value();
  auto address = local_address(listener.value()).value();
  CHECK(listen_tcp("127.0.0.1", port_of(address.text())).error().code == Errc::busy);
  listener.close();
  auto client = connect_tcp(address);
  if (client) {
    WaitFd waits[] = {{client->value(), false, true}};
    REQUIRE(wait(waits, 30000).value() == 1);
    CHECK(finish_connect(client->value()).error().code == Errc::no_answer);
  } else {
    CHECK(client.error().code == Errc::no_answer);
  }
}

TEST_CASE("resolve: numbers and localhost ask nobody") {
  CHECK(resolve("10.1.2.3", 80).value().front().text() == "10.1.2.3:80");
  CHECK(!resolve("10.1.2.3", 80).value().front().is_loopback());
  CHECK(resolve("[::1]", 80).value().front().text() == "[::1]:80");
  CHECK(resolve("127.7.7.7", 1).value().front().is_loopback());
  CHECK(resolve("::ffff:127.0.0.1", 1).value().front().is_loopback());
  CHECK(resolve("localhost", 9092).value().size() == 2);
  CHECK(!resolve("", 1).ok());
}
