"""DescribeConfigs, IncrementalAlterConfigs, AlterConfigs."""
from cases.common import make_topic, versions

TOPIC, BROKER, LOGGER, UNKNOWN = 2, 4, 8, 99
KEYS = ["cleanup.policy", "retention.ms", "retention.bytes", "segment.bytes", "min.insync.replicas", "compression.type", "max.message.bytes"]


def ask_all(ask):
    make_topic(ask, "settings", 1, [("retention.ms", "12345678")])
    describe(ask)
    incremental(ask)
    alter(ask)


def describe(ask):
    def of(kind, name, keys=KEYS, **more):
        return {"Resources": [{"ResourceType": kind, "ResourceName": name, "ConfigurationKeys": keys}], **more}
    ask.each("a topic", "DescribeConfigs", versions("DescribeConfigs"), of(TOPIC, "settings"))
    ask.each("synonyms", "DescribeConfigs", versions("DescribeConfigs"), of(TOPIC, "settings", ["retention.ms", "cleanup.policy"], IncludeSynonyms=True))
    ask.each("documentation", "DescribeConfigs", (3, 4), of(TOPIC, "settings", ["retention.ms"], IncludeDocumentation=True))
    for what, fields in {
            "an unknown topic": of(TOPIC, "nowhere"), "an empty name": of(TOPIC, ""), "a name that none can have": of(TOPIC, "a/b"),
            "an unknown key": of(TOPIC, "settings", ["no.such.key", "retention.ms"]), "no keys": of(TOPIC, "settings", []),
            "a key twice": of(TOPIC, "settings", ["retention.ms", "retention.ms"]),
            "a broker": of(BROKER, "1", ["message.max.bytes", "num.partitions"]), "another broker": of(BROKER, "7", ["num.partitions"]),
            "a broker that is no number": of(BROKER, "one", ["num.partitions"]), "all brokers": of(BROKER, "", ["num.partitions"]),
            "a type that there is none of": of(UNKNOWN, "settings"), "a negative type": of(-1, "settings"), "the type 0": of(0, "settings"),
            "loggers of another broker": of(LOGGER, "7", ["root"]),
            "a group that there is none of": of(32, "nobody", ["consumer.session.timeout.ms"]),
            "nothing": {"Resources": []},
            "a topic twice": {"Resources": 2 * of(TOPIC, "settings", ["retention.ms"])["Resources"]},
            "a topic twice, with other keys": {"Resources": of(TOPIC, "settings", ["retention.ms"])["Resources"] +
                                               of(TOPIC, "settings", ["cleanup.policy"])["Resources"]},
    }.items():
        ask(what, "DescribeConfigs", 4, fields)


SET, DELETE, APPEND, SUBTRACT = 0, 1, 2, 3


def of_increments(kind, name, *changes, validate=False):
    return {"Resources": [{"ResourceType": kind, "ResourceName": name, "Configs": [
        {"Name": key, "ConfigOperation": operation, "Value": value} for key, operation, value in changes]}], "ValidateOnly": validate}


