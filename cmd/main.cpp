#include "cmd/program.h"

int main(int count, char** words) {
  return bobbin::cmd::run(std::vector<std::string>(words + (count > 0), words + count));
}
