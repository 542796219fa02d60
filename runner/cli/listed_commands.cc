#include "runner/cli/listed_commands.h"

#include <filesystem>

#include "configs/text_file.h"
#include "runner/core/json.h"

namespace sweepd {
namespace {

constexpr std::string_view standard_input = "-";
constexpr FileLimit list_limit{"lists of commands", uint64_t{1} << 30, uint64_t{1} << 30};

/// As a YAML text of several lines.
std::string block_of(std::string_view text) {
  std::string block = "|2\n";
  while (!text.empty()) {
    const size_t end = text.find('\n');
    block.append("    ").append(text.substr(0, end)).append("\n");
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return block;
}

}  // namespace

std::string name_of_list(const std::string& list) {
  return list == standard_input ? "commands" : std::filesystem::path(list).stem().string();
}

Result<std::string> text_of_list(const std::string& list) {
  std::string text = "task:\n  result: text\n  lines: ";
  if (list != standard_input) {
    if (const auto file = TextFile::open(list, list_limit); !file) return tl::unexpected(file.error());
    append_json(text, std::string_view(list));
    return text + '\n';
  }
  const Result<std::string> read = read_text_file("/dev/stdin", list_limit);
  if (!read) return failure("standard input: " + read.error().message);
  return text + block_of(*read);
}

}  // namespace sweepd
