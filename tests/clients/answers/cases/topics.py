"""CreateTopics, DeleteTopics, CreatePartitions, and what Metadata says of topics that come and go."""
from cases.common import INT32_MAX, INT32_MIN, LONG_NAME, NO_ID, STRANGE_ID, await_leaders, ids, versions
from schema import Raw


def topic(name, partitions=1, replicas=1, assignments=(), configs=()):
    return {"Name": name, "NumPartitions": partitions, "ReplicationFactor": replicas,
            "Assignments": [{"PartitionIndex": index, "BrokerIds": list(brokers)} for index, brokers in assignments],
            "Configs": [{"Name": key, "Value": value} for key, value in configs]}


def asked(*topics, validate=False, timeout=10000):
    return {"Topics": list(topics), "timeoutMs": timeout, "validateOnly": validate}


def set_up(ask):
    ask("the topics of the cases", "CreateTopics", 7, asked(topic("one"), topic("four", 4)))
    await_leaders(ask, "one", "four")


def ask_all(ask):
    create(ask)
    wrong_topics(ask)
    delete(ask)
    partitions(ask)


def create(ask):
    ask.each("one topic", "CreateTopics", versions("CreateTopics"), lambda v: asked(topic(f"made-{v}", 2)))
    ask.each("only validated", "CreateTopics", versions("CreateTopics"), lambda v: asked(topic(f"not-made-{v}", 3), validate=True))
    ask.each("one that exists", "CreateTopics", versions("CreateTopics"), asked(topic("one")))
    ask("one that exists, only validated", "CreateTopics", 7, asked(topic("one"), validate=True))
    ask("defaults", "CreateTopics", 7, asked(topic("defaults", -1, -1)))
    ask("defaults before they were there", "CreateTopics", 3, asked(topic("defaults-3", -1, -1)))
    ask("a name twice", "CreateTopics", 7, asked(topic("twice"), topic("twice", 2), topic("once")))
    ask("a name twice that exists", "CreateTopics", 7, asked(topic("one"), topic("one")))
    ask("no topics", "CreateTopics", 7, asked())
    ask("with configs", "CreateTopics", 7, asked(topic("configured", configs=[("retention.ms", "1000000"), ("cleanup.policy", "compact")])))
    ask("a config twice: the last counts", "CreateTopics", 7, asked(topic("config-twice", configs=[
        ("retention.ms", "1000"), ("retention.ms", "2000000")])))
    ask("an assignment", "CreateTopics", 7, asked(topic("assigned", -1, -1, [(0, [1]), (1, [1])])))
    ask("a name of 249", "CreateTopics", 7, asked(topic(LONG_NAME)))
    ask("a time-out of 0", "CreateTopics", 5, asked(topic("hasty"), timeout=0))
    ask("a name that differs from another in a dot", "CreateTopics", 7, asked(topic("a.b")))
    ask("a name that collides", "CreateTopics", 7, asked(topic("a_b")))


def wrong_topics(ask):
    for what, wrong in {
            "no partitions": topic("bad", 0), "partitions of -2": topic("bad", -2), "partitions of INT32_MIN": topic("bad", INT32_MIN),
            "no replicas": topic("bad", 1, 0), "replicas of -2": topic("bad", 1, -2), "more replicas than brokers": topic("bad", 1, 3),
            "an empty name": topic(""), "a dot": topic("."), "two dots": topic(".."), "a name of 250": topic("n" * 250),
            "a blank in the name": topic("a b"), "a slash": topic("a/b"), "an umlaut": topic("\u00e4"),
            "an internal name": topic("__consumer_offsets"),
            "too many partitions": topic("bad", 10001), "partitions of INT32_MAX": topic("bad", INT32_MAX),
            "an assignment with a gap": topic("bad", -1, -1, [(0, [1]), (2, [1])]),
            "an assignment named twice": topic("bad", -1, -1, [(0, [1]), (0, [1])]),
            "an assignment to nobody": topic("bad", -1, -1, [(0, [])]),
            "an assignment to a stranger": topic("bad", -1, -1, [(0, [7])]),
            "an assignment to one twice": topic("bad", -1, -1, [(0, [1, 1])]),
            "an assignment and partitions": topic("bad", 1, -1, [(0, [1])]),
            "an assignment and replicas": topic("bad", -1, 1, [(0, [1])]),
            "an unknown config": topic("bad", configs=[("no.such.config", "1")]),
            "a config that is no number": topic("bad", configs=[("retention.ms", "soon")]),
            "a config out of range": topic("bad", configs=[("min.insync.replicas", "0")]),
            "a config without a value": topic("bad", configs=[("retention.ms", None)]),
            "a config of an empty name": topic("bad", configs=[("", "1")]),
            "an unknown policy": topic("bad", configs=[("cleanup.policy", "shred")]),
            "an unknown compression": topic("bad", configs=[("compression.type", "none")]),
            "a segment too small": topic("bad", configs=[("segment.bytes", "1000")]),
    }.items():
        ask(what, "CreateTopics", 7, asked(wrong))
        ask(what + ", validated", "CreateTopics", 5, asked(wrong, validate=True))
    ask("a good one and a bad one", "CreateTopics", 6, asked(topic("good"), topic("b/d")))
    ask("a null name", "CreateTopics", 4, asked(topic(None)))
    ask("null topics", "CreateTopics", 4, {"Topics": None, "timeoutMs": 1000})
    ask("more topics than there are bytes", "CreateTopics", 4, {"Topics": Raw(b"\x7f\xff\xff\xff"), "timeoutMs": 1000})


