#include "configs/validation.h"

#include <algorithm>
#include <cmath>
#include <span>

#include "configs/nearest_name.h"
#include "configs/shell_variables.h"
#include "runner/core/builtins.h"
#include "runner/core/kernel_limits.h"
#include "runner/core/task_traits.h"

namespace sweepd {
namespace {

constexpr int most_shown = 10;  ///< bad values of one parameter
const Column* find(const std::vector<Column>& columns, std::string_view name) {
  const auto found =
      std::find_if(columns.begin(), columns.end(), [&](const Column& c) { return c.name == name; });
  return found == columns.end() ? nullptr : &*found;
}

std::string quoted(std::string_view name) { return "'" + std::string(name.substr(0, 60)) + "'"; }

/// Complains, where it is written, about each value of `name` that is not `good`.
void check_values(const ParameterSpace& space, std::string_view name,
                  const std::function<bool(const Value&)>& good, std::string_view complaint,
                  Complaints& complaints) {
  int shown = 0;
  space.visit(name, [&](const Value& value, const SourcePosition& where) {
    if (!good(value)) complaints.add(Error{quoted(name) + std::string(complaint), where}), ++shown;
    return shown < most_shown;
  });
}

bool is_whole(const Value& value, uint64_t most) {
  // Integers are compared as such: 2^53 + 1 is no double.
  if (value.type() == ValueType::integer)
    return value.integer() >= 1 && static_cast<uint64_t>(value.integer()) <= most;
  const double number = value.number();
  return value.is_number() && number >= 1 && number <= static_cast<double>(most) &&
         number == std::floor(number);
}

std::string number_text(uint64_t number) { return number == max_darts ? "2^53" : std::to_string(number); }

class KernelCheck {
 public:
  KernelCheck(const TaskTraits& traits, const ParameterSpace& space, Mark where, Complaints& complaints)
      : traits_(traits), space_(space), columns_(space.columns()), where_(where), complaints_(complaints) {}

  void check() const {
    const size_t before = complaints_.count();
    for (const KernelParameter& parameter : traits_.parameters) {
      if (!parameter.example.empty()) needed(parameter);
      if (parameter.words.empty())
        whole(parameter);
      else
        choice(parameter);
    }
    if (complaints_.count() == before && traits_.complaint_about != nullptr) points();
  }

 private:
  void needed(const KernelParameter& parameter) const {
    const Column* column = find(columns_, parameter.name);
    if (column != nullptr && column->everywhere) return;
    complaints_.add(where_, "the kernel " + quoted(traits_.kernel) + " needs the parameter " +
                                quoted(parameter.name) + (column == nullptr ? "" : " in every point") +
                                "; add such as " + std::string(parameter.example));
  }

  void whole(const KernelParameter& parameter) const {
    check_values(
        space_, parameter.name, [&](const Value& value) { return is_whole(value, parameter.most); },
        " must be a whole number from 1 to " + number_text(parameter.most), complaints_);
  }

  void choice(const KernelParameter& parameter) const {
    std::string words;
    for (const std::string_view word : parameter.words)
      words += (words.empty() ? "" : " or ") + std::string(word);
    const auto is_one = [&](const Value& value) {
      return value.type() == ValueType::string &&
             std::ranges::find(parameter.words, value.string()) != parameter.words.end();
    };
    check_values(space_, parameter.name, is_one, " must be " + words, complaints_);
  }

  /// Of more points than this a worker finds what is wrong.
  static constexpr uint64_t most_looked_at = 1'000'000;

  void points() const {
    int shown = 0;
    Point point;
    for (uint64_t index = 0; index < std::min(space_.size(), most_looked_at) && shown < most_shown; ++index) {
      point.clear();
      space_.append(index, point);
      const std::string complaint = traits_.complaint_about(point);
      if (!complaint.empty())
        complaints_.add(where_, "point " + std::to_string(index) + ": " + complaint), ++shown;
    }
  }

