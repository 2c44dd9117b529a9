// Links in a cluster's directory: folders and bobbin.toml may be some, files that are replaced may not.
#include "home/cluster_links.h"

#include <catch2/catch.hpp>
#include <filesystem>

#include "os/temp_dir.h"

using namespace bobbin;
using namespace bobbin::home;

namespace fs = std::filesystem;

namespace {

struct Linked {
  Linked() {
    for (const char* folder :
         {"/c", "/c/metadata", "/c/metadata/__cluster_metadata-0", "/c/broker-1", "/c/broker-1/t-0", "/elsewhere"})
      fs::create_directory(temp.path() + folder);
    REQUIRE(os::write_whole_file(storage, temp / "file", "x").ok());
  }
  // A link in the cluster's directory to a name beside it.
  void link(const std::string& at, const std::string& target) { fs::create_symlink(temp / target, temp / ("c/" + at)); }
  void link_folder(const std::string& at) {
    fs::remove_all(temp / ("c/" + at));
    link(at, "elsewhere");
  }
  // "ok", or what is said of the link at that name.
  std::string check() { return told(check_links(dir)); }
  std::string check(int32_t broker) { return told(check_links(dir, BrokerId(broker))); }
  std::string refused(const std::string& at, const std::string& target = "file") {
    return dir.root + "/" + at + " is a symbolic link (to " + (temp / target) +
           "): put the file itself there; only folders and bobbin.toml may be links";
  }
  static std::string told(const Status& status) {
    if (status) return "ok";
    CHECK(status.error().code == Errc::io_error);
    return status.error().message;
  }
  ::test::TempDir temp;
  os::PosixStorage storage;
  ClusterDir dir{temp / "c"};
};

}  // namespace

TEST_CASE("Cluster links: a directory without any, and one that is not there yet, is fine") {
  Linked l;
  CHECK(l.check() == "ok");
  CHECK(l.check(1) == "ok");
  CHECK(l.check(2) == "ok");  // has no folder
  l.dir.root = l.temp / "none";
  CHECK(l.check() == "ok");
  CHECK(l.check(1) == "ok");
}

TEST_CASE("Cluster links: the metadata, a broker's folder and a partition's may lie elsewhere") {
  Linked l;
  SECTION("metadata") { l.link_folder("metadata"); }
  SECTION("the metadata log") { l.link_folder("metadata/__cluster_metadata-0"); }
  SECTION("broker") {
    l.link_folder("broker-1");
    REQUIRE(os::write_whole_file(l.storage, l.temp / "elsewhere/meta.properties", "x").ok());
  }
  SECTION("partition") { l.link_folder("broker-1/t-0"); }
  CHECK(l.check() == "ok");
  CHECK(l.check(1) == "ok");
}

TEST_CASE("Cluster links: behind one of a broker there is the folder that it had, or it is refused") {
  Linked l;
  l.link_folder("broker-1");
  CHECK(l.check() == "ok");
  CHECK(l.check(1).starts_with("its folder " + (l.temp / "elsewhere") + " has no meta.properties"));
  fs::remove(l.temp / "elsewhere");
  CHECK(l.check() == "ok");  // the others run
  CHECK(l.check(1).starts_with("its folder " + (l.temp / "elsewhere") + " is not there"));
}

TEST_CASE("Cluster links: bobbin.toml may be one to a file that is there") {
  Linked l;
  SECTION("it is there") {
    l.link("bobbin.toml", "file");
    CHECK(l.check() == "ok");
  }
  SECTION("it leads nowhere") {
    l.link("bobbin.toml", "none");
    CHECK(l.check().find("bobbin.toml") != std::string::npos);
  }
}

TEST_CASE("Cluster links: a file of the cluster that is one is refused, with its target") {
  Linked l;
  const std::string name = GENERATE("stopped", "stopped.tmp", "starter.lock", "broker-1.sock", "broker-1.log",
                                    "broker-1.state", "broker-20.state.tmp");
  l.link(name, "file");
  CHECK(l.check() == l.refused(name));
}

TEST_CASE("Cluster links: one that leads nowhere is refused like any other") {
  Linked l;
  l.link("stopped", "none");
  CHECK(l.check() == l.refused("stopped", "none"));
}

TEST_CASE("Cluster links: what is no part of a cluster is nobody's business") {
  Linked l;
  for (const char* name : {"notes", "backup", "stopped.old", "metadata.old", "bobbin.toml.bak"}) l.link(name, "file");
  l.link("nowhere", "none");
  CHECK(l.check() == "ok");
}

TEST_CASE("Cluster links: in the metadata's folder and a broker's only folders may be some") {
  Linked l;
  l.link("metadata/.lock", "file");
  CHECK(l.check() == l.refused("metadata/.lock"));
  CHECK(l.check(1) == "ok");  // not its folder
  l.link("broker-1/.lock", "file");
  CHECK(l.check(1) == l.refused("broker-1/.lock"));
  CHECK(l.check(2) == "ok");
}

TEST_CASE("Cluster links: in a log's folder none may be, not to a folder either") {
  Linked l;
  const std::string target = GENERATE("file", "elsewhere");
  l.link("metadata/__cluster_metadata-0/00000000000000000000.log", target);
  CHECK(l.check() == l.refused("metadata/__cluster_metadata-0/00000000000000000000.log", target));
  l.link("broker-1/t-0/00000000000000000000.index", target);
  CHECK(l.check(1) == l.refused("broker-1/t-0/00000000000000000000.index", target));
}

TEST_CASE("Cluster links: they are looked for behind a folder that is one, too") {
  Linked l;
  l.link_folder("broker-1/t-0");
  fs::create_symlink(l.temp / "file", l.temp / "elsewhere/partition.metadata");
  CHECK(l.check(1) == l.refused("broker-1/t-0/partition.metadata"));
}

TEST_CASE("Cluster links: folders that are no partition any more are not looked into") {
  Linked l;
  for (const char* aside : {"t-1.AAAAAAAAAAAAAAAAAAAAAQ-delete", "t-1.AAAAAAAAAAAAAAAAAAAAAQ-stray", "lost+found"}) {
    fs::create_directory(l.dir.root + "/broker-1/" + aside);
    l.link(std::string("broker-1/") + aside + "/x", "file");
  }
  CHECK(l.check(1) == "ok");
}
