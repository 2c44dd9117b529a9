#include "metadata/changes.h"

#include <set>

#include "metadata/config_layers.h"
#include "metadata/delta.h"
#include "metadata/names.h"
#include "metadata/small_cluster.h"

using namespace bobbin;
using namespace bobbin::config;
using namespace bobbin::test;

TEST_CASE("Creating a topic: it has an id, partitions in their first epoch, and its settings") {
  Image image = cluster_of(1);
  NewTopic t = topic_named("orders", 2);
  t.configs = {{"retention.ms", "1d"}, {"retention.ms", "7d"}, {"flush.policy", "os"}};  // the last one counts
  REQUIRE(take(image, creating(image, t)));
  const Topic* made = image.topic("orders");
  REQUIRE(made);
  CHECK(image.topic(uuid(50)) == made);
  REQUIRE(made->partitions.size() == 2);
  Partition expected;
  expected.replicas = expected.isr = {BrokerId(1)};
  expected.directories = {uuid(101)};
  expected.leader = BrokerId(1);
  CHECK(made->partitions[0] == expected);
  CHECK(image.configs(ConfigScope::topic, "orders") ==
        ConfigMap{{"flush.policy", "os"}, {"retention.ms", "604800000"}});
  CHECK(topic_settings(topic_layers(image, "orders", BrokerId(1), nullptr)).retention_ms == 604800000);
}

TEST_CASE("Creating a topic: numbers that are not given come from the broker's settings") {
  Image image = cluster_of(1);
  BrokerSettings defaults;
  defaults.num_partitions = 3;
  REQUIRE(take(image, creating(image, topic_named("t"), defaults)));
  CHECK(image.topic("t")->partitions.size() == 3);
}

