#include "cmd/consume/consumption.h"
#include "cmd/consume/options.h"
#include "cmd/consume/working.h"
#include "cmd/exit.h"
#include "cmd/input/framing_options.h"

namespace bobbin::cmd {
namespace {

int run(const Arguments& arguments) {
  auto options = read_consume_options(arguments, now());
  if (!options) return fail(options.error(), "consume");
  if (options->exec) {
    Working working(arguments, std::move(*options));
    Status opened = working.open();
    return opened ? working.run() : fail(opened.error());
  }
  Consumption consumption(arguments, std::move(*options));
  if (Status opened = consumption.open(); !opened) return fail(opened.error());
  auto code = consumption.run();
  return code ? *code : consumption.report(code.error());
}

constexpr Option options[] = {
    {.name = "topic",
     .shorts = "t",
     .value = "TOPIC",
     .doc = "A topic, for those who write it as an option.",
     .repeats = true},
    {.name = "offset",
     .shorts = "o",
     .value = "WHERE",
     .doc = "Where to start, and perhaps to stop: beginning (the default), end, N, +N (from the first), -N (before the "
            "end), N:M, :end, @TIME, @TIME:TIME, @-1h:end, and as in kcat s@TIME and e@TIME. start, earliest, oldest, "
            "latest and newest are understood. A TIME is milliseconds since 1970 (-1500 lies before it), ISO 8601, or "
            "a time ago such as -1h. May be given twice, once with a start and once with an end. An end beyond the "
            "last record is where the partition ends now. N beyond it is an error, but not in N:M.",
     .repeats = true},
    {.name = "from-beginning", .doc = "Start at the first record, which is the default."},
    {.name = "partition", .shorts = "p", .value = "N[,N...]", .doc = "Only these partitions.", .repeats = true},
    {.name = "max-messages", .shorts = "nc", .value = "N", .doc = "Stop after so many records."},
    {.name = "exit",
     .shorts = "e",
     .aliases = "no-follow",
     .doc = "Stop at the ends that the partitions have at the start."},
    {.name = "group",
     .shorts = "gG",
     .value = "GROUP",
     .doc = "Read as a member of this group: members share the partitions, and each goes on where the group was. "
            "Without a "
            "position it begins at the first record, or where -o says."},
    {.name = "commit",
     .value = "each|batch|exit|none",
     .doc =
         "When positions of the group are committed: after each record, from time to time (batch, the default), at "
         "the end, or not at all. What is committed has been taken by the reader of the output: a record counts when "
         "all of it was read from the pipe, or written to a file."},
    {.name = "at-most-once",
     .doc =
         "Commit before writing: what is lost on the way is not read again. Without it nothing is lost, and what was "
         "not committed when a member died is read again."},
    {.name = "exec",
     .value = "CMD",
     .doc =
         "Run this command by /bin/sh -c once for each record, in place of printing it. Its standard input holds the "
         "exact value, with nothing behind it (or what -f or -J say); its environment tells of the record; what it "
         "prints is passed through. A record is done, and only then committed, when the command ended with 0."},
    {.name = "exec-batch",
     .value = "CMD",
     .doc = "The same once for several records of one partition, as many as are at hand: its standard input holds what "
            "consume would print of them. A batch that has failed for good is divided, until it is known which records "
            "fail."},
    {.name = "batch-records", .value = "N", .doc = "At most so many records in a batch. Default: 1000."},
    {.name = "workers",
     .shorts = "P",
     .value = "N",
     .doc =
         "So many commands at once. Records of one key of one partition, and those of a partition without a key, are "
         "taken one after the other all the same, and so are the batches of a partition. Default: 1."},
    {.name = "retries",
     .value = "N",
     .doc = "Try again so often when a command ended with something else than 0, while later records of the same key "
            "wait; then the record goes to the topic of dead letters. Default: 3."},
    {.name = "backoff",
     .value = "DURATION",
     .doc = "Wait so long before the first retry, and twice as long before each one that follows, up to 10s. Default: "
            "200ms."},
    {.name = "format",
     .shorts = "f",
     .value = "FORMAT",
     .doc = "Print each record so, with nothing after it. %s or %v value, %S or %V its size (-1: null), %R its size in "
            "4 bytes, %k key, %K its size, %t topic, %p partition, %o offset, %T timestamp in milliseconds, %d{%F %T} "
            "the time through strftime in UTC, %h headers, %H their number, %% a percent sign; %v{hex}, %v{base64}, "
            "%k{hex} and %k{base64}; %h{%k=%v } prints each header so; \\n \\t \\r \\\\ \\0 \\xNN."},
    {.name = "json",
     .shorts = "J",
     .doc = "Print each record as a JSON object on a line, byte-exact: key_b64 and value_b64 hold bytes that are not "
            "UTF-8."},
    delimiter_option,
    {.name = "key-delimiter", .shorts = "K", .value = "TEXT", .doc = "Print the key and this text before each value."},
    {.name = "nulls", .shorts = "Z", .doc = "Print null as NULL; without it, null prints as nothing."},
    {.name = "null", .value = "TEXT", .doc = "Print null as this text."},
    {.name = "unbuffered", .shorts = "u", .doc = "Write after each record, not when no further one is at hand."},
    {.name = "busy",
     .doc = "Look again and again for new records instead of sleeping, and let the brokers that are waited for do the "
            "same: the lowest latency, for a core each."},
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
            "print.offset, print.delivery, print.epoch, print.headers, key.separator, line.separator, "
            "headers.separator, null.literal. The form is then that of Kafka's console consumer, in which null is "
            "\"null\" unless null.literal, -Z or --null says something else.",
     .repeats = true},
};

constexpr Example examples[] = {
    {"bobbin consume numbers -e | wc -l", "everything up to now"},
    {"bobbin consume app -o end | grep ERROR", "only what comes from now on"},
    {"bobbin consume app -o @-1h:end", "the last hour"},
    {"bobbin consume app -o -10 -n 10", "the last ten of a topic with one partition"},
    {"bobbin consume -g workers jobs | work", "one of several workers that share the partitions"},
    {"bobbin consume -g workers jobs -P 4 --exec './work'", "a command for each record, four at once"},
    {"bobbin consume -g load rows --exec-batch 'psql -c \"copy rows from stdin\"'", "one for as many as are at hand"},
    {"bobbin consume app -e -f '%d{%F %T} %p/%o %s\\n'", "with time, partition and offset"},
};

}  // namespace

