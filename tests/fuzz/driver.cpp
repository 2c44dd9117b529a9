// Runs the targets without a fuzzer.
//   fuzz NAME FILE         every line of the file, an input in hexadecimal digits; what follows a blank is a remark
//   fuzz NAME FILE DIR     writes them into the folder instead, a file each, as libFuzzer wants them
//   fuzz --names           the names
#include <cstdint>
#include <fstream>
#include <iostream>
#include <vector>

#include "fuzz/target.h"

namespace {

using namespace bobbin;

int digit(char c) {
  constexpr std::string_view digits = "0123456789abcdef";
  return static_cast<int>(digits.find(c));
}

// Nothing: not an even number of digits.
std::optional<std::string> bytes_of(std::string_view line) {
  std::string_view hex = line.substr(0, line.find(' '));
  std::string out;
  if (hex.size() % 2 != 0 || hex.find_first_not_of("0123456789abcdef") != hex.npos) return std::nullopt;
  for (size_t i = 0; i < hex.size(); i += 2) out += static_cast<char>(digit(hex[i]) << 4 | digit(hex[i + 1]));
  return out;
}

int run(const fuzz::Target& target, const char* path, const char* into) {
  std::ifstream file(path);
  size_t count = 0;
  for (std::string line; std::getline(file, line);) {
    auto input = bytes_of(line);
    count++;
    if (!input) {
      std::cerr << path << ":" << count << ": no hexadecimal digits\n";
      return 2;
    }
    if (into) {
      std::ofstream(std::string(into) + "/" + std::to_string(count), std::ios::binary) << *input;
    } else {
      // On a copy of exactly its size, so that sanitizers see a byte too far.
      std::vector<char> exact(input->begin(), input->end());
      target.run(Bytes(exact.data(), exact.size()));
    }
  }
  if (count == 0) std::cerr << path << ": nothing is in it\n";
  else if (!into) std::cout << target.name << ": " << count << " inputs\n";
  return count == 0 ? 2 : 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 2 && argv[1] == std::string_view("--names")) {
    for (const fuzz::Target& target : fuzz::targets()) std::cout << target.name << "\n";
    return 0;
  }
  const fuzz::Target* target = argc == 3 || argc == 4 ? fuzz::find_target(argv[1]) : nullptr;
  if (!target) {
    std::cerr << "usage: fuzz NAME FILE [DIR] | fuzz --names\n";
    return 2;
  }
  return run(*target, argv[2], argc == 4 ? argv[3] : nullptr);
}
