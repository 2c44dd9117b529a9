"""ListGroups, DescribeGroups, OffsetDelete, DeleteGroups, of what the cases before left."""
from cases.common import versions
from cases.join import joining, stable


def ask_all(ask):
    stable(ask, "a group to be listed", "listed", client="lister")
    list_groups(ask)
    describe(ask)
    offset_delete(ask)
    delete(ask)
    ask("a protocol twice", "JoinGroup", 3, joining("protocol-twice", protocols=("range", "range")), patience=8)


def list_groups(ask):
    ask.each("all", "ListGroups", versions("ListGroups"), {})
    for what, fields in {
            "stable ones": {"StatesFilter": ["Stable"]}, "in small letters": {"StatesFilter": ["stable"]}, "empty ones": {"StatesFilter": ["Empty"]},
            "two states": {"StatesFilter": ["Stable", "Empty"]}, "a state twice": {"StatesFilter": ["Stable", "Stable"]},
            "a state that there is none of": {"StatesFilter": ["Happy"]}, "an empty state": {"StatesFilter": [""]},
            "a known state and another": {"StatesFilter": ["Stable", "Happy"]}, "dead ones": {"StatesFilter": ["Dead"]},
            "classic ones": {"TypesFilter": ["classic"]}, "in capitals": {"TypesFilter": ["CLASSIC"]}, "consumer ones": {"TypesFilter": ["consumer"]},
            "a type that there is none of": {"TypesFilter": ["happy"]}, "an empty type": {"TypesFilter": [""]}, "a type and a state": {"TypesFilter": ["Classic"], "StatesFilter": ["Stable"]},
            "types, one of them unknown": {"TypesFilter": ["classic", "happy"]}, "share ones": {"TypesFilter": ["share"]},
    }.items():
        ask(what, "ListGroups", 5, fields)
    ask("null states", "ListGroups", 4, {"StatesFilter": None})


def describe(ask):
    every = versions("DescribeGroups")
    ask.each("a stable group", "DescribeGroups", every, {"Groups": ["listed"]})
    ask.each("an unknown group", "DescribeGroups", every, {"Groups": ["nobody"]})
    ask.each("positions alone", "DescribeGroups", every, {"Groups": ["simple"]})
    for what, groups in {"an empty group": [""], "a group twice": ["simple", "simple"], "none": [], "a good one and an unknown one": ["nobody", "simple"],
                         "a group that was left": ["life-5"], "a null group": [None]}.items():
        ask.each(what, "DescribeGroups", (5, 6), {"Groups": groups})
    ask.each("authorized operations", "DescribeGroups", (3, 6), {"Groups": ["listed", "nobody"], "IncludeAuthorizedOperations": True})


def offset_delete(ask):
    def of(group, *topics):
        return {"GroupId": group, "Topics": [{"Name": name, "Partitions": [{"PartitionIndex": each} for each in parts]} for name, *parts in topics]}
    for what, fields in {
            "a position": of("simple", ("one", 0)), "a position that is gone": of("simple", ("one", 0)), "positions": of("simple", ("four", 0, 1)),
            "an unknown partition": of("simple", ("one", 9)), "a negative partition": of("simple", ("one", -1)), "an unknown topic": of("simple", ("nowhere", 0)),
            "an empty name": of("simple", ("", 0)), "a good topic and an unknown one": of("simple", ("nowhere", 0), ("four", 2)),
            "a partition twice": of("simple", ("four", 3, 3)), "a topic twice": of("simple", ("four", 0), ("four", 1)), "no topics": of("simple"), "no partitions": of("simple", ("one",)),
            "an unknown group": of("nobody", ("one", 0)), "an unknown group, an unknown topic": of("nobody", ("nowhere", 0)), "an empty group": of("", ("one", 0)),
            "a topic that is read, and one that is not": of("listed", ("one", 0), ("four", 0)), "an unknown group, no topics": of("nobody"),
            "a null group": of(None, ("one", 0)),
    }.items():
        ask(what, "OffsetDelete", 0, fields)


def delete(ask):
    every = versions("DeleteGroups")
    ask.each("a group that was left", "DeleteGroups", every, lambda v: {"GroupsNames": [f"life-{v}"]})
    ask.each("an unknown group", "DeleteGroups", every, {"GroupsNames": ["nobody"]})
    ask.each("a group with members", "DeleteGroups", every, {"GroupsNames": ["listed"]})
    for what, groups in {"an empty group": [""], "a group twice": ["life-4", "life-4"], "none": [], "several": ["nobody", "life-5", "listed"],
                         "positions alone": ["simple"], "what is gone": ["simple"], "a null group": [None], "several with a null": ["life-6", None],
                         "a group twice that is unknown": ["nobody", "nobody"]}.items():
        ask(what, "DeleteGroups", 2, {"GroupsNames": groups})
    ask.each("a group that was deleted", "DescribeGroups", (5, 6), {"Groups": ["simple"]})
    ask("of a group that was deleted", "OffsetFetch", 7, {"GroupId": "simple", "Topics": None})
