#include "runner/core/task_traits.h"

#include "runner/core/amdahl.h"
#include "runner/core/enum_names.h"
#include "runner/core/json.h"
#include "runner/core/kernel_limits.h"

namespace sweepd {
namespace {

const KernelParameter darts = {.name = "darts", .example = "darts: [1e6, 1e7]", .most = max_darts};

struct IdentityOfStart {
  std::string operator()(const ArgumentVector& arguments) const {
    std::string text = "{\"command\":[";
    for (const Argument& argument : arguments) {
      if (text.back() != '[') text += ',';
      append_json(text, argument.text.text());
    }
    return text + "]}";
  }
  std::string operator()(const ShellText& shell) const {
    std::string text = "{\"shell\":";
    append_json(text, shell.text);
    return text + '}';
  }
  std::string operator()(const ShellLine&) const { return R"({"lines":"line"})"; }
};

/// All darts of a round are counted in one sum; in weak scaling each member throws its own.
std::string complaint_about_gang(const Point& point) {
  const Value* mode = find(point, "mode");
  if (mode == nullptr || *mode != Value::of(name_of(ScalingMode::weak))) return "";
  if (find(point, "darts")->number() * find(point, "workers")->number() <= double{max_darts}) return "";
  return "all workers together throw more than 2^53 darts, since mode is weak; ask for fewer";
}

struct TraitsOfKind {
  TaskTraits operator()(const PiTask&) const {
    return {.identity = R"({"kernel":"pi"})",
            .kernel = "pi",
            .parameters = {darts},
            .fields = {"pi", "hits", "darts", "standard_error"},
            .batches_records = true};
  }
  TaskTraits operator()(const ScalingTask& task) const {
    return {.identity = R"({"kernel":"scaling"})",
            .kernel = "scaling",
            .parameters = {darts,
                           {.name = "workers", .example = "workers: [1, 2, 4]", .most = max_gang_members},
                           {.name = "repeats", .example = "", .most = max_gang_rounds},
                           {.name = "mode",
                            .example = "",
                            .words = {enum_names<ScalingMode>.begin(), enum_names<ScalingMode>.end()}}},
            .fields = {"seconds", "seconds_min", "seconds_max", "pi"},
            .complaint_about = complaint_about_gang,
            .leads_gangs = true,
            .may_oversubscribe = task.oversubscribe};
  }
  TaskTraits operator()(const CommandTask& task) const { return traits_of(task.program); }
  TaskTraits operator()(const LinesTask& task) const { return traits_of(task.program); }

 private:
  static TaskTraits traits_of(const Program& program) {
    return {.identity = std::visit(IdentityOfStart(), program.start), .program = &program};
  }
};

}  // namespace

TaskTraits traits_of(const Task& task) { return std::visit(TraitsOfKind(), task); }

std::string text_of(const TaskTraits& traits) {
  std::string text = traits.identity;
  if (traits.program == nullptr) return text;
  text.back() = ',';
  append_json(text, "result");
  text += ':';
  append_json(text, name_of(traits.program->result));
  return text + '}';
}

}  // namespace sweepd
