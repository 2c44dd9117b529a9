#include "cmd/words/completion_parts.h"

#include "base/text.h"

namespace bobbin::cmd {

Offer offer(std::string_view value) {
  if (value.find('|') != std::string_view::npos) return Offer::words;
  if (value == "TOPIC" || value.starts_with("TOPIC[") || value.starts_with("[TOPIC") || value.starts_with("[NAME"))
    return Offer::topics;
  if (value.starts_with("[ID")) return Offer::brokers;
  if (value == "FILE") return Offer::files;
  if (value == "DIR") return Offer::dirs;
  return Offer::nothing;
}

std::string words_of(std::string_view value) {
  std::string out(value);
  std::replace(out.begin(), out.end(), '|', ' ');
  if (size_t file = out.find("=FILE"); file != std::string::npos) out.erase(file + 1, 4);
  return out;
}

void each_option(const Command& command, const std::function<void(const Option&)>& use) {
  for (const Option& o : command.options) use(o);
  if (command.lists) use(output_option());
  for (const Option& o : global_options()) use(o);
}

std::vector<std::string> written(const Option& option) {
  std::vector<std::string> all;
  for (char c : option.shorts) all.push_back(std::string("-") + c);
  all.push_back("--" + std::string(option.name));
  for (std::string_view alias : split(option.aliases, ' ')) all.push_back("--" + std::string(alias));
  return all;
}

std::string joined(const std::vector<std::string>& all, std::string_view between) {
  std::string out;
  for (const std::string& one : all) out.append(out.empty() ? "" : between).append(one);
  return out;
}

std::string first_sentence(std::string_view doc) {
  size_t end = doc.find(". ");
  std::string out(doc.substr(0, end == std::string_view::npos ? doc.size() : end));
  if (out.ends_with('.')) out.pop_back();
  if (size_t colon = out.find(": "); colon != std::string::npos && out.size() > 60) out.resize(colon);
  return out;
}

std::vector<std::string> first_words() {
  std::vector<std::string> out;
  for (const Command& c : commands()) {
    std::string word(c.name.substr(0, c.name.find(' ')));
    if (!c.hidden && (out.empty() || std::find(out.begin(), out.end(), word) == out.end())) out.push_back(word);
  }
  return out;
}

std::vector<std::string> verbs(const std::string& group) {
  std::vector<std::string> out;
  for (const Command& c : commands())
    if (!c.hidden && c.name.starts_with(group + " ")) out.push_back(std::string(c.name.substr(group.size() + 1)));
  return out;
}

std::vector<std::string> groups() {
  std::vector<std::string> out;
  for (const std::string& w : first_words())
    if (!verbs(w).empty()) out.push_back(w);
  return out;
}

}  // namespace bobbin::cmd
