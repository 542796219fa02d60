#include "configs/run_sections.h"

#include <algorithm>
#include <charconv>

#include "configs/scalars.h"
#include "configs/section.h"
#include "runner/core/cpu_set.h"

namespace sweepd {
namespace {

constexpr uint64_t most_workers = 1'000'000;
constexpr uint64_t most_retries = 1'000'000;
constexpr std::string_view format_names[] = {"json", "csv"};

bool is_auto(const Node& node) { return node.kind == NodeKind::scalar && node.text == "auto"; }

/// Sets `target` to the enumerator whose name stands at `key`, if it does.
template <typename Enum>
void read_enum_into(const Section& section, std::string_view key, Enum& target, Complaints& complaints) {
  const Node* node = section.find(key);
  if (node == nullptr) return;
  target = read_enum<Enum>(*node, section.option(key), complaints).value_or(target);
}

void read_whole_into(const Section& section, std::string_view key, Bounds bounds, uint32_t& target,
                     Complaints& complaints) {
  const Node* node = section.find(key);
  if (node == nullptr) return;
  if (const std::optional<uint64_t> number = read_whole(*node, section.option(key), bounds, complaints))
    target = static_cast<uint32_t>(*number);
}

Pin read_pin(const Node& node, Complaints& complaints) {
  Pin pin;
  if (node.kind == NodeKind::scalar && !node.text.empty() && node.text[0] >= '0' && node.text[0] <= '9') {
    const auto ranges = parse_cpu_ranges(node.text);
    if (!ranges) complaints.add(node.mark, "'workers.pin': " + ranges.error().message);
    return {PinUnit::list, node.text};
  }
  pin.unit = read_enum<PinUnit>(node, "workers.pin", complaints).value_or(pin.unit);
  return pin;
}

}  // namespace

WorkerOptions read_workers(const Node& node, Complaints& complaints) {
  WorkerOptions workers;
  const Section section(node, "workers", {"start", "count", "cores", "pin", "gpus"}, complaints);
  read_enum_into(section, "start", workers.start, complaints);
  read_whole_into(section, "cores", {1, most_workers}, workers.cores, complaints);
  if (const Node* count = section.find("count"); count != nullptr && !is_auto(*count))
    if (const auto number = read_whole(*count, "workers.count", {1, most_workers}, complaints)) {
      workers.count = static_cast<uint32_t>(*number);
      workers.count_where = complaints.position(count->mark);
    }
  if (const Node* pin = section.find("pin")) {
    workers.pin = read_pin(*pin, complaints);
    workers.pin_is_chosen = true;
  }
  if (const Node* gpus = section.find_key("gpus"))
    complaints.add(gpus->mark, "this version of sweepd does not have GPUs yet");
  return workers;
}

ChunkOptions read_chunks(const Node& node, Complaints& complaints) {
  ChunkOptions chunks;
  const Section section(node, "chunks", {"schedule", "size"}, complaints);
  read_enum_into(section, "schedule", chunks.schedule, complaints);
  if (const Node* size = section.find("size"); size != nullptr && !is_auto(*size))
    chunks.size = read_whole(*size, "chunks.size", {1, max_points}, complaints);
  return chunks;
}

Limits read_limits(const Node& node, Complaints& complaints) {
  Limits limits;
  const Section section(node, "limits", {"timeout", "memory", "grace"}, complaints);
  if (const Node* timeout = section.find("timeout")) {
    limits.timeout = read_duration(*timeout, "limits.timeout", complaints);
    if (limits.timeout == Duration::zero())
      complaints.add(timeout->mark, "'limits.timeout' must be more than nothing; leave it out for no limit");
  }
  if (const Node* memory = section.find("memory"))
    limits.memory_bytes = read_size(*memory, "limits.memory", complaints);
  if (const Node* grace = section.find("grace"))
    limits.grace = read_duration(*grace, "limits.grace", complaints).value_or(limits.grace);
  return limits;
}

Retries read_retries(const Node& node, Complaints& complaints) {
  Retries retries;
  const Section section(node, "retries", {"max", "backoff", "on"}, complaints);
  read_whole_into(section, "max", {0, most_retries}, retries.max, complaints);
  if (const Node* backoff = section.find("backoff"))
    retries.backoff = read_duration(*backoff, "retries.backoff", complaints).value_or(retries.backoff);
  const Node* on = section.find("on");
  if (on == nullptr) return retries;
  retries.on.fill(false);
  for (const Node* item : read_items(*on, "retries.on", complaints))
    if (const auto kind = read_enum<ErrorKind>(*item, "retries.on", complaints))
      retries.on[static_cast<size_t>(*kind)] = true;
  return retries;
}

namespace {

/// `5%` as 0.05.
std::optional<double> parse_percentage(std::string_view text) {
  double number = 0;
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, number, std::chars_format::fixed);
  if (error != std::errc() || std::string_view(rest, static_cast<size_t>(end - rest)) != "%")
    return std::nullopt;
  return number > 0 && number <= 100 ? std::optional(number / 100) : std::nullopt;
}

}  // namespace

