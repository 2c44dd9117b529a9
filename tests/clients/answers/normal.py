"""What of an answer is compared: values that differ from run to run get a name, sentences are left out.

What is normalised, and why:
- Host, Port, ClusterId, LogDir: of the machine and of this run. A null and an empty name stay.
- TotalBytes, UsableBytes: of the disk.
- ids of topics, of producers, of members and of fetch sessions: drawn anew in each run. Each becomes <case in which it was seen first>, so that the
  same id is the same name wherever it occurs again; a zero or empty one stays; the text before the uuid of a member id stays.
- ErrorMessage, BatchIndexErrorMessage: sentences, each broker's own. Codes are compared, not their texts. Their absence is none either.
- configs of an answer: by name, each in a line. Of the documentation, sentences too, compared is whether there is one.
- records: the header of each batch, with its CRC where no producer's id is in it; the bytes of a torn batch at the end are counted.
- LastTimestamp of DescribeProducers, LogAppendTimeMs where it is not -1, and any Timestamp of today: the clock's. What producers send is of
  2023 (common.py) and stays.
- FinalizedFeaturesEpoch: an offset in the metadata log. ApiKeys and features are told by key, to be read.
- arrays that Kafka takes out of a hash table, or orders by what went well (SORTED): in the order of their names, on both sides.
"""
import re
import struct

HOSTS = {"Host": "<host>", "Port": "<port>", "ClusterId": "<cluster>", "LogDir": "<folder>", "TotalBytes": "<bytes>", "UsableBytes": "<bytes>"}
CLOCKS = {"LogAppendTimeMs", "LastTimestamp"}
TODAY = 1_750_000_000_000  # ms: later than what a case sends, but for its times to come, which no broker keeps
SENTENCES = {"ErrorMessage", "BatchIndexErrorMessage"}
TOPIC_IDS = {"TopicId", "topicId"}
MEMBER_IDS = {"MemberId", "Leader"}
UUID = re.compile(r"^(.*?)-?([0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}|[A-Za-z0-9_-]{22})$")

# Per API: the path of an array, and by which of its fields it is sorted.
SORTED = {
    "Fetch": {"Responses": ("TopicId", "Topic"), "Responses.Partitions": ("PartitionIndex",)},
    "ListOffsets": {"Topics.Partitions": ("PartitionIndex",)},
    "DeleteRecords": {"Topics.Partitions": ("PartitionIndex",)},
    "DeleteGroups": {"Results": ("GroupId",)},
    "DescribeProducers": {"Topics.Partitions": ("PartitionIndex",), "Topics.Partitions.ActiveProducers": ("ProducerId",)},
    "Produce": {"Responses.PartitionResponses": ("Index",)},
    "Metadata": {"Topics": ("Name", "TopicId"), "Topics.Partitions": ("PartitionIndex",)},
    "ListGroups": {"Groups": ("GroupId",)},
    "CreateTopics": {"Topics": ("Name",)},
    "DeleteTopics": {"Responses": ("Name", "TopicId")},
    "DescribeLogDirs": {"Results.Topics": ("Name",), "Results.Topics.Partitions": ("PartitionIndex",)},
    "DescribeGroups": {"Groups.Members": ("MemberId",)},
    "JoinGroup": {"Members": ("MemberId",)},
    "OffsetFetch": {"Topics": ("Name",), "Groups.Topics": ("Name", "TopicId"), "Topics.Partitions": ("PartitionIndex",),
                    "Groups.Topics.Partitions": ("PartitionIndex",)},
}


class Names:
    """The names of ids, by what they were seen in first."""

    def __init__(self):
        self.known = {}

    def of(self, value, case):
        if value not in self.known:
            same = sum(1 for name in self.known.values() if name.split("#")[0] == case)
            self.known[value] = case if not same else f"{case}#{same + 1}"
        return f"<{self.known[value]}>"

    def of_member(self, value, case):
        """The text before the uuid counts too: of two members that are seen in the same answer first, neither is the second."""
        if value not in self.known:
            found = UUID.match(value)
            if not found:
                return value
            self.known[value] = self.of(value, f"{found.group(1)}, {case}")[1:-1]
        return f"<{self.known[value]}>"


