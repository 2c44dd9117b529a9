"""JoinGroup, SyncGroup, Heartbeat and LeaveGroup of a group of one; and what is wrong with a request to join."""
from cases.common import INT32_MAX, INT32_MIN, versions

SUBSCRIPTION = b"\0\1\0\0\0\1\0\3one\xff\xff\xff\xff\0\0\0\0"  # of the topic one
LONG = 300_000  # ms: no group changes while others are asked, however slow the broker is
ASSIGNMENT = b"\0\0\0\0\0\1\0\3one\0\0\0\1\0\0\0\0\xff\xff\xff\xff"


def joining(group, member="", instance=None, protocols=("range",), kind="consumer", session=LONG, rebalance=LONG, metadata=SUBSCRIPTION):
    return {"GroupId": group, "SessionTimeoutMs": session, "RebalanceTimeoutMs": rebalance, "MemberId": member, "GroupInstanceId": instance,
            "ProtocolType": kind, "Protocols": [{"Name": each, "Metadata": metadata} for each in protocols]}


def syncing(group, generation, member, assignments=(), instance=None, kind="consumer", protocol="range"):
    return {"GroupId": group, "GenerationId": generation, "MemberId": member, "GroupInstanceId": instance, "ProtocolType": kind,
            "ProtocolName": protocol, "Assignments": [{"MemberId": each, "Assignment": what} for each, what in assignments]}


def beating(group, generation, member, instance=None):
    return {"GroupId": group, "GenerationId": generation, "MemberId": member, "GroupInstanceId": instance}


def leaving(group, *members):
    """members: ids, or (id, instance id)"""
    pairs = [each if isinstance(each, tuple) else (each, None) for each in members]
    return {"GroupId": group, "MemberId": pairs[0][0] if pairs else "", "Members": [{"MemberId": member, "GroupInstanceId": instance} for member, instance in pairs]}


def admitted(ask, what, group, version=5, **more):
    """Joins, with the id that the broker wants first. The answer."""
    on = {key: more.pop(key) for key in ("on", "client") if key in more}
    member = ""
    if version >= 4 and more.get("instance") is None:
        member = ask(what + ", without an id", "JoinGroup", version, joining(group, **more), **on)["MemberId"]
    return ask(what, "JoinGroup", version, joining(group, member, **more), **on)


def stable(ask, what, group, **more):
    """A group of one that has its assignment. (member id, generation)"""
    joined = admitted(ask, what, group, **more)
    member, generation = joined["MemberId"], joined["GenerationId"]
    on = {key: more[key] for key in ("on", "client") if key in more}
    ask(what, "SyncGroup", 3, syncing(group, generation, member, [(member, ASSIGNMENT)], more.get("instance")), **on)
    return member, generation


def ask_all(ask):
    lives(ask)
    wrong_joins(ask)
    strangers(ask)


def ready(ask):
    """Until the coordinator of these groups has loaded what it has."""
    def works():
        return ask.quietly("FindCoordinator", 1, {"Key": "g"})["ErrorCode"] == 0 and \
            ask.quietly("OffsetFetch", 5, {"GroupId": "g", "Topics": []})["ErrorCode"] == 0
    ask.until("the coordinator", works)
    ask.quietly("DeleteGroups", 2, {"GroupsNames": ["g"]})


def lives(ask):
    """A group for each version of JoinGroup: in, its assignment, a heartbeat, out."""
    for version in versions("JoinGroup"):
        group = f"life-{version}"
        joined = admitted(ask, "a first member", group, version)
        member, generation = joined["MemberId"], joined["GenerationId"]
        sync, beat, leave = min(version, 5), min(version, 4), min(version, 5)
        of = f" after JoinGroup {version}"
        ask("the leader's" + of, "SyncGroup", sync, syncing(group, generation, member, [(member, ASSIGNMENT)]))
        ask("a good one" + of, "Heartbeat", beat, beating(group, generation, member))
        ask("the assignment again" + of, "SyncGroup", sync, syncing(group, generation, member))
        ask("the leader joins again", "JoinGroup", version, joining(group, member))
        ask("in order" + of, "LeaveGroup", leave, leaving(group, member))
        ask("once more" + of, "LeaveGroup", leave, leaving(group, member))
        ask("after it left" + of, "Heartbeat", beat, beating(group, generation, member))
    ask("a client without an id", "JoinGroup", 3, joining("life-anonymous"), client=None)
    ask("a client with an empty id", "JoinGroup", 3, joining("life-empty"), client="")


