#include "cmd/output/output.h"

#include <catch2/catch.hpp>

#include "cmd/exit.h"

using namespace bobbin;
using namespace bobbin::cmd;

TEST_CASE("lists: aligned text, JSON with numbers and null, tab-separated lines") {
  Listing list({"name", "leader_epoch"});
  list.add({"a\tb", 5});
  list.add({"caf\u00e9 long", Cell()});
  CHECK(list.render(OutputForm::text) == "NAME       LEADER-EPOCH\na\\x09b                5\ncaf\u00e9 long  -\n");
  CHECK(list.render(OutputForm::json) ==
        "[{\"name\":\"a\\tb\",\"leader_epoch\":5},\n{\"name\":\"caf\u00e9 long\",\"leader_epoch\":null}]\n");
  CHECK(list.render(OutputForm::tsv) == "a\\x09b\t5\ncaf\u00e9 long\t\n");
}

TEST_CASE("lists: an empty one is nothing as text and an empty array as JSON") {
  Listing list({"name"});
  CHECK(list.render(OutputForm::text) == "");
  CHECK(list.render(OutputForm::json) == "[]\n");
  CHECK(list.render(OutputForm::tsv) == "");
}

TEST_CASE("exit codes: the table of the manual") {
  CHECK(exit_code(Errc::none) == 0);
  for (Errc no : {Errc::topic_already_exists, Errc::unknown_topic_or_partition, Errc::invalid_replication_factor,
                  Errc::message_too_large, Errc::disk_full, Errc::kafka_storage_error})
    CHECK(exit_code(no) == 1);
  for (Errc text : {Errc::usage, Errc::invalid_config, Errc::invalid_topic_exception}) CHECK(exit_code(text) == 2);
  for (Errc silent : {Errc::no_answer, Errc::stopped, Errc::disconnected, Errc::request_timed_out})
    CHECK(exit_code(silent) == 3);
  for (Errc damage : {Errc::damaged, Errc::corrupt_message}) CHECK(exit_code(damage) == 4);
}