  const TaskTraits& traits_;
  const ParameterSpace& space_;
  std::vector<Column> columns_;
  Mark where_;
  Complaints& complaints_;
};

bool is_variable_name(std::string_view name) {
  const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
  const auto other = [&](char c) { return letter(c) || (c >= '0' && c <= '9'); };
  return !name.empty() && letter(name[0]) && std::all_of(name.begin(), name.end(), other);
}

/// Where a parameter is first given a value.
SourcePosition place_of(const ParameterSpace& space, std::string_view name) {
  SourcePosition place;
  space.visit(name, [&](const Value&, const SourcePosition& where) {
    place = where;
    return false;
  });
  return place;
}

/// `unless`: parameters that are no variables.
void check_variables(const ParameterSpace& space, std::span<const std::string_view> unless,
                     Complaints& complaints) {
  for (const Column& column : space.columns()) {
    if (std::ranges::find(unless, column.name) != unless.end()) continue;
    if (!is_variable_name(column.name))
      complaints.add(Error{
          "the parameter " + quoted(column.name) +
              " cannot be an environment variable of the shell task; rename it, letters, digits and _ only",
          place_of(space, column.name)});
    else if (is_own_variable(column.name))
      complaints.add(Error{
          "the parameter " + quoted(column.name) +
              " has the name of a variable that shells, the linker or sweepd set or heed by themselves, so "
              "the shell task would not get its value; rename it, such as to lower case",
          place_of(space, column.name)});
  }
}

void check_argument(const Argument& argument, const std::vector<Column>& columns, Complaints& complaints) {
  const auto complain = [&](std::string message) {
    complaints.add(Error{.message = std::move(message), .where = argument.where});
  };
  for (const std::string_view name : argument.text.names()) {
    const Column* column = find(columns, name);
    const bool builtin =
        std::find(std::begin(builtin_names), std::end(builtin_names), name) != std::end(builtin_names);
    if (column == nullptr && builtin) continue;
    if (column != nullptr && column->everywhere) continue;
    if (column != nullptr) {
      complain("some points have no parameter " + quoted(name) + ", which the command uses; give it in all");
      continue;
    }
    std::vector<std::string_view> known;
    for (const Column& known_column : columns) known.push_back(known_column.name);
    known.insert(known.end(), std::begin(builtin_names), std::end(builtin_names));
    complain("the command uses '{" + std::string(name.substr(0, 60)) + "}', which is no parameter" +
             suggestion(name, known));
  }
}

/// What the points must be like for what is started.
struct StartCheck {
  const ParameterSpace& space;
  Complaints& complaints;

  void operator()(const ArgumentVector& arguments) const {
    const std::vector<Column> columns = space.columns();
    for (const Argument& argument : arguments) check_argument(argument, columns, complaints);
  }
  void operator()(const ShellText&) const { check_variables(space, {}, complaints); }
  void operator()(const ShellLine&) const { check_variables(space, line_parameters, complaints); }
};

void check_program(const Program& program, const ParameterSpace& space, Complaints& complaints) {
  std::visit(StartCheck{space, complaints}, program.start);
  const auto printable = [](const Value& value) {
    return value.type() != ValueType::string || value.string().find('\0') == std::string_view::npos;
  };
  for (const Column& column : space.columns())
    check_values(space, column.name, printable, " holds the character \\0, which no program can be given",
                 complaints);
}

void check_fields(const Reduce& reduce, const std::vector<Mark>& places,
                  const std::vector<std::string_view>& known, Complaints& complaints) {
  for (size_t i = 0; i < reduce.fields.size(); ++i) {
    const std::string& field = reduce.fields[i].first;
    if (std::find(known.begin(), known.end(), field) == known.end())
      complaints.add(places[i], quoted(field) + " is no result of the kernel" + suggestion(field, known));
  }
}

}  // namespace

void validate_task(const Sweep& sweep, Mark where, Complaints& complaints) {
  const TaskTraits traits = traits_of(sweep.task);
  if (traits.program != nullptr)
    check_program(*traits.program, *sweep.space, complaints);
  else
    KernelCheck(traits, *sweep.space, where, complaints).check();
}

void validate_reduce(const Sweep& sweep, const ReducePlaces& places, Complaints& complaints) {
  if (sweep.reduce.empty()) return;
  std::vector<std::string_view> names;
  const std::vector<Column> columns = sweep.space->columns();
  for (const Column& column : columns) names.push_back(column.name);
  for (size_t i = 0; i < sweep.reduce.by.size(); ++i)
    if (find(columns, sweep.reduce.by[i]) == nullptr)
      complaints.add(places.by[i], "'reduce.by' names " + quoted(sweep.reduce.by[i]) +
                                       ", which is no parameter" + suggestion(sweep.reduce.by[i], names));
  const TaskTraits traits = traits_of(sweep.task);
  if (traits.program == nullptr)
    check_fields(sweep.reduce, places.fields, traits.fields, complaints);
  else if (traits.program->result != ResultKind::json)
    complaints.add(places.section, "'reduce' needs results with fields; add result: json to the task");
}

}  // namespace sweepd
