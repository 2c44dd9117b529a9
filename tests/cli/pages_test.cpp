#include "cmd/words/pages.h"

#include <catch2/catch.hpp>
#include <fstream>
#include <sstream>

#include "cmd/words/commands.h"
#include "cmd/words/completion.h"
#include "cmd/words/help.h"

using namespace bobbin::cmd;

namespace {
std::string contents(const std::string& path) {
  std::ifstream file(std::string(BOBBIN_GOLDEN_DIR) + "/../../" + path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}
}  // namespace

TEST_CASE("pages: what is checked in under man/ is what the table says (tests/cli/print_pages writes it)") {
  for (const PageFile& page : manual_pages()) {
    INFO(page.file);
    bool same = contents("man/" + page.file) == manual_page(page.name).value();
    CHECK(same);
  }
}

TEST_CASE("pages: what is checked in under completions/ is what the table says (tests/cli/print_pages writes it)") {
  CHECK((contents("completions/bobbin.bash") == completion_script("bash").value()));
  CHECK((contents("completions/_bobbin") == completion_script("zsh").value()));
  CHECK((contents("completions/bobbin.fish") == completion_script("fish").value()));
  CHECK_FALSE(completion_script("csh"));
}

TEST_CASE("pages: hidden commands have none, and the help does not show them") {
  CHECK_FALSE(manual_page("broker run"));
  CHECK_FALSE(manual_page("nonsense"));
  CHECK(help_text().find("broker run") == std::string::npos);
  for (const Command& command : commands()) {
    if (command.hidden) continue;
    CHECK(help_text().find(command.name) != std::string::npos);
    for (const Option& option : command.options)
      CHECK(help_text(command).find("--" + std::string(option.name)) != std::string::npos);
  }
}

TEST_CASE("output: lines of the help fit a terminal of 100 columns") {
  for (const Command& command : commands()) {
    std::istringstream text(help_text(command));
    for (std::string line; std::getline(text, line);)
      if (!line.starts_with("  bobbin") && line.find(" | ") == std::string::npos &&
          line.find("|") == std::string::npos) {
        INFO(command.name << ": " << line);
        CHECK(line.size() <= 100);
      }
  }
}
