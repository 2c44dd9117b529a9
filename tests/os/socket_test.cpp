#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <csignal>

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

Result<std::vector<Fd>> listen_tcp(const std::string& host, uint16_t port) {
  return bobbin::os::listen_tcp(resolve_listener(host, port).value());
}
SocketAddress address_of(const Fd& fd) { return local_address(fd.value()).value(); }

Fd connected_to(const SocketAddress& address) {
  Fd client = connect_tcp(address).value();
  WaitFd waits[] = {{client.value(), false, true}};
  REQUIRE(wait(waits, 30000).value() == 1);
  REQUIRE(finish_connect(client.value()).value());
  return client;
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
  CHECK(listen_unix(dir / "file").error().code == Errc::io_error);
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
  Fd listener = std::move(listening->front());
  std::string address = address_of(listener).text();
  CHECK(address_of(listener).port() != 0);
  CHECK(address ==
        (std::string(host) == "::1" ? "[::1]:" : "127.0.0.1:") + std::to_string(address_of(listener).port()));
  Fd client = connected_to(resolve(host, address_of(listener).port()).value().front());
  Fd server = accept_one(listener.value());
  CHECK(peer_address(client.value()).value().text() == address);
  CHECK(local_address(client.value()).value().text() == peer_address(server.value()).value().text());
  CHECK(peer_address(server.value()).value().is_loopback());
  check_talk(client.value(), server.value());
  check_talk(server.value(), client.value());
}

TEST_CASE("TCP: a listener means every address that it says, of both families") {
  auto texts = [](const std::string& host) {
    std::vector<std::string> out;
    auto addresses = resolve_listener(host, 7).value();
    for (const auto& a : addresses) out.push_back(a.text());
    return out;
  };
  using Texts = std::vector<std::string>;
  for (const char* every : {"", "*", "::", "[::]"}) CHECK(texts(every) == Texts{"0.0.0.0:7", "[::]:7"});
  CHECK(texts("0.0.0.0") == Texts{"0.0.0.0:7"});
  CHECK(texts("localhost") == Texts{"127.0.0.1:7", "[::1]:7"});
  CHECK(texts("127.0.0.9") == Texts{"127.0.0.9:7"});
  CHECK(resolve_listener("no.such.host.invalid", 7).error().code == Errc::not_found);
  bool has_v6 = bobbin::os::listen_tcp(resolve("::1", 0).value()).ok();
  for (const char* both : {"localhost", "*"}) {
    auto fds = listen_tcp(both, 0).value();
    REQUIRE(fds.size() == (has_v6 ? 2 : 1));
    for (const Fd& fd : fds) CHECK(address_of(fd).port() == address_of(fds.front()).port());
    CHECK(address_of(fds.front()).is_wildcard() == (std::string(both) == "*"));
  }
}

// A process of another user, which ends with the object; only root makes one.
class Stranger {
 public:
  explicit Stranger(const std::function<void()>& life) : pid_(::fork()) {
    if (pid_ != 0) return;
    if (::setresuid(65533, 65533, 65533) == 0) life();
    ::_exit(0);
  }
  ~Stranger() {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }

 private:
  pid_t pid_;
};

TEST_CASE("TCP: the user at the other end is told while the process is there") {
  const char* host = GENERATE("127.0.0.1", "127.8.8.8", "::1");
  auto listening = listen_tcp(host, 0);
  if (!listening) return;  // a machine without IPv6
  Fd listener = std::move(listening->front());
  Fd client = connected_to(address_of(listener));
  Fd server = accept_one(listener.value());
  TcpPeer peer = tcp_peer(server.value());
  CHECK(peer.is_of_this_machine);
  CHECK(peer.uid == ::geteuid());
  if (::geteuid() != 0) return;
  Stranger stranger([&] {
    Fd theirs = connected_to(address_of(listener));
    ::pause();
  });
  Fd accepted = accept_one(listener.value());
  CHECK(tcp_peer(accepted.value()).uid == 65533u);
}

