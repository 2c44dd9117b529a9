#include "cmd/words/pages.h"

#include <set>

#include "base/number.h"
#include "base/units.h"
#include "cmd/words/commands.h"
#include "config/configs.h"

namespace bobbin::cmd {
namespace {

// The date of the pages; it changes when their text does.
constexpr std::string_view date = "November 24, 2026";

// Text within a line of mdoc: backslashes and what a line may not begin with.
std::string safe(std::string_view text) {
  std::string out;
  for (char c : text) {
    if (c == '\\') out += "\\e";
    else if (c == '-') out += "\\-";
    else if (c == '"') out += "\\(dq";
    else out += c;
  }
  if (!out.empty() && (out[0] == '.' || out[0] == '\'')) out.insert(0, "\\&");
  return out;
}

// Breaks lines of text at blanks; a sentence has begun a line already. No line begins with what mdoc takes for a macro.
std::string wrapped(const std::string& text) {
  constexpr size_t width = 76;
  std::string out;
  size_t line = 0;
  for (size_t i = 0; i < text.size();) {
    size_t end = std::min(text.find_first_of(" \n", i), text.size());
    size_t word = end - i;
    if (line > 0 && line + 1 + word > width) {
      out += '\n';
      line = 0;
    } else if (line > 0) {
      out += ' ';
      line++;
    }
    if (line == 0 && (text[i] == '.' || text[i] == '\'')) out += "\\&";
    out.append(text, i, word);
    line += word;
    if (end < text.size() && text[end] == '\n') {
      out += '\n';
      line = 0;
    }
    i = end + 1;
  }
  return out;
}

// Running text: hyphens stay hyphens; each sentence begins a line, as mdoc asks.
std::string prose(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); i++) {
    char c = text[i];
    if (c == '\\') {
      out += "\\e";
    } else if (c == ' ' && i > 1 && (text[i - 1] == '.' || text[i - 1] == ':') && i + 1 < text.size() &&
               (text[i - 1] == '.' || text[i + 1] == '\n')) {
      out += '\n';
    } else if (c == '-' && i + 1 < text.size() && (i == 0 || text[i - 1] == ' ' || text[i - 1] == '-')) {
      out += "\\-";  // an option or a negative number
    } else {
      out += c;
    }
  }
  return wrapped(out) + "\n";
}

void paragraphs(std::string& out, std::string_view text) {
  while (true) {
    size_t end = text.find("\n\n");
    out += prose(text.substr(0, end));
    if (end == std::string_view::npos) return;
    out += ".Pp\n";
    text.remove_prefix(end + 2);
  }
}

// A word as the argument of a macro. Quoted where it would be taken apart.
std::string argument(std::string_view word) {
  std::string text = safe(word);
  bool quote = text.find(' ') != std::string::npos || text.size() <= 2;
  return quote ? "\"" + text + "\"" : text;
}

// Fl takes the first dash away: "--key" is "Fl -key".
void item(std::string& out, const Option& option) {
  std::string value = option.value.empty() ? "" : " Ar " + argument(option.value);
  if (option.value_is_optional) value = " Op Ar " + argument(option.value);
  out += ".It";
  for (char c : option.shorts) out += std::string(" Fl ") + c + " ,";
  out += " Fl \\-" + safe(option.name) + value + "\n" + prose(option.doc);
  if (option.aliases.empty()) return;
  out += "Also written\n";
  std::string_view rest = option.aliases;
  while (!rest.empty()) {
    size_t blank = std::min(rest.find(' '), rest.size());
    out += ".Fl \\-" + safe(rest.substr(0, blank));
    rest.remove_prefix(std::min(blank + 1, rest.size()));
    out += rest.empty() ? " .\n" : " ,\n";
  }
}

std::string file_name(std::string_view name) {
  std::string file = "bobbin";
  if (!name.empty()) file += "-" + std::string(name);
  for (char& c : file)
    if (c == ' ') c = '-';
  return file;
}

std::string head(std::string_view title, std::string_view section, std::string_view name, std::string_view summary) {
  std::string upper(title);
  for (char& c : upper) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
  std::string lower(summary);
  if (lower.size() > 1 && lower[0] >= 'A' && lower[0] <= 'Z' && lower[1] >= 'a')
    lower[0] = static_cast<char>(lower[0] + 32);
  return ".\\\" Printed by bobbin help --man; the table of commands is the source.\n.Dd " + std::string(date) +
         "\n.Dt " + upper + " " + std::string(section) + "\n.Os\n.Sh NAME\n.Nm " + std::string(name) + "\n.Nd " +
         lower + "\n";
}