OnFailure read_on_failure(const Node& node, Complaints& complaints) {
  constexpr std::string_view names[] = {"continue", "stop"};
  OnFailure on_failure;
  if (node.kind == NodeKind::scalar) {
    if (read_choice(node, "on_failure", names, complaints) == 1) on_failure.stop_after = 1;
    return on_failure;
  }
  const Section section(node, "on_failure", {"stop_after"}, complaints);
  const Node* after = section.find("stop_after");
  if (after == nullptr) {
    if (section.is_mapping() && node.pairs() == 0)
      complaints.add(node.mark, "'on_failure' is empty; write continue, stop, or {stop_after: 10}");
    return on_failure;
  }
  if (after->kind == NodeKind::scalar) on_failure.stop_fraction = parse_percentage(after->text);
  if (on_failure.stop_fraction) return on_failure;
  on_failure.stop_after = whole_number(*after);
  if (on_failure.stop_after.value_or(0) == 0)
    complaints.add(
        after->mark,
        "'on_failure.stop_after' must be a number of points from 1, or a share such as 5%; it is '" +
            after->text.substr(0, 60) + "'");
  return on_failure;
}

Output read_output(const Node& node, Complaints& complaints) {
  Output output;
  const Section section(node, "output", {"dir", "formats"}, complaints);
  if (const Node* dir = section.find("dir")) {
    output.dir = read_text(*dir, "output.dir", complaints).value_or("");
    if (dir->kind == NodeKind::scalar && !dir->is_null() && dir->text.empty())
      complaints.add(dir->mark,
                     "'output.dir' is empty; write a folder, or leave it out for the sweep's name");
  }
  const Node* formats = section.find("formats");
  if (formats == nullptr) return output;
  for (const Node* item : read_items(*formats, "output.formats", complaints))
    if (read_choice(*item, "output.formats", format_names, complaints) == 1) output.csv = true;
  return output;
}

namespace {

void read_field(const Node& key, const Node& node, Reduce& reduce, Complaints& complaints) {
  std::vector<Statistic> statistics;
  const std::string option = "reduce.fields." + key.text;
  for (const Node* item : read_items(node, option, complaints)) {
    const std::optional<Statistic> statistic = read_enum<Statistic>(*item, option, complaints);
    if (!statistic) continue;
    if (std::find(statistics.begin(), statistics.end(), *statistic) == statistics.end())
      statistics.push_back(*statistic);
    else
      complaints.add(item->mark, "'" + option + "' has '" + item->text + "' twice; leave one away");
  }
  reduce.fields.emplace_back(key.text, std::move(statistics));
}

}  // namespace

Reduce read_reduce(const Node& node, ReducePlaces& places, Complaints& complaints) {
  Reduce reduce;
  places.section = node.mark;
  const Section section(node, "reduce", {"by", "fields"}, complaints);
  if (!section.is_mapping()) return reduce;
  const Node* by = section.find("by");
  const bool none = by == nullptr || (by->kind == NodeKind::sequence && by->children.empty());
  if (!none)
    for (const Node* item : read_items(*by, "reduce.by", complaints))
      if (std::optional<std::string> name = read_text(*item, "reduce.by", complaints)) {
        if (std::find(reduce.by.begin(), reduce.by.end(), *name) != reduce.by.end())
          complaints.add(item->mark, "'reduce.by' has '" + *name + "' twice; leave one away");
        reduce.by.push_back(std::move(*name));
        places.by.push_back(item->mark);
      }
  const Node* fields = section.find("fields");
  if (fields == nullptr || (fields->kind == NodeKind::mapping && fields->pairs() == 0)) {
    complaints.add(fields == nullptr ? node.mark : fields->mark,
                   "'reduce' has no fields; write such as fields: {pi: [mean, std]}");
    return reduce;
  }
  if (!expect_mapping(*fields, "reduce.fields", complaints)) return reduce;
  for (size_t i = 0; i < fields->pairs(); ++i) {
    read_field(fields->key(i), fields->value(i), reduce, complaints);
    places.fields.push_back(fields->key(i).mark);
  }
  return reduce;
}

SlurmOptions read_slurm(const Node& node, Complaints& complaints) {
  SlurmOptions slurm;
  const Section section(node, "slurm", {"margin", "continue", "launcher", "ranks", "comment"}, complaints);
  if (const Node* margin = section.find("margin"))
    slurm.margin = read_duration(*margin, "slurm.margin", complaints).value_or(slurm.margin);
  read_enum_into(section, "continue", slurm.on_deadline, complaints);
  read_enum_into(section, "launcher", slurm.launcher, complaints);
  read_enum_into(section, "ranks", slurm.ranks, complaints);
  if (const Node* comment = section.find("comment"))
    slurm.comment = read_flag(*comment, "slurm.comment", complaints).value_or(slurm.comment);
  return slurm;
}

}  // namespace sweepd
