"""A group of two through all its states, and what it answers in each of them."""
from cases.common import versions
from cases.commits import committing
from cases.join import ASSIGNMENT, SUBSCRIPTION, beating, joining, leaving, stable, syncing

GROUP = "two"


def ask_all(ask):
    pending(ask)
    rebalance(ask)
    votes(ask)
    told(ask)


def describe(ask, what, group=GROUP, each=(4, 6)):
    ask.each(what, "DescribeGroups", each, {"Groups": [group]})


def pending(ask):
    """A member that has its id and has not come back with it."""
    member = ask("an id, and no more", "JoinGroup", 5, joining("pending"))["MemberId"]
    describe(ask, "a pending member", "pending")
    ask("a pending member", "Heartbeat", 3, beating("pending", -1, member))
    ask("a pending member, generation 0", "Heartbeat", 3, beating("pending", 0, member))
    ask("a pending member", "SyncGroup", 3, syncing("pending", 0, member))
    ask("a pending member", "OffsetCommit", 7, committing("pending", ("one", (0, 1)), generation=-1, member=member))
    ask("an id that is used over an older version", "JoinGroup", 2, joining("pending", member))
    ask("in, and out", "LeaveGroup", 3, leaving("pending", member))
    other = ask("another id, and no more", "JoinGroup", 5, joining("pending"))["MemberId"]
    ask("a pending member", "LeaveGroup", 3, leaving("pending", other))
    ask("an id that was given back", "JoinGroup", 5, joining("pending", other))
    third = ask("a third id, and no more", "JoinGroup", 5, joining("pending"))["MemberId"]
    ask("a pending member", "LeaveGroup", 1, leaving("pending", third))
    ask("a group with a pending member alone", "DeleteGroups", 2, {"GroupsNames": ["pending"]})


def rebalance(ask):
    first, one = stable(ask, "the first of two", GROUP)
    describe(ask, "stable, one member", each=versions("DescribeGroups"))
    second = ask("the second of two, without an id", "JoinGroup", 5, joining(GROUP))["MemberId"]
    ask("a pending member beside it", "Heartbeat", 3, beating(GROUP, one, first))
    waiting = ask.begin("the second of two", "JoinGroup", 5, joining(GROUP, second, metadata=SUBSCRIPTION + b"!"), on="second")
    ask.until("the rebalance", lambda: ask.quietly("Heartbeat", 3, beating(GROUP, one, first))["ErrorCode"] == 27)
    preparing(ask, first, second, one)
    joined = ask("the first of two, again", "JoinGroup", 5, joining(GROUP, first))
    waiting.end()
    two = joined["GenerationId"]
    completing(ask, first, second, one, two)
    leaders = ask.begin("the follower's", "SyncGroup", 3, syncing(GROUP, two, second), on="second")
    ask("of both", "SyncGroup", 3, syncing(GROUP, two, first, [(first, ASSIGNMENT), (second, b"yours"), ("stranger", b"nobody's")]))
    leaders.end()
    settled(ask, first, second, one, two)
    ask("one of two", "LeaveGroup", 3, leaving(GROUP, second))
    ask("after one of two left", "Heartbeat", 3, beating(GROUP, two, first))
    three = ask("the last of two", "JoinGroup", 5, joining(GROUP, first))["GenerationId"]
    ask("alone, and without an assignment", "SyncGroup", 3, syncing(GROUP, three, first))
    ask("alone", "LeaveGroup", 1, leaving(GROUP, first))
    describe(ask, "empty")
    ask("an empty group", "Heartbeat", 3, beating(GROUP, three, first))
    ask("an empty group", "SyncGroup", 3, syncing(GROUP, three, first))


def preparing(ask, first, second, one):
    """While it is waited for the first."""
    describe(ask, "preparing", each=(3, 6))
    for name, member in (("the first", first), ("the second", second), ("a stranger", "stranger")):
        ask(f"preparing, {name}", "Heartbeat", 4, beating(GROUP, one, member))
        ask(f"preparing, {name}", "SyncGroup", 5, syncing(GROUP, one, member))
    ask("preparing, the next generation", "Heartbeat", 4, beating(GROUP, one + 1, first))
    ask("preparing, the next generation", "SyncGroup", 5, syncing(GROUP, one + 1, first))
    ask("preparing", "OffsetCommit", 7, committing(GROUP, ("one", (0, 11)), generation=one, member=first))
    ask("preparing, without a member", "OffsetCommit", 7, committing(GROUP, ("one", (0, 11))))
    ask("preparing", "DeleteGroups", 2, {"GroupsNames": [GROUP]})
    ask("preparing", "ListGroups", 4, {"StatesFilter": ["PreparingRebalance"]})


