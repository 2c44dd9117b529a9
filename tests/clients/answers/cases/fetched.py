"""OffsetFetch of the positions that commits.py left."""
from cases.common import NO_ID, STRANGE_ID, versions
from cases.commits import KNOWN


def topic(name, *parts):
    return {"Name": name, "TopicId": KNOWN.get(name, STRANGE_ID), "PartitionIndexes": list(parts)}


def of(group, topics, stable=False, **more):
    """In all versions: alone, and as the first of several."""
    named = topics and [{name: value for name, value in each.items() if name != "TopicId"} for each in topics]
    return {"GroupId": group, "Topics": named, "Groups": [{"GroupId": group, "Topics": topics, **more}], "RequireStable": stable}


def ask_all(ask):
    every = versions("OffsetFetch")
    ask.each("a position", "OffsetFetch", every, of("simple", [topic("one", 0)]))
    ask.each("a partition without one", "OffsetFetch", every, of("simple", [topic("one", 5)]))
    ask.each("an unknown group", "OffsetFetch", every, of("nobody", [topic("one", 0)]))
    ask.each("all of them", "OffsetFetch", versions("OffsetFetch", 2), of("simple", None))
    ask.each("all of an unknown group", "OffsetFetch", versions("OffsetFetch", 2), of("nobody", None))
    ask.each("an unknown topic", "OffsetFetch", every, of("simple", [topic("nowhere", 0)]))
    for what, fields in {
            "no topics": of("simple", []), "no partitions": of("simple", [topic("one")]), "a negative partition": of("simple", [topic("one", -1)]),
            "a partition twice": of("simple", [topic("one", 0, 0)]), "a topic twice": of("simple", [topic("four", 0), topic("four", 1)]),
            "two topics": of("simple", [topic("four", 0, 1, 2, 3), topic("one", 0)]), "an empty name": of("simple", [topic("", 0)]),
            "an empty group": of("", [topic("one", 0)]), "all of an empty group": of("", None), "a null group": of(None, [topic("one", 0)]),
            "stable positions": of("simple", [topic("one", 0)], stable=True), "offsets below 0": of("negative", [topic("four", 0, 1, 2)]),
            "all offsets below 0": of("negative", None), "what was to be kept for 0 ms": of("kept-0", None), "what is kept by default": of("kept--1", None),
            "a null topic": of("simple", [{"Name": None, "PartitionIndexes": [0]}]),
    }.items():
        for version in (5, 7, 8, 9):
            ask(what, "OffsetFetch", version, fields)
    several(ask)


def several(ask):
    def groups(*fields):
        return {"Groups": [{"GroupId": name, "Topics": topics} for name, topics in fields]}
    for what, fields in {
            "groups": groups(("simple", [topic("one", 0)]), ("nobody", [topic("one", 0)]), ("simple-2", None)), "no groups": groups(),
            "a group twice": groups(("simple", [topic("one", 0)]), ("simple", [topic("four", 0)])), "a good group and an empty one": groups(("simple", [topic("one", 0)]), ("", None)),
            "a member nobody knows": of("simple", [topic("one", 0)], MemberId="stranger", MemberEpoch=1),
            "a member of an unknown group": of("nobody", [topic("one", 0)], MemberId="stranger", MemberEpoch=1),
            "an empty member": of("simple", [topic("one", 0)], MemberId="", MemberEpoch=-1), "an epoch and no member": of("simple", [topic("one", 0)], MemberEpoch=7),
            "a member, no epoch": of("simple", [topic("one", 0)], MemberId="stranger", MemberEpoch=-1),
            "no id": of("simple", [{"Name": "one", "TopicId": NO_ID, "PartitionIndexes": [0]}]), "an id twice": of("simple", [topic("one", 0), topic("one", 0)]),
            "a good id and an unknown one": of("simple", [topic("nowhere", 0), topic("one", 0)]),
    }.items():
        for version in (8, 10):
            ask(what, "OffsetFetch", version, fields)
