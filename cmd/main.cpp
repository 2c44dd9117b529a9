#include <cstdio>

int main() {
  std::fputs("bobbin: nothing here yet\n", stderr);
  return 2;
}
