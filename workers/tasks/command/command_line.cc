#include "workers/tasks/command/command_line.h"

#include <unistd.h>

#include <cstdlib>

#include "runner/core/builtins.h"
#include "runner/platform/program.h"

namespace sweepd {
namespace {

constexpr const char* shell_path = "/bin/sh";
// Where PATH is not set; as Debian's shells have it.
constexpr std::string_view default_path = "/usr/local/bin:/usr/bin:/bin";

const ArgumentVector* arguments_of(const Program& program) {
  return std::get_if<ArgumentVector>(&program.start);
}

/// Names that points set in the environment.
std::vector<std::string> variables_of(const Sweep& sweep, const Program& program) {
  std::vector<std::string> names;
  if (arguments_of(program) != nullptr) return names;
  for (const Column& column : sweep.space->columns()) names.emplace_back(column.name);
  return names;
}

}  // namespace

bool has_one_program(const Program& program) {
  const ArgumentVector* arguments = arguments_of(program);
  return arguments == nullptr || arguments->front().text.is_literal();
}

Result<std::string> program_path(const Program& program, const std::string& directory) {
  const ArgumentVector* arguments = arguments_of(program);
  std::string name = arguments == nullptr ? shell_path : "";
  if (arguments != nullptr) arguments->front().text.append({}, {}, name);  // with {{ and }} made braces
  const char* path = getenv("PATH");
  return find_program(name, path != nullptr ? path : default_path, directory);
}

Result<void> check_program(const Program& program, const std::string& directory) {
  if (!has_one_program(program)) return {};
  const Result<std::string> path = program_path(program, directory);
  if (!path) return failure(path.error().message, program.where);
  return {};
}

CommandLine::CommandLine(const Sweep& sweep, const Program& program, const WorkerContext& worker)
    : sweep_(sweep),
      templates_(arguments_of(program)),
      cores_(worker.cores),
      environment_(environ, worker, variables_of(sweep, program)) {
  if (templates_ != nullptr) {
    for (const Argument& argument : *templates_) {
      argument.text.append({}, {}, arguments_.emplace_back());
      changes_.push_back(!argument.text.is_literal());
    }
  } else {
    arguments_ = {"sh", "-c", std::get<ShellText>(program.start).text};
    changes_.assign(arguments_.size(), false);
    path_ = shell_path;
  }
  for (std::string& argument : arguments_) argv_.push_back(argument.data());
  argv_.push_back(nullptr);
}

Result<void> CommandLine::fill(const PointContext& context) {
  for (const Parameter& parameter : context.point)
    if (parameter.value.type() == ValueType::string &&
        parameter.value.string().find('\0') != std::string_view::npos)
      return failure("parameter '" + std::string(parameter.name) +
                     "' holds a NUL byte, which no command can be given");
  const Point builtins = builtins_of(context.index, context.id, context.seed, cores_);
  for (size_t i = 0; i < arguments_.size(); ++i) {
    if (!changes_[i]) continue;
    arguments_[i].clear();
    (*templates_)[i].text.append(context.point, builtins, arguments_[i]);
    argv_[i] = arguments_[i].data();
  }
  environment_of_point_ = environment_.of(context);
  return {};
}

const Result<std::string>& CommandLine::find_program() {
  if (templates_ != nullptr && searched_ != arguments_.front()) {
    searched_ = arguments_.front();
    path_ = sweepd::find_program(searched_, environment_.value("PATH", default_path), sweep_.directory);
  }
  return path_;
}

}  // namespace sweepd
