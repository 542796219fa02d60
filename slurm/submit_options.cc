#include "slurm/submit_options.h"

#include <algorithm>
#include <array>
#include <sstream>

namespace sweepd {
namespace {

struct Option {
  std::string_view long_name;
  char letter;  // 0: none
  std::string SubmitOptions::*value;
};

constexpr std::array<Option, 4> known = {{{"--chdir", 'D', &SubmitOptions::folder},
                                          {"--output", 'o', &SubmitOptions::output},
                                          {"--error", 'e', &SubmitOptions::error},
                                          {"--export", 0, &SubmitOptions::exported}}};

/// Of `word`, what stands in the same word as the option: `--output=x`, `-ox`. Whether the option is this one
/// at all.
bool takes(const Option& option, std::string_view word, std::string_view& joined) {
  const bool is_short = option.letter != 0 && word.size() >= 2 && word[0] == '-' && word[1] == option.letter;
  if (is_short) joined = word.substr(2);
  if (is_short || word == option.long_name) return true;
  if (!word.starts_with(option.long_name) || word[option.long_name.size()] != '=') return false;
  joined = word.substr(option.long_name.size() + 1);
  return true;
}

void read(const std::vector<std::string>& words, SubmitOptions& into) {
  for (size_t at = 0; at < words.size(); ++at)
    for (const Option& option : known) {
      std::string_view value;
      if (!takes(option, words[at], value)) continue;
      if (value.empty() && at + 1 < words.size() && words[at].find('=') == std::string::npos)
        value = words[++at];
      into.*option.value = value;
      break;
    }
}

/// The words of a line, as sbatch parts them: blanks within quotes do not.
std::vector<std::string> words_of(std::string_view line) {
  std::vector<std::string> words;
  char quote = 0;
  bool in_word = false;
  for (const char c : line) {
    if (quote == 0 && c == '#' && !in_word) break;
    if (quote == 0 && (c == ' ' || c == '\t' || c == '\r')) {
      in_word = false;
      continue;
    }
    if (!in_word) words.emplace_back();
    in_word = true;
    if (c == quote)
      quote = 0;
    else if (quote == 0 && (c == '"' || c == '\''))
      quote = c;
    else
      words.back() += c;
  }
  return words;
}

}  // namespace

SubmitOptions submit_options(std::string_view script, const std::vector<std::string>& options,
                             const std::function<std::string(const char*)>& variable) {
  constexpr std::string_view mark = "#SBATCH";
  SubmitOptions found;
  while (!script.empty()) {
    const std::string_view line = script.substr(0, script.find('\n'));
    script.remove_prefix(std::min(line.size() + 1, script.size()));
    const size_t first = line.find_first_not_of(" \t\r");
    if (first != std::string_view::npos && line[first] != '#') break;  // sbatch reads no further
    if (line.starts_with(mark)) read(words_of(line.substr(mark.size())), found);
  }
  for (const auto& [name, value] :
       {std::pair{"SBATCH_OUTPUT", &SubmitOptions::output}, std::pair{"SBATCH_ERROR", &SubmitOptions::error},
        std::pair{"SBATCH_EXPORT", &SubmitOptions::exported}})
    if (std::string text = variable(name); !text.empty()) found.*value = std::move(text);
  read(options, found);
  return found;
}

std::string folder_of_output(const std::string& name) {
  const std::string known_part = name.substr(0, name.find('%'));
  const size_t slash = known_part.rfind('/');
  return slash == std::string::npos ? "" : known_part.substr(0, std::max(slash, size_t{1}));
}

bool exports_path(std::string_view exported) {
  if (exported.empty()) return true;
  while (!exported.empty()) {
    const std::string_view item = exported.substr(0, exported.find(','));
    exported.remove_prefix(std::min(item.size() + 1, exported.size()));
    if (item == "ALL" || item == "PATH" || item.starts_with("PATH=")) return true;
  }
  return false;
}

}  // namespace sweepd
