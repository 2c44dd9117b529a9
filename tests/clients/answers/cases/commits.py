"""OffsetCommit of who is no member: positions of a group that nobody is in."""
from cases.common import INT32_MAX, INT32_MIN, INT64_MAX, INT64_MIN, NO_ID, STRANGE_ID, ids, versions

KNOWN = {}  # ids of topics


def committing(group, *topics, generation=-1, member="", instance=None, **more):
    """topics: (name, (partition, offset[, metadata[, epoch]])...)"""
    return {"GroupId": group, "GenerationIdOrMemberEpoch": generation, "MemberId": member, "GroupInstanceId": instance, "Topics": [{
        "Name": name, "TopicId": KNOWN.get(name, STRANGE_ID), "Partitions": [{
            "PartitionIndex": each[0], "CommittedOffset": each[1], "CommittedMetadata": each[2] if len(each) > 2 else "",
            "CommittedLeaderEpoch": each[3] if len(each) > 3 else -1} for each in parts]} for name, *parts in topics], **more}


def ask_all(ask):
    KNOWN.update(ids(ask))
    every = versions("OffsetCommit")
    ask.each("a position", "OffsetCommit", every, lambda v: committing("simple", ("one", (0, v, f"of {v}", v))))
    ask.each("an unknown topic", "OffsetCommit", every, committing("simple", ("nowhere", (0, 1))))
    ask.each("a member nobody knows", "OffsetCommit", every, committing("simple", ("one", (0, 1)), generation=1, member="stranger"))
    ask.each("a generation in an unknown group", "OffsetCommit", every, committing("nobody", ("one", (0, 1)), generation=1, member="m"))
    for what, fields in {
            "an unknown partition": committing("simple", ("one", (9, 1))), "a negative partition": committing("simple", ("one", (-1, 1))),
            "an offset of -1": committing("negative", ("four", (0, -1))), "an offset of -2": committing("negative", ("four", (1, -2))),
            "the smallest offset": committing("negative", ("four", (2, INT64_MIN))), "the largest offset": committing("simple", ("four", (3, INT64_MAX))),
            "null metadata": committing("simple", ("four", (0, 1, None))), "metadata of 4096": committing("simple", ("four", (0, 1, "m" * 4096))),
            "metadata of 4097": committing("simple", ("four", (0, 1, "m" * 4097))), "metadata of 4096 umlauts": committing("simple", ("four", (1, 1, "\u00e4" * 4096))),
            "a leader epoch too new": committing("simple", ("four", (2, 1, "", 99))), "a leader epoch of -2": committing("simple", ("four", (2, 1, "", -2))),
            "a partition twice": committing("simple", ("four", (0, 5), (0, 6))), "a topic twice": committing("simple", ("four", (0, 7)), ("four", (1, 8))),
            "a topic and partition twice": committing("simple", ("four", (0, 9)), ("four", (0, 10))),
            "two topics": committing("simple", ("four", (0, 1), (1, 2)), ("one", (0, 3))), "a good topic and an unknown one": committing("simple", ("nowhere", (0, 1)), ("one", (0, 4))),
            "a good partition and an unknown one": committing("simple", ("four", (9, 1), (0, 4))),
            "no topics": committing("simple"), "no partitions": committing("simple", ("one",)), "an empty name": committing("simple", ("", (0, 1))),
            "a name that none can have": committing("simple", ("a/b", (0, 1))), "an empty group": committing("", ("one", (0, 1))),
            "an empty group, an unknown topic": committing("", ("nowhere", (0, 1))), "an empty group, no topics": committing(""),
            "an unknown group, no topics": committing("nobody", generation=3, member="m"),
            "a null group": committing(None, ("one", (0, 1))), "a null member": committing("simple", ("one", (0, 1)), member=None),
            "generation 0, no member": committing("simple", ("one", (0, 1)), generation=0), "a generation of -2": committing("simple", ("one", (0, 1)), generation=-2),
            "the smallest generation": committing("simple", ("one", (0, 1)), generation=INT32_MIN),
            "the largest generation": committing("simple", ("one", (0, 1)), generation=INT32_MAX),
            "a member, no generation": committing("simple", ("one", (0, 1)), member="m"),
            "a member, no generation, an unknown group": committing("new-by-member", ("one", (0, 1)), member="m"),
            "an instance": committing("simple", ("one", (0, 1)), instance="i"), "an instance and a member": committing("simple", ("one", (0, 1)), member="m", instance="i"),
            "an instance and a generation": committing("simple", ("one", (0, 1)), generation=1, member="m", instance="i"),
            "an internal topic": committing("simple", ("__consumer_offsets", (0, 1))),
    }.items():
        for version in (7, 9):
            ask(what, "OffsetCommit", version, fields)
    for what, of in {"no id": NO_ID, "an unknown id": STRANGE_ID}.items():
        ask(what, "OffsetCommit", 10, {**committing("simple"), "Topics": [{"TopicId": of, "Partitions": [{"PartitionIndex": 0, "CommittedOffset": 1}]}]})
    ask("an unknown partition", "OffsetCommit", 10, committing("simple", ("one", (9, 1))))
    ask("a good id and an unknown one", "OffsetCommit", 10, committing("simple", ("nowhere", (0, 1)), ("one", (0, 5))))
    for retention in (0, -1, -2, 1000, INT64_MAX):
        ask(f"kept for {retention} ms", "OffsetCommit", 2 if retention < 0 else 4, committing(f"kept-{retention}", ("one", (0, 1)), RetentionTimeMs=retention))
