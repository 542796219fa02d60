#include "runner/cli/command_line_text.h"

#include <fmt/format.h>

#include "runner/core/printable.h"

namespace sweepd {
namespace {

/// For bash, zsh and ksh: $'M\374ller'
std::string with_escapes(std::string_view text) {
  std::string quoted = "$'";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte >= 0x7f)
      quoted += fmt::format("\\{:03o}", byte);
    else if (c == '\'' || c == '\\')
      (quoted += '\\') += c;
    else
      quoted += c;
  }
  return quoted + "'";
}

/// So that a shell takes it for one word.
std::string quoted(const std::string& text) {
  constexpr std::string_view plain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+=./:,@%";
  if (!text.empty() && text.find_first_not_of(plain) == std::string::npos) return text;
  if (printable_line(text) != text) return with_escapes(text);
  if (text.find_first_of("\"$`\\!") == std::string::npos) return '"' + text + '"';
  std::string quoted = "'";
  for (const char c : text)
    if (c == '\'')
      quoted += "'\\''";
    else
      quoted += c;
  return quoted + "'";
}

}  // namespace

std::string command_line_text(const std::vector<std::string>& arguments) {
  std::string line;
  for (const std::string& argument : arguments) line += (line.empty() ? "" : " ") + quoted(argument);
  return line;
}

}  // namespace sweepd
