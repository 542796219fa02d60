#include "configs/sweep_file.h"

#include <doctest/doctest.h>

#include <filesystem>

#include "runner/core/json.h"

namespace sweepd {
namespace {

using namespace std::chrono_literals;

Sweep parse(std::string text) {
  auto sweep = parse_sweep(std::move(text), "folder/my.sweep.yaml");
  std::string errors;
  if (!sweep)
    for (const Error& error : sweep.error()) errors += error.text() + "\n";
  REQUIRE_MESSAGE(sweep.has_value(), errors);
  return std::move(*sweep);
}

Sweep with(const std::string& more) {
  return parse("task: pi\nparameters: {grid: {darts: [10, 20]}}\n" + more);
}

/// The points as JSON, one after the other.
std::string points(const std::string& parameters) {
  const Sweep sweep = parse("task: {command: [x]}\nparameters: " + parameters);
  std::string text;
  for (uint64_t i = 0; i < sweep.size(); ++i) append_json(text, sweep.space->at(i));
  return text;
}

TEST_CASE("sweep file: what is left away has its default") {
  const Sweep sweep = with("");
  CHECK(sweep.name == "my.sweep");
  CHECK(sweep.file == "folder/my.sweep.yaml");
  CHECK(sweep.directory == (std::filesystem::current_path() / "folder").string());
  CHECK(sweep.text == "task: pi\nparameters: {grid: {darts: [10, 20]}}\n");
  CHECK(sweep.seed == 0);
  CHECK(sweep.workers.start == StartMethod::automatic);
  CHECK(!sweep.workers.count.has_value());
  CHECK(sweep.workers.cores == 1);
  CHECK(sweep.workers.pin.unit == PinUnit::core);
  CHECK_FALSE(sweep.workers.pin_is_chosen);
  CHECK(sweep.chunks.schedule == Schedule::automatic);
  CHECK(!sweep.chunks.size.has_value());
  CHECK(!sweep.limits.timeout.has_value());
  CHECK(!sweep.limits.memory_bytes.has_value());
  CHECK(sweep.limits.grace == 5s);
  CHECK(sweep.retries.max == 0);
  CHECK(sweep.retries.on[static_cast<size_t>(ErrorKind::lost)]);
  CHECK(!sweep.on_failure.stop_after.has_value());
  CHECK(sweep.output.dir.empty());
  CHECK(!sweep.output.csv);
  CHECK(sweep.reduce.empty());
  CHECK(sweep.slurm.margin == 60s);
  CHECK(sweep.slurm.on_deadline == Continue::none);
  CHECK(sweep.slurm.launcher == Launcher::automatic);
  CHECK(sweep.slurm.ranks == Ranks::per_node);
  CHECK(sweep.slurm.comment);
}

TEST_CASE("sweep file: every option reaches the sweep") {
  const Sweep sweep = with(R"(
name: other
seed: 18446744073709551615
workers: {start: spawn, count: 3, cores: 2, pin: "0-3,8"}
chunks: {schedule: guided, size: 1e3}
limits: {timeout: 30:00, memory: 2GiB, grace: 500ms}
retries: {max: 2, backoff: 5s, on: [timeout, lost]}
output: {dir: out, formats: [json, csv]}
reduce: {by: [darts], fields: {pi: [mean, std], hits: sum}}
slurm: {margin: 2m, continue: resubmit, launcher: mpirun, ranks: per-core, comment: false}
)");
  CHECK(sweep.name == "other");
  CHECK(sweep.seed == std::numeric_limits<uint64_t>::max());
  CHECK(sweep.workers.start == StartMethod::spawn);
  CHECK(sweep.workers.count == 3);
  CHECK(sweep.workers.cores == 2);
  CHECK(sweep.workers.pin.unit == PinUnit::list);
  CHECK(sweep.workers.pin.list == "0-3,8");
  CHECK(sweep.workers.pin_is_chosen);
  CHECK(sweep.workers.count_where.line > 0);
  CHECK(sweep.chunks.schedule == Schedule::guided);
  CHECK(sweep.chunks.size == 1000);
  CHECK(*sweep.limits.timeout == 30min);
  CHECK(*sweep.limits.memory_bytes == uint64_t{2} << 30);
  CHECK(sweep.limits.grace == 500ms);
  CHECK(sweep.retries.max == 2);
  CHECK(sweep.retries.backoff == 5s);
  CHECK(sweep.retries.on == std::array<bool, 6>{false, false, true, false, false, true});
  CHECK(sweep.output.dir == "out");
  CHECK(sweep.output.csv);
  CHECK(sweep.reduce.by == std::vector<std::string>{"darts"});
  REQUIRE(sweep.reduce.fields.size() == 2);
  CHECK(sweep.reduce.fields[0].first == "pi");
  CHECK(sweep.reduce.fields[0].second == std::vector<Statistic>{Statistic::mean, Statistic::std});
  CHECK(sweep.reduce.fields[1].second == std::vector<Statistic>{Statistic::sum});
  CHECK(sweep.slurm.margin == 2min);
  CHECK(sweep.slurm.on_deadline == Continue::resubmit);
  CHECK(sweep.slurm.launcher == Launcher::mpirun);
  CHECK(sweep.slurm.ranks == Ranks::per_core);
  CHECK(!sweep.slurm.comment);
}

TEST_CASE("sweep file: when failures stop the sweep") {
  CHECK(with("on_failure: stop").on_failure.stop_after == 1);
  CHECK(with("on_failure: {stop_after: 7}").on_failure.stop_after == 7);
  CHECK(with("on_failure: {stop_after: 2.5%}").on_failure.stop_fraction.value() == doctest::Approx(0.025));
  CHECK(!with("on_failure: continue").on_failure.stop_after.has_value());
}

std::string task_text(const std::string& task) {
  return parse("task: " + task + "\nparameters: {grid: {darts: 5, workers: 1}}\n").task_text;
}

TEST_CASE("sweep file: a task's text is canonical: short forms and defaults do not change it") {
  CHECK(task_text("pi") == R"({"kernel":"pi"})");
  CHECK(task_text("{kernel: pi}") == R"({"kernel":"pi"})");
  CHECK(task_text("{kernel: scaling, oversubscribe: true}") == R"({"kernel":"scaling"})");
  CHECK(task_text("{command: [prog, '--x={darts}', 3, true, 1e3]}") ==
        R"({"command":["prog","--x={darts}","3","true","1e3"],"result":"none"})");
  CHECK(task_text("{result: json, command: [\"a\\n\"]}") == R"({"command":["a\n"],"result":"json"})");
  CHECK(task_text("{shell: 'echo \"$darts\"'}") == R"({"shell":"echo \"$darts\"","result":"none"})");
}

TEST_CASE("sweep file: tasks") {
  const Sweep scaling =
      parse("task: {kernel: scaling, oversubscribe: true}\nparameters: [{workers: 1, darts: 1}]");
  CHECK(std::get<ScalingTask>(scaling.task).oversubscribe);
  const Sweep command = parse("task:\n  command: [prog, '{x}']\n  result: text\nparameters: [{x: 1}]");
  const Program& program = std::get<CommandTask>(command.task).program;
  const auto& arguments = std::get<ArgumentVector>(program.start);
  REQUIRE(arguments.size() == 2);
  CHECK(arguments[1].where.column == 19);
  CHECK(program.result == ResultKind::text);
  CHECK(program.where.line == 2);
  CHECK(program.where.column == 13);
  const Sweep shell = parse("task: {shell: a b}\nparameters: [{x: 1}]");
  CHECK(std::get<ShellText>(std::get<CommandTask>(shell.task).program.start).text == "a b");
}

TEST_CASE("sweep file: every form of parameters") {
  CHECK(points("[{a: 1, b: x}, {b: y}]") == R"({"a":1,"b":"x"}{"b":"y"})");
  CHECK(points("\n- a: 1\n- a: 2\n") == R"({"a":1}{"a":2})");
  CHECK(points("{grid: {a: [1, 2], b: 3, c: {range: [2]}}}") ==
        R"({"a":1,"b":3,"c":0}{"a":1,"b":3,"c":1}{"a":2,"b":3,"c":0}{"a":2,"b":3,"c":1})");
  CHECK(points("{zip: {a: [1, 2], b: {linspace: [0, 1, 2]}}}") == R"({"a":1,"b":0.0}{"a":2,"b":1.0})");
  CHECK(points("{product: [[{a: 1}, {a: 2}], {grid: {b: [x]}}]}") == R"({"a":1,"b":"x"}{"a":2,"b":"x"})");
  CHECK(points("{concat: [{grid: {a: [1]}}, [{b: 2}], {product: [[{c: 3}]]}]}") ==
        R"({"a":1}{"b":2}{"c":3})");
  CHECK(points("{grid: {a: [1]}, repeat: 2}") == R"({"a":1,"replicate":0}{"a":1,"replicate":1})");
  CHECK(points("{grid: {a: {geomspace: [1, 100, 3]}}}") == R"({"a":1.0}{"a":10.0}{"a":100.0})");
  CHECK(points("{grid: {a: {range: [1, 4]}, b: {range: [5, 3, -1]}}}")
            .starts_with(R"({"a":1,"b":5}{"a":1,"b":4})"));
}

TEST_CASE("sweep file: anchors and merge keys work among points") {
  CHECK(points("\n- &base {a: 1, b: 2}\n- {<<: *base, b: 3}\n- *base\n") ==
        R"({"a":1,"b":2}{"b":3,"a":1}{"a":1,"b":2})");
  CHECK(points("{concat: [&p [{a: 1}], *p]}") == R"({"a":1}{"a":1})");
  CHECK(points("{grid: {a: &v [1, 2], b: *v}}") == R"({"a":1,"b":1}{"a":1,"b":2}{"a":2,"b":1}{"a":2,"b":2})");
}

TEST_CASE("sweep file: values have the types of YAML 1.2") {
  CHECK(points("[{a: no, b: 0123, c: 12:30, d: 1e3, e: '1', f: ~, g: true, h: 0x10}]") ==
        R"({"a":"no","b":123,"c":"12:30","d":1000.0,"e":"1","f":null,"g":true,"h":16})");
  CHECK(points("[{a: !!str 1, b: !!float 1, c: !!int '7', d: ! 5}]") == R"({"a":"1","b":1.0,"c":7,"d":"5"})");
}

TEST_CASE("sweep file: a seed is any number of 64 bits, in every way that YAML writes it") {
  const auto seed = [](std::string_view written) {
    return parse_sweep("task: pi\nparameters: [{darts: 1}]\nseed: " + std::string(written) + "\n", "f")->seed;
  };
  CHECK(seed("0xFFFFFFFFFFFFFFFF") == std::numeric_limits<uint64_t>::max());
  CHECK(seed("1e19") == 10'000'000'000'000'000'000u);
  CHECK(seed("9007199254740993.0") == 9007199254740993);
  CHECK(seed("0o17") == 15);
  CHECK(seed("+7") == 7);
  CHECK(seed("-0") == 0);
}

TEST_CASE("sweep file: a sample is drawn from the sweep's seed") {
  const std::string text =
      "task: {command: [x]}\nparameters: {sample: {count: 5, method: halton, space: {x: {uniform: [0, 1]}, "
      "n: {integers: [1, 3]}, l: {loguniform: [1, 10]}, c: {choice: [a, b]}}}}\nseed: ";
  CHECK(parse(text + "1").size() == 5);
  CHECK(parse(text + "1").fingerprint() != parse(text + "2").fingerprint());
}

TEST_CASE("sweep file: points files are found from the sweep file's folder") {
  const std::string path = SWEEPD_SOURCE_DIR "/tests/configs/corpus/good/none.yaml";
  for (const char* file : {"points.csv", "points.ndjson", "points.yaml"}) {
    const auto sweep =
        parse_sweep(std::string("task: {command: [x]}\nparameters: {file: ../points/") + file + "}\n", path);
    REQUIRE(sweep.has_value());
    CHECK(sweep->size() == 2);
    std::string first;
    append_json(first, sweep->space->at(0));
    CHECK(first == R"({"x":1,"label":"a"})");
  }
}

}  // namespace
}  // namespace sweepd
