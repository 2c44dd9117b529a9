"""ElectLeaders, AlterPartitionReassignments, ListPartitionReassignments, UnregisterBroker, DescribeLogDirs: of one broker."""
from cases.common import versions


def ask_all(ask):
    elect(ask)
    reassign(ask)
    log_dirs(ask)
    for broker in (7, -1):
        ask(f"broker {broker}", "UnregisterBroker", 0, {"BrokerId": broker})


def elect(ask):
    def of(*topics, kind=0):
        return {"ElectionType": kind, "TopicPartitions": [{"Topic": name, "Partitions": list(parts)} for name, parts in topics], "TimeoutMs": 5000}
    ask.each("who leads already", "ElectLeaders", versions("ElectLeaders"), of(("four", (0, 1))))
    for what, fields in {
            "unclean": of(("four", (0,)), kind=1), "a kind that there is none of": of(("four", (0,)), kind=2), "a negative kind": of(("four", (0,)), kind=-1),
            "an unknown topic": of(("nowhere", (0,))), "an unknown partition": of(("four", (9,))), "a negative partition": of(("four", (-1,))),
            "a partition twice": of(("four", (0, 0))), "a topic twice": of(("four", (0,)), ("four", (1,))), "no partitions": of(("four", ())),
            "no topics": of(),
    }.items():
        ask(what, "ElectLeaders", 2, fields)


def reassign(ask):
    def of(name, *parts):
        return {"TimeoutMs": 5000, "Topics": [{"Name": name, "Partitions": [
            {"PartitionIndex": index, "Replicas": replicas} for index, replicas in parts]}]}
    ask.each("to where it is", "AlterPartitionReassignments", versions("AlterPartitionReassignments"), of("four", (0, [1])))
    for what, fields in {
            "nothing to cancel": of("four", (0, None)), "to a stranger": of("four", (0, [7])), "to nobody": of("four", (0, [])),
            "to one twice": of("four", (0, [1, 1])), "to a negative one": of("four", (0, [-1])), "an unknown topic": of("nowhere", (0, [1])),
            "an unknown partition": of("four", (9, [1])), "a negative partition": of("four", (-1, [1])),
            "a partition twice": of("four", (0, [1]), (0, [1])), "no partitions": of("four"), "nothing": {"Topics": []},
            "an unknown partition to cancel": of("four", (9, None)),
    }.items():
        ask(what, "AlterPartitionReassignments", 1, fields)
    for what, topics in {"all": None, "of nothing": [], "a topic": [{"Name": "four", "PartitionIndexes": [0, 1]}],
                         "an unknown topic": [{"Name": "nowhere", "PartitionIndexes": [0]}]}.items():
        ask(what, "ListPartitionReassignments", 0, {"Topics": topics})


def log_dirs(ask):
    def of(*topics):
        return {"Topics": [{"Topic": name, "Partitions": list(parts)} for name, parts in topics]}
    ask.each("a topic", "DescribeLogDirs", versions("DescribeLogDirs"), of(("four", (0, 1))))
    for what, fields in {"an unknown topic": of(("nowhere", (0,))), "an unknown partition": of(("four", (9,))), "nothing": of(),
                         "a partition twice": of(("four", (0, 0))), "no partitions": of(("four", ()))}.items():
        ask(what, "DescribeLogDirs", 4, fields)
