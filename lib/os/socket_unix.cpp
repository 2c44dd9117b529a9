#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>

#include "os/errors.h"
#include "os/kind_of_file.h"
#include "os/path.h"
#include "os/socket.h"

namespace bobbin::os {

namespace {

// Where a socket's name is: its path as it is, or where that is too long for a sockaddr, its name in an open directory.
// The path as it is, wherever it fits: it is what the kernel lists (/proc/net/unix), by which cleaners of old files see
// that the socket is used, and it needs no /proc.
struct Place {
  Fd dir;
  std::string name;
  sockaddr_un address{};
};

Result<Place> place_of(const std::string& path) {
  std::string dir = parent_of(path);
  Place place;
  place.name = name_in(path);
  place.dir = Fd(::open(dir.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!place.dir.is_open()) return system_error(dir);
  std::string fitting = path;
  if (path.size() >= sizeof place.address.sun_path)
    fitting = "/proc/self/fd/" + std::to_string(place.dir.value()) + "/" + place.name;
  if (place.name.empty() || fitting.size() >= sizeof place.address.sun_path) {
    return error(Errc::io_error, path + ": the last part of a socket's path has 1 to 80 characters");
  }
  place.address.sun_family = AF_UNIX;
  std::memcpy(place.address.sun_path, fitting.c_str(), fitting.size() + 1);
  return place;
}

// With the errno of now.
Error socket_error(const Place& place, const std::string& path) {
  int errnum = errno;
  if (errnum == ENOENT && place.address.sun_path != path && ::access("/proc/self/fd", F_OK) != 0)
    return error(
        Errc::io_error,
        path + ": a socket's path of more than " + std::to_string(sizeof place.address.sun_path - 1) +
            " bytes is reached through /proc, which is not mounted here: mount it, or choose a shorter directory");
  return system_error(path, errnum);
}

const sockaddr* generic(const sockaddr_un& address) { return reinterpret_cast<const sockaddr*>(&address); }

Fd unix_socket() { return Fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)); }

// Of what lies there; nothing: nothing does.
std::optional<unsigned> mode_at(const Place& place) {
  struct stat s {};
  if (::fstatat(place.dir.value(), place.name.c_str(), &s, AT_SYMLINK_NOFOLLOW) != 0) return std::nullopt;
  return s.st_mode;
}

void unlink_if_socket(const Place& place) {
  auto mode = mode_at(place);
  if (mode && S_ISSOCK(*mode)) ::unlinkat(place.dir.value(), place.name.c_str(), 0);
}

// What is no socket is somebody's: it is not ours to remove, nor to be taken for a broker that runs.
Status check_is_socket(const Place& place, const std::string& path) {
  auto mode = mode_at(place);
  if (!mode || S_ISSOCK(*mode)) return {};
  return error(Errc::io_error,
               path + ": is " + std::string(kind_of_file(*mode)) + ", where a broker's socket belongs: move it away");
}

}  // namespace

Result<Fd> listen_unix(const std::string& path) {
  BOBBIN_TRY_ASSIGN(place, place_of(path));
  unlink_if_socket(place);
  BOBBIN_TRY(check_is_socket(place, path));
  Fd fd = unix_socket();
  if (!fd.is_open()) return system_error(path);
  // The name takes its mode from the socket's own (less the umask): there is no moment at which it is open to others.
  if (::fchmod(fd.value(), 0600) != 0) return system_error(path);
  if (::bind(fd.value(), generic(place.address), sizeof place.address) != 0) return socket_error(place, path);
  if (::listen(fd.value(), SOMAXCONN) != 0) return system_error(path);
  return fd;
}

void unlink_unix(const std::string& path) {
  auto place = place_of(path);
  if (place) unlink_if_socket(*place);
}

Result<Fd> connect_unix(const std::string& path) {
  BOBBIN_TRY_ASSIGN(place, place_of(path));
  Fd fd = unix_socket();
  if (!fd.is_open()) return system_error(path);
  while (::connect(fd.value(), generic(place.address), sizeof place.address) != 0) {
    if (errno == EINTR) continue;
    if (errno == EAGAIN) return error(Errc::no_answer, path + ": too many wait to be let in");
    Error why = socket_error(place, path);
    if (Status is_socket = check_is_socket(place, path); !is_socket) why.message = is_socket.error().message;
    return why;
  }
  return fd;
}

Result<PeerCredentials> peer_credentials(int fd) {
  ucred who{};
  socklen_t size = sizeof who;
  if (::getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &size) != 0) return system_error("peer credentials");
  return PeerCredentials{who.uid, who.pid};
}

namespace {

// Room for one descriptor; the kernel closes what does not fit.
union PassedRoom {
  cmsghdr align;
  char bytes[CMSG_SPACE(sizeof(int))];
};

void take_passed(msghdr& message, Fd& passed) {
  for (cmsghdr* c = CMSG_FIRSTHDR(&message); c; c = CMSG_NXTHDR(&message, c)) {
    if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS || c->cmsg_len < CMSG_LEN(sizeof(int))) continue;
    int fd;
    std::memcpy(&fd, CMSG_DATA(c), sizeof fd);
    passed = Fd(fd);
  }
}

}  // namespace

Result<std::optional<size_t>> receive(int fd, std::span<char> into, Fd& passed) {
  iovec vector{into.data(), into.size()};
  PassedRoom room{};
  for (;;) {
    msghdr message{};
    message.msg_iov = &vector;
    message.msg_iovlen = 1;
    message.msg_control = room.bytes;
    message.msg_controllen = CMSG_LEN(sizeof(int));  // not with the padding, in which another one would find room
    ssize_t n = ::recvmsg(fd, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    if (n >= 0) {
      if (message.msg_controllen > 0) take_passed(message, passed);
      return std::optional<size_t>(static_cast<size_t>(n));
    }
    if (errno == EAGAIN) return std::optional<size_t>();
    if (errno != EINTR) return system_error("receiving");
  }
}

Result<std::optional<size_t>> send_with(int fd, Bytes bytes, int passed) {
  iovec vector{const_cast<char*>(bytes.data()), bytes.size()};
  PassedRoom room{};
  msghdr message{};
  message.msg_iov = &vector;
  message.msg_iovlen = 1;
  message.msg_control = room.bytes;
  message.msg_controllen = sizeof room.bytes;
  cmsghdr* c = CMSG_FIRSTHDR(&message);
  c->cmsg_level = SOL_SOCKET;
  c->cmsg_type = SCM_RIGHTS;
  c->cmsg_len = CMSG_LEN(sizeof passed);
  std::memcpy(CMSG_DATA(c), &passed, sizeof passed);
  for (;;) {
    ssize_t n = ::sendmsg(fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (n >= 0) return std::optional<size_t>(static_cast<size_t>(n));
    if (errno == EAGAIN) return std::optional<size_t>();
    if (errno != EINTR) return system_error("sending");
  }
}

}  // namespace bobbin::os