def delete(ask):
    for version in versions("DeleteTopics"):
        name = f"made-{version if version > 1 else 7}"
        ask("a topic", "DeleteTopics", version, {"Topics": [{"Name": name}], "TopicNames": [name], "TimeoutMs": 10000})
        ask("an unknown topic", "DeleteTopics", version, {"Topics": [{"Name": "nowhere"}], "TopicNames": ["nowhere"], "TimeoutMs": 10000})
    known = ids(ask)
    for what, topics in {
            "by id": [{"TopicId": known["defaults"]}], "by an unknown id": [{"TopicId": STRANGE_ID}], "by no id": [{"TopicId": NO_ID}],
            "by an id and a name": [{"Name": "made-4", "TopicId": known["configured"]}],
            "by name, twice": [{"Name": "once"}, {"Name": "once"}],
            "by id, twice": [{"TopicId": known["assigned"]}, {"TopicId": known["assigned"]}],
            "by id and by name": [{"TopicId": known["good"]}, {"Name": "good"}],
            "an empty name": [{"Name": ""}], "none": [],
            "a good one and an unknown one": [{"Name": "config-twice"}, {"Name": "nowhere"}],
    }.items():
        ask(what, "DeleteTopics", 6, {"Topics": topics, "TimeoutMs": 10000})
    ask("by name, twice", "DeleteTopics", 5, {"TopicNames": ["a.b", "a.b"], "TimeoutMs": 10000})
    ask("a time-out of -1", "DeleteTopics", 4, {"TopicNames": ["nowhere"], "TimeoutMs": -1})


def more(name, count, assignments=None):
    return {"Name": name, "Count": count, "Assignments": assignments and [{"BrokerIds": brokers} for brokers in assignments]}


def partitions(ask):
    def grow(*topics, validate=False):
        return {"Topics": list(topics), "TimeoutMs": 10000, "ValidateOnly": validate}
    ask.each("one more", "CreatePartitions", versions("CreatePartitions"), lambda v: grow(more("configured", v + 2)))
    ask.each("one more, only validated", "CreatePartitions", versions("CreatePartitions"), grow(more("configured", 9), validate=True))
    for what, topics in {
            "as many as there are": [more("configured", 5)], "fewer": [more("configured", 1)], "none": [more("configured", 0)],
            "a negative count": [more("configured", -1)], "an unknown topic": [more("nowhere", 2)], "an empty name": [more("", 2)],
            "a topic twice": [more("configured", 7), more("configured", 8)], "no topics": [],
            "an assignment": [more("configured", 6, [[1]])], "an assignment too short": [more("configured", 9, [[1]])],
            "an assignment too long": [more("configured", 7, [[1], [1]])], "an assignment to a stranger": [more("configured", 7, [[9]])],
            "an assignment to nobody": [more("configured", 7, [[]])], "an empty assignment": [more("configured", 7, [])],
            "a good one and an unknown one": [more("configured", 7), more("nowhere", 3)],
    }.items():
        ask(what, "CreatePartitions", 3, grow(*topics))
