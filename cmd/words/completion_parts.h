// What the completion scripts of all shells are made from.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "cmd/words/commands.h"

namespace bobbin::cmd {

// What the shell offers for a value or a word.
enum class Offer { nothing, topics, brokers, files, dirs, words };

// Of an option's value, or a command's arguments.
Offer offer(std::string_view value);
// "a b c" of "a|b|c", the value of Offer::words.
std::string words_of(std::string_view value);

// The options of `command`, then --output, then the global ones.
void each_option(const Command& command, const std::function<void(const Option&)>& use);
// Every way to write the option: "-p", "--partitions".
std::vector<std::string> written(const Option& option);
// As far as it says what the option is for, in a line.
std::string first_sentence(std::string_view doc);

// What may come first, those of them that are the first of two words, and the second words of one of those.
std::vector<std::string> first_words();
std::vector<std::string> groups();
std::vector<std::string> verbs(const std::string& group);

std::string joined(const std::vector<std::string>& all, std::string_view between);

}  // namespace bobbin::cmd
