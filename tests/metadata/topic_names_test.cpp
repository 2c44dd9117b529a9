// Names of topics in the metadata log become paths: one that cannot be a name is damage, in the log and in a snapshot.
#include <catch2/catch.hpp>

#include "metadata/image.h"
#include "metadata/metadata_log.h"
#include "metadata/small_world.h"

using namespace bobbin;
using namespace bobbin::metadata;

namespace {

AnyRecord topic_called(const std::string& name, unsigned char id = 1) {
  TopicRecord r;
  r.name = name;
  r.topic_id.bytes[0] = id;
  return r;
}

const std::vector<std::string> bad_names{
    "../../x", "..", ".", "", "a/b", "$(touch x)", "a b", "red\x1b[31m", std::string("a\0b", 3), std::string(250, 'n')};

}  // namespace

TEST_CASE("Image: a topic that cannot be called so is damage, and nothing of it is taken in") {
  for (const std::string& bad : bad_names) {
    CAPTURE(bad);
    Image image;
    Status applied = image.apply(topic_called(bad), Offset(0));
    REQUIRE_FALSE(applied.ok());
    CHECK(applied.error().code == Errc::damaged);
    CHECK(applied.error().message.find('\x1b') == std::string::npos);
    CHECK(image.topics().empty());
  }
  Image image;
  CHECK(image.apply(topic_called(std::string(249, 'n')), Offset(0)).ok());
}

TEST_CASE("Metadata log: a name that cannot be one is damage to who reads it, with a right checksum, too") {
  for (const std::string& bad : bad_names) {
    CAPTURE(bad);
    test::SmallStorage storage;
    REQUIRE(storage.make_dir("/m"));
    auto encoded = encode_transaction({topic_called("good"), topic_called(bad, 2)}, Offset(0), Timestamp(1)).value();
    REQUIRE(os::write_whole_file(storage, "/m/" + segment_name(Offset(0)), encoded.bytes));
    Image image;
    Reader reader(storage, "/m");
    Status read = reader.catch_up(image);
    REQUIRE_FALSE(read.ok());
    CHECK(read.error().code == Errc::damaged);
  }
}
