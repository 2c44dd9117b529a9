#include "cmd/exit.h"

#include <string>

#include "base/text.h"
#include "os/stdio.h"

namespace bobbin::cmd {

int exit_code(Errc code) {
  switch (code) {
    case Errc::none:
      return exit_done;
    case Errc::usage:
    case Errc::invalid_config:
    case Errc::invalid_topic_exception:
      return exit_usage;
    case Errc::no_answer:
    case Errc::stopped:
    case Errc::disconnected:
    case Errc::request_timed_out:
    case Errc::broker_not_available:
    case Errc::leader_not_available:
    case Errc::network_exception:
      return exit_no_answer;
    case Errc::damaged:
    case Errc::corrupt_message:
      return exit_damaged;
    default:
      return exit_no;
  }
}

int fail(const Error& error) {
  std::string text = error.message.empty() ? std::string(name(error.code)) : escaped_for_line(error.message);
  os::complain("bobbin: " + text + "\n");
  return exit_code(error.code);
}

int fail(const Error& error, std::string_view command) {
  return error.code == Errc::usage ? fail_usage(command, error.message) : fail(error);
}

int fail_usage(std::string_view command, std::string_view message) {
  std::string text = "bobbin: " + escaped_for_line(message) + "\nTry 'bobbin";
  if (!command.empty()) text.append(" ").append(command);
  text += " -h'.\n";
  os::complain(text);
  return exit_usage;
}

}  // namespace bobbin::cmd
