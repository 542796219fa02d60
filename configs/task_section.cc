#include "configs/task_section.h"

#include <array>
#include <filesystem>
#include <optional>

#include "configs/command_list.h"
#include "configs/nearest_name.h"
#include "configs/scalars.h"
#include "configs/section.h"
#include "configs/text_file.h"
#include "runner/core/task_traits.h"

namespace sweepd {
namespace {

constexpr std::array<std::string_view, 2> kernel_names = {"pi", "scaling"};

/// Keys that a later version will have.
struct LaterKey {
  std::string_view key, what;
};
constexpr std::array<LaterKey, 6> later_keys = {{{"python", "Python functions"},
                                                 {"gpus", "GPUs"},
                                                 {"gpu", "GPUs"},
                                                 {"templates", "input templates"},
                                                 {"folder", "work folders"},
                                                 {"workdir", "work folders"}}};

std::optional<Task> kernel_named(const Node& node, std::string_view option, Complaints& complaints) {
  const std::optional<std::string> name = read_text(node, option, complaints);
  if (!name) return std::nullopt;
  if (*name == "pi") return PiTask{};
  if (*name == "scaling") return ScalingTask{};
  complaints.add(node.mark, "unknown kernel '" + name->substr(0, 60) + "'" +
                                suggestion(*name, {kernel_names.begin(), kernel_names.end()}));
  return std::nullopt;
}

std::optional<Task> read_kernel(const Section& section, const Node& kernel, Complaints& complaints) {
  std::optional<Task> task = kernel_named(kernel, "task.kernel", complaints);
  const Node* oversubscribe = section.find("oversubscribe");
  if (oversubscribe != nullptr) {
    const std::optional<bool> wanted = read_flag(*oversubscribe, "task.oversubscribe", complaints);
    ScalingTask* scaling = task ? std::get_if<ScalingTask>(&*task) : nullptr;
    if (scaling != nullptr && wanted) scaling->oversubscribe = *wanted;
    if (task && scaling == nullptr)
      complaints.add(section.find_key("oversubscribe")->mark,
                     "'oversubscribe' is for the kernel 'scaling' only; leave it out");
  }
  if (section.find("result") != nullptr)
    complaints.add(section.find_key("result")->mark,
                   "'result' is for commands; a kernel has results of its own");
  if (section.find("inputs") != nullptr)
    complaints.add(section.find_key("inputs")->mark, "'inputs' is for commands; a kernel reads no files");
  return task;
}

std::optional<Template> read_argument(const Node& node, Complaints& complaints) {
  const std::optional<std::string> text = read_text(node, "task.command", complaints);
  if (!text) return std::nullopt;
  Result<Template> parsed = Template::parse(*text);
  if (parsed) return std::move(*parsed);
  complaints.add(node.mark, parsed.error().message);
  return std::nullopt;
}

/// The arguments; complains about a command that is not a list of them.
ArgumentVector read_arguments(const Node& node, Complaints& complaints) {
  ArgumentVector argv;
  if (node.kind != NodeKind::sequence || node.children.empty()) {
    complaints.add(
        node.mark,
        "'task.command' must be a list of arguments such as [prog, \"--x={x}\"]; for shell text use "
        "{shell: \"...\"}");
    return argv;
  }
  for (const Node* item : node.children) {
    std::optional<Template> argument = read_argument(*item, complaints);
    if (!argument) continue;
    argv.push_back({std::move(*argument), complaints.position(item->mark)});
  }
  if (node.children[0]->kind == NodeKind::scalar && node.children[0]->quoted &&
      node.children[0]->text.empty())
    complaints.add(node.children[0]->mark, "the program's name is empty; the first argument is the program");
  return argv;
}

ResultKind read_result(const Section& section, Complaints& complaints) {
  const Node* node = section.find("result");
  if (node == nullptr) return ResultKind::none;
  return read_enum<ResultKind>(*node, "task.result", complaints).value_or(ResultKind::none);
}

/// Whether they are there is looked at where they are to be read.
std::vector<Input> read_inputs(const Section& section, Complaints& complaints) {
  std::vector<Input> inputs;
  const Node* node = section.find("inputs");
  if (node == nullptr) return inputs;
  for (const Node* item : read_items(*node, "task.inputs", complaints)) {
    const std::optional<std::string> text = read_text(*item, "task.inputs", complaints);
    if (text && text->empty())
      complaints.add(item->mark, "'task.inputs' has an empty path; write such as model.py or \"data/*.csv\"");
    else if (text)
      inputs.push_back({*text, complaints.position(item->mark)});
  }
  return inputs;
}

/// What every kind of task that starts a program may have.
Program program_of(const Section& section, const Node& first, Complaints& complaints) {
  return {.result = read_result(section, complaints),
          .where = complaints.position(first.mark),
          .inputs = read_inputs(section, complaints)};
}

CommandTask read_command(const Section& section, const Node& command, Complaints& complaints) {
  const bool is_list = command.kind == NodeKind::sequence && !command.children.empty();
  Program program = program_of(section, is_list ? *command.children[0] : command, complaints);
  program.start = read_arguments(command, complaints);
  return {std::move(program)};
}

CommandTask read_shell(const Section& section, const Node& shell, Complaints& complaints) {
  Program program = program_of(section, shell, complaints);
  std::string text = read_text(shell, "task.shell", complaints).value_or("");
  if (text.empty() && shell.quoted) complaints.add(shell.mark, "'task.shell' is empty; write a command");
  program.start = ShellText{std::move(text)};
  return {std::move(program)};
}

/// The list's commands become `points`. A text of several lines is the list itself, any other names its file.
LinesTask read_lines(const Section& section, const Node& lines, const std::string& directory,
                     TaskPoints& points, Complaints& complaints) {
  points.are_given = true;
  LinesTask task{program_of(section, lines, complaints)};
  task.program.start = ShellLine();
  if (lines.kind == NodeKind::sequence) {
    complaints.add(lines.mark,
                   "'task.lines' must be a file's name, or a text of lines (lines: |); it is a list");
    return task;
  }
  const std::optional<std::string> text = read_text(lines, "task.lines", complaints);
  if (!text) return task;
  const bool is_list = text->find('\n') != std::string::npos;
  const auto fail = [&](const Error& error) {
    complaints.add(!error.where.file.empty() ? error
                                             : Error{"'task.lines': " + error.message, task.program.where});
  };
  const auto path = std::filesystem::path(directory) / *text;
  const Result<std::string> list =
      is_list ? Result<std::string>(*text) : read_text_file(path.string(), whole_points_limit);
  if (!list)
    return fail({.message = "cannot use '" + *text + "': " + list.error().message +
                            "; name the list's file, or write the commands as a text of lines (lines: |)"}),
           task;
  TableBuilder rows(is_list ? "task.lines" : *text);
  const Result<void> read = read_command_list(*list, is_list ? "task.lines" : *text, rows);
  if (!read) return fail(read.error()), task;
  Result<SpacePtr> space = rows.finish(task.program.where);
  if (space)
    points.space = std::move(*space);
  else
    fail(space.error());
  return task;
}

/// Whether a key of a later version was complained about.
bool refuse_later(const Node& node, Complaints& complaints) {
  bool refused = false;
  for (size_t i = 0; i < node.pairs(); ++i)
    for (const LaterKey& later : later_keys)
      if (node.key(i).text == later.key) {
        complaints.add(node.key(i).mark,
                       "this version of sweepd does not have " + std::string(later.what) + " yet");
        refused = true;
      }
  return refused;
}

std::vector<std::string_view> known_keys() {
  std::vector<std::string_view> known = {"kernel", "command", "shell",        "lines",
                                         "result", "inputs",  "oversubscribe"};
  for (const LaterKey& later : later_keys) known.push_back(later.key);
  return known;
}

std::optional<Task> read_task_mapping(const Node& node, const std::string& directory, TaskPoints& points,
                                      Complaints& complaints) {
  const size_t before = complaints.count();
  // Later keys count as known here, as they have their own message, but are not offered.
  std::vector<std::string_view> known = known_keys();
  const bool later = refuse_later(node, complaints);
  if (!later) known.resize(7);
  const Section section(node, "task", std::move(known), complaints);
  const Node* kernel = section.find("kernel");
  const Node* command = section.find("command");
  const Node* shell = section.find("shell");
  const Node* lines = section.find("lines");
  const int kinds = (kernel != nullptr) + (command != nullptr) + (shell != nullptr) + (lines != nullptr);
  if (kinds > 1)
    complaints.add(node.mark, "'task' must have one of kernel, command, shell and lines; it has several");
  if (kinds == 0 && complaints.count() == before)
    complaints.add(node.mark,
                   "'task' must have one of kernel, command, shell and lines; write such as {kernel: pi}");
  if (command == nullptr && shell == nullptr && lines == nullptr)
    return kernel != nullptr ? read_kernel(section, *kernel, complaints) : std::nullopt;
  if (const Node* key = section.find_key("oversubscribe"); key != nullptr && kernel == nullptr)
    complaints.add(key->mark, "'oversubscribe' is for the kernel 'scaling' only; leave it out");
  if (command != nullptr) return read_command(section, *command, complaints);
  if (shell != nullptr) return read_shell(section, *shell, complaints);
  return read_lines(section, *lines, directory, points, complaints);
}

}  // namespace

bool read_task(const Node& node, Sweep& sweep, TaskPoints& points, Complaints& complaints) {
  const size_t before = complaints.count();
  std::optional<Task> task;
  if (node.kind == NodeKind::mapping) {
    task = read_task_mapping(node, sweep.directory, points, complaints);
  } else if (node.kind == NodeKind::scalar && !node.is_null()) {
    task = kernel_named(node, "task", complaints);
  } else {
    complaints.add(
        node.mark,
        "'task' must be the name of a kernel or a mapping such as {command: [prog, \"{x}\"]}; it is " +
            std::string(kind_name(node)));
  }
  if (!task || complaints.count() > before) return false;
  sweep.task = std::move(*task);
  const TaskTraits traits = traits_of(sweep.task);
  sweep.task_identity = traits.identity;
  sweep.task_text = text_of(traits);
  return true;
}

}  // namespace sweepd