def incremental(ask):
    of = of_increments
    ask.each("a value", "IncrementalAlterConfigs", versions("IncrementalAlterConfigs"), of(TOPIC, "settings", ("retention.ms", SET, "7654321")))
    for what, fields in {
            "only validated": of(TOPIC, "settings", ("retention.ms", SET, "1"), validate=True),
            "deleted": of(TOPIC, "settings", ("retention.ms", DELETE, None)), "deleted again": of(TOPIC, "settings", ("retention.ms", DELETE, None)),
            "an unknown key deleted": of(TOPIC, "settings", ("no.such.key", DELETE, None)),
            "an unknown key": of(TOPIC, "settings", ("no.such.key", SET, "1")), "a bad value": of(TOPIC, "settings", ("retention.ms", SET, "x")),
            "a null value": of(TOPIC, "settings", ("retention.ms", SET, None)), "an empty value": of(TOPIC, "settings", ("retention.ms", SET, "")),
            "a value out of range": of(TOPIC, "settings", ("segment.bytes", SET, "10")),
            "appended": of(TOPIC, "settings", ("cleanup.policy", APPEND, "compact")),
            "appended again": of(TOPIC, "settings", ("cleanup.policy", APPEND, "compact")),
            "subtracted": of(TOPIC, "settings", ("cleanup.policy", SUBTRACT, "compact")),
            "a null appended": of(TOPIC, "settings", ("cleanup.policy", APPEND, None)),
            "appended to what is no list": of(TOPIC, "settings", ("retention.ms", APPEND, "1")),
            "an operation that there is none of": of(TOPIC, "settings", ("retention.ms", 4, "1")),
            "a negative operation": of(TOPIC, "settings", ("retention.ms", -1, "1")),
            "a key twice": of(TOPIC, "settings", ("retention.ms", SET, "1000"), ("retention.ms", SET, "2000")),
            "a key twice, set and deleted": of(TOPIC, "settings", ("retention.ms", SET, "1000"), ("retention.ms", DELETE, None)),
            "nothing changed": of(TOPIC, "settings"), "an unknown topic": of(TOPIC, "nowhere", ("retention.ms", SET, "1")),
            "an empty name": of(TOPIC, "", ("retention.ms", SET, "1")), "a name that none can have": of(TOPIC, "a/b", ("retention.ms", SET, "1")),
            "an empty key": of(TOPIC, "settings", ("", SET, "1")),
            "a type that there is none of": of(UNKNOWN, "settings", ("retention.ms", SET, "1")),
            "a broker that is no number": of(BROKER, "one", ("log.cleaner.threads", SET, "1")),
            "nothing": {"Resources": []},
            "a topic twice": {"Resources": 2 * of(TOPIC, "settings", ("retention.ms", SET, "1000"))["Resources"]},
            "a good one and an unknown one": {"Resources": of(TOPIC, "settings", ("retention.ms", SET, "30000"))["Resources"] +
                                              of(TOPIC, "nowhere", ("retention.ms", SET, "1000"))["Resources"]},
    }.items():
        ask(what, "IncrementalAlterConfigs", 1, fields)
    shown(ask, "after IncrementalAlterConfigs")


def alter(ask):
    def of(kind, name, *values, validate=False):
        return {"Resources": [{"ResourceType": kind, "ResourceName": name, "Configs": [
            {"Name": key, "Value": value} for key, value in values]}], "ValidateOnly": validate}
    ask.each("all of them", "AlterConfigs", versions("AlterConfigs"), of(TOPIC, "settings", ("retention.ms", "5555"), ("segment.bytes", "2000000")))
    for what, fields in {
            "only validated": of(TOPIC, "settings", validate=True), "a bad value": of(TOPIC, "settings", ("retention.ms", "x")),
            "a null value": of(TOPIC, "settings", ("retention.ms", None)), "an unknown key": of(TOPIC, "settings", ("no.such.key", "1")),
            "a key twice: the last counts": of(TOPIC, "settings", ("retention.ms", "1000"), ("retention.ms", "2000")),
            "an unknown topic": of(TOPIC, "nowhere", ("retention.ms", "1")), "an empty name": of(TOPIC, "", ("retention.ms", "1")),
            "a type that there is none of": of(UNKNOWN, "settings", ("retention.ms", "1")), "nothing": {"Resources": []},
            "a topic twice": {"Resources": 2 * of(TOPIC, "settings", ("retention.ms", "1000"))["Resources"]},
    }.items():
        ask(what, "AlterConfigs", 2, fields, patience=8)
    shown(ask, "after AlterConfigs")


def shown(ask, what):
    ask(what, "DescribeConfigs", 4, {"Resources": [{"ResourceType": TOPIC, "ResourceName": "settings", "ConfigurationKeys": KEYS}]})
