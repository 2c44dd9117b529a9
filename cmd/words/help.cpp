#include "cmd/words/help.h"

#include "base/text.h"
#include "cmd/exit.h"
#include "cmd/output/output.h"
#include "cmd/words/arguments.h"
#include "cmd/words/pages.h"

namespace bobbin::cmd {
namespace {

constexpr size_t width = 100;

// Breaks `text` into lines, each after `indent` blanks; the first line begins at `column`.
void wrap(std::string& out, std::string_view text, size_t indent, size_t column) {
  size_t at = column;
  while (!text.empty()) {
    size_t end = std::min(text.find(' '), text.size());
    if (at > indent && at + 1 + end > width) {
      out += "\n" + std::string(indent, ' ');
      at = indent;
    } else if (at > indent) {
      out += ' ';
      at++;
    }
    out += text.substr(0, end);
    at += end;
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  out += '\n';
}

void paragraphs(std::string& out, std::string_view text) {
  while (!text.empty()) {
    size_t end = text.find("\n\n");
    wrap(out, text.substr(0, end), 0, 0);
    if (end == std::string_view::npos) return;
    out += '\n';
    text.remove_prefix(end + 2);
  }
}

std::string written(const Option& option) {
  std::string left = "  ";
  for (char c : option.shorts) left.append("-").append(1, c).append(", ");
  if (option.shorts.empty()) left += "    ";
  left.append("--").append(option.name);
  if (option.value.empty()) return left;
  return left.append(option.value_is_optional ? " [" : " ")
      .append(option.value)
      .append(option.value_is_optional ? "]" : "");
}

void describe(std::string& out, const Option& option) {
  constexpr size_t indent = 34;
  std::string left = written(option);
  if (left.size() + 2 > indent) {
    out += left + "\n" + std::string(indent, ' ');
  } else {
    out += left + std::string(indent - left.size(), ' ');
  }
  std::string doc(option.doc);
  if (!option.aliases.empty()) {
    std::string also;
    for (std::string_view alias : split(option.aliases, ' ')) also.append(also.empty() ? "--" : ", --").append(alias);
    doc += " Also: " + also + ".";
  }
  wrap(out, doc, indent, indent);
}

void list_commands(std::string& out, std::string_view prefix) {
  for (const Command& c : commands()) {
    if (c.hidden || !c.name.starts_with(prefix)) continue;
    std::string left = "  " + std::string(c.name) + " " + std::string(c.arguments);
    left.resize(std::max<size_t>(left.size() + 1, 42), ' ');
    out += left;
    wrap(out, c.summary, 42, 42);
  }
}

void list_options(std::string& out, std::span<const Option> options) {
  for (const Option& o : options) describe(out, o);
}

}  // namespace

std::string help_text() {
  std::string out =
      "bobbin: Apache Kafka for one machine. Lines from a pipe into a log that lasts, and out again.\n\n"
      "Usage: bobbin [OPTION...] COMMAND\n\n"
      "  seq 1000000 | bobbin produce numbers\n"
      "  bobbin consume numbers -e | wc -l\n\nCommands:\n";
  list_commands(out, "");
  out += "\nOptions of every command, before or after its name:\n";
  list_options(out, global_options());
  out += "\nExit codes:\n";
  for (const ExitCode& e : exit_codes()) {
    out += "  " + std::to_string(e.code) + "  ";
    wrap(out, e.meaning, 5, 5);
  }
  out +=
      "\n'bobbin COMMAND -h' tells more, and so do bobbin(1), bobbin-guarantees(7), bobbin-security(7) and "
      "bobbin-format(7).\n";
  return out;
}

std::string help_text_of_group(std::string_view group) {
  std::string out = "Usage: bobbin " + std::string(group) + " COMMAND\n\nCommands:\n";
  list_commands(out, std::string(group) + " ");
  return out + "\n'bobbin " + std::string(group) + " COMMAND -h' tells more.\n";
}

std::string help_text(const Command& command) {
  std::string out = "Usage: bobbin " + std::string(command.name);
  if (!command.options.empty()) out += " [OPTION...]";
  if (!command.arguments.empty()) out.append(" ").append(command.arguments);
  out.append("\n").append(command.summary).append(".\n\n");
  paragraphs(out, command.description);
  if (!command.options.empty()) out += "\nOptions:\n";
  list_options(out, command.options);
  if (command.lists) {
    if (command.options.empty()) out += "\nOptions:\n";
    describe(out, output_option());
  }
  out += "\nOptions of every command:\n";
  list_options(out, global_options());
  if (!command.examples.empty()) out += "\nExamples:\n";
  for (const Example& e : command.examples)
    out.append("  # ").append(e.meaning).append("\n  ").append(e.line).append("\n");
  return out;
}

std::string version_text() { return "bobbin " BOBBIN_VERSION "\n"; }

namespace {

int run(const Arguments& arguments) {
  std::string name;
  for (const std::string& word : arguments.words()) name += (name.empty() ? "" : " ") + word;
  std::string out;
  if (arguments.has("man")) {
    auto page = manual_page(name);
    if (!page) return fail_usage("help", "there is no page '" + name + "'");
    out = *page;
  } else if (name.empty()) {
    out = help_text();
  } else if (const Command* command = find_command(name)) {
    out = help_text(*command);
  } else if (find_command(name + " start") || find_command(name + " list")) {
    out = help_text_of_group(name);
  } else {
    return fail_usage("", "unknown command '" + name + "'");
  }
  return print(out);
}

constexpr Option options[] = {
    {.name = "man", .doc = "Print the manual page in mdoc(7) instead; bobbin.toml is a page too."},
};

constexpr Example examples[] = {
    {"bobbin help produce", "the same as bobbin produce -h"},
    {"bobbin help --man topic create | mandoc -l", "the page, without installing it"},
};

}  // namespace

extern constinit const Command help{
    .name = "help",
    .arguments = "[COMMAND]",
    .summary = "Show the help of a command",
    .description = "The same as COMMAND -h.",
    .options = options,
    .examples = examples,
    .run = run,
};

}  // namespace bobbin::cmd