TEST_CASE("Creating a topic: every refusal has Kafka's code and a sentence") {
  Image image = cluster_of(2);
  REQUIRE(take(image, creating(image, topic_named("a.b"))));
  auto refused = [&](NewTopic t, const BrokerSettings& defaults = {}) {
    auto r = creating(image, t, defaults);
    if (!r) CHECK(r.error().message.size() > 10);
    return code(r);
  };
  CHECK(refused(topic_named("a.b")) == Errc::topic_already_exists);
  CHECK(refused(topic_named("a_b")) == Errc::invalid_topic_exception);
  CHECK(refused(topic_named("a/b")) == Errc::invalid_topic_exception);
  CHECK(refused(topic_named("__cluster_metadata")) == Errc::invalid_topic_exception);
  CHECK(refused(topic_named("t", 0)) == Errc::invalid_partitions);
  CHECK(refused(topic_named("t", -2)) == Errc::invalid_partitions);
  CHECK(refused(topic_named("t", 10'001)) == Errc::invalid_partitions);
  NewTopic t = topic_named("t");
  t.replication_factor = 0;
  CHECK(refused(t) == Errc::invalid_replication_factor);
  t.replication_factor = 3;
  CHECK(refused(t) == Errc::invalid_replication_factor);
  BrokerSettings three;
  three.default_replication_factor = 3;
  CHECK(refused(topic_named("t"), three) == Errc::invalid_replication_factor);
  t = topic_named("t");
  t.configs = {{"retension.ms", "1"}};
  CHECK(refused(t) == Errc::invalid_config);
  t.configs = {{"retention.ms", std::nullopt}};
  CHECK(refused(t) == Errc::invalid_config);
  t.configs = {{"retention.ms", "1"}, {"retention.ms", "soon"}};
  CHECK(refused(t) == Errc::invalid_config);
  CHECK(code(create_topic(image, topic_named("t"), {}, {})) == Errc::invalid_replication_factor);
}

TEST_CASE("Creating a topic: an assignment is taken as it is, or refused") {
  Image image = cluster_of(2);
  auto with = [&](std::vector<Assignment> assignments) {
    NewTopic t = topic_named("t");
    t.assignments = std::move(assignments);
    return t;
  };
  CHECK(code(creating(image, with({{PartitionId(1), ids({1})}}))) == Errc::invalid_replica_assignment);
  NewTopic both = with({{PartitionId(0), ids({1})}});
  both.partitions = 1;
  CHECK(code(creating(image, both)) == Errc::invalid_request);
  REQUIRE(take(image, creating(image, with({{PartitionId(1), ids({1, 2})}, {PartitionId(0), ids({2, 1})}}))));
  CHECK(leaders(image) == std::vector<int32_t>{2, 1});
  CHECK(partition(image).isr == ids({2, 1}));
}

TEST_CASE("Deleting a topic: it goes with its settings, and a new one of that name is another") {
  Image image = cluster_of(1);
  NewTopic t = topic_named("t", 1, 7);
  t.configs = {{"retention.ms", "1"}};
  REQUIRE(take(image, creating(image, t)));
  REQUIRE(take(image, delete_topic(image, "t")));
  CHECK_FALSE(image.topic("t"));
  CHECK_FALSE(image.topic(uuid(7)));
  CHECK(image.all_configs().empty());
  CHECK(code(delete_topic(image, "t")) == Errc::unknown_topic_or_partition);
  CHECK(code(delete_topic(image, uuid(7))) == Errc::unknown_topic_id);
  REQUIRE(take(image, creating(image, topic_named("t", 1, 8))));
  REQUIRE(take(image, delete_topic(image, uuid(8))));
  CHECK(image.topics().empty());
}

TEST_CASE("Adding partitions: only more, and where they were asked for") {
  Image image = cluster_of(2);
  REQUIRE(take(image, creating(image, topic_named("t", 2))));
  CHECK(code(create_partitions(image, "u", 3, {}, anywhere(image))) == Errc::unknown_topic_or_partition);
  CHECK(code(create_partitions(image, "t", 2, {}, anywhere(image))) == Errc::invalid_partitions);
  CHECK(code(create_partitions(image, "t", 1, {}, anywhere(image))) == Errc::invalid_partitions);
  CHECK(code(create_partitions(image, "t", -1, {}, anywhere(image))) == Errc::invalid_partitions);
  CHECK(code(create_partitions(image, "t", 2147483647, {}, anywhere(image))) == Errc::invalid_partitions);
  CHECK(code(create_partitions(image, "t", 4, {{BrokerId(1)}}, anywhere(image))) == Errc::invalid_replica_assignment);
  CHECK(code(create_partitions(image, "t", 3, {{BrokerId(9)}}, anywhere(image))) == Errc::invalid_replica_assignment);
  CHECK(code(create_partitions(image, "t", 3, {{BrokerId(1), BrokerId(2)}}, anywhere(image))) ==
        Errc::invalid_replica_assignment);
  REQUIRE(take(image, create_partitions(image, "t", 4, {{BrokerId(2)}, {BrokerId(2)}}, anywhere(image))));
  CHECK(leaders(image, "t") == std::vector<int32_t>{1, 2, 2, 2});
}

TEST_CASE("Configs: set, removed, appended and subtracted") {
  Image image = cluster_of(1);
  REQUIRE(take(image, creating(image, topic_named("t"))));
  ConfigResource t{ConfigScope::topic, "t"};
  auto altered = [&](std::vector<ConfigChange> changes) { return alter_configs(image, t, changes); };
  REQUIRE(
      take(image, altered({{"retention.ms", ConfigOp::set, "1h"}, {"cleanup.policy", ConfigOp::append, "compact"}})));
  CHECK(image.configs(ConfigScope::topic, "t") ==
        ConfigMap{{"cleanup.policy", "delete,compact"}, {"retention.ms", "3600000"}});
  CHECK(altered({{"retention.ms", ConfigOp::set, "3600000"}}).value().empty());
  REQUIRE(
      take(image, altered({{"cleanup.policy", ConfigOp::subtract, "delete"}, {"retention.ms", ConfigOp::remove, {}}})));
  CHECK(image.configs(ConfigScope::topic, "t") == ConfigMap{{"cleanup.policy", "compact"}});
  CHECK(altered({{"no.such.key", ConfigOp::remove, {}}}).value().empty());
  CHECK(code(altered({{"retention.ms", ConfigOp::append, "1"}})) == Errc::invalid_config);
  CHECK(code(altered({{"no.such.key", ConfigOp::append, "1"}})) == Errc::invalid_config);
  CHECK(code(altered({{"cleanup.policy", ConfigOp::append, "burn"}})) == Errc::invalid_config);
  CHECK(code(altered({{"retention.ms", ConfigOp::set, {}}})) == Errc::invalid_request);
  CHECK(code(altered({{"retention.ms", ConfigOp::set, "1"}, {"retention.ms", ConfigOp::remove, {}}})) ==
        Errc::invalid_request);
  CHECK(code(alter_configs(image, {ConfigScope::topic, "u"}, {})) == Errc::unknown_topic_or_partition);
}

TEST_CASE(
    "Configs: what is added to a list or taken from it counts from the value that holds now, wherever it is from") {
  const ConfigResource cluster{ConfigScope::broker, ""}, broker{ConfigScope::broker, "1"},
      topic{ConfigScope::topic, "t"};
  Image image = cluster_of(2);
  REQUIRE(take(image, creating(image, topic_named("t"))));
  auto alter = [&](const ConfigResource& what, ConfigOp op, const std::string& items) {
    std::string key = what.scope == ConfigScope::topic ? "cleanup.policy" : "log.cleanup.policy";
    REQUIRE(take(image, alter_configs(image, what, {{key, op, items}})));
    const ConfigMap& stored = image.configs(what.scope, what.name);
    return stored.count(key) ? stored.at(key) : "nothing";
  };
  // Kafka's default is "delete".
  CHECK(alter(cluster, ConfigOp::append, "compact") == "delete,compact");
  CHECK(alter(cluster, ConfigOp::subtract, "delete") == "compact");
  // The cluster's own default counts for a topic and for one broker.
  CHECK(alter(topic, ConfigOp::append, "compact") == "compact");
  CHECK(alter(topic, ConfigOp::append, "delete") == "compact,delete");
  CHECK(alter(broker, ConfigOp::append, "delete,compact") == "compact,delete");
  CHECK(alter(broker, ConfigOp::subtract, "compact") == "delete");
  // And what was set there before, afterwards.
  CHECK(alter(cluster, ConfigOp::set, "delete") == "delete");
  CHECK(alter(topic, ConfigOp::subtract, "delete") == "compact");
  CHECK(alter(broker, ConfigOp::append, "compact") == "delete,compact");
}

TEST_CASE("Configs: of one broker, and of all") {
  Image image = cluster_of(2);
  REQUIRE(take(image, alter_configs(image, {ConfigScope::broker, ""}, {{"log.retention.ms", ConfigOp::set, "5"}})));
  REQUIRE(take(image, alter_configs(image, {ConfigScope::broker, "2"}, {{"log.retention.ms", ConfigOp::set, "6"}})));
  CHECK(topic_settings(topic_layers(image, "t", BrokerId(1), nullptr)).retention_ms == 5);
  CHECK(topic_settings(topic_layers(image, "t", BrokerId(2), nullptr)).retention_ms == 6);
  CHECK(code(alter_configs(image, {ConfigScope::broker, "3"}, {})) == Errc::broker_id_not_registered);
  CHECK(code(alter_configs(image, {ConfigScope::broker, "x"}, {})) == Errc::invalid_request);
  CHECK(code(alter_configs(image, {ConfigScope::broker, "2"}, {{"segment.bytes", ConfigOp::set, "1048576"}})) ==
        Errc::invalid_config);
}

TEST_CASE("Image: it knows who leads how much and which names count as the same, whatever happened to topics") {
  Image image = cluster_of(3);
  uint64_t state = 7;
  auto random = [&](uint64_t below) {
    return (state = state * 6364136223846793005u + 1442695040888963407u) >> 33 % below;
  };
  for (unsigned char i = 1; i < 120; i++) {
    std::string name = std::string("t") + (random(2) % 2 ? "." : "_") + std::to_string(i % 9);
    if (image.topic(name) && i % 3 == 0) REQUIRE(take(image, delete_topic(image, name)));
    else (void)take(image, creating(image, topic_named(name, 1 + i % 4, i)));
    if (i % 20 == 0) REQUIRE(take(image, register_broker(image, life_of(1 + i % 3, i))));
    std::map<BrokerId, size_t> led;
    std::map<std::string, size_t> forms;
    for (const auto& [n, topic] : image.topics()) {
      forms[collision_form(n)]++;
      for (const Partition& p : topic.partitions) led[p.leader]++;
    }
    for (int32_t id = 1; id <= 3; id++) CHECK(image.led_by(BrokerId(id)) == led[BrokerId(id)]);
    for (const auto& [form, count] : forms) {
      CHECK(count == 1);
      CHECK(image.colliding_with(form) != nullptr);
    }
    CHECK((image.colliding_with("t." + std::to_string(i % 9)) != nullptr) ==
          forms.contains("t_" + std::to_string(i % 9)));
  }
}

TEST_CASE("Delta: names the topics that a change touched, also by their configs, and nothing else") {
  Image image = cluster_of(1);
  auto delta_of = [&](const Result<Records>& records) {
    Delta delta;
    REQUIRE(take(image, records));
    for (const AnyRecord& r : *records) delta.note(r, image);
    return delta;
  };
  CHECK(delta_of(creating(image, topic_named("t", 2, 9))).topics == std::set<TopicId>{uuid(9)});
  CHECK(delta_of(creating(image, topic_named("u", 1, 10))).topics == std::set<TopicId>{uuid(10)});
  Delta configs = delta_of(alter_configs(image, {ConfigScope::topic, "t"}, {{"retention.ms", ConfigOp::set, "1"}}));
  CHECK(configs.topics == std::set<TopicId>{uuid(9)});
  CHECK_FALSE(configs.broker_configs);
  CHECK(delta_of(alter_configs(image, {ConfigScope::broker, ""}, {{"message.max.bytes", ConfigOp::set, "5"}}))
            .broker_configs);
  Delta ids = delta_of(take_producer_ids(image, BrokerId(1), image.broker(BrokerId(1))->epoch));
  CHECK((ids.topics.empty() && !ids.broker_configs && !ids.anew));
  CHECK(delta_of(register_broker(image, life_of(1, 77))).topics == std::set<TopicId>{uuid(9), uuid(10)});
  CHECK(delta_of(delete_topic(image, "t")).topics == std::set<TopicId>{uuid(9)});
}

TEST_CASE("Image: records that contradict it are damage, a later feature level is told as such") {
  Image image = cluster_of(1);
  REQUIRE(take(image, creating(image, topic_named("t", 1, 9))));
  auto applied = [&](AnyRecord r) {
    Image copy = image;
    auto s = copy.apply(r, copy.next_offset());
    return s ? Errc::none : s.error().code;
  };
  TopicRecord topic;
  topic.name = "t";
  topic.topic_id = uuid(11);
  CHECK(applied(topic) == Errc::damaged);
  topic.name = "other";
  topic.topic_id = uuid(9);
  CHECK(applied(topic) == Errc::damaged);
  PartitionRecord partition;
  partition.topic_id = uuid(9);
  for (int32_t n : {-1, 2, 2147483647}) {
    partition.partition_id = n;
    CHECK(applied(partition) == Errc::damaged);
  }
  PartitionChangeRecord change;
  change.topic_id = uuid(9);
  for (int32_t n : {-1, 1}) {
    change.partition_id = n;
    CHECK(applied(change) == Errc::damaged);
  }
  RemoveTopicRecord remove;
  remove.topic_id = uuid(12);
  CHECK(applied(remove) == Errc::damaged);
  FenceBrokerRecord fence;
  fence.id = 9;
  CHECK(applied(fence) == Errc::damaged);
  FeatureLevelRecord level;
  level.name = feature_bobbin_version;
  level.feature_level = bobbin_version + 1;
  CHECK(applied(level) == Errc::unsupported_version);
}

TEST_CASE("Configs: where min.insync.replicas becomes smaller nobody is eligible who may miss what is committed then") {
  const bool is_topic = GENERATE(true, false);
  CAPTURE(is_topic);
  Image image = cluster_of(2);
  make_topic(image, {{1, 2}});
  const ConfigResource where{is_topic ? ConfigScope::topic : ConfigScope::broker, is_topic ? "t" : ""};
  REQUIRE(take(image, alter_configs(image, where, {{"min.insync.replicas", ConfigOp::set, "2"}})));
  fence(image, 2);
  REQUIRE(said(partition(image)) == "leader 1 epoch 0 isr 1 eligible 2");
  REQUIRE(take(image, register_broker(image, life_of(2, 77))));
  REQUIRE(take(image, alter_configs(image, where, {{"min.insync.replicas", ConfigOp::set, "1"}})));
  CHECK(said(partition(image)) == "leader 1 epoch 0 isr 1 eligible none");
  // From here on broker 1 commits alone.
  fence(image, 1);
  CHECK(said(partition(image)) == "leader none epoch 1 isr none eligible 1");
}