def wrong_joins(ask):
    for what, fields in {
            "an empty group": joining(""), "a member nobody knows": joining("wrong", "stranger"), "a session of 5999 ms": joining("wrong", session=5999),
            "a session of 0": joining("wrong", session=0), "a session of -1": joining("wrong", session=-1),
            "a session of 1800001 ms": joining("wrong", session=1800001), "a session of INT32_MAX": joining("wrong", session=INT32_MAX),
            "no protocols": joining("wrong", protocols=()), "an empty protocol type": joining("wrong", kind=""),
            "a null group": joining(None), "a null member": joining("wrong", None),
            "an empty group and a bad session": joining("", session=1),
    }.items():
        for version in (2, 5, 9):
            ask(what, "JoinGroup", version, fields)
    for what, fields in {
            "a session of 6000 ms": joining("no-metadata", session=6000), "a session of 1800000 ms": joining("session-most", session=1800000),
            "a rebalance time of 0": joining("rebalance-0", rebalance=0), "a rebalance time of -1": joining("rebalance-1", rebalance=-1),
            "a rebalance time of INT32_MIN": joining("rebalance-min", rebalance=INT32_MIN), "another type": joining("connect", kind="connect"),
            "an empty protocol name": joining("protocol-empty", protocols=("",)),
            "no metadata": joining("no-metadata", metadata=b""), "metadata that is no subscription": joining("odd-metadata", metadata=b"\xff\xff\xff"),
            "blanks in the group": joining("a group with blanks"), "a blank alone": joining(" "), "a group of 300": joining("g" * 300),
            "an umlaut in the group": joining("gr\u00fc\u00dfe"),
    }.items():
        member = ask(what, "JoinGroup", 3, fields, patience=8)["MemberId"]
        if min(fields["SessionTimeoutMs"], fields["RebalanceTimeoutMs"]) < LONG:
            ask.quietly("LeaveGroup", 2, leaving(fields["GroupId"], member or ""))
    ask("a reason", "JoinGroup", 9, {**joining("reasoned"), "Reason": "because"})
    ask("another type than the group's", "JoinGroup", 3, joining("connect", kind="consumer"))
    ask("no protocol of the group's", "JoinGroup", 3, joining("no-metadata", protocols=("roundrobin",)))
    ask("no protocol of the group's, an id is needed", "JoinGroup", 7, joining("no-metadata", protocols=("roundrobin",)))
    ask.each("a group that never was", "DescribeGroups", (5, 6), {"Groups": ["wrong"]})
    ask.quietly("DeleteGroups", 2, {"GroupsNames": ["wrong"]})
    ask("a member nobody knows in a group", "JoinGroup", 5, joining("no-metadata", "stranger"))


def strangers(ask):
    """Groups that there are none of, and members that are none."""
    member, generation = stable(ask, "a member with wrong neighbours", "checked")
    for version in versions("SyncGroup"):
        ask("an unknown group", "SyncGroup", version, syncing("nobody", 1, "m"))
        ask("a stranger", "SyncGroup", version, syncing("checked", generation, "stranger"))
        ask("the generation before", "SyncGroup", version, syncing("checked", 0, member))
    for version in versions("Heartbeat"):
        ask("an unknown group", "Heartbeat", version, beating("nobody", 1, "m"))
        ask("a stranger", "Heartbeat", version, beating("checked", generation, "stranger"))
        ask("the generation before", "Heartbeat", version, beating("checked", 0, member))
    for version in versions("LeaveGroup"):
        ask("an unknown group", "LeaveGroup", version, leaving("nobody", "m"))
        ask("a stranger", "LeaveGroup", version, leaving("checked", "stranger"))
    for what, of in {"an empty group": ("", 1, "m"), "a null group": (None, 1, "m"), "an empty member": ("checked", 1, ""), "a null member": ("checked", 1, None),
                     "a generation of -1": ("checked", -1, member), "a generation of INT32_MIN": ("checked", INT32_MIN, member),
                     "the next generation": ("checked", 2, member), "the last generation": ("checked", INT32_MAX, member),
                     "an unknown group, an empty member": ("nobody", -1, ""), "an empty member, no generation": ("checked", -1, "")}.items():
        ask(what, "SyncGroup", 5, syncing(*of))
        ask(what, "Heartbeat", 4, beating(*of))
    for what, more in {"another type": {"kind": "connect"}, "another protocol": {"protocol": "sticky"}, "no type": {"kind": None},
                       "no protocol": {"protocol": None}, "no type and no protocol": {"kind": None, "protocol": None}}.items():
        ask(what, "SyncGroup", 5, syncing("checked", generation, member, **more))
    ask("an instance of a dynamic member", "Heartbeat", 4, beating("checked", generation, member, "instance"))
    ask("an instance of a dynamic member", "SyncGroup", 5, syncing("checked", generation, member, instance="instance"))
    for what, members in {"nobody": (), "an empty member": ("",), "a member twice": ("stranger", "stranger"), "an unknown instance": (("", "nobody"),),
                          "an unknown instance and a member": ((member, "nobody"),), "an empty instance": (("", ""),)}.items():
        ask(what, "LeaveGroup", 5, leaving("checked", *members))
    ask("an empty group", "LeaveGroup", 5, leaving("", "m"))
    ask("an empty group", "LeaveGroup", 2, leaving("", "m"))
    ask("an empty group, nobody", "LeaveGroup", 5, leaving(""))
    ask("the member, named twice", "LeaveGroup", 4, leaving("checked", member, member))
