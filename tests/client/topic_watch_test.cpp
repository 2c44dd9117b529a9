// TopicWatch: by its id a topic is known, and only what is certain ends the work.
#include "client/topic_watch.h"

#include "client/answering.h"

using namespace bobbin;
using namespace bobbin::client;
using namespace bobbin::client::test;
using fake::FakeCluster;

namespace {

struct Watched {
  Watched() {
    cluster.add_topic("t", 1);
    session = open_session(cluster);
    look();
  }
  void look() { REQUIRE(session->fetch_metadata({"t"}).ok()); }
  TopicId id() const { return session->topology().topic("t")->id; }
  void answer_with(Errc code, bool keeps_id = true) {
    cluster.with([=](FakeCluster& c) {
      c.retouch_metadata = [=](protocol::MetadataResponse& answer) {
        for (auto& topic : answer.topics) {
          topic.error_code = static_cast<int16_t>(code);
          if (!keeps_id) topic.topic_id = {};
        }
      };
    });
    look();
  }
  FakeCluster cluster;
  std::unique_ptr<Session> session;
};

}  // namespace

TEST_CASE("TopicWatch: one that was made anew under its name is another, and is told as such") {
  Watched w;
  TopicWatch watch("t", w.id());
  CHECK(watch.id() == w.id());
  CHECK(watch.check(*w.session).ok());
  w.cluster.remove_topic("t");
  w.cluster.add_topic("t", 1);
  w.look();
  CHECK(watch.id() != w.id());
  Status other = watch.check(*w.session);
  REQUIRE_FALSE(other.ok());
  CHECK(other.error().code == Errc::inconsistent_topic_id);
  CHECK(other.error().message == "topic t was deleted and made anew meanwhile; start again to use the new one");
  TopicWatch fresh("t", w.id());
  CHECK(fresh.check(*w.session).ok());
}

TEST_CASE("TopicWatch: where either side has no id, no topic is another") {
  Watched w;
  TopicWatch without("t", {});
  CHECK(without.check(*w.session).ok());
  TopicWatch watch("t", w.id());
  w.answer_with(Errc::none, false);
  CHECK(w.id().is_zero());
  CHECK(watch.check(*w.session).ok());
}

TEST_CASE("TopicWatch: other troubles of a topic, and one that nobody asked for, are no end") {
  Watched w;
  TopicWatch never_asked("other", w.id());
  CHECK(never_asked.check(*w.session).ok());
  TopicId another;
  another.bytes[3] = 1;
  TopicWatch watch("t", another);
  for (Errc code : {Errc::leader_not_available, Errc::topic_authorization_failed, Errc::unknown_server_error}) {
    w.answer_with(code);
    CHECK(watch.check(*w.session).ok());  // whose id it is, is not certain then
  }
}

TEST_CASE("TopicWatch: one that has just gone may be late news") {
  Watched w;
  TopicWatch watch("t", w.id());
  w.cluster.remove_topic("t");
  w.look();
  CHECK(w.session->topology().topic("t")->error == Errc::unknown_topic_or_partition);
  CHECK(watch.check(*w.session).ok());
}
