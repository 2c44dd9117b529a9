// Where a cluster may be founded, and who may answer for it.
#include "local/place.h"

#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include "home/cluster_dir.h"
#include "os/posix/random.h"
#include "os/process.h"
#include "os/temp_dir.h"

using namespace bobbin;
using namespace bobbin::local;

namespace {

struct Place {
  Place() { make("place", 0700); }
  void make(const std::string& name, mode_t mode) {
    REQUIRE(::mkdir((temp / name).c_str(), 0700) == 0);
    set_mode(name, mode);
  }
  // Whatever the umask.
  void set_mode(const std::string& name, mode_t mode) { REQUIRE(::chmod((temp / name).c_str(), mode) == 0); }
  Status check(const std::string& name) {
    said.clear();
    return check_place(temp / name, [this](const std::string& line) { said.push_back(line); });
  }
  void found(const std::string& name) {
    os::PosixStorage storage;
    os::PosixRandom random;
    REQUIRE(home::create(storage, random, {temp / name}).ok());
  }
  ::test::TempDir temp;
  std::vector<std::string> said;
};

}  // namespace

TEST_CASE("Place: a directory of one's own is good, there or not, and nothing is said") {
  Place p;
  for (const char* name : {"place", "place/new", "place/new/deep/below"}) {
    CAPTURE(name);
    CHECK(p.check(name).ok());
    CHECK(p.said.empty());
  }
}

TEST_CASE("Place: where everybody may rename what is ours, no cluster is founded") {
  Place p;
  p.set_mode("place", 0777);
  for (const char* name : {"place", "place/new", "place/new/below"}) {
    CAPTURE(name);
    Status refused = p.check(name);
    REQUIRE_FALSE(refused.ok());
    CHECK(refused.error().code == Errc::permission_denied);
    CHECK(refused.error().message.starts_with((p.temp / "place") + ": everybody may write there"));
    CHECK(refused.error().message.find("chmod o-w") != std::string::npos);
  }
}

TEST_CASE("Place: where everybody may write, but only to what is theirs, is worth a word if it is the cluster itself") {
  Place p;
  p.set_mode("place", 01777);
  CHECK(p.check("place").ok());
  CHECK(p.said == std::vector<std::string>{"everybody may write to " + (p.temp / "place") +
                                           ", where the cluster is; chmod o-w takes that right away"});
  CHECK(p.check("place/new").ok());  // as below /tmp
  CHECK(p.said.empty());
}

TEST_CASE("Place: nobody has to listen, and a cluster that is there is not asked about its neighbours again") {
  Place p;
  p.set_mode("place", 01777);
  CHECK(check_place(p.temp / "place", {}).ok());
  p.found("place/c");
  p.set_mode("place", 0777);
  p.set_mode("place/c", 0777);
  CHECK(p.check("place/c").ok());
  CHECK(p.said.empty());
  CHECK(check_owner(p.temp / "place/c").ok());
}

TEST_CASE("Place: a directory without a cluster has no owner to ask") {
  Place p;
  CHECK(check_owner(p.temp / "place").ok());
  CHECK(check_owner(p.temp / "none").ok());
}

TEST_CASE("Place: another user's cluster is not ours to start, only root can make one") {
  if (os::current_uid() != 0) return;
  Place p;
  p.found("place/c");
  const home::ClusterDir dir{p.temp / "place/c"};
  REQUIRE(::chown(dir.metadata_log_dir().c_str(), 4321, 4321) == 0);
  Status refused = p.check("place/c");
  REQUIRE_FALSE(refused.ok());
  CHECK(refused.error().code == Errc::permission_denied);
  CHECK(refused.error().message.starts_with("the cluster in " + dir.root + " belongs to uid 4321"));
  p.make("theirs", 0700);
  REQUIRE(::chown((p.temp / "theirs").c_str(), 4321, 4321) == 0);
  CHECK(p.check("theirs").error().message.starts_with((p.temp / "theirs") + " belongs to uid 4321"));
  CHECK(p.check("theirs/new").ok());
  CHECK(p.said ==
        std::vector<std::string>{(p.temp / "theirs") + ", where the cluster is made, may be changed by uid 4321"});
}

TEST_CASE("Place: the directory's owner, root and we ourselves may answer, nobody else") {
  Place p;
  const uint32_t self = os::current_uid();
  const std::string dir = p.temp / "place";
  for (uint32_t uid : {self, uint32_t{0}}) CHECK(check_answerer(dir, {.uid = uid, .pid = 1}).ok());
  const uint32_t other = self + 4321;
  Status refused = check_answerer(dir, {.uid = other, .pid = 1});
  REQUIRE_FALSE(refused.ok());
  CHECK(refused.error().code == Errc::permission_denied);
  CHECK(refused.error().message == "uid " + std::to_string(other) + " answers for the cluster in " + dir +
                                       ", which belongs to uid " + std::to_string(self) +
                                       ": not trusted; look who put a socket there");
  CHECK(check_answerer(p.temp / "none", {.uid = other, .pid = 1}).error().code == Errc::not_found);
}

TEST_CASE("Place: a broker's folder lies on a disk where nobody else can take it away") {
  Place p;
  p.make("disk", 0700);
  const std::string dir = p.temp / "place", disk = p.temp / "disk";
  CHECK(check_data(dir, disk).ok());
  CHECK(check_data(dir, p.temp.path()).ok());  // beside the cluster
  p.set_mode("disk", 01777);
  CHECK(check_data(dir, disk).ok());
  p.set_mode("disk", 0777);
  CHECK(check_data(dir, disk).error().code == Errc::permission_denied);
  CHECK(check_data(dir, p.temp / "absent").error().message ==
        (p.temp / "absent") + " is not there: make it, or mount its disk");
  for (const std::string& inside : {dir, dir + "/broker-1"}) CHECK(check_data(dir, inside).error().code == Errc::usage);
  p.make("place-2", 0700);
  CHECK(check_data(dir, p.temp / "place-2").ok());
  if (os::current_uid() != 0) return;
  p.set_mode("disk", 0700);
  REQUIRE(::chown(disk.c_str(), 12345, 12345) == 0);
  CHECK(check_data(dir, disk).error().message.starts_with(disk + " belongs to uid 12345"));
}
