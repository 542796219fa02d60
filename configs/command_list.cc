#include "configs/command_list.h"

#include <charconv>
#include <optional>
#include <utility>

#include "configs/text_position.h"

namespace sweepd {
namespace {

constexpr std::string_view blanks = " \t";

std::string_view without_blanks_before(std::string_view text) {
  return text.substr(std::min(text.find_first_not_of(blanks), text.size()));
}

/// Takes the first word off `text`, and the blanks before it.
std::string_view take_word(std::string_view& text) {
  text = without_blanks_before(text);
  const std::string_view word = text.substr(0, text.find_first_of(blanks));
  text.remove_prefix(word.size());
  return word;
}

/// Takes a number off that is the whole first word; what comes next is left alone where it is none.
std::optional<int64_t> take_number(std::string_view& text) {
  std::string_view rest = text;
  const std::string_view word = take_word(rest);
  int64_t number = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), number);
  if (word.empty() || error != std::errc() || end != word.data() + word.size()) return std::nullopt;
  text = rest;
  return number;
}

/// Takes `word` and the number behind it off; `otherwise` where the word does not come next.
std::optional<int64_t> take_setting(std::string_view& text, std::string_view word, int64_t otherwise) {
  std::string_view rest = text;
  if (take_word(rest) != word) return otherwise;
  text = rest;
  return take_number(text);
}

class ListReader {
 public:
  ListReader(std::string_view text, const std::string& file, TableBuilder& rows)
      : text_(text), file_(file), rows_(rows) {}

  Result<void> read() {
    std::string command;
    while (next_command(command))
      if (Result<void> taken = take(command); !taken) return taken;
    if (rows_.rows() > 0) return {};
    return failure("there are no commands; write one a line", {file_, 0, 0});
  }

 private:
  std::string_view next_line() {
    const size_t end = std::min(text_.find('\n', next_), text_.size());
    std::string_view line = text_.substr(next_, end - next_);
    if (line.ends_with('\r')) line.remove_suffix(1);
    next_ = end + 1;
    ++line_;
    return line;
  }

  /// With the lines that it goes on in; false at the end.
  bool next_command(std::string& command) {
    if (next_ >= text_.size()) return false;
    command = next_line();
    first_line_ = line_;
    const bool is_comment = without_blanks_before(command).starts_with('#');
    while (!is_comment && goes_on(command)) {
      command.pop_back();
      if (next_ < text_.size()) command += next_line();
    }
    return true;
  }

  /// Two backslashes are one that is meant.
  static bool goes_on(std::string_view line) {
    const size_t last = line.find_last_not_of('\\');
    return (line.size() - (last == std::string_view::npos ? 0 : last + 1)) % 2 == 1;
  }

  Result<void> take(std::string_view command) {
    constexpr std::string_view directive = "#DISBATCH";
    const std::string_view text = without_blanks_before(command);
    if (text.empty()) return {};
    if (text.starts_with(directive)) return take_directive(text.substr(directive.size()));
    if (text.starts_with('#')) return {};
    return add(prefix_ + std::string(command) + suffix_, std::nullopt);
  }

  Result<void> take_directive(std::string_view text) {
    const std::string_view name = take_word(text);
    if (name == "REPEAT") return repeat(text);
    if (name == "PREFIX" || name == "SUFFIX") {
      if (!text.empty()) text.remove_prefix(1);  // the blank behind the name; more of them are meant
      (name == "PREFIX" ? prefix_ : suffix_) = text;
      return {};
    }
    return failure("#DISBATCH " + std::string(name.substr(0, 60)) +
                       " is not known here, where points run in any order; known are PREFIX, SUFFIX and "
                       "REPEAT; make a list of its own of what has to come first",
                   place());
  }

  Result<void> repeat(std::string_view text) {
    const std::optional<int64_t> count = take_number(text);
    const std::optional<int64_t> start = take_setting(text, "start", 0);
    const std::optional<int64_t> step = take_setting(text, "step", 1);
    if (!count || !start || !step || *count < 0)
      return failure("write #DISBATCH REPEAT 5 start 100 step 50 and a command, if there is one", place());
    const std::string line = prefix_ + std::string(without_blanks_before(text)) + suffix_;
    if (*count > 0 && without_blanks_before(line).empty())
      return failure("there is nothing to repeat: no command, and no PREFIX or SUFFIX before", place());
    for (int64_t i = 0; i < *count; ++i) {
      int64_t index = 0;
      if (__builtin_mul_overflow(i, *step, &index) || __builtin_add_overflow(index, *start, &index))
        return failure("the last index of this REPEAT is no 64-bit integer", place());
      if (Result<void> added = add(line, index); !added) return added;
    }
    return {};
  }

  Result<void> add(std::string_view line, std::optional<int64_t> repeat) {
    if (rows_.rows() == most_listed_commands)
      return failure("these are more than " + std::to_string(most_listed_commands) + " commands", place());
    rows_.begin_row(first_line_);
    Result<void> added = rows_.add("line", Value::of(line));
    if (added && repeat) added = rows_.add("repeat", Value::of(*repeat));
    return added;
  }

  SourcePosition place() const { return {file_, first_line_, 0}; }

  std::string_view text_;
  const std::string& file_;
  TableBuilder& rows_;
  size_t next_ = 0;
  uint32_t line_ = 0;
  uint32_t first_line_ = 0;  ///< of the command at hand
  std::string prefix_, suffix_;
};

}  // namespace

Result<void> read_command_list(std::string_view text, const std::string& file, TableBuilder& rows) {
  constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";
  if (text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
  if (Result<void> good = check_characters(text, file, 1); !good) return good;
  return ListReader(text, file, rows).read();
}

}  // namespace sweepd