void exit_status(std::string& out) {
  out += ".Sh EXIT STATUS\n.Bl -tag -width 3n\n";
  for (const ExitCode& e : exit_codes()) out += ".It " + std::to_string(e.code) + "\n" + prose(e.meaning);
  out += ".El\n";
}

void examples(std::string& out, std::span<const Example> list) {
  if (list.empty()) return;
  out += ".Sh EXAMPLES\n";
  for (size_t i = 0; i < list.size(); i++) {
    std::string meaning(list[i].meaning);
    meaning[0] = static_cast<char>(meaning[0] >= 'a' && meaning[0] <= 'z' ? meaning[0] - 32 : meaning[0]);
    if (i) out += ".Pp\n";
    out += prose(meaning + ":") + ".Bd -literal -offset indent\n" + safe(list[i].line) + "\n.Ed\n";
  }
}

std::string command_page(const Command& command) {
  std::string name = file_name(command.name);
  std::string out = head(name, "1", name, command.summary);
  out += ".Sh SYNOPSIS\n.Nm bobbin\n.Cm " + std::string(command.name) + "\n";
  if (!command.options.empty() || command.lists) out += ".Op Ar options\n";
  if (!command.arguments.empty()) out += ".Ar " + argument(command.arguments) + "\n";
  out += ".Sh DESCRIPTION\n";
  paragraphs(out, command.description);
  out += ".Pp\nThe options are as follows; those of every command are in\n.Xr bobbin 1 .\n.Bl -tag -width Ds\n";
  for (const Option& o : command.options) item(out, o);
  if (command.lists) item(out, output_option());
  item(out, *find_option(command, "--help"));
  out += ".El\n";
  exit_status(out);
  examples(out, command.examples);
  out += ".Sh SEE ALSO\n.Xr bobbin 1 ,\n.Xr bobbin.toml 5 ,\n.Xr bobbin-guarantees 7";
  return out + (command.name == "broker start" ? " ,\n.Xr bobbin-security 7\n" : "\n");
}

std::string program_page() {
  std::string out = head("bobbin", "1", "bobbin", "Apache Kafka for one machine");
  out += ".Sh SYNOPSIS\n.Nm\n.Op Ar options\n.Ar command\n.Op Ar argument ...\n.Sh DESCRIPTION\n";
  out += prose("A cluster is a directory; brokers are local processes; records lie on disk in Kafka's own format.") +
         "The commands\n.Cm produce\nand\n.Cm consume\nare the ends of pipes.\n"
         "Where no broker runs, the first command starts one in the background.\n"
         "With\n.Fl b\nthe same commands act on a real Kafka cluster.\n.Pp\nThe commands are:\n.Bl -tag -width Ds\n";
  for (const Command& c : commands())
    if (!c.hidden)
      out += ".It Xo Cm " + std::string(c.name) + "\n" +
             (c.arguments.empty() ? "" : ".Ar " + argument(c.arguments) + "\n") + ".Xc\n" + std::string(c.summary) +
             ".\nSee\n.Xr " + file_name(c.name) + " 1 .\n";
  out += ".El\n.Pp\nThe options of every command, accepted before and after its name, are:\n.Bl -tag -width Ds\n";
  for (const Option& o : global_options()) item(out, o);
  out +=
      ".El\n.Sh ENVIRONMENT\n.Bl -tag -width Ds\n.It Ev BOBBIN_DIR\nThe directory of the cluster.\n"
      ".It Ev BOBBIN_AUTOSTART\nWhen this is\n.Dq never ,\nno command starts a broker but\n.Cm broker start .\n"
      ".It Ev XDG_DATA_HOME\nWhere\n.Pa bobbin\nis the directory, if\n.Ev BOBBIN_DIR\nis not set.\n.El\n";
  exit_status(out);
  constexpr Example list[] = {
      {"seq 1000000 | bobbin produce numbers\nbobbin consume numbers -e | wc -l", "a million lines in, and out again"},
      {"tail -F app.log | bobbin produce app &\nbobbin consume app -o end | grep ERROR", "a live pipe"},
  };
  examples(out, list);
  out += ".Sh SEE ALSO\n";
  std::set<std::string> names;  // in the order of the alphabet, as mdoc asks
  for (const Command& c : commands())
    if (!c.hidden) names.insert(file_name(c.name));
  for (const std::string& name : names) out += ".Xr " + name + " 1 ,\n";
  return out +
         ".Xr bobbin.toml 5 ,\n.Xr bobbin-format 7 ,\n.Xr bobbin-guarantees 7 ,\n.Xr bobbin-replication 7 ,\n.Xr "
         "bobbin-security 7\n";
}

