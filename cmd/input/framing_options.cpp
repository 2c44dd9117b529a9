#include "cmd/input/framing_options.h"

namespace bobbin::cmd {

Result<Framing> read_framing(const Arguments& arguments) {
  Framing framing;
  std::string frame = arguments.text("frame").value_or("line");
  if (frame == "nul") framing.delimiter = std::string(1, '\0');
  if (frame == "u32be") framing.frame = Frame::u32be;
  if (frame == "whole") framing.frame = Frame::whole;
  if (auto text = arguments.text("delimiter")) {
    if (frame != "line") return usage("--delimiter is for --frame line, not for --frame " + frame);
    BOBBIN_TRY_ASSIGN(bytes, unescaped(*text, "--delimiter"));
    if (bytes.empty()) return usage("--delimiter is empty; --frame whole takes the input as one record");
    framing.delimiter = bytes;
  }
  return framing;
}

}  // namespace bobbin::cmd
