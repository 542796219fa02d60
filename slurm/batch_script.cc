#include "slurm/batch_script.h"

#include <algorithm>
#include <cstdint>
#include <optional>

namespace sweepd {
namespace {

constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";
constexpr std::string_view blanks = " \t\r";

/// Its first line without `#!`. None where there is no such line.
std::optional<std::string_view> interpreter_line(std::string_view text) {
  if (!text.starts_with("#!")) return std::nullopt;
  const std::string_view line = text.substr(2, text.find('\n') - 2);
  return line.substr(0, line.find_last_not_of(blanks) + 1);
}

std::vector<std::string_view> words_of(std::string_view line) {
  std::vector<std::string_view> words;
  while ((line.remove_prefix(std::min(line.find_first_not_of(blanks), line.size())), !line.empty())) {
    const size_t end = std::min(line.find_first_of(blanks), line.size());
    words.push_back(line.substr(0, end));
    line.remove_prefix(end);
  }
  return words;
}

std::string_view last_part(std::string_view path) { return path.substr(path.rfind('/') + 1); }

/// Whether the words of `#!` reach the program as one where several were meant.
bool are_run_together(const std::vector<std::string_view>& words) {
  if (words.size() <= 2) return false;
  if (last_part(words[0]) != "env") return last_part(words[0]) == "sweepd";
  const bool is_short = words[1].starts_with('-') && !words[1].starts_with("--");
  const bool parts_words = is_short && words[1].find('S') != std::string_view::npos;
  return !parts_words && !words[1].starts_with("--split-string");
}

/// Where the first carriage return before a line feed is: its line, from 1.
std::optional<uint32_t> first_dos_line(std::string_view text) {
  const size_t at = text.find("\r\n");
  if (at == std::string_view::npos) return std::nullopt;
  return static_cast<uint32_t>(std::count(text.begin(), text.begin() + static_cast<long>(at), '\n')) + 1;
}

Error found(const std::string& file, uint32_t line, std::string message) {
  return {std::move(message), {file, line, 1}};
}

}  // namespace

std::vector<Error> script_errors(std::string_view text, const std::string& file) {
  std::vector<Error> errors;
  const std::string wanted(first_line_wanted);
  const bool is_marked = text.starts_with(byte_order_mark);
  if (is_marked) {
    errors.push_back(
        found(file, 1, "Slurm takes no script that begins with a byte order mark; save it without"));
    text.remove_prefix(byte_order_mark.size());
  }
  const auto interpreter = interpreter_line(text);
  if (!interpreter)
    errors.push_back(
        found(file, 1, "Slurm is not told what runs this file; put this line above all others: " + wanted));
  else if (are_run_together(words_of(*interpreter)))
    errors.push_back(found(file, 1,
                           "the system would hand over all that follows the first word of this line as a "
                           "single word; write it as: " +
                               wanted));
  if (const auto line = first_dos_line(text))
    errors.push_back(found(
        file, *line, "Slurm takes no lines that end in CR LF; convert them: sed -i 's/\\r$//' " + file));
  return errors;
}

std::vector<Error> script_warnings(std::string_view text, const std::string& file) {
  std::vector<Error> warnings;
  const auto interpreter = interpreter_line(text);
  if (interpreter && interpreter->find("sweepd") == std::string_view::npos)
    warnings.push_back(found(file, 1,
                             "the first line does not name sweepd, so the job runs this file by another "
                             "program; for sweepd write: " +
                                 std::string(first_line_wanted)));
  uint32_t number = 0;
  uint32_t first_below = 0;  // the first line that ends sbatch's reading
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    ++number;
    const size_t first = line.find_first_not_of(" \t\r\v\f");
    if (first_below == 0 && first != std::string_view::npos && line[first] != '#') first_below = number;
    if (first_below != 0 && line.starts_with("#SBATCH"))
      warnings.push_back(
          found(file, number,
                "Slurm does not read this line, since it reads #SBATCH only up to the first line "
                "that is no comment (line " +
                    std::to_string(first_below) + "); move it up"));
  }
  return warnings;
}

bool is_found_by_env(std::string_view text) {
  const auto interpreter = interpreter_line(text);
  const auto words = interpreter ? words_of(*interpreter) : std::vector<std::string_view>{};
  return words.size() >= 2 && last_part(words[0]) == "env" &&
         std::find(words.begin(), words.end(), "sweepd") != words.end();
}

}  // namespace sweepd