def normal(names, api, case, answer):
    return shown(names, SORTED.get(api, {}), case, "", answer)


def shown(names, order, case, path, value):
    if isinstance(value, list) and path in ("SupportedFeatures", "FinalizedFeatures"):
        return {each["Name"]: " to ".join(str(level) for name, level in each.items() if name != "Name") for each in value}
    if isinstance(value, list) and path == "ApiKeys":
        return {str(each["ApiKey"]): f"{each['MinVersion']}-{each['MaxVersion']}" for each in value}
    if isinstance(value, dict):
        out = {}
        for name, inner in value.items():
            if name in SENTENCES:
                continue
            below = f"{path}.{name}" if path else name
            out[name] = named_field(names, case, name, inner) if not isinstance(inner, (dict, list)) else \
                shown(names, order, case, below, inner)
        return out
    if isinstance(value, list) and path.endswith("Configs") and value and "ReadOnly" in value[0]:
        return {each["Name"]: config(each) for each in sorted(value, key=lambda each: each["Name"])}
    if isinstance(value, list):
        items = [shown(names, order, case, path, each) for each in value]
        if path in order:
            items.sort(key=lambda item: tuple(str(item.get(key)) if isinstance(item.get(key), str) or item.get(key) is None
                                              else f"{item[key]:012}" for key in order[path]))
        return items
    return plain(value)


def named_field(names, case, name, value):
    if name in HOSTS and value is not None and value != "" and value not in (-1, 0):
        return HOSTS[name]
    if name == "FinalizedFeaturesEpoch" and value >= 0:
        return "<epoch>"
    if name in CLOCKS and value != -1 or name == "Timestamp" and TODAY < value < 2 * TODAY:
        return "<time>"
    if name in TOPIC_IDS and isinstance(value, bytes):
        return "<none>" if not any(value) else names.of(value, case)
    if name in MEMBER_IDS and isinstance(value, str):
        return names.of_member(value, case)
    if name == "ProducerId" and value > 0:
        return names.of(("producer", value), case)
    if name == "SessionId" and value:
        return names.of(("session", value), case)
    if name == "Records" and value is not None:
        return batches(names, case, value)
    return plain(value)


def config(each):
    """A config in a line: what it is, and where it comes from."""
    told = {name: inner for name, inner in each.items() if name not in ("Name", "Value")}
    told["Documentation"] = bool(told.get("Documentation"))
    told["Synonyms"] = [f"{one['Name']}={one['Value']} of {one['Source']}" for one in told.get("Synonyms") or []]
    return f"{each['Value']}; " + ", ".join(f"{name} {inner}" for name, inner in told.items() if inner not in (False, []))


def plain(value):
    if isinstance(value, bytes):
        return value.decode() if value.isascii() and value.decode().isprintable() else f"{value.hex()}"
    return value


def batches(names, case, data):
    """The batches of records, told in words."""
    out, at = [], 0
    while at + 61 <= len(data):
        base, size, epoch, magic, crc = struct.unpack_from(">qiibI", data, at)
        if at + 12 + size > len(data):
            break
        attributes, delta, first, largest, producer, producer_epoch, sequence, count = struct.unpack_from(">hiqqqhii", data, at + 21)
        told = f"offsets {base}+{delta}, epoch {epoch}, magic {magic}, attributes {attributes}, {count} records in {size} bytes"
        told += f", times {first} to {largest}"
        if producer >= 0:
            told += f", producer {names.of(('producer', producer), case)} {producer_epoch} from {sequence}"
        else:
            told += f", crc {crc:08x}"
        out.append(told)
        at += 12 + size
    if at < len(data):
        out.append(f"{len(data) - at} bytes torn")
    return out