std::string described_value(const config::ConfigKey& key, std::string_view value) {
  std::string out(value);
  auto number = number_in<int64_t>(value, 0, int64_t{1} << 60);  // more means without a limit
  if (!number) return out;
  if (key.unit == config::ConfigUnit::bytes && *number >= 1024) return out + " (" + size_text(*number) + ")";
  if (key.unit == config::ConfigUnit::ms && *number >= 1000) return out + " (" + duration_text(*number) + ")";
  return out;
}

void config_items(std::string& out, std::span<const config::ConfigKey> keys) {
  out += ".Bl -tag -width Ds\n";
  for (const config::ConfigKey& key : keys) {
    out += ".It Cm " + safe(key.name) + "\n" + prose(key.doc);
    if (!key.words.empty()) {
      std::string words;
      for (std::string_view w : key.words) words.append(words.empty() ? "" : ", ").append(w);
      out += prose("Values: " + words + ".");
    }
    if (key.opens_door) out += prose("Not changed over TCP, but by the owner of the cluster's directory.");
    if (!key.default_value.empty()) out += prose("Default: " + described_value(key, key.default_value) + ".");
    for (size_t i = 0; i < key.synonyms.size(); i++)
      out += (i == 0 ? "Unless it is set on the topic, the broker's\n.Cm " : ".Cm ") + safe(key.synonyms[i]) +
             (i + 1 < key.synonyms.size() ? " ,\n" : "\ncounts.\n");
  }
  out += ".El\n";
}

std::string toml_page() {
  std::string out = head("bobbin.toml", "5", "bobbin.toml", "configs of brokers and topics");
  out +=
      ".Sh DESCRIPTION\nThe file\n.Pa bobbin.toml\nin the directory of the cluster holds configs of its brokers in "
      "TOML.\n"
      "It is read when a broker starts.\nNames are Kafka's where Kafka has one, written as a dotted key or in quotes;\n"
      "an unknown one is an error that names the nearest known.\n"
      "Sizes such as\n.Dq 64MiB\nand durations such as\n.Dq 7d\nmay be written as strings.\n"
      "What\n.Cm broker start \\-\\-set\ngives comes before the file;\n.Cm broker config\nprints what is in effect and "
      "why.\n"
      ".Sh BROKERS\n";
  config_items(out, config::broker_configs());
  out += ".Sh TOPICS\nThese are set with\n.Cm topic create \\-c\nand\n.Cm topic config .\n";
  config_items(out, config::topic_configs());
  out +=
      ".Sh EXAMPLES\nThree partitions for every new topic, kept for a day:\n.Bd -literal -offset indent\n"
      "num.partitions = 3\nlog.retention.ms = \\(dq1d\\(dq\n.Ed\n";
  return out +
         ".Sh SEE ALSO\n.Xr bobbin 1 ,\n.Xr bobbin-broker-config 1 ,\n.Xr bobbin-topic-config 1 ,\n.Xr "
         "bobbin-guarantees 7 ,\n.Xr bobbin-security 7\n";
}

}  // namespace

std::optional<std::string> manual_page(std::string_view name) {
  if (name.empty() || name == "bobbin") return program_page();
  if (name == "bobbin.toml") return toml_page();
  const Command* command = find_command(name);
  if (!command || command->hidden) return std::nullopt;
  return command_page(*command);
}

std::vector<PageFile> manual_pages() {
  std::vector<PageFile> pages{{"", "bobbin.1"}, {"bobbin.toml", "bobbin.toml.5"}};
  for (const Command& c : commands())
    if (!c.hidden) pages.push_back({std::string(c.name), file_name(c.name) + ".1"});
  return pages;
}

}  // namespace bobbin::cmd