def completing(ask, first, second, one, two):
    """All have joined, and nobody has an assignment."""
    describe(ask, "completing", each=(0, 6))
    for name, member in (("the leader", first), ("the follower", second)):
        ask(f"completing, {name}", "Heartbeat", 4, beating(GROUP, two, member))
        ask(f"completing, {name}", "OffsetCommit", 7, committing(GROUP, ("one", (0, 12)), generation=two, member=member))
    ask("completing, the generation before", "Heartbeat", 4, beating(GROUP, one, first))
    ask("completing, the generation before", "SyncGroup", 5, syncing(GROUP, one, first))
    ask("completing, the generation before", "OffsetCommit", 7, committing(GROUP, ("one", (0, 12)), generation=one, member=first))
    ask("completing, another protocol", "SyncGroup", 5, syncing(GROUP, two, first, protocol="sticky"))
    ask("completing, the follower as before", "JoinGroup", 5, joining(GROUP, second, metadata=SUBSCRIPTION + b"!"))
    ask("completing, the leader as before", "JoinGroup", 5, joining(GROUP, first))
    ask("completing", "DeleteGroups", 2, {"GroupsNames": [GROUP]})
    ask("completing", "ListGroups", 4, {"StatesFilter": ["CompletingRebalance"]})


def settled(ask, first, second, one, two):
    describe(ask, "stable, two members", each=(0, 3, 5, 6))
    ask("the follower's, once more", "SyncGroup", 3, syncing(GROUP, two, second))
    ask("the follower as before", "JoinGroup", 5, joining(GROUP, second, metadata=SUBSCRIPTION + b"!"))
    ask("stable, the generation before", "SyncGroup", 3, syncing(GROUP, one, second))
    for version in versions("OffsetCommit", high=9):
        ask("a member", "OffsetCommit", version, committing(GROUP, ("one", (0, 20 + version)), generation=two, member=second))
    for what, of in {"the generation before": (one, first), "the next generation": (two + 1, first), "a stranger": (two, "stranger"), "no generation": (-1, first),
                     "no member": (two, ""), "neither": (-1, ""), "a generation of -2": (-2, ""), "a stranger without a generation": (-1, "stranger")}.items():
        for version in (2, 8, 9):
            ask("stable, " + what, "OffsetCommit", version, committing(GROUP, ("one", (0, 13)), generation=of[0], member=of[1]))
    ask("stable", "DeleteGroups", 2, {"GroupsNames": [GROUP]})
    for what, topic in {"a topic that is read": "one", "a topic that is not read": "four", "a topic that there is none of": "nowhere"}.items():
        ask(what, "OffsetDelete", 0, {"GroupId": GROUP, "Topics": [{"Name": topic, "Partitions": [{"PartitionIndex": 0}]}]})
    ask.each("of a member", "OffsetFetch", (1, 5, 8), {
        "GroupId": GROUP, "Topics": [{"Name": "one", "PartitionIndexes": [0]}],
        "Groups": [{"GroupId": GROUP, "Topics": [{"Name": "one", "PartitionIndexes": [0]}]}]})


def votes(ask):
    """Each votes for the first of its protocols that all have."""
    a = ask("three protocols", "JoinGroup", 3, joining("votes", protocols=("range", "roundrobin", "sticky")))
    waiting = ask.begin("another order", "JoinGroup", 3, joining("votes", protocols=("sticky", "roundrobin")), on="second", client="b")
    ask.until("the rebalance", lambda: ask.quietly("Heartbeat", 3, beating("votes", a["GenerationId"], a["MemberId"]))["ErrorCode"] == 27)
    third = ask.begin("a third order", "JoinGroup", 3, joining("votes", protocols=("sticky", "roundrobin", "range")), on="third", client="c")
    ask.until("the third", lambda: len(ask.quietly("DescribeGroups", 0, {"Groups": ["votes"]})["Groups"][0]["Members"]) == 3)
    ask("a member whose protocols do not fit", "JoinGroup", 3, joining("votes", protocols=("range",)), on="fourth")
    again = ask("three protocols, again", "JoinGroup", 3, joining("votes", a["MemberId"], protocols=("range", "roundrobin", "sticky")))
    waiting.end()
    third.end()
    ask("the protocol that was not chosen", "SyncGroup", 5, syncing("votes", again["GenerationId"], again["MemberId"], protocol="range"))
    describe(ask, "what was voted for", "votes")


def told(ask):
    """Members that are not there any more when they are to answer."""
    a = ask("a member that does not come back", "JoinGroup", 3, joining("late", rebalance=2000))
    b = ask("who waits for it", "JoinGroup", 3, joining("late", rebalance=2000), on="second")
    ask("who did not come back", "Heartbeat", 3, beating("late", a["GenerationId"], a["MemberId"]))
    ask("who waited", "Heartbeat", 3, beating("late", b["GenerationId"], b["MemberId"]))
    ask("who waited", "LeaveGroup", 3, leaving("late", b["MemberId"]))
