// Each thing that can be wrong with a sweep file, the place it is told at and the words.
#include <doctest/doctest.h>

#include <algorithm>

#include "configs/sweep_file.h"

namespace sweepd {
namespace {

std::string errors_of(std::string text) {
  const auto sweep = parse_sweep(std::move(text), "f");
  if (sweep) return "";
  std::string errors;
  for (const Error& error : sweep.error()) errors += error.text() + "\n";
  return errors;
}

/// A section below a good task and good parameters; it stands in line 3.
std::string errors_in(const std::string& section) {
  return errors_of("task: pi\nparameters: {grid: {darts: [10, 20]}}\n" + section + "\n");
}

std::string errors_in_parameters(const std::string& parameters) {
  return errors_of("task: {command: [x]}\nparameters: " + parameters + "\n");
}

struct Case {
  const char* text;
  const char* error;
};

TEST_CASE("sweep errors: what is cited is fit for a terminal, and no character is cut in two") {
  const std::string place = "f:3:18: 'workers.start' must be auto, fork, spawn or mpi; it is '";
  const std::string start = "workers: {start: ";
  const auto cited = [&](const std::string& errors) { return errors.substr(0, place.size()) == place; };
  const std::string controls = errors_in(start + R"("a\e[2J\nb\tc\x7F\x9Bd é"})");
  CHECK(cited(controls));
  CHECK(controls.find(R"('a\x1b[2J\nb\tc\x7f\x9bd é')") != std::string::npos);
  const std::string shortened = errors_in(start + std::string(59, 'a') + "é}");
  CHECK(cited(shortened));
  CHECK(shortened.find(std::string(59, 'a') + "'") != std::string::npos);
}

TEST_CASE("sweep errors: options") {
  const Case cases[] = {
      {"limits: {timeuot: 1m}", "f:3:10: unknown key 'timeuot' in 'limits'; did you mean 'timeout'?"},
      {"limits: {timeout: 30}",
       "f:3:19: 'limits.timeout': '30' has no unit; write 30m or 30s (Slurm takes a bare number for minutes, "
       "others for "
       "seconds)"},
      {"limits: {timeout: 0s}",
       "f:3:19: 'limits.timeout' must be more than nothing; leave it out for no limit"},
      {"limits: {memory: [1]}", "f:3:18: 'limits.memory' must be a size such as 500M or 2GiB; it is a list"},
      {"limits: {memory: 0M}", "f:3:18: 'limits.memory' must be more than nothing; write such as 2GiB"},
      {"limits: 5", "f:3:9: 'limits' must be a mapping, keys with their values; it is a single value"},
      {"name: a/b",
       "f:3:7: 'name' must be fit for a folder: 1 to 200 bytes, no '/' or control character, no '.' or '-' "
       "in front"},
      {"seed: 1.5", "f:3:7: 'seed' must be a whole number from 0 to 18446744073709551615; it is '1.5'"},
      {"seed: 18446744073709551616",
       "f:3:7: 'seed' must be a whole number from 0 to 18446744073709551615; it is '18446744073709551616'"},
      {"seed: '5'", "f:3:7: 'seed' must be a whole number from 0 to 18446744073709551615; it is '5'"},
      {"workers: {count: many}",
       "f:3:18: 'workers.count' must be a whole number from 1 to 1000000; it is 'many'"},
      {"workers: {start: frok}",
       "f:3:18: 'workers.start' must be auto, fork, spawn or mpi; it is 'frok'; did you mean "
       "'fork'?"},
      {"workers: {gpus: 1}", "f:3:11: this version of sweepd does not have GPUs yet"},
      {"retries: {on: [exit, oom]}",
       "f:3:22: 'retries.on' must be exit, signal, timeout, memory, result or lost; it is 'oom'"},
      {"on_failure: {stop_after: 0}",
       "f:3:26: 'on_failure.stop_after' must be a number of points from 1, or a share "
       "such as 5%; it is '0'"},
      {"on_failure: {stop_after: 101%}",
       "f:3:26: 'on_failure.stop_after' must be a number of points from 1, or a "
       "share such as 5%; it is '101%'"},
      {"output: {formats: []}",
       "f:3:19: 'output.formats' must be a list such as [a, b]; it is an empty list"},
      {"output: {dir: ''}",
       "f:3:15: 'output.dir' is empty; write a folder, or leave it out for the sweep's name"},
      {"reduce: {by: [dart], fields: {pi: mean}}",
       "f:3:15: 'reduce.by' names 'dart', which is no parameter; did you mean 'darts'?"},
      {"reduce: {fields: {hit: mean}}", "f:3:19: 'hit' is no result of the kernel; did you mean 'hits'?"},
      {"reduce: {fields: {pi: [mean, mean]}}", "f:3:30: 'reduce.fields.pi' has 'mean' twice; leave one away"},
      {"slurm: {comment: 1}", "f:3:18: 'slurm.comment' must be true or false; it is '1'"},
      {"slurm:", "f:3:1: 'slurm' must be a mapping, keys with their values; it is empty"},
      {"task: pi", "f:3:1: 'task' is given twice; the first is at line 1, column 1"},
  };
  for (const Case& c : cases) CHECK(errors_in(c.text) == std::string(c.error) + "\n");
}

TEST_CASE("sweep errors: parameters") {
  const Case cases[] = {
      {"{gird: {a: 1}}", "f:2:14: unknown key 'gird' in 'parameters'; did you mean 'grid'?"},
      {"{}", "f:2:13: 'parameters' has no form; write such as grid: {x: [1, 2, 3]}"},
      {"{grid: {a: 1}, zip: {b: 1}}",
       "f:2:13: 'parameters' has several forms; join them with product or concat"},
      {"[1]", "f:2:14: a point must be a mapping such as {x: 1, y: 2}; this is a single value"},
      {"[{a: 1}, {}]", "f:2:22: a point must be a mapping such as {x: 1, y: 2}; this is empty"},
      {"[{a: [.nan]}]",
       "f:2:19: 'a': JSON has no number for this, so it cannot stand in a list or mapping; write it as text"},
      {"{grid: {a: [1, {b: -.inf}]}}",
       "f:2:32: 'a': JSON has no number for this, so it cannot stand in a list or mapping; write it as text"},
      {"{grid: {a: [[99999999999999999999]]}}",
       "f:2:26: 'a': 99999999999999999999 does not fit a 64-bit integer; quote it if it is meant as text"},
      {"{grid: {a: []}}", "f:2:24: the list of values of 'a' is empty; give at least one"},
      {"{grid: {a: {rnage: [1]}}}", "f:2:25: unknown key 'rnage' in 'a'; did you mean 'range'?"},
      {"{grid: {a: {range: [1, x]}}}", "f:2:36: 'a.range' takes numbers; this is 'x'"},
      {"{grid: {a: {range: [1, '2']}}}",
       "f:2:36: 'a.range' takes numbers; this is '2' in quotes, which is text: take them away"},
      {"{grid: {a: {range: [1, 1e999]}}}",
       "f:2:36: 'a.range': 1e999 does not fit a 64-bit float; quote it if it is meant as text"},
      {"{grid: {a: {range: 5}}}", "f:2:32: 'a.range' must be [stop], [start, stop] or [start, stop, step]"},
      {"{grid: {a: {linspace: [1, 2, 0]}}}",
       "f:2:42: 'a.linspace[2]' must be a whole number from 1 to 9007199254740992; it is '0'"},
      {"{grid: {'a{b': 1}}",
       "f:2:21: the name of a parameter holds a brace or a control character; rename it"},
      {"{grid: {'': 1}}", "f:2:21: a parameter has no name; give it one"},
      {"{grid: {a: 1}, repeat: 0}",
       "f:2:36: 'repeat' must be a whole number from 1 to 9007199254740992; it is '0'"},
      {"{grid: {a: 99999999999999999999}}",
       "f:2:24: 'a': 99999999999999999999 does not fit a 64-bit integer; quote it if it is meant as text"},
      {"{sample: {space: {a: {uniform: [0, 1]}}}}",
       "f:2:22: 'sample' has no 'count'; add such as count: 1000"},
      {"{sample: {count: 1, space: {a: {uniform: [0]}}}}",
       "f:2:54: 'sample.space.a.uniform' must be [low, high]"},
      {"{sample: {count: 1, space: {a: {integers: [0, 1.5]}}}}",
       "f:2:59: 'sample.space.a.integers' takes whole numbers; this is '1.5'"},
      {"{file: no.csv}", "f:2:20: cannot use 'no.csv': there is no such file"},
      {"{file: no.yaml}", "f:2:20: cannot use 'no.yaml': there is no such file"},
      {"{product: {grid: {a: 1}}}",
       "f:2:23: 'product' must be a list of forms of parameters, such as [{grid: {...}}, "
       "{file: points.csv}]"},
  };
  for (const Case& c : cases) CHECK(errors_in_parameters(c.text) == std::string(c.error) + "\n");
}

std::string errors_in_task(const std::string& task) {
  return errors_of("task: " + task + "\nparameters: [{x: 1, y: 2}, {x: 2}]\n");
}

TEST_CASE("sweep errors: tasks") {
  const Case cases[] = {
      {"pie", "f:1:7: unknown kernel 'pie'; did you mean 'pi'?"},
      {"[prog]",
       "f:1:7: 'task' must be the name of a kernel or a mapping such as {command: [prog, \"{x}\"]}; it is a "
       "list"},
      {"{command: prog}",
       "f:1:17: 'task.command' must be a list of arguments such as [prog, \"--x={x}\"]; for shell "
       "text use {shell: \"...\"}"},
      {"{command: [prog, ~]}", "f:1:24: 'task.command' must be text; it is empty"},
      {"{command: ['']}", "f:1:18: the program's name is empty; the first argument is the program"},
      {"{command: [p, '{z}']}",
       "f:1:21: the command uses '{z}', which is no parameter; known are x, y, index, id, seed, "
       "seed64, cores and attempt"},
      {"{command: [p, '{indx}']}",
       "f:1:21: the command uses '{indx}', which is no parameter; did you mean 'index'?"},
      {"{command: [p, '{y}']}",
       "f:1:21: some points have no parameter 'y', which the command uses; give it in all"},
      {"{command: [p], shell: x}",
       "f:1:7: 'task' must have one of kernel, command, shell and lines; it has several"},
      {"{shel: x}", "f:1:8: unknown key 'shel' in 'task'; did you mean 'shell'?"},
      {"{}", "f:1:7: 'task' must have one of kernel, command, shell and lines; write such as {kernel: pi}"},
      {"{python: 'm:f'}", "f:1:8: this version of sweepd does not have Python functions yet"},
      {"{lines: none}",
       "f:1:15: 'task.lines': cannot use 'none': there is no such file; name the list's file, or write the "
       "commands as a text of lines (lines: |)"},
      {"{kernel: pi, result: json}", "f:1:20: 'result' is for commands; a kernel has results of its own"},
      {"pi", "f:1:7: the kernel 'pi' needs the parameter 'darts'; add such as darts: [1e6, 1e7]"},
  };
  for (const Case& c : cases) CHECK(errors_in_task(c.text) == std::string(c.error) + "\n");
}

TEST_CASE("sweep errors: a shell task's parameters must be harmless variable names") {
  const std::string errors =
      errors_of("task: {shell: x}\nparameters: [{my-x: 1, PATH: 2, LD_PRELOAD: 3, SWEEPD_ID: 4, fine: 5}]\n");
  CHECK(std::count(errors.begin(), errors.end(), '\n') == 4);
  for (const char* name : {"'my-x'", "'PATH'", "'LD_PRELOAD'", "'SWEEPD_ID'"})
    CHECK_MESSAGE(errors.find(name) != std::string::npos, errors);
}

TEST_CASE("sweep errors: a shell task's parameters have no names that shells set or heed by themselves") {
  const std::string errors = errors_of("task: {shell: x}\nparameters:\n  grid:\n    PPID: 7\n    _: 7\n");
  CHECK(
      errors ==
      "f:4:11: the parameter 'PPID' has the name of a variable that shells, the linker or sweepd set or heed "
      "by "
      "themselves, so the shell task would not get its value; rename it, such as to lower case\n"
      "f:5:8: the parameter '_' has the name of a variable that shells, the linker or sweepd set or heed by "
      "themselves, so the shell task would not get its value; rename it, such as to lower case\n");
  CHECK(
      errors_of("task: {shell: x}\nparameters: {grid: {ppid: 7, BASHFUL: 7, LC_ALL: C, UIDS: 7}}\n").empty());
  CHECK(errors_of("task: {command: [echo, '{PPID}']}\nparameters: {grid: {PPID: 7}}\n").empty());
}

TEST_CASE("sweep errors: only the file's own keys may begin with x-") {
  const std::string pi = "task: pi\nparameters: {grid: {darts: 1}}\n";
  CHECK(errors_of("x-a: {b: [1, {task: x}]}\nx-: ~\n" + pi).empty());
  CHECK(errors_of(pi + "workers: {x-count: 1}\n").starts_with("f:3:11: unknown key 'x-count' in 'workers'"));
  CHECK(errors_of(pi + "X-a: 1\nxa: 2\n").starts_with("f:3:1: unknown key 'X-a'"));
  CHECK(errors_of("x-a: {b: 1, b: 2}\n" + pi).starts_with("f:1:13: 'b' is given twice"));
}

TEST_CASE("sweep errors: a separator is one character beside a file with cells") {
  const auto errors = [](const std::string& separator, const std::string& file = "none.csv") {
    return errors_of("task: pi\nparameters: {file: " + file + ", separator: " + separator + "}\n");
  };
  for (const char* bad : {"\";;\"", "'\\t'", "\"\"", "\"\\n\"", "\"#\"", "'\"'", "[]", "tab", "\"ä·\""})
    CHECK_MESSAGE(errors(bad).starts_with("f:2:41: 'separator' must be the one character between cells"),
                  bad);
  CHECK(errors("").starts_with("f:2:30: 'separator' must be the one character between cells"));
  for (const char* good : {"';'", "\"\\t\"", "\" \"", "'|'", "·"})
    CHECK_MESSAGE(errors(good).starts_with("f:2:20: cannot use 'none.csv'"), errors(good));
  CHECK(errors("';'", "p.yaml").starts_with("f:2:39: 'separator' is for files with cells"));
  CHECK(errors("';'", "p.jsonl").starts_with("f:2:40: 'separator' is for files with cells"));
  CHECK(errors_of("task: pi\nparameters: {grid: {darts: 1}, separator: ';'}\n") ==
        "f:2:32: 'separator' stands beside 'file' only; leave it out\n");
}

TEST_CASE("sweep errors: a glob that finds nothing is told where it stands, with what it is no pattern for") {
  const auto errors = [](const std::string& glob) {
    return errors_of("task: {command: [echo, '{file}']}\nparameters: {glob: " + glob + "}\n");
  };
  CHECK(errors("'none/*.csv'").starts_with("f:2:20: nothing matches 'none/*.csv' in the folder '/"));
  CHECK(errors("'none/*.csv'").ends_with("'; correct it, or make the files first\n"));
  for (const char* shell : {"'~/none/*'", "'$HOME/none*'", "'*.{none,nothing}'"})
    CHECK(errors(shell).find("; ~, $ and {...} are what a shell has, and have no meaning here;") !=
          std::string::npos);
  CHECK(errors("''").starts_with("f:2:20: nothing matches ''"));
  CHECK(errors("[a]").starts_with("f:2:20: 'glob' must be text"));
  CHECK(errors("*.csv").ends_with("; quote a text that begins with *, & or !\n"));
  CHECK(errors("'" + std::string(5000, '*') + "'").find("the pattern is longer than 4096 bytes") !=
        std::string::npos);
}

TEST_CASE("sweep errors: darts are whole numbers, each bad one told where it stands") {
  CHECK(errors_of("task: pi\nparameters:\n  grid:\n    darts: [1, 0, 2.5, '3', 1e16]\n") ==
        "f:4:16: 'darts' must be a whole number from 1 to 2^53\n"
        "f:4:19: 'darts' must be a whole number from 1 to 2^53\n"
        "f:4:24: 'darts' must be a whole number from 1 to 2^53\n"
        "f:4:29: 'darts' must be a whole number from 1 to 2^53\n");
  CHECK(errors_of("task: pi\nparameters: {grid: {darts: {range: [0, 5]}}}\n") ==
        "f:2:36: 'darts' must be a whole number from 1 to 2^53\n");
}

TEST_CASE("sweep errors: the scaling kernel's parameters") {
  CHECK(errors_of("task: scaling\nparameters: [{darts: 1, workers: 0, mode: odd, repeats: 0}]\n").size() > 0);
  CHECK(errors_of("task: scaling\nparameters: [{darts: 1}]\n") ==
        "f:1:7: the kernel 'scaling' needs the parameter 'workers'; add such as workers: [1, 2, 4]\n");
}

TEST_CASE("sweep errors: reductions need results with fields") {
  CHECK(errors_of("task: {shell: x}\nparameters: [{a: 1}]\nreduce: {fields: {y: mean}}\n") ==
        "f:3:9: 'reduce' needs results with fields; add result: json to the task\n");
}

TEST_CASE("sweep errors: all are told at once, in order of position") {
  CHECK(errors_of("seed: x\nlimits: {timeout: 5}\ntask: pie\nparamters: 1\n") ==
        "f:1:1: 'parameters' is missing; add such as parameters: {grid: {darts: [1e6, 1e7]}}\n"
        "f:1:7: 'seed' must be a whole number from 0 to 18446744073709551615; it is 'x'\n"
        "f:2:19: 'limits.timeout': '5' has no unit; write 30m or 30s (Slurm takes a bare number for minutes, "
        "others for "
        "seconds)\n"
        "f:3:7: unknown kernel 'pie'; did you mean 'pi'?\n"
        "f:4:1: unknown key 'paramters'; did you mean 'parameters'?\n");
}

TEST_CASE("sweep errors: beyond a hundred, the rest is counted") {
  std::string text = "task: pi\nparameters:\n";
  for (int i = 0; i < 150; ++i) text += "- {darts: {x: .inf}}\n";
  const std::string errors = errors_of(text);
  CHECK(std::count(errors.begin(), errors.end(), '\n') == 101);
  CHECK(errors.ends_with("f: 50 more errors are not shown; mend those above first\n"));
}

TEST_CASE("sweep errors: an empty file and a missing one") {
  CHECK(errors_of("").starts_with("f: the file is empty; a sweep needs a task and parameters"));
  CHECK(errors_of("# only this\n").starts_with("f: the file is empty"));
  CHECK(load_sweep("/nonexistent/sweep.yaml").error()[0].text() ==
        "/nonexistent/sweep.yaml: there is no such file");
  CHECK(load_sweep("/").error()[0].text() == "/: this is a directory; name a file");
}

TEST_CASE("sweep errors: tabs are told plainly") {
  CHECK(errors_of("task: pi\nparameters:\n\tgrid: {darts: 1}\n") ==
        "f:3:1: line 3 is indented with a tab; YAML allows only spaces\n");
}

TEST_CASE("sweep errors: those in a points file name that file") {
  const auto sweep = parse_sweep("task: {command: [x]}\nparameters: {file: bad-yaml/bad-indentation.yaml}\n",
                                 SWEEPD_SOURCE_DIR "/tests/configs/corpus/f.yaml");
  REQUIRE(!sweep.has_value());
  CHECK(sweep.error()[0].text() ==
        "bad-yaml/bad-indentation.yaml:5:4: this is not valid YAML: did not find expected key");
}

}  // namespace
}  // namespace sweepd
