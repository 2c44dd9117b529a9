#include "cmd/cluster.h"
#include "cmd/exit.h"
#include "cmd/input/framing_options.h"
#include "cmd/produce/options.h"
#include "cmd/produce/production.h"
#include "cmd/words/shared_options.h"

namespace bobbin::cmd {
namespace {

int run(const Arguments& arguments) {
  auto options = read_produce_options(arguments, now());
  if (!options) return fail(options.error(), "produce");
  Production production(arguments, std::move(*options));
  if (Status opened = production.open(); !opened) return fail(opened.error());
  return production.finish(production.run());
}

constexpr Option options[] = {
    topic_name,
    {.name = "key", .shorts = "k", .value = "KEY", .doc = "The key of every record."},
    {.name = "key-delimiter",
     .shorts = "K",
     .value = "TEXT",
     .doc = "What separates key and value in each line, at its first place. A line without it is an error. \\t, \\n, "
            "\\0 and \\xNN are understood."},
    delimiter_option,
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
            "partition after the other where there is no key; crc32 places keys as librdkafka does; the others do not "
            "look at keys."},
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
            "default means on disk; 1, written by the leader, which survives the death of any process; 0, sent, "
            "without an answer."},
    {.name = "no-sync", .doc = "The same as --acks 1: do not wait for the disk."},
    {.name = "nulls",
     .shorts = "Z",
     .doc = "An empty value is null, and with --key-delimiter an empty key is null too."},
    {.name = "null", .value = "TEXT", .doc = "A value (or key) of exactly this text is null."},
    {.name = "json",
     .shorts = "J",
     .doc = "Each line is a JSON object as consume --json prints it, with partition, timestamp, key, value and "
            "headers; key_b64 and value_b64 hold bytes that are not UTF-8. topic and offset are ignored, an unknown "
            "field is a bad line."},
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
            "deleted. Times before 1970 need no such word: retention goes by when a file of them was written."},
    {.name = "tee", .shorts = "T", .doc = "Copy the input to stdout as well, which must not be the file that is read."},
    {.name = "on-error",
     .value = "stop|skip|file=FILE",
     .doc = "What to do with a line that cannot be sent (no key delimiter, bad JSON, over max.message.bytes). stop, "
            "the default, acknowledges everything before it, sends nothing after it and exits with 1. skip sends every "
            "other line, prints a count and exits with 0; file=FILE does so too and keeps the refused lines there; "
            "FILE is begun anew, and must not be what is read."},
    {.name = "no-create", .doc = "Do not create a topic that does not exist."},
    {.name = "property",
     .aliases = "reader-property",
     .value = "NAME=VALUE",
     .doc = "Kafka's properties of a reader: parse.key, key.separator, null.marker, ignore.error.",
     .repeats = true},
};

constexpr Example examples[] = {
    {"seq 1000000 | bobbin produce numbers", "each line a record; exit 0 means that all are on disk"},
    {"tail -F /var/log/syslog | bobbin produce syslog", "a line is sent at once though the input stays open"},
    {"printf 'alice,3\\nbob,5\\n' | bobbin produce scores -K ,", "keys"},
    {"bobbin consume scores -J -e | bobbin produce copy -J", "keys, values, headers and timestamps, byte for byte"},
    {"bobbin produce images -k logo --frame whole < logo.png", "a file as one record"},
};

}  // namespace

extern constinit const Command produce{
    .name = "produce",
    .arguments = "[TOPIC] [-l FILE...]",
    .summary = "Send lines of stdin to a topic",
    .description =
        "Each line of the input becomes the value of a record, byte for byte: carriage returns, NULs, bytes that are "
        "not UTF-8 and empty lines stay, and a last line without a newline counts. A topic that does not exist is "
        "created, and stderr says so. When no broker runs, one is started.\n\n"
        "Exit 0 means that every record was acknowledged under the flush policy of the topic, by default: is on the "
        "disk. Else stderr says how many of how many were, the number of the first line that was not, why, and what to "
        "do.\n\n"
        "A line is sent as soon as it is read, though the input stays open; fast input travels in large batches. INT "
        "and TERM end the reading: what was read is sent, then the command dies of the signal.",
    .options = options,
    .examples = examples,
    .run = run,
};

}  // namespace bobbin::cmd
