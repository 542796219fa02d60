#include "configs/sweep_file.h"

#include <algorithm>
#include <filesystem>

#include "configs/document.h"
#include "configs/parameters_section.h"
#include "configs/run_sections.h"
#include "configs/scalars.h"
#include "configs/section.h"
#include "configs/task_section.h"
#include "configs/text_file.h"
#include "configs/validation.h"
#include "runner/core/task_traits.h"

namespace sweepd {
namespace {

/// `name` also names the sweep directory.
void read_name(const Node& node, Sweep& sweep, Complaints& complaints) {
  constexpr size_t longest = 200;
  const std::optional<std::string> name = read_text(node, "name", complaints);
  if (!name) return;
  const bool control =
      std::any_of(name->begin(), name->end(), [](char c) { return static_cast<uint8_t>(c) < 0x20; });
  if (name->empty() || name->size() > longest || control || name->find('/') != std::string::npos ||
      name->front() == '.' || name->front() == '-')
    complaints.add(node.mark,
                   "'name' must be fit for a folder: 1 to 200 bytes, no '/' or control character, no '.' or "
                   "'-' in front");
  else
    sweep.name = *name;
}

/// Reads the sections into a sweep, in an order in which each finds what it needs.
class SweepReader {
 public:
  SweepReader(const Node& root, Sweep& sweep, PointLists& lists, Complaints& complaints)
      : section_(root, "",
                 {"name", "task", "parameters", "seed", "workers", "chunks", "limits", "retries",
                  "on_failure", "output", "reduce", "slurm"},
                 complaints),
        sweep_(sweep),
        lists_(lists),
        complaints_(complaints) {}

  void read() {
    if (!section_.is_mapping()) return;
    read_general();
    read_running();
    const bool task = read_needed_task();
    const bool space = read_needed_parameters();
    if (!space) return;
    if (task) validate_task(sweep_, task_mark_, complaints_);
    if (task) validate_reduce(sweep_, reduce_places_, complaints_);
  }

 private:
  void read_general() {
    if (const Node* node = section_.find("name")) read_name(*node, sweep_, complaints_);
    if (const Node* node = section_.find("seed"))
      sweep_.seed = read_whole(*node, "seed", {}, complaints_).value_or(0);
  }

  void read_running() {
    if (const Node* node = section_.find("workers")) sweep_.workers = read_workers(*node, complaints_);
    if (const Node* node = section_.find("chunks")) sweep_.chunks = read_chunks(*node, complaints_);
    if (const Node* node = section_.find("limits")) sweep_.limits = read_limits(*node, complaints_);
    if (const Node* node = section_.find("retries")) sweep_.retries = read_retries(*node, complaints_);
    if (const Node* node = section_.find("on_failure"))
      sweep_.on_failure = read_on_failure(*node, complaints_);
    if (const Node* node = section_.find("output")) sweep_.output = read_output(*node, complaints_);
    if (const Node* node = section_.find("reduce"))
      sweep_.reduce = read_reduce(*node, reduce_places_, complaints_);
    if (const Node* node = section_.find("slurm")) sweep_.slurm = read_slurm(*node, complaints_);
  }

  const Node* find_needed(std::string_view key, std::string_view example) {
    const Node* node = section_.find(key);
    if (node == nullptr)
      complaints_.add(section_.mark(),
                      "'" + std::string(key) + "' is missing; add such as " + std::string(example));
    return node;
  }

  bool read_needed_task() {
    const Node* node = find_needed("task", "task: pi");
    if (node != nullptr) task_mark_ = node->mark;
    return node != nullptr && read_task(*node, sweep_, points_of_task_, complaints_);
  }

  bool read_needed_parameters() {
    const bool are_needed = !points_of_task_.are_given;
    const Node* node = are_needed ? find_needed("parameters", "parameters: {grid: {darts: [1e6, 1e7]}}")
                                  : section_.find("parameters");
    sweep_.space = points_of_task_.space;
    if (node == nullptr) return sweep_.space != nullptr;
    const bool is_program = traits_of(sweep_.task).program != nullptr;
    TextArena texts;
    sweep_.space =
        read_parameters(*node, {lists_, sweep_.directory, sweep_.seed,
                                is_program ? Spellings::kept : Spellings::dropped, complaints_, texts});
    if (are_needed || sweep_.space == nullptr || points_of_task_.space == nullptr)
      return are_needed && sweep_.space != nullptr;
    // They would not arrive: lines find those names in use.
    for (const Column& column : sweep_.space->columns())
      if (std::ranges::find(line_parameters, column.name) != std::end(line_parameters)) {
        complaints_.add(node->mark, "the name '" + std::string(column.name) +
                                        "' is taken by the list of commands; give this parameter another");
        return false;
      }
    auto both = make_product({points_of_task_.space, sweep_.space}, complaints_.position(node->mark));
    if (!both) complaints_.add(both.error());
    sweep_.space = both.value_or(nullptr);
    return both.has_value();
  }

  Section section_;
  Sweep& sweep_;
  PointLists& lists_;
  Complaints& complaints_;
  Mark task_mark_;
  TaskPoints points_of_task_;
  ReducePlaces reduce_places_;
};

void read_sweep(const std::string& text, Sweep& sweep, Complaints& complaints) {
  PointLists lists(complaints);
  const Document document = read_document(
      text, [&](std::span<const std::string_view> path) { return lists.stream(path); }, complaints);
  const bool is_empty = document.root == nullptr || document.root->is_null();
  if (!is_empty) return SweepReader(*document.root, sweep, lists, complaints).read();
  if (complaints.empty())
    complaints.add(Mark{},
                   "the file is empty; a sweep needs a task and parameters, such as task: pi and parameters: "
                   "{grid: {darts: [1e6, 1e7]}}");
}

}  // namespace

tl::expected<Sweep, Errors> parse_sweep(std::string text, const std::string& path) {
  const std::filesystem::path given(path);
  std::error_code ignored;
  Sweep sweep;
  sweep.file = path;
  sweep.name = given.stem().string();
  sweep.directory = std::filesystem::absolute(given, ignored).parent_path().lexically_normal().string();
  Complaints complaints(path);
  read_sweep(text, sweep, complaints);
  if (!complaints.empty()) return tl::unexpected(std::move(complaints).sorted());
  sweep.text = std::move(text);
  return sweep;
}

tl::expected<Sweep, Errors> load_sweep(const std::string& path) {
  Result<std::string> text = read_text_file(path, sweep_file_limit);
  if (!text) return tl::unexpected(Errors{text.error()});
  return parse_sweep(std::move(*text), path);
}

}  // namespace sweepd
