"""The list of cases, in the order in which they are asked: what one leaves behind, the next ones find."""
from cases import (facts, topics, configs, cluster, produce, batches, fetch, list_offsets, log, join, states, static, commits,
                   fetched, group_admin, coordinators, sessions)


def run_all(asking):
    """What all of them find: the topics one (a partition) and four (four of them), and a coordinator that is ready."""
    join.ready(asking)
    topics.set_up(asking)
    for each in (topics, configs, facts, cluster, produce, batches, fetch, list_offsets, log, join, states, static, commits, fetched,
                 group_admin, coordinators, sessions):
        each.ask_all(asking)
