"""ApiVersions, Metadata, DescribeCluster, DescribeTopicPartitions: what a client asks first."""
from cases.common import INT32_MAX, NO_ID, STRANGE_ID, ids, versions


def ask_all(ask):
    api_versions(ask)
    metadata(ask)
    describe_cluster(ask)
    describe_topic_partitions(ask)


def api_versions(ask):
    def of(name, version):
        return {"ClientSoftwareName": name, "ClientSoftwareVersion": version}
    ask.each("a client", "ApiVersions", versions("ApiVersions"), of("answers", "1.0"))
    for what, fields in {"an empty name": of("", "1.0"), "an empty version": of("answers", ""), "a blank in the name": of("a b", "1.0"),
                         "a name that ends with a dash": of("answers-", "1"), "a name with dots": of("a.b-c", "1-2.3")}.items():
        ask(what, "ApiVersions", 3, fields)
    ask("too new a version", "ApiVersions", 99, b"\0")
    ask("no client id", "ApiVersions", 2, {}, client=None)
    ask("a negative version", "ApiVersions", -1, b"")


def metadata(ask):
    known = ids(ask)

    def of(*topics, create=False, **more):
        return {"Topics": [{"Name": each} if isinstance(each, str) else each for each in topics], "AllowAutoTopicCreation": create, **more}
    ask.each("a topic", "Metadata", versions("Metadata"), of("four"))
    ask.each("an unknown topic", "Metadata", versions("Metadata", 4), of("nowhere"))
    ask.each("no topics", "Metadata", versions("Metadata", 1), of())
    ask.each("an empty name", "Metadata", (8, 12, 13), of(""))
    ask.each("a name that none can have", "Metadata", (4, 12, 13), of("a/b"))
    ask.each("a topic twice", "Metadata", (8, 13), of("one", "one"))
    ask.each("authorized operations", "Metadata", (8, 10, 11), of("one", IncludeClusterAuthorizedOperations=True,
                                                              IncludeTopicAuthorizedOperations=True))
    ask.each("by id", "Metadata", (10, 11, 12, 13), of({"TopicId": known["one"], "Name": None}))
    ask.each("by an id with an empty name", "Metadata", (10, 12), of({"TopicId": known["one"], "Name": ""}))
    ask.each("by an unknown id", "Metadata", (12, 13), of({"TopicId": STRANGE_ID, "Name": None}))
    ask("by an id and a name", "Metadata", 12, of({"TopicId": known["one"], "Name": "four"}))
    ask("by no id and no name", "Metadata", 12, of({"TopicId": NO_ID, "Name": None}))
    ask("by id and by name", "Metadata", 12, of({"TopicId": known["one"], "Name": None}, "one"))
    ask("a good topic and an unknown one", "Metadata", 9, of("nowhere", "one"))
    ask("a name that collides, to be made", "Metadata", 8, of("not_made", "not.made", create=True))
    ask("a bad name, to be made", "Metadata", 8, of("a b", create=True))
    ask("topics of null before that is allowed", "Metadata", 0, {"Topics": None})


def describe_cluster(ask):
    ask.each("a cluster", "DescribeCluster", versions("DescribeCluster"), {})
    ask.each("authorized operations", "DescribeCluster", versions("DescribeCluster"), {"IncludeClusterAuthorizedOperations": True})
    ask("fenced brokers too", "DescribeCluster", 2, {"IncludeFencedBrokers": True})
    for endpoint in (0, 2, 3, -1):
        ask(f"an endpoint of {endpoint}", "DescribeCluster", 2, {"EndpointType": endpoint})


def describe_topic_partitions(ask):
    def of(*names, limit=2000, cursor=None):
        return {"Topics": [{"Name": name} for name in names], "ResponsePartitionLimit": limit,
                "Cursor": cursor and {"TopicName": cursor[0], "PartitionIndex": cursor[1]}}
    for what, fields in {
            "topics": of("four", "one"), "an unknown topic": of("nowhere"), "an unknown one first": of("nowhere", "one"),
            "a topic twice": of("one", "one"), "an empty name": of(""), "a name that none can have": of("a/b"),
            "a limit": of("four", "one", limit=2), "a limit of 1": of("four", limit=1), "a limit of 0": of("four", limit=0),
            "a negative limit": of("four", limit=-1), "a huge limit": of("four", limit=INT32_MAX),
            "a cursor": of("four", "one", cursor=("four", 2)), "a cursor past the partitions": of("four", "one", cursor=("four", 4)),
            "a negative cursor": of("four", "one", cursor=("four", -1)), "a cursor past the topics": of("four", cursor=("zzz", 0)),
            "a cursor at a topic between": of("four", "one", cursor=("kkk", 0)), "a cursor and a limit": of("four", limit=1, cursor=("four", 1)),
            "a cursor at an unknown topic": of("nowhere", "one", cursor=("nowhere", 0)),
    }.items():
        ask(what, "DescribeTopicPartitions", 0, fields)