TEST_CASE("TCP: who has closed already cannot be told, and is of this machine") {
  Fd listener = std::move(listen_tcp("127.0.0.1", 0).value().front());
  bool with_reset = GENERATE(false, true);
  Fd client = connected_to(address_of(listener));
  Bytes request[] = {"do something"};
  REQUIRE(send(client.value(), request).ok());
  auto from = local_address(client.value()).value();
  linger how{with_reset, 0};
  REQUIRE(::setsockopt(client.value(), SOL_SOCKET, SO_LINGER, &how, sizeof how) == 0);
  client.close();
  // Another process may come from the same port meanwhile; here it is ours.
  Fd second(::socket(AF_INET, SOCK_STREAM, 0));
  int yes = 1;
  ::setsockopt(second.value(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  bool again = ::bind(second.value(), reinterpret_cast<const sockaddr*>(from.bytes().data()),
                      static_cast<socklen_t>(from.bytes().size())) == 0 &&
               ::connect(second.value(), reinterpret_cast<const sockaddr*>(address_of(listener).bytes().data()),
                         static_cast<socklen_t>(from.bytes().size())) == 0;
  if (with_reset) REQUIRE(again);
  Fd server = accept_one(listener.value());
  TcpPeer peer = tcp_peer(server.value());
  CHECK(peer.is_of_this_machine);
  if (::geteuid() == 0 || with_reset) CHECK_FALSE(peer.uid.has_value());  // later kernels know other users' still
}

TEST_CASE("TCP: every address of this machine is its own, whatever the interface") {
  ifaddrs* all = nullptr;
  REQUIRE(::getifaddrs(&all) == 0);
  size_t tried = 0;
  for (ifaddrs* a = all; a; a = a->ifa_next) {
    if (!a->ifa_addr || (a->ifa_flags & IFF_UP) == 0) continue;
    bool is_v4 = a->ifa_addr->sa_family == AF_INET;
    if (!is_v4 && a->ifa_addr->sa_family != AF_INET6) continue;
    auto address = SocketAddress::of(
        Bytes(reinterpret_cast<const char*>(a->ifa_addr), is_v4 ? sizeof(sockaddr_in) : sizeof(sockaddr_in6)));
    auto listening = bobbin::os::listen_tcp({address});
    if (!listening) continue;  // an address that is still being tried, for one
    CAPTURE(address.text());
    Fd client = connected_to(address_of(listening->front()));
    Fd server = accept_one(listening->front().value());
    TcpPeer peer = tcp_peer(server.value());
    CHECK(peer.is_of_this_machine);
    CHECK(peer.uid == ::geteuid());
    tried++;
  }
  ::freeifaddrs(all);
  CHECK(tried > 0);
}

TEST_CASE("TCP: an IPv4 client that came through IPv6 is told, too") {
  // Listens for both families at once, as other programs do: peers of IPv4 then have addresses in IPv6 form.
  Fd listener(::socket(AF_INET6, SOCK_STREAM, 0));
  sockaddr_in6 any{};
  any.sin6_family = AF_INET6;
  int no = 0;
  if (!listener.is_open() || ::setsockopt(listener.value(), IPPROTO_IPV6, IPV6_V6ONLY, &no, sizeof no) != 0) return;
  if (::bind(listener.value(), reinterpret_cast<const sockaddr*>(&any), sizeof any) != 0) return;
  REQUIRE(::listen(listener.value(), 4) == 0);
  Fd client = connected_to(resolve("127.0.0.1", address_of(listener).port()).value().front());
  Fd server = accept_one(listener.value());
  REQUIRE(peer_address(server.value()).value().text().starts_with("[::ffff:127.0.0.1]"));
  TcpPeer peer = tcp_peer(server.value());
  CHECK(peer.is_of_this_machine);
  CHECK(peer.uid == ::geteuid());
}

TEST_CASE("TCP: a port that is taken is busy, one where nobody listens does not answer") {
  Fd listener = std::move(listen_tcp("127.0.0.1", 0).value().front());
  auto address = address_of(listener);
  CHECK(listen_tcp("127.0.0.1", address.port()).error().code == Errc::busy);
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

TEST_CASE("Unix: what is no socket is left where it is, and named to who would listen or connect there") {
  TempDir dir;
  PosixStorage storage;
  const std::string path = dir / "s";
  std::string what;
  SECTION("a file") {
    what = "a file";
    REQUIRE(storage.open(path, Open::create));
  }
  SECTION("a directory") {
    what = "a directory";
    REQUIRE(storage.make_dir(path));
  }
  SECTION("a FIFO") {
    what = "a FIFO";
    REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
  }
  SECTION("a symbolic link") {
    what = "a symbolic link";
    REQUIRE(::symlink("nowhere", path.c_str()) == 0);
  }
  const std::string said = path + ": is " + what + ", where a broker's socket belongs: move it away";
  CHECK(listen_unix(path).error().message == said);
  auto refused = connect_unix(path);
  REQUIRE_FALSE(refused.ok());
  CHECK(refused.error().message == said);
  unlink_unix(path);
  CHECK(storage.stat(path));
}

TEST_CASE("resolve: an IPv4 address in IPv6's form is one of IPv4, and can be listened at") {
  for (const char* host : {"::ffff:127.0.0.1", "[::ffff:127.0.0.1]", "::ffff:7f00:1", "0:0:0:0:0:FFFF:127.0.0.1"}) {
    CAPTURE(host);
    CHECK(resolve(host, 80).value().front().text() == "127.0.0.1:80");
    auto listening = listen_tcp(host, 0);
    REQUIRE(listening.ok());
    CHECK(address_of(listening->front()).host() == "127.0.0.1");
  }
  CHECK(resolve("::ffff:10.1.2.3", 80).value().front().text() == "10.1.2.3:80");
  CHECK(resolve("::ffff:0.0.0.0", 80).value().front().is_wildcard());
  CHECK_FALSE(resolve("::ffff:10.1.2.3", 80).value().front().is_loopback());
}

TEST_CASE("resolve: an address of one network names its interface, by name or number") {
  char name[IF_NAMESIZE] = "";
  const unsigned index = ::if_nametoindex("lo");
  if (index == 0 || !::if_indextoname(index, name)) return;
  const std::string number = std::to_string(index);
  for (const std::string& zone : {std::string("lo"), number}) {
    CHECK(resolve("fe80::1%" + zone, 80).value().front().text() == "[fe80::1%" + number + "]:80");
    CHECK(resolve("[::1%" + zone + "]", 80).value().front().is_loopback());
  }
  auto refusal = [](const std::string& host) {
    auto r = resolve(host, 80);
    return r ? "taken" : r.error().code == Errc::not_found ? r.error().message : "another code";
  };
  CHECK(refusal("fe80::1") == "fe80::1: is there once on each network: say of which interface, as fe80::1%eth0");
  CHECK(refusal("fe80::1%nowhere") == "fe80::1%nowhere: there is no network interface 'nowhere'");
  for (const char* zone : {"0", "4000000000", "99999999999", ""})
    CHECK(refusal(std::string("fe80::1%") + zone).find("there is no network interface") != std::string::npos);
  for (const char* host : {"::1::", "1:2", "::1x", "%lo:", ":::"})
    CHECK(refusal(host) == std::string(host) + ": is no address of IPv6");
}

TEST_CASE("resolve_listener: nobody listens at an address of many machines") {
  for (const char* host :
       {"224.0.0.1", "239.255.255.255", "255.255.255.255", "ff02::1%1", "[ff0e::1]", "::ffff:224.0.0.1"}) {
    CAPTURE(host);
    auto refused = resolve_listener(host, 7);
    REQUIRE_FALSE(refused.ok());
    CHECK(refused.error().message.find("an address of many machines, at which none can listen") != std::string::npos);
  }
}

TEST_CASE("Addresses are told with what was asked for") {
  auto told = [](const std::string& asked, const std::string& host) {
    return with_addresses(asked, resolve_listener(host, 7).value());
  };
  CHECK(told("0.0.0.0:7", "0.0.0.0") == "0.0.0.0:7");
  CHECK(told("*:7", "*") == "*:7 (0.0.0.0:7, [::]:7)");
  CHECK(told("[::]:7", "::") == "[::]:7 (0.0.0.0:7, [::]:7)");
  CHECK(told("[::ffff:10.0.0.1]:7", "::ffff:10.0.0.1") == "[::ffff:10.0.0.1]:7 (10.0.0.1:7)");
}

TEST_CASE("resolve: numbers and localhost ask nobody") {
  CHECK(resolve("10.1.2.3", 80).value().front().text() == "10.1.2.3:80");
  CHECK(!resolve("10.1.2.3", 80).value().front().is_loopback());
  CHECK(resolve("[::1]", 80).value().front().text() == "[::1]:80");
  CHECK(resolve("127.7.7.7", 1).value().front().is_loopback());
  CHECK(resolve("::ffff:127.0.0.1", 1).value().front().is_loopback());
  CHECK(resolve("10.1.2.3", 80).value().front().with_port(81).text() == "10.1.2.3:81");
  CHECK(resolve("[::1]", 80).value().front().with_port(81).text() == "[::1]:81");
  CHECK(resolve("::1", 80).value().front().host() == "::1");
  CHECK(resolve("localhost", 9092).value().size() == 2);
  CHECK(!resolve("", 1).ok());
}
