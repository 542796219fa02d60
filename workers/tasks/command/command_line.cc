#include "workers/tasks/command/command_line.h"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>

#include "runner/core/builtins.h"
#include "runner/platform/program.h"
#include "workers/tasks/lines/old_names.h"

namespace sweepd {
namespace {

constexpr const char* shell_path = "/bin/sh";
// Where PATH is not set; as Debian's shells have it.
constexpr std::string_view default_path = "/usr/local/bin:/usr/bin:/bin";

const ArgumentVector* arguments_of(const Program& program) {
  return std::get_if<ArgumentVector>(&program.start);
}
bool is_line(const Program& program) { return std::holds_alternative<ShellLine>(program.start); }

/// Names that points set in the environment. A line is what is run, and no variable.
std::vector<std::string> variables_of(const Sweep& sweep, const Program& program) {
  std::vector<std::string> names;
  if (arguments_of(program) != nullptr) return names;
  for (const Column& column : sweep.space->columns())
    if (!is_line(program) || std::ranges::find(line_parameters, column.name) == std::end(line_parameters))
      names.emplace_back(column.name);
  return names;
}

/// Text for a shell's -c that the shell does not take for an option.
std::string no_option(std::string_view text) {
  const bool looks_like_one = text.starts_with('-') || text.starts_with('+');
  return (looks_like_one ? " " : "") + std::string(text);
}

/// The arguments, as far as they do not depend on the point.
struct FirstArguments {
  std::vector<std::string> operator()(const ArgumentVector& arguments) const {
    std::vector<std::string> texts;
    for (const Argument& argument : arguments) argument.text.append({}, {}, texts.emplace_back());
    return texts;
  }
  std::vector<std::string> operator()(const ShellText& shell) const {
    return {"sh", "-c", no_option(shell.text)};
  }
  std::vector<std::string> operator()(const ShellLine&) const { return {"bash", "-c", ""}; }
};

std::string_view search_path() {
  const char* path = getenv("PATH");
  return path != nullptr ? path : default_path;
}

}  // namespace

bool has_one_program(const Program& program) {
  const ArgumentVector* arguments = arguments_of(program);
  return arguments == nullptr || arguments->front().text.is_literal();
}

Result<std::string> program_path(const Program& program, const std::string& directory) {
  const ArgumentVector* arguments = arguments_of(program);
  if (arguments != nullptr) {
    std::string name;
    arguments->front().text.append({}, {}, name);  // with {{ and }} made braces
    return find_program(name, search_path(), directory);
  }
  // Lists for other programs are written in bash, which is what runs them there.
  const Result<std::string> bash =
      is_line(program) ? find_program("bash", search_path(), directory) : Result<std::string>(shell_path);
  return bash ? bash : shell_path;
}

Result<void> check_program(const Program& program, const std::string& directory) {
  if (!has_one_program(program)) return {};
  const Result<std::string> path = program_path(program, directory);
  if (!path) return failure(path.error().message, program.where);
  return {};
}

CommandLine::CommandLine(const Sweep& sweep, const Program& program, const WorkerContext& worker)
    : sweep_(sweep),
      program_(program),
      worker_(worker.worker),
      cores_(worker.share.cores),
      environment_(environ, worker, variables_of(sweep, program)),
      arguments_(std::visit(FirstArguments(), program.start)),
      changes_(arguments_.size(), false) {
  if (const ArgumentVector* arguments = arguments_of(program))
    for (size_t i = 0; i < arguments->size(); ++i) changes_[i] = !(*arguments)[i].text.is_literal();
  for (std::string& argument : arguments_) argv_.push_back(argument.data());
  argv_.push_back(nullptr);
}

Result<void> CommandLine::fill(const PointContext& context) {
  for (const Parameter& parameter : context.point)
    if (parameter.value.type() == ValueType::string &&
        parameter.value.string().find('\0') != std::string_view::npos)
      return failure("parameter '" + std::string(parameter.name) +
                     "' holds a NUL byte, which no command can be given");
  if (is_line(program_)) {
    environment_.begin(context, line_parameters);
    arguments_.back() = no_option(find(context.point, line_parameters[0])->string());
    argv_[arguments_.size() - 1] = arguments_.back().data();
    set_old_names(sweep_, worker_, context,
                  [this](std::string_view name, std::string_view value) { environment_.set(name, value); });
  } else {
    environment_.begin(context);
    if (arguments_of(program_) != nullptr) fill_templates(context);
  }
  environment_of_point_ = environment_.table();
  return {};
}

void CommandLine::fill_templates(const PointContext& context) {
  const ArgumentVector& templates = *arguments_of(program_);
  const Point builtins = builtins_of(context.index, context.id, context.seed, cores_, context.attempt);
  for (size_t i = 0; i < arguments_.size(); ++i) {
    if (!changes_[i]) continue;
    arguments_[i].clear();
    templates[i].text.append(context.point, builtins, arguments_[i]);
    argv_[i] = arguments_[i].data();
  }
}

const Result<std::string>& CommandLine::find_program() {
  if (path_ && (arguments_of(program_) == nullptr || searched_ == arguments_.front())) return *path_;
  searched_ = arguments_.front();
  path_ = arguments_of(program_) == nullptr
              ? program_path(program_, sweep_.directory)
              : sweepd::find_program(searched_, environment_.value("PATH", default_path), sweep_.directory);
  return *path_;
}

}  // namespace sweepd
