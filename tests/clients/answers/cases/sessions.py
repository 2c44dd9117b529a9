"""Fetch sessions (KIP-227)."""
from cases.common import good_batch, make_topic
from cases.fetch import fetch
from cases.produce import produce


def ask_all(ask):
    for version in (7, 12, 17):
        session(ask, version)


def session(ask, version):
    name = f"session-{version}"
    topic = make_topic(ask, name, 2)

    def asked(session_id, epoch, *parts, **more):
        fields = fetch(name, topic, *parts, **more)
        return {**fields, "SessionId": session_id, "SessionEpoch": epoch, **({} if parts else {"Topics": []})}

    def write(partition):
        ask.quietly("Produce", 9, produce(name, topic, (partition, good_batch())))
    write(0)
    of = ask("a session begins", "Fetch", version, asked(0, 0, (0, 0), (1, 0)))["SessionId"] or 0
    ask("nothing new", "Fetch", version, asked(of, 1, (0, 3)))
    write(1)
    ask("one that has news", "Fetch", version, asked(of, 2))
    ask("an epoch too old of a session", "Fetch", version, asked(of, 1))
    ask("an epoch too new of a session", "Fetch", version, asked(of, 9))
    ask("the right one", "Fetch", version, asked(of, 3, (1, 3)))
    ask("a partition is forgotten", "Fetch", version, {**asked(of, 4), "ForgottenTopicsData": [{"Topic": name, "TopicId": topic, "Partitions": [0]}]})
    write(0)
    write(1)
    ask("what was forgotten is not told", "Fetch", version, asked(of, 5))
    ask("a partition is added again", "Fetch", version, asked(of, 6, (0, 3)))
    ask("an unknown partition is added", "Fetch", version, asked(of, 7, (9, 0)))
    ask("an unknown session", "Fetch", version, asked(of + 1, 1))
    ask("a negative epoch of a session", "Fetch", version, asked(of, -2))
    ask("a session ends", "Fetch", version, asked(of, -1, (0, 0)))
    ask("a session that has ended", "Fetch", version, asked(of, 8))
    ask("no session, an epoch", "Fetch", version, asked(0, 5, (0, 0)))
    again = ask("another session begins", "Fetch", version, asked(0, 0, (0, 0)))["SessionId"] or 0
    ask("a session begins anew", "Fetch", version, asked(again, 0, (1, 0)))
