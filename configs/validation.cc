#include "configs/validation.h"

#include <algorithm>
#include <cmath>

#include "configs/nearest_name.h"
#include "configs/shell_variables.h"
#include "runner/core/builtins.h"

namespace sweepd {
namespace {

constexpr int most_shown = 10;  ///< bad values of one parameter
constexpr double most_darts = 0x1p53;
constexpr double most_gang = 1e6;

constexpr std::string_view pi_fields[] = {"pi", "hits", "darts", "standard_error"};
constexpr std::string_view scaling_fields[] = {"seconds", "seconds_min", "seconds_max", "pi"};

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

bool is_whole(const Value& value, double most) {
  // Integers are compared as such: 2^53 + 1 is no double.
  if (value.type() == ValueType::integer)
    return value.integer() >= 1 && value.integer() <= static_cast<int64_t>(most);
  const double number = value.number();
  return value.is_number() && number >= 1 && number <= most && number == std::floor(number);
}

class KernelCheck {
 public:
  KernelCheck(std::string_view kernel, const Sweep& sweep, Mark where, Complaints& complaints)
      : kernel_(kernel),
        space_(*sweep.space),
        columns_(space_.columns()),
        where_(where),
        complaints_(complaints) {}

  void whole(std::string_view name, double most, std::string_view range) const {
    const std::string complaint = " must be a whole number " + std::string(range);
    check_values(
        space_, name, [most](const Value& value) { return is_whole(value, most); }, complaint, complaints_);
  }

  void choice(std::string_view name, std::string_view a, std::string_view b) const {
    const auto good = [&](const Value& value) {
      return value.type() == ValueType::string && (value.string() == a || value.string() == b);
    };
    check_values(space_, name, good, " must be " + std::string(a) + " or " + std::string(b), complaints_);
  }

  void needed(std::string_view name, std::string_view example) const {
    const Column* column = find(columns_, name);
    if (column != nullptr && column->everywhere) return;
    complaints_.add(where_, "the kernel " + quoted(kernel_) + " needs the parameter " + quoted(name) +
                                (column == nullptr ? "" : " in every point") + "; add such as " +
                                std::string(example));
  }

 private:
  std::string_view kernel_;
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

void check_variables(const ParameterSpace& space, Complaints& complaints) {
  for (const Column& column : space.columns()) {
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

void check_template(const Template& argument, Mark where, const std::vector<Column>& columns,
                    Complaints& complaints) {
  for (const std::string_view name : argument.names()) {
    const Column* column = find(columns, name);
    const bool builtin =
        std::find(std::begin(builtin_names), std::end(builtin_names), name) != std::end(builtin_names);
    if (column == nullptr && builtin) continue;
    if (column != nullptr && column->everywhere) continue;
    if (column != nullptr) {
      complaints.add(where, "some points have no parameter " + quoted(name) +
                                ", which the command uses; give it in all");
      continue;
    }
    std::vector<std::string_view> known;
    for (const Column& known_column : columns) known.push_back(known_column.name);
    known.insert(known.end(), std::begin(builtin_names), std::end(builtin_names));
    complaints.add(where, "the command uses '{" + std::string(name.substr(0, 60)) +
                              "}', which is no parameter" + suggestion(name, known));
  }
}

void check_command(const CommandTask& task, const Sweep& sweep, const TaskPlaces& places,
                   Complaints& complaints) {
  const std::vector<Column> columns = sweep.space->columns();
  for (size_t i = 0; i < task.argv.size() && i < places.arguments.size(); ++i)
    check_template(task.argv[i], places.arguments[i], columns, complaints);
  if (task.argv.empty()) check_variables(*sweep.space, complaints);
  const auto printable = [](const Value& value) {
    return value.type() != ValueType::string || value.string().find('\0') == std::string_view::npos;
  };
  for (const Column& column : columns)
    check_values(*sweep.space, column.name, printable,
                 " holds the character \\0, which no program can be given", complaints);
}

template <size_t count>
void check_fields(const Reduce& reduce, const std::vector<Mark>& places,
                  const std::string_view (&known)[count], Complaints& complaints) {
  for (size_t i = 0; i < reduce.fields.size(); ++i) {
    const std::string& field = reduce.fields[i].first;
    if (std::find(std::begin(known), std::end(known), field) == std::end(known))
      complaints.add(places[i], quoted(field) + " is no result of the kernel" +
                                    suggestion(field, {std::begin(known), std::end(known)}));
  }
}

}  // namespace

void validate_task(const Sweep& sweep, const TaskPlaces& places, Complaints& complaints) {
  if (const auto* command = std::get_if<CommandTask>(&sweep.task)) {
    check_command(*command, sweep, places, complaints);
    return;
  }
  const bool scaling = std::holds_alternative<ScalingTask>(sweep.task);
  const KernelCheck check(scaling ? "scaling" : "pi", sweep, places.task, complaints);
  check.needed("darts", "darts: [1e6, 1e7]");
  check.whole("darts", most_darts, "from 1 to 2^53");
  if (!scaling) return;
  check.needed("workers", "workers: [1, 2, 4]");
  check.whole("workers", most_gang, "from 1 to 1000000");
  check.whole("repeats", most_gang, "from 1 to 1000000");
  check.choice("mode", "strong", "weak");
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
  if (std::holds_alternative<PiTask>(sweep.task))
    check_fields(sweep.reduce, places.fields, pi_fields, complaints);
  if (std::holds_alternative<ScalingTask>(sweep.task))
    check_fields(sweep.reduce, places.fields, scaling_fields, complaints);
  const auto* command = std::get_if<CommandTask>(&sweep.task);
  if (command != nullptr && command->result != ResultKind::json)
    complaints.add(places.section, "'reduce' needs results with fields; add result: json to the task");
}

}  // namespace sweepd
