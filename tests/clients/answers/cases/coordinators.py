"""FindCoordinator: at the end, since a real Kafka makes topics for coordinators that it did not have."""
from cases.common import versions

GROUP, TRANSACTION, SHARE = 0, 1, 2


def ask_all(ask):
    def of(*keys, kind=GROUP):
        return {"Key": keys[0] if keys else "", "CoordinatorKeys": list(keys), "KeyType": kind}
    ask.each("a group", "FindCoordinator", versions("FindCoordinator"), of("a group"))
    ask.each("an empty key", "FindCoordinator", versions("FindCoordinator"), of(""))
    ask.each("a kind that there is none of", "FindCoordinator", versions("FindCoordinator", 1), of("a group", kind=3))
    ask.each("a negative kind", "FindCoordinator", versions("FindCoordinator", 1), of("a group", kind=-1))
    ask.each("groups", "FindCoordinator", versions("FindCoordinator", 4), of("a", "b", "c"))
    ask.each("a group twice", "FindCoordinator", versions("FindCoordinator", 4), of("a", "a"))
    ask.each("no groups", "FindCoordinator", versions("FindCoordinator", 4), of())
    ask.each("a good group and an empty key", "FindCoordinator", versions("FindCoordinator", 4), of("a", ""))
    ask.each("a share group before there are any", "FindCoordinator", (4, 5), of("a:b:0", kind=SHARE))
    ask("a share group's key that is none", "FindCoordinator", 6, of("a", kind=SHARE))
    ask("a null key", "FindCoordinator", 2, {"Key": None})
