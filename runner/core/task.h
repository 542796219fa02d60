// Task: what is run for every point, as the sweep file asks for it. What the rest of sweepd asks about a kind
// is answered in task_traits.h.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "runner/core/error.h"
#include "runner/core/template.h"

namespace sweepd {

// ---- kernels ----------------------------------------------------------------------------------------------

struct PiTask {};
struct ScalingTask {
  bool oversubscribe = false;  ///< more gang members than cores are allowed
};

// ---- programs ---------------------------------------------------------------------------------------------

/// What a program's result is made of. The names stand in sweep files and manifests.
enum class ResultKind {
  none,  ///< the exit status only
  json,  ///< the JSON value that ends standard output
  text,  ///< standard output, trimmed
};
constexpr std::string_view name_of(ResultKind kind) {
  switch (kind) {
    case ResultKind::none:
      return "none";
    case ResultKind::json:
      return "json";
    case ResultKind::text:
      return "text";
  }
  return {};
}

/// Files that a task reads beside what its command names: their changes are noticed.
struct Input {
  std::string text;  ///< a path or a pattern of paths, from the sweep file's folder
  SourcePosition where;
};

struct Argument {
  Template text;
  SourcePosition where{};
};
/// The program's name and its arguments.
using ArgumentVector = std::vector<Argument>;

/// For /bin/sh -c, which gets it as it is: parameters reach it as environment variables only.
struct ShellText {
  std::string text;
};

/// The point's parameter `line`, for a shell: the one place where a parameter is read as shell text, since
/// that is what it was written as.
struct ShellLine {};
/// The parameters of lines, which are no variables of the shell: the text, and the index of a repeated one.
inline constexpr std::string_view line_parameters[] = {"line", "repeat"};

/// What is started for every point, and what is made of its output.
struct Program {
  std::variant<ArgumentVector, ShellText, ShellLine> start;
  ResultKind result = ResultKind::none;
  SourcePosition where{};  ///< of the program's name, or of the shell text
  std::vector<Input> inputs{};
};

struct CommandTask {
  Program program;
};
/// A list of commands, which are its points.
struct LinesTask {
  Program program{.start = ShellLine()};
};

// ---- all of them ------------------------------------------------------------------------------------------

using Task = std::variant<PiTask, ScalingTask, CommandTask, LinesTask>;

}  // namespace sweepd
