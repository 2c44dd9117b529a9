"""Static members (KIP-345): instances that keep their place while their member ids change."""
from cases.commits import committing
from cases.join import ASSIGNMENT, SUBSCRIPTION, beating, joining, leaving, syncing

GROUP = "static"


def ask_all(ask):
    replaced(ask)
    skipped(ask)
    changed(ask)
    odd(ask)
    left(ask)


def replaced(ask):
    """One that comes again under another id: the old one is fenced."""
    joined = ask("an instance", "JoinGroup", 5, joining(GROUP, instance="a"))
    old, one = joined["MemberId"], joined["GenerationId"]
    ask("an instance", "SyncGroup", 3, syncing(GROUP, one, old, [(old, ASSIGNMENT)], "a"))
    ask("an instance", "Heartbeat", 3, beating(GROUP, one, old, "a"))
    ask("an instance, without saying so", "Heartbeat", 3, beating(GROUP, one, old))
    ask("a position of an instance", "OffsetCommit", 7, committing(GROUP, ("one", (0, 1)), generation=one, member=old, instance="a"))
    again = ask("an instance again", "JoinGroup", 5, joining(GROUP, instance="a"))
    new, two = again["MemberId"], again["GenerationId"]
    for what, member in (("the old id", old), ("the new id", new), ("a stranger", "stranger"), ("an empty id", "")):
        ask(what + " of a replaced instance", "Heartbeat", 4, beating(GROUP, two, member, "a"))
        ask(what + ", another instance", "Heartbeat", 4, beating(GROUP, two, member, "nobody"))
        ask(what + " of a replaced instance", "SyncGroup", 5, syncing(GROUP, two, member, instance="a"))
        ask(what + " of a replaced instance", "OffsetCommit", 8, committing(GROUP, ("one", (0, 2)), generation=two, member=member, instance="a"))
    ask("the old id, without its instance", "Heartbeat", 3, beating(GROUP, two, old))
    ask("the old id comes back", "JoinGroup", 5, joining(GROUP, old, instance="a"))
    ask("the old id comes back without its instance", "JoinGroup", 5, joining(GROUP, old))
    ask("another instance with the new id", "JoinGroup", 5, joining(GROUP, new, instance="b"), on="static")
    ask.each("a group with an instance", "DescribeGroups", (3, 4, 6), {"Groups": [GROUP]})


def skipped(ask):
    """From version 9 on a leader is told that it need not assign."""
    joined = ask("an instance that leads", "JoinGroup", 9, joining("skipped", instance="a"))
    member, one = joined["MemberId"], joined["GenerationId"]
    ask("an instance that leads", "SyncGroup", 5, syncing("skipped", one, member, [(member, ASSIGNMENT)], "a"))
    for version in (6, 8, 9):
        ask("an instance that leads, again", "JoinGroup", version, joining("skipped", instance="a"))
    new = ask("an instance that leads, with new metadata", "JoinGroup", 9, joining("skipped", instance="a", metadata=SUBSCRIPTION + b"!"))
    ask("new metadata of an instance", "SyncGroup", 5, syncing("skipped", new["GenerationId"], new["MemberId"], [(new["MemberId"], b"new")], "a"))
    ask("an instance that leads, with its id", "JoinGroup", 9, joining("skipped", new["MemberId"], instance="a", metadata=SUBSCRIPTION + b"!"))


def changed(ask):
    """An instance that comes while the group has no assignment yet."""
    joined = ask("an instance without an assignment", "JoinGroup", 7, joining("changed", instance="a"))
    again = ask("the same again, before", "JoinGroup", 7, joining("changed", instance="a"))
    ask("the old id of an instance", "SyncGroup", 5, syncing("changed", again["GenerationId"], joined["MemberId"], instance="a"))
    ask("the new id of an instance", "SyncGroup", 5, syncing("changed", again["GenerationId"], again["MemberId"], [(again["MemberId"], b"x")], "a"))


def odd(ask):
    ask("an empty instance", "JoinGroup", 5, joining("odd-static", instance=""))
    ask("an instance with a blank", "JoinGroup", 5, joining("odd-static-2", instance="a b"))
    ask("a long instance", "JoinGroup", 5, joining("odd-static-3", instance="i" * 250))
    ask("an unknown instance with an id", "JoinGroup", 5, joining(GROUP, "stranger", instance="new"))
    ask("an instance with a stranger's id", "JoinGroup", 5, joining("skipped", "stranger", instance="a"))
    ask("an instance of an unknown group with an id", "JoinGroup", 5, joining("nobody-static", "stranger", instance="a"))


def left(ask):
    member = ask("an instance that is to leave", "JoinGroup", 5, joining("left", instance="a"))["MemberId"]
    ask("an instance with a stranger's id", "LeaveGroup", 5, leaving("left", ("stranger", "a")))
    ask("an instance, and one that is unknown", "LeaveGroup", 3, leaving("left", ("", "nobody"), ("", "a")))
    ask("an instance that is gone", "LeaveGroup", 5, leaving("left", (member, "a")))
    member = ask("an instance that is to leave by its member", "JoinGroup", 5, joining("left", instance="b"))["MemberId"]
    ask("a member that is an instance", "LeaveGroup", 5, leaving("left", member))
    member = ask("an instance that is to leave with its member", "JoinGroup", 5, joining("left", instance="c"))["MemberId"]
    ask("an instance and its member", "LeaveGroup", 5, {"GroupId": "left", "Members": [{"MemberId": member, "GroupInstanceId": "c", "Reason": "because"}]})
