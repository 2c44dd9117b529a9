#include "cmd/words/commands.h"

#include <array>

namespace bobbin::cmd {
namespace {

constexpr Option globals[] = {
    {.name = "bootstrap-server",
     .shorts = "b",
     .aliases = "bootstrap-servers brokers broker-list",
     .value = "HOST:PORT",
     .doc =
         "Act on the cluster behind this address over TCP (one or more, separated by commas): a listener of ours or a "
         "real Apache Kafka. Without it, the local cluster of --dir is meant."},
    {.name = "dir",
     .value = "DIR",
     .doc = "The directory of the local cluster. Default: $BOBBIN_DIR, else $XDG_DATA_HOME/bobbin, else "
            "~/.local/share/bobbin."},
    {.name = "timeout",
     .value = "DURATION",
     .doc = "How long to wait for a broker, a leader or an answer without any progress, as 500ms, 10s or 2m; then the "
            "exit "
            "code is 3. Default: 10s; 120s for a produce that was connected once."},
    {.name = "no-start",
     .doc = "Never start a broker, also when none runs. BOBBIN_AUTOSTART=never in the environment does the same."},
    {.name = "quiet", .shorts = "q", .doc = "No notices and no progress on stderr; errors stay."},
    {.name = "help", .shorts = "h", .doc = "Show the help of the command."},
    {.name = "version", .doc = "Show the version."},
};

constexpr Option output{
    .name = "output",
    .value = "text|json|tsv",
    .doc = "Form of the list: aligned text (the default), one JSON array, or tab-separated lines without a heading."};

constexpr Option topic_names{.name = "topic",
                             .shorts = "t",
                             .value = "TOPIC",
                             .doc = "The topic, for those who write it as an option.",
                             .repeats = true};
constexpr Option topic_name{
    .name = "topic", .shorts = "t", .value = "TOPIC", .doc = "The topic, for those who write it as an option."};

constexpr Option topic_create_options[] = {
    topic_names,
    {.name = "partitions",
     .shorts = "p",
     .value = "N",
     .doc = "Number of partitions. Default: num.partitions of the brokers, which is 1."},
    {.name = "replication-factor",
     .shorts = "r",
     .value = "N",
     .doc = "Number of replicas of each partition. Default: default.replication.factor of the brokers, which is 1."},
    {.name = "config",
     .shorts = "c",
     .value = "NAME=VALUE",
     .doc = "A config of the topic, under Kafka's name; see bobbin.toml(5). Sizes as 64MiB and durations as 7d are "
            "understood.",
     .repeats = true},
    {.name = "if-not-exists", .doc = "A topic that is there already is fine; it is left as it is."},
};
constexpr Example topic_create_examples[] = {
    {"bobbin topic create orders", "one partition, kept for 7 days"},
    {"bobbin topic create payments -p 6 -c retention.ms=30d -c segment.bytes=64MiB",
     "six partitions, kept for 30 days"},
    {"bobbin topic create orders --if-not-exists", "for scripts that run again"},
};

constexpr Example topic_list_examples[] = {
    {"bobbin topic list", "names, partitions and replicas"},
    {"bobbin topic list --output json | jq -r '.[].name'", "the names alone"},
};

constexpr Option topic_describe_options[] = {topic_names};
constexpr Example topic_describe_examples[] = {
    {"bobbin topic describe orders", "leaders, replicas, in-sync replicas and configs"},
    {"bobbin topic describe --output json", "all topics, for scripts"},
};

constexpr Option topic_config_options[] = {
    topic_name,
    {.name = "config",
     .shorts = "c",
     .aliases = "add-config",
     .value = "NAME=VALUE",
     .doc = "The same as the word NAME=VALUE.",
     .repeats = true},
    {.name = "unset", .aliases = "delete-config", .value = "NAME", .doc = "Back to the default.", .repeats = true},
};
constexpr Example topic_config_examples[] = {
    {"bobbin topic config orders", "every config that is in effect, and where it comes from"},
    {"bobbin topic config orders retention.ms=1d flush.policy=os", "change two"},
    {"bobbin topic config orders --unset retention.ms", "back to the default"},
};

constexpr Option topic_add_partitions_options[] = {
    topic_name,
    {.name = "partitions", .value = "N", .doc = "The new number of partitions, for those who write it as an option."},
};
constexpr Example topic_add_partitions_examples[] = {
    {"bobbin topic add-partitions orders 12", "from now on the topic has twelve partitions"},
};

constexpr Option topic_offsets_options[] = {
    topic_name,
    {.name = "at",
     .aliases = "time",
     .value = "TIME",
     .doc = "The first offset at or after this time instead of first and end: milliseconds since 1970 (-1500 lies "
            "before it), an ISO 8601 time such as "
            "2026-01-31T10:00Z, or a time ago such as -1h. earliest, latest and max-timestamp are understood as well, "
            "and so are Kafka's numbers for them, -2, -1 and -3."},
};
constexpr Example topic_offsets_examples[] = {
    {"bobbin topic offsets orders", "first offset, end offset and number of records of each partition"},
    {"bobbin topic offsets orders --at -1h", "where the last hour begins"},
};

constexpr Option topic_delete_options[] = {
    topic_names,
    {.name = "if-exists", .doc = "A topic that is not there is fine."},
    {.name = "dry-run", .doc = "Only say what would be deleted."},
};
constexpr Example topic_delete_examples[] = {
    {"bobbin topic delete orders --dry-run", "what would go"},
    {"bobbin topic delete orders invoices", "names are never patterns"},
};

constexpr Option produce_options[] = {
    topic_name,
    {.name = "key", .shorts = "k", .value = "KEY", .doc = "The key of every record."},
    {.name = "key-delimiter",
     .shorts = "K",
     .value = "TEXT",
     .doc = "What separates key and value in each line, at its first place. A line without it is an error. \\t, \\n, "
            "\\0 and \\xNN are understood."},
    {.name = "delimiter",
     .shorts = "D",
     .value = "TEXT",
     .doc = "What ends a record, instead of a newline. \\t, \\n, \\0 and \\xNN are understood."},
    {.name = "header",
     .shorts = "H",
     .value = "NAME=VALUE",
     .doc =
         "A header of every record; NAME:VALUE works too (the first = or : divides), a NAME alone has the value null.",
     .repeats = true},
    {.name = "partition",
     .shorts = "p",
     .value = "N",
     .doc = "The partition of every record; -1 leaves it to the partitioner."},
    {.name = "partitioner",
     .value = "murmur2|crc32|sticky|round-robin|random",
     .doc = "Who chooses the partition. murmur2, the default, places keys as Kafka's Java client does and fills one "
            "partition after the "
            "other where there is no key; crc32 places keys as librdkafka does; the others do not look at keys."},
    {.name = "compression",
     .shorts = "z",
     .aliases = "compression-codec",
     .value = "none|gzip|snappy|lz4|zstd",
     .doc = "How batches are compressed. Default: none."},
    {.name = "acks",
     .shorts = "a",
     .aliases = "request-required-acks",
     .value = "all|1|0|-1",
     .doc = "What counts as done: all (the default), acknowledged under the flush policy of the topic, which by "
            "default means on disk; "
            "1, written by the leader, which survives the death of any process; 0, sent, without an answer."},
    {.name = "no-sync", .doc = "The same as --acks 1: do not wait for the disk."},
    {.name = "nulls",
     .shorts = "Z",
     .doc = "An empty value is null, and with --key-delimiter an empty key is null too."},
    {.name = "null", .value = "TEXT", .doc = "A value (or key) of exactly this text is null."},
    {.name = "json",
     .shorts = "J",
     .doc = "Each line is a JSON object as consume --json prints it, with partition, timestamp, key, value and "
            "headers; key_b64 and "
            "value_b64 hold bytes that are not UTF-8. topic and offset are ignored, an unknown field is a bad line."},
    {.name = "lines",
     .shorts = "l",
     .value = "FILE",
     .doc = "Read records from this file instead of stdin. Further words after the topic are files too, so that -l "
            "*.log works.",
     .repeats = true},
    {.name = "frame",
     .value = "line|nul|u32be|whole",
     .doc = "How records lie in the input: lines; ended by NUL; preceded by their length in 4 bytes, big-endian; or "
            "the whole input as one record."},
    {.name = "timestamp",
     .value = "TIME",
     .doc = "The timestamp of every record instead of now: milliseconds since 1970 (-1500 lies before it; -1 is a "
            "record without a time), ISO 8601, or a time ago such as -1h."},
    {.name = "allow-expired",
     .doc = "Send records whose given timestamp is older than the retention of the topic, though they will soon be "
            "deleted."},
    {.name = "tee", .shorts = "T", .doc = "Copy the input to stdout as well, which must not be the file that is read."},
    {.name = "on-error",
     .value = "stop|skip|file=FILE",
     .doc = "What to do with a line that cannot be sent (no key delimiter, bad JSON, over max.message.bytes). stop, "
            "the default, "
            "acknowledges everything before it, sends nothing after it and exits with 1. skip sends every other line, "
            "prints a count and "
            "exits with 0; file=FILE does so too and keeps the refused lines there; FILE is begun anew, and must not "
            "be what is read."},
    {.name = "no-create", .doc = "Do not create a topic that does not exist."},
    {.name = "property",
     .aliases = "reader-property",
     .value = "NAME=VALUE",
     .doc = "Kafka's properties of a reader: parse.key, key.separator, null.marker, ignore.error.",
     .repeats = true},
};
constexpr Example produce_examples[] = {
    {"seq 1000000 | bobbin produce numbers", "each line a record; exit 0 means that all are on disk"},
    {"tail -F /var/log/syslog | bobbin produce syslog", "a line is sent at once though the input stays open"},
    {"printf 'alice,3\\nbob,5\\n' | bobbin produce scores -K ,", "keys"},
    {"bobbin consume scores -J -e | bobbin produce copy -J", "keys, values, headers and timestamps, byte for byte"},
    {"bobbin produce images -k logo --frame whole < logo.png", "a file as one record"},
};

constexpr Option consume_options[] = {
    {.name = "topic",
     .shorts = "t",
     .value = "TOPIC",
     .doc = "A topic, for those who write it as an option.",
     .repeats = true},
    {.name = "offset",
     .shorts = "o",
     .value = "WHERE",
     .doc = "Where to start, and perhaps to stop: beginning (the default), end, N, +N (from the first), -N (before the "
            "end), N:M, :end, "
            "@TIME, @TIME:TIME, @-1h:end, and as in kcat s@TIME and e@TIME. start, earliest, oldest, latest and newest "
            "are understood. A TIME is "
            "milliseconds since 1970 (-1500 lies before it), ISO 8601, or a time ago such as -1h. May be given twice, "
            "once with a start and once with an end. An end beyond the "
            "last record is where the partition ends now. N beyond it is an error, but not in N:M.",
     .repeats = true},
    {.name = "from-beginning", .doc = "Start at the first record, which is the default."},
    {.name = "partition", .shorts = "p", .value = "N[,N...]", .doc = "Only these partitions.", .repeats = true},
    {.name = "max-messages", .shorts = "nc", .value = "N", .doc = "Stop after so many records."},
    {.name = "exit",
     .shorts = "e",
     .aliases = "no-follow",
     .doc = "Stop at the ends that the partitions have at the start."},
    {.name = "format",
     .shorts = "f",
     .value = "FORMAT",
     .doc =
         "Print each record so, with nothing after it. %s or %v value, %S or %V its size (-1: null), %R its size in 4 "
         "bytes, %k key, %K its size, %t topic, "
         "%p partition, %o offset, %T timestamp in milliseconds, %d{%F %T} the time through strftime in UTC, %h "
         "headers, %H their number, %% a percent sign; "
         "%v{hex}, %v{base64}, %k{hex} and %k{base64}; %h{%k=%v } prints each header so; \\n \\t \\r \\\\ \\0 \\xNN."},
    {.name = "json",
     .shorts = "J",
     .doc = "Print each record as a JSON object on a line, byte-exact: key_b64 and value_b64 hold bytes that are not "
            "UTF-8."},
    {.name = "delimiter",
     .shorts = "D",
     .value = "TEXT",
     .doc = "What ends a record, instead of a newline. \\t, \\n, \\0 and \\xNN are understood."},
    {.name = "key-delimiter", .shorts = "K", .value = "TEXT", .doc = "Print the key and this text before each value."},
    {.name = "nulls", .shorts = "Z", .doc = "Print null as NULL; without it, null prints as nothing."},
    {.name = "null", .value = "TEXT", .doc = "Print null as this text."},
    {.name = "unbuffered", .shorts = "u", .doc = "Write after each record, not when no further one is at hand."},
    {.name = "busy",
     .doc = "Look again and again for new records instead of sleeping, and let the brokers that are waited for do the "
            "same: the lowest "
            "latency, for a core each."},
    {.name = "regex",
     .shorts = "r",
     .doc = "The topics are regular expressions (RE2's, without look-around), each matched against the whole name when "
            "the command starts."},
    {.name = "include",
     .aliases = "whitelist",
     .value = "REGEX",
     .doc = "Kafka's form of --regex with a topic.",
     .repeats = true},
    {.name = "frame",
     .value = "line|nul|u32be|whole",
     .doc = "How records are printed: as lines; ended by NUL; after their length in 4 bytes, big-endian; or with "
            "nothing between them."},
    {.name = "idle-timeout",
     .value = "DURATION",
     .doc = "End when no record came for so long: exit 0, or 1 if --max-messages was not reached."},
    {.name = "timeout-ms", .value = "MS", .doc = "Kafka's form of --idle-timeout, in milliseconds."},
    {.name = "raw", .doc = "Print control characters as they are, also on a terminal."},
    {.name = "property",
     .aliases = "formatter-property",
     .value = "NAME=VALUE",
     .doc = "Kafka's properties of a formatter: print.key, print.value, print.timestamp, print.partition, "
            "print.offset, print.delivery, print.epoch, "
            "print.headers, "
            "key.separator, line.separator, headers.separator, null.literal. The form is then that of Kafka's console "
            "consumer, in which null is "
            "\"null\" unless null.literal, -Z or --null says something else.",
     .repeats = true},
};
constexpr Example consume_examples[] = {
    {"bobbin consume numbers -e | wc -l", "everything up to now"},
    {"bobbin consume app -o end | grep ERROR", "only what comes from now on"},
    {"bobbin consume app -o @-1h:end", "the last hour"},
    {"bobbin consume app -o -10 -n 10", "the last ten of a topic with one partition"},
    {"bobbin consume app -e -f '%d{%F %T} %p/%o %s\\n'", "with time, partition and offset"},
};

constexpr Option broker_start_options[] = {
    {.name = "count",
     .shorts = "n",
     .value = "N",
     .doc = "Make it a cluster of N brokers, and start those that do not run."},
    {.name = "foreground", .doc = "Run one broker in this process; Ctrl-C stops it."},
    {.name = "listen",
     .value = "HOST:PORT",
     .doc = "Listen on TCP too, so that every client of Kafka works. Alone it means 127.0.0.1:9092; a name means all "
            "its addresses, and no host, '*' or '[::]' every interface. Broker number k listens on PORT+k-1; port 0 "
            "takes any free "
            "one, and broker status prints it. The cluster keeps the choice for later starts; where it cannot be had "
            "then (another program has the port), local"
            " commands work all the same, the brokers try again from time to time, and this command exits 1 and says "
            "why. Processes of other users of this machine, but"
            " root's, are refused; broker logs tells it. Other machines are let in with --insecure-listen only.",
     .value_is_optional = true},
    {.name = "insecure-listen",
     .doc = "Let --listen be an address that other machines reach. Whoever does reads, writes and deletes without "
            "being asked who he is: "
            "there is no TLS and no SASL yet. Each start says so. In bobbin.toml it is insecure.listen.enable = true."},
    {.name = "set",
     .value = "NAME=VALUE",
     .doc = "A config of the broker, before that of bobbin.toml; see bobbin.toml(5). Kept when the broker dies and is "
            "started again, not when it was stopped.",
     .repeats = true},
};
constexpr Example broker_start_examples[] = {
    {"bobbin broker start", "those of the cluster that do not run; one, in a new cluster"},
    {"bobbin broker start -n 3", "make it three"},
    {"bobbin broker start --listen", "for kcat -b localhost, and every other client"},
};

constexpr Example broker_stop_examples[] = {
    {"bobbin broker stop", "all; commands that run end, instead of starting them again"},
    {"bobbin broker stop 2", "the second"},
};
constexpr Example broker_status_examples[] = {
    {"bobbin broker status", "exit 0 when all run"},
    {"bobbin broker status --output json | jq '.[] | select(.state != \"running\")'", "which do not run"},
};
constexpr Option broker_logs_options[] = {
    {.name = "follow", .shorts = "f", .doc = "Go on as the log grows."},
};
constexpr Example broker_logs_examples[] = {
    {"bobbin broker logs", "what the brokers had to say"},
    {"bobbin broker logs -f 1", "and go on"},
};
constexpr Example broker_config_examples[] = {
    {"bobbin broker config", "every config in effect, and where it comes from"},
};

constexpr Option broker_run_options[] = {
    {.name = "id", .value = "N", .doc = "The broker's id."},
    {.name = "ready-fd", .value = "N", .doc = "Where to say that it is ready."},
    {.name = "by-person", .doc = "Somebody asked for it: it does not end when idle."},
    {.name = "again", .doc = "It ran here before: its folder is not made anew."},
    {.name = "listen", .value = "HOST:PORT", .doc = "TCP listener."},
    {.name = "insecure-listen", .doc = "See broker start."},
    {.name = "set", .value = "NAME=VALUE", .doc = "A config.", .repeats = true},
    {.name = "foreground", .doc = "Log to stderr."},
};

constexpr Example completion_examples[] = {
    {"source <(bobbin completion bash)", "in this bash; in ~/.bashrc for all"},
    {"bobbin completion fish | source", "in this fish"},
};

constexpr Option help_options[] = {
    {.name = "man", .doc = "Print the manual page in mdoc(7) instead; bobbin.toml is a page too."},
};
constexpr Example help_examples[] = {
    {"bobbin help produce", "the same as bobbin produce -h"},
    {"bobbin help --man topic create | mandoc -l", "the page, without installing it"},
};

constexpr Command table[] = {
    {.name = "produce",
     .arguments = "[TOPIC] [-l FILE...]",
     .summary = "Send lines of stdin to a topic",
     .description = "Each line of the input becomes the value of a record, byte for byte: carriage returns, NULs, "
                    "bytes that are not UTF-8 and empty lines stay, and "
                    "a last line without a newline counts. A topic that does not exist is created, and stderr says so. "
                    "When no broker runs, one is started.\n\n"
                    "Exit 0 means that every record was acknowledged under the flush policy of the topic, by default: "
                    "is on the disk. Else stderr says "
                    "how many of how many were, the number of the first line that was not, why, and what to do.\n\n"
                    "A line is sent as soon as it is read, though the input stays open; fast input travels in large "
                    "batches. INT and TERM end the reading: "
                    "what was read is sent, then the command dies of the signal.",
     .options = produce_options,
     .examples = produce_examples,
     .run = produce},
    {.name = "consume",
     .arguments = "[TOPIC...]",
     .summary = "Print the records of topics",
     .description =
         "Prints the value of each record and a newline, in order within each partition, from the beginning, and waits "
         "for more. A topic that does not "
         "exist yet is waited for, unless an end was asked for; consume never creates one. A reader that goes away "
         "ends it quietly.\n\n"
         "On a terminal, control characters are shown as \\xNN; anywhere else every byte is printed as it is.",
     .options = consume_options,
     .examples = consume_examples,
     .run = consume},
    {.name = "topic create",
     .arguments = "[NAME...]",
     .summary = "Create topics",
     .description = "Creates topics with the same partitions, replicas and configs. "
                    "A name has up to 249 letters, digits, dots, underscores and hyphens.",
     .options = topic_create_options,
     .examples = topic_create_examples,
     .run = topic_create},
    {.name = "topic list",
     .arguments = "",
     .summary = "List the topics",
     .description = "Lists name, partitions and replication factor of every topic, sorted by name.",
     .options = {},
     .examples = topic_list_examples,
     .lists = true,
     .run = topic_list},
    {.name = "topic describe",
     .arguments = "[NAME...]",
     .summary = "Show partitions, leaders, replicas and configs of topics",
     .description = "Shows the topics of these names, or all. In JSON, each is "
                    "{\"name\",\"id\",\"partitions\":[{\"partition\",\"leader\",\"leader_epoch\",\"replicas\",\"isr\"}]"
                    ",\"configs\":{}}; "
                    "the leader is a number or null, and configs holds what was set on the topic.",
     .options = topic_describe_options,
     .examples = topic_describe_examples,
     .lists = true,
     .run = topic_describe},
    {.name = "topic config",
     .arguments = "[NAME] [KEY=VALUE...]",
     .summary = "Show or change the configs of a topic",
     .description = "Without a change, shows every config that is in effect and its source. Several changes are made "
                    "together or not at all. The names are Kafka's; see bobbin.toml(5).",
     .options = topic_config_options,
     .examples = topic_config_examples,
     .lists = true,
     .run = topic_config},
    {.name = "topic add-partitions",
     .arguments = "[NAME] [N]",
     .summary = "Give a topic more partitions",
     .description = "Makes it N partitions in all. There is no way back, and keys may from then on lie in other "
                    "partitions than before.",
     .options = topic_add_partitions_options,
     .examples = topic_add_partitions_examples,
     .run = topic_add_partitions},
    {.name = "topic offsets",
     .arguments = "[NAME]",
     .summary = "Show the offsets of a topic's partitions",
     .description = "Shows the first offset, the end offset (one more than the last) and the number of offsets between "
                    "them; with --at, the first offset "
                    "at or after a time, or nothing where there is none.",
     .options = topic_offsets_options,
     .examples = topic_offsets_examples,
     .lists = true,
     .run = topic_offsets},
    {.name = "topic delete",
     .arguments = "[NAME...]",
     .summary = "Delete topics and their records",
     .description = "Deletes the topics of exactly these names. Every name is looked up first; if one does not exist, "
                    "nothing is deleted.",
     .options = topic_delete_options,
     .examples = topic_delete_examples,
     .run = topic_delete},
    {.name = "broker start",
     .arguments = "[ID...]",
     .summary = "Start brokers of the local cluster",
     .description = "Starts the brokers with these ids, or all of the cluster that do not run: one, in a new cluster. "
                    "Returns when they answer. "
                    "A broker that was started so stays until it is stopped; one that another command started ends "
                    "itself when it was idle for 30 seconds, is alone and has no listener. Such a one is told to stay.",
     .options = broker_start_options,
     .examples = broker_start_examples,
     .run = broker_start},
    {.name = "broker stop",
     .arguments = "[ID...]",
     .summary = "Stop brokers of the local cluster",
     .description = "An order that the cluster keeps: commands that run end with exit code 3 (1, if part of their work "
                    "was done) instead of starting the broker again. The next "
                    "broker start ends the order, and so does a new command when no broker runs at all.",
     .options = {},
     .examples = broker_stop_examples,
     .run = broker_stop},
    {.name = "broker status",
     .arguments = "[ID...]",
     .summary = "Show which brokers run",
     .description = "Shows id, process, state (running, starting, stopped or hung), address and disk of every broker. "
                    "Never starts one, and answers within a second. The exit code is 0 when all run, else 1.",
     .options = {},
     .examples = broker_status_examples,
     .lists = true,
     .run = broker_status},
    {.name = "broker logs",
     .arguments = "[ID...]",
     .summary = "Print what brokers had to say",
     .description = "Prints the log files of the brokers. Never starts one.",
     .options = broker_logs_options,
     .examples = broker_logs_examples,
     .run = broker_logs},
    {.name = "broker config",
     .arguments = "[ID]",
     .summary = "Show the configs of a broker and where they come from",
     .description = "Shows the effective value of every config of the broker (the lowest id, unless one is given), and "
                    "its source: the default, bobbin.toml, --set, or a change through Kafka's "
                    "protocol. Never starts one.",
     .options = {},
     .examples = broker_config_examples,
     .lists = true,
     .run = broker_config},
    {.name = "completion",
     .arguments = "bash|zsh|fish",
     .summary = "Print the completion script of a shell",
     .description = "Commands, options, their values and the names of topics are completed. Topic names are read from "
                    "the files of the cluster; no broker is asked or started.",
     .options = {},
     .examples = completion_examples,
     .run = completion},
    {.name = "help",
     .arguments = "[COMMAND]",
     .summary = "Show the help of a command",
     .description = "The same as COMMAND -h.",
     .options = help_options,
     .examples = help_examples,
     .run = help},
    {.name = "broker run",
     .arguments = "",
     .summary = "Be a broker",
     .description = "What broker start and auto-start execute.",
     .options = broker_run_options,
     .examples = {},
     .hidden = true,
     .run = broker_run},
    {.name = "complete",
     .arguments = "topics|brokers",
     .summary = "Names for the completion of shells",
     .description = "Reads the files of the cluster.",
     .options = {},
     .examples = {},
     .hidden = true,
     .run = complete},
};

constexpr ExitCode codes[] = {
    {0, "Done. For produce: every record was acknowledged."},
    {1,
     "This cluster says no (it exists, it is unknown, too many replicas), or a part was done. For broker status: not "
     "all run."},
    {2, "No cluster could accept the text: an option, a number, a name, an unknown config, a value out of range."},
    {3, "Nobody answered in time, and nothing was acknowledged."},
    {4, "Damaged data."},
};

bool is_among(std::string_view name, std::string_view words) {
  while (!words.empty()) {
    size_t blank = words.find(' ');
    if (words.substr(0, blank) == name) return true;
    words = blank == std::string_view::npos ? std::string_view() : words.substr(blank + 1);
  }
  return false;
}

bool is_written(const Option& option, std::string_view written) {
  if (written.starts_with("--")) {
    written.remove_prefix(2);
    return written == option.name || is_among(written, option.aliases);
  }
  return written.size() == 2 && written[0] == '-' && option.shorts.find(written[1]) != std::string_view::npos;
}

}  // namespace

std::span<const Command> commands() { return table; }
std::span<const Option> global_options() { return globals; }
const Option& output_option() { return output; }
std::span<const ExitCode> exit_codes() { return codes; }

const Command* find_command(std::string_view name) {
  for (const Command& command : table)
    if (command.name == name) return &command;
  return nullptr;
}

const Option* find_option(const Command& command, std::string_view written) {
  for (const Option& option : command.options)
    if (is_written(option, written)) return &option;
  if (command.lists && is_written(output, written)) return &output;
  for (const Option& option : globals)
    if (is_written(option, written)) return &option;
  return nullptr;
}

}  // namespace bobbin::cmd