extern constinit const Command consume{
    .name = "consume",
    .arguments = "[TOPIC...]",
    .summary = "Print the records of topics",
    .description =
        "Prints the value of each record and a newline, in order within each partition, from the beginning, and waits "
        "for more. A topic that does not exist yet is waited for, unless an end was asked for; consume never creates "
        "one. A reader that goes away ends it quietly.\n\n"
        "With -g it is a member of a group. A partition goes to another member only after what was read of it is "
        "written, "
        "taken by the reader, and committed: members that come and go in order lose and double nothing. A member that "
        "is "
        "killed leaves at most what it had not committed to be read again. With -e it reads what it gets up to the "
        "ends of "
        "its start, commits, and leaves.\n\n"
        "With --exec a command takes each record. It finds in its environment BOBBIN_TOPIC, BOBBIN_PARTITION, "
        "BOBBIN_OFFSET, BOBBIN_TIMESTAMP (milliseconds since 1970), BOBBIN_KEY (not set where the key is null), "
        "BOBBIN_HEADERS (a JSON array of objects with key and value, as -J prints it), BOBBIN_GROUP, BOBBIN_ATTEMPT (1 "
        "the "
        "first time) and, where the value is null, BOBBIN_TOMBSTONE=1. A key that holds a NUL, and a key or headers of "
        "more than 64 KiB, lie in a file instead, whose path is BOBBIN_KEY_FILE or BOBBIN_HEADERS_FILE. With "
        "--exec-batch "
        "it is told of the first record, and BOBBIN_LAST_OFFSET and BOBBIN_COUNT, but of no key and no headers.\n\n"
        "A record that fails after all retries goes to the topic TOPIC.GROUP.dlq, which is made when it is needed, and "
        "deletes nothing by itself; its headers tell where it came from and how the command ended (bobbin-format(7)). "
        "Only "
        "when that is acknowledged counts the record as done. The exit code is then 1, and stderr tells how many there "
        "are; bobbin group redrive sends them back. A command that the shell cannot run (126 or 127) fails no record: "
        "it "
        "ends consume, and so does a reader of standard output that goes away.\n\n"
        "INT and TERM let the commands that run come to their end, and another signal kills them. Who ends so, or "
        "hands "
        "a partition over, first does what lies before something that is done already: nothing is done twice. The "
        "commands "
        "of a member that is killed go on by themselves. What a "
        "killed member had done and not committed is done again, so a command should bear to see a record twice; with "
        "--at-most-once what it had begun is not.\n\n"
        "On a terminal, control characters are shown as \\xNN; anywhere else every byte is printed as it is.",
    .options = options,
    .examples = examples,
    .run = run,
};

}  // namespace bobbin::cmd
