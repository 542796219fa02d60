#!/usr/bin/env python3
"""What a point's id and seed come from, and how its values reach programs. The golden file freezes ids and seeds:
people compare results of years. They are computed here once more, with libxxhash and json alone."""
import csv
import ctypes
import json
import pathlib
import shutil
import unittest

import frame
from frame import with_workers

HERE = pathlib.Path(__file__).parent
GOLDEN = HERE / "identity-2.csv"
MPIRUN = shutil.which("mpirun.mpich")

SHELL = 'echo "{\\"got\\": \\"$code $level $rate <$note>\\", \\"seed\\": $SWEEPD_SEED, \\"seed64\\": $SWEEPD_SEED64}"; echo $code >> ran'
PARAMETERS = """
  product:
  - grid: {hidden: [[64, 64], [128], {b: 1.50, a: [x, null]}], rate: {range: [0, RATES, 0.1]}}
  - file: points.csv
  repeat: 2
"""
POINTS = 'code,level,note\n001,1.10,\n1,1.1,""\n1,12e5,007\n'


def sweep(rates="0.4", parameters=PARAMETERS):
    task = json.dumps(SHELL)
    return f"task: {{shell: {task}, result: json}}\nseed: 42\nparameters: {parameters.replace('RATES', rates)}"


class Xxh128(ctypes.Structure):
    _fields_ = [("low", ctypes.c_uint64), ("high", ctypes.c_uint64)]


XXHASH = ctypes.CDLL("libxxhash.so.0")
XXHASH.XXH3_64bits_withSeed.restype = ctypes.c_uint64
XXHASH.XXH3_128bits_withSeed.restype = Xxh128


def xxh3(text, seed=0):
    return XXHASH.XXH3_64bits_withSeed(text, ctypes.c_size_t(len(text)), ctypes.c_uint64(seed))


def compact(value):
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def identity(params, spellings, before):
    """Id and seed, as identity.h says."""
    members = (f"{compact(name)}:{compact(value)}" + (f"={compact(spellings[name])}" if name in spellings else "")
               for name, value in sorted(params.items()))
    task = xxh3(('{"shell":' + compact(SHELL) + "}").encode())
    canonical = ("{" + ",".join(members) + "}#" + str(before)).encode()
    hashed = XXHASH.XXH3_128bits_withSeed(canonical, ctypes.c_size_t(len(canonical)), ctypes.c_uint64(task))
    digits = f"{hashed.high:016x}{hashed.low:016x}"[:20]
    return digits, xxh3(digits.encode(), 42)


class Identity(frame.SweepTest):
    def setUp(self):
        super().setUp()
        self.write("points.csv", POINTS)
        self.write("s.yaml", sweep())

    def rows(self, directory):
        return [(record["index"], record["id"], record["result"]["seed"], record["result"]["seed64"])
                for record in self.merged(directory)["results"]]

    def golden(self):
        return [tuple(int(cell) if name != "id" else cell for name, cell in row.items())
                for row in csv.DictReader(GOLDEN.open())]

    def test_ids_and_seeds_are_those_of_every_other_version(self):
        self.ok("run", "s.yaml", "-o", "out", *with_workers(2))
        self.assertEqual(self.rows("out"), self.golden())

    def test_ids_and_seeds_can_be_computed_by_other_tools(self):
        self.ok("run", "s.yaml", "-o", "out", *with_workers(2))
        spelled = [{"code": "001", "level": "1.10", "note": ""}, {}, {"level": "12e5", "note": "007"}]
        for record in self.merged("out")["results"]:
            number, seed = identity(record["params"], spelled[record["index"] // 2 % 3], 0)
            self.assertEqual((record["id"], record["result"]["seed64"], record["result"]["seed"]),
                             (number, seed >> 1, 1 + (seed >> 1) % 899_999_999), record)

    def test_however_the_sweep_is_run_the_results_are_the_same(self):
        self.ok("run", "s.yaml", "-o", "out", *with_workers(2))
        expected = self.merged_bytes("out")
        self.ok("run", "s.yaml", "-o", "spawned", "--start", "spawn", "--chunk-size", "5", *with_workers(2))
        self.assertEqual(self.merged_bytes("spawned"), expected)
        joined = [self.start("run", "s.yaml", "-o", "joined", "-j1", "--pin", "none", "--join") for _ in range(2)]
        self.assertEqual([self.finish(run).status for run in joined], [0, 0])
        self.assertEqual(self.merged_bytes("joined"), expected)

    @unittest.skipUnless(MPIRUN, "there is no mpirun.mpich")
    def test_ranks_give_the_same(self):
        self.ok("run", "s.yaml", "-o", "out", *with_workers(2))
        ranks = self.finish(self.start("run", "s.yaml", "-o", "ranks", under=[MPIRUN, "-np", "2"]))
        self.assertEqual(ranks.status, 0, ranks)
        self.assertEqual(self.merged_bytes("ranks"), self.merged_bytes("out"))

    def test_a_sweep_that_is_grown_or_reordered_keeps_its_ids(self):
        self.write("s.yaml", sweep(rates="0.2"))
        self.ok("run", "s.yaml", "-o", "out")
        self.write("s.yaml", sweep())
        self.assertIn("36 of 72 points can be kept", self.ok("run", "s.yaml", "-o", "out").stderr)
        self.assertEqual(self.rows("out"), self.golden())
        self.write("s.yaml", sweep(parameters=PARAMETERS.replace("hidden: [[64, 64], [128], {b: 1.50, a: [x, null]}]",
                                                                 "hidden: [{a: [x, null], b: 1.5}, [128], [64, 64]]")))
        self.assertIn("72 of 72 points can be kept", self.ok("run", "s.yaml", "-o", "out").stderr)
        self.assertEqual({row[1:] for row in self.rows("out")}, {row[1:] for row in self.golden()})

    def test_a_sweep_that_was_killed_is_carried_on(self):
        self.write("s.yaml", sweep().replace("echo $code >> ran", "echo $code >> ran; sleep 0.02"))
        killed = self.start("run", "s.yaml", "-o", "killed", *with_workers(1))
        self.wait_until(lambda: (self.folder / "ran").exists() and len((self.folder / "ran").read_text().split()) > 9,
                        "nothing runs")
        killed.kill()
        self.finish(killed)
        self.ok("run", "s.yaml", "-o", "killed", *with_workers(2))
        self.ok("run", "s.yaml", "-o", "undisturbed", *with_workers(2))
        self.assertEqual(self.merged_bytes("killed"), self.merged_bytes("undisturbed"))


class Values(frame.SweepTest):
    def texts(self, parameters, task="{command: [echo, '<{x}>'], result: text}"):
        self.write("s.yaml", f"task: {task}\nparameters: {parameters}\n")
        self.ok("run", "s.yaml", "-o", "out", "--fresh")
        return [(record["params"]["x"], record["result"]) for record in self.merged("out")["results"]]

    def test_programs_get_values_as_they_are_written_and_results_the_typed_ones(self):
        self.assertEqual(self.texts("{grid: {x: [01, 1.10, 1e-5, True, +7, .5, 0x1F, '007', null]}}"),
                         [(1, "<01>"), (1.1, "<1.10>"), (1e-5, "<1e-5>"), (True, "<True>"), (7, "<+7>"), (0.5, "<.5>"),
                          (31, "<0x1F>"), ("007", "<007>"), (None, "<null>")])
        self.write("p.csv", 'x\n001\n1.10\n12e5\n""\n\n"",\n'.replace('"",\n', ""))
        self.assertEqual(self.texts("{file: p.csv}"), [(1, "<001>"), (1.1, "<1.10>"), (1200000.0, "<12e5>"), ("", "<>")])
        self.write("q.csv", "x,y\n,1\nnull,2\n")
        self.assertEqual(self.texts("{file: q.csv}"), [(None, "<>"), (None, "<null>")])
        self.write("p.ndjson", '{"x":1E5}\n{"x":1.50}\n{"x":-0}\n')
        self.assertEqual(self.texts("{file: p.ndjson}"), [(1e5, "<1E5>"), (1.5, "<1.50>"), (0, "<-0>")])

    def test_nulls_are_spelled_as_they_are_written_in_every_form_of_points(self):
        nulls = [(None, f"<{text}>") for text in ("~", "null", "Null", "NULL", "")]
        self.assertEqual(self.texts("{grid: {x: [~, null, Null, NULL, &a ]}}"), nulls)
        self.assertEqual(self.texts("\n- {x: ~}\n- x: null\n- x: &b Null\n- {\"x\": NULL, }\n- x:\n"), nulls)
        self.write("p.csv", "x,y\n~,\nnull,\nNull,\nNULL,\n,1\n".replace(",1", ","))
        self.assertEqual(self.texts("{file: p.csv}"), nulls)

    def test_an_alias_may_stand_in_a_list_twice(self):
        self.write("v.yaml", "x-width: &w 64\nx-list: &l {units: 64}\ntask: {command: [echo, '{x}'], result: json}\n"
                             "parameters: {grid: {x: [[*w, *w], [*w, 32, *w], [&b [1], *b], [*l, *l]]}}\n")
        self.ok("run", "v.yaml")
        values = [[64, 64], [64, 32, 64], [[1], [1]], [{"units": 64}, {"units": 64}]]
        self.assertEqual([record["result"] for record in self.merged("v.sweep")["results"]], values)

    def test_conditions_are_read_as_in_a_sweep_file(self):
        self.write("w.yaml", "task: {command: [echo]}\nparameters: {grid: {x: [true, null, .inf, {b: 1, a: 0.1}, [adam, sgd], 16]}}\n")
        self.ok("run", "w.yaml")
        for index, typed in enumerate(["True", "~", ".inf", "{b: 1, a: 0.1}", "[adam, sgd]", "0x10"]):
            found = self.records("w.sweep", "--where", f"x={typed}")
            self.assertEqual([record["index"] for record in found], [index], typed)

    def test_the_environment_has_them_too(self):
        self.assertEqual(self.texts("{zip: {x: [010, [1, 2.50]]}}", "{shell: 'echo \"$x\"', result: text}"),
                         [(10, "010"), ([1, 2.5], "[1,2.5]")])

    def test_lists_and_mappings_are_values_in_every_form_of_points(self):
        value, text = {"a": [1, 2.5, None, "é\n"], "b": {}}, '<{"a":[1,2.5,null,"é\\n"],"b":{}}>'
        self.assertEqual(self.texts("{grid: {x: [{b: {}, a: [1, 2.50, null, \"é\\n\"]}]}}"), [(value, text)])
        self.assertEqual(self.texts("[{x: {b: {}, a: [1, 2.50, null, \"é\\n\"]}}]"), [(value, text)])
        self.assertEqual(self.texts("{sample: {count: 1, space: {x: {choice: [{b: {}, a: [1, 2.5, null, \"é\\n\"]}]}}}}"),
                         [(value, text)])
        for name, content in (("p.json", json.dumps([{"x": value}])), ("p.ndjson", json.dumps({"x": value})),
                              ("p.yaml", "- x: {b: {}, a: [1, 2.5, null, \"é\\n\"]}")):
            self.write(name, content)
            self.assertEqual(self.texts(f"{{file: {name}}}"), [(value, text)])

    def test_a_mapping_that_looks_like_the_end_of_the_parameters_is_read_back(self):
        self.write("s.yaml", "task: {command: [true]}\nparameters: {grid: {x: [{a: {}, status: ok, z: '}'}], y: [1, 2]}}\n")
        self.ok("run", "s.yaml", "-o", "out")
        self.assertEqual([record["params"]["y"] for record in self.records("out")], [1, 2])
        self.ok("verify", "out")

    def test_conditions_and_columns_know_lists(self):
        self.write("s.yaml", "task: {command: [true]}\nparameters: {grid: {x: [[64, 64], [128]], y: [1, 2]}}\n")
        self.ok("run", "s.yaml", "-o", "out")
        for typed in ("[64,64]", "[ 64, 64.0 ]"):
            self.assertEqual(len(self.records("out", "--where", f"x={typed}")), 2)
        self.assertEqual(len(self.records("out", "--where", "x=[64")), 0)
        self.assertIn('"[64,64]",1', self.ok("results", "out", "--format", "csv").stdout)

    def test_another_spelling_is_another_point_for_commands_and_a_replicate_for_kernels(self):
        ids = lambda: [record["id"] for record in self.merged("out")["results"]]
        self.texts("{grid: {x: [1, 01, 1.0]}}")
        of_commands = ids()
        self.texts("{grid: {x: [01, 1]}}")
        self.assertEqual(ids(), [of_commands[1], of_commands[0]])
        self.write("s.yaml", "task: pi\nparameters: {grid: {darts: [1000, 1_000, +1000]}}\n".replace(" 1_000,", ""))
        self.ok("run", "s.yaml", "-o", "out", "--fresh")
        spelled = ids()
        self.write("s.yaml", "task: pi\nparameters: {grid: {darts: [1000, 1000]}}\n")
        self.ok("run", "s.yaml", "-o", "out", "--fresh")
        self.assertEqual(ids(), spelled)

    def test_what_json_cannot_hold_is_refused_at_its_place(self):
        self.write("s.yaml", "task: {command: [true]}\nparameters:\n  grid:\n    x: [[1, .inf]]\n")
        checked = self.sweepd("check", "s.yaml")
        self.assertEqual(checked.status, 2)
        self.assertIn("s.yaml:4:13: 'x': JSON has no number for this", checked.stderr)


class Results(frame.SweepTest):
    def run_with(self, result, prints="echo $n; exit $((n / 3))"):
        self.write("s.yaml", f"task: {{shell: 'echo $n >> ran; {prints}', RESULT}}\nparameters: {{grid: {{n: {{range: [4]}}}}}}\n"
                   .replace(", RESULT", f", result: {result}" if result else ""))
        (self.folder / "ran").write_text("")
        self.sweepd("run", "s.yaml", "-o", "out")
        return sorted((self.folder / "ran").read_text().split())

    def ids(self):
        return [record["id"] for record in self.merged("out")["results"]]

    def test_what_is_read_of_the_output_decides_nothing_and_runs_only_what_was_not_kept(self):
        self.assertEqual(self.run_with("json"), ["0", "1", "2", "3"])
        ids = self.ids()
        self.assertEqual(self.run_with("none"), [])
        self.assertEqual(self.ids(), ids)
        without = self.merged_bytes("out")
        self.assertEqual(self.run_with("json"), [])
        self.assertEqual([record.get("result") for record in self.merged("out")["results"]], [0, 1, 2, None])
        self.assertEqual(self.run_with("text"), ["0", "1", "2"])
        self.assertEqual(self.ids(), ids)
        self.ok("verify", "out")
        self.assertEqual(self.run_with(None), [])
        self.assertEqual(self.merged_bytes("out"), without)
        self.sweepd("run", "s.yaml", "-o", "alone")
        self.assertEqual(self.merged_bytes("alone"), without)

    def test_a_text_that_was_kept_whole_is_read_as_json_without_running(self):
        prints = ("case $n in 0) echo log; echo \"{\\\"n\\\": 1.50}\";; 1) echo no json;; 2) printf \"\\377\\n7\";;"
                  " *) seq 20000;; esac")
        self.assertEqual(self.run_with("text", prints), ["0", "1", "2", "3"])
        self.assertEqual(self.run_with("json", prints), ["1", "2", "3"])
        carried_over = self.merged_bytes("out")
        self.assertEqual(self.merged("out")["results"][0]["result"], {"n": 1.5})
        self.sweepd("run", "s.yaml", "-o", "alone")
        self.assertEqual(self.merged_bytes("alone"), carried_over)


    def test_what_was_kept_is_found_in_the_archives_of_every_result(self):
        steps = {("text", "none", "json"): [3, 0, 0], ("text", "json", "text"): [3, 0, 0]}
        for results, runs in steps.items():
            with self.subTest(results=results):
                ran = [len(self.run_with(result, "echo $n; exit $((n / 3))")) for result in results]
                self.assertEqual([count - (count == 4) for count in ran], runs)
                shutil.rmtree(self.folder / "out")

    def test_the_warning_says_that_output_was_not_kept(self):
        self.write("s.yaml", "task: {command: [echo, '{n}']}\nparameters: {grid: {n: [1]}}\n")
        self.ok("run", "s.yaml")
        self.write("s.yaml", "task: {command: [echo, '{n}'], result: text}\nparameters: {grid: {n: [1]}}\n")
        self.assertIn("since what is read of the output now was not kept", self.ok("run", "s.yaml").stderr)


class EarlierVersion(frame.SweepTest):
    """identity-1/ was left by the version before identity 2, grown and shrunk, so that it has an archive."""

    def setUp(self):
        super().setUp()
        shutil.copytree(HERE / "identity-1/directory", self.folder / "s.sweep")
        shutil.copy(self.folder / "s.sweep/sweep.yaml", self.folder / "s.yaml")
        for path in (self.folder / "s.sweep").rglob("*"):
            path.chmod(0o700 if path.is_dir() else 0o600)

    def test_its_directory_can_be_read(self):
        self.assertEqual([record["result"] for record in self.records("s.sweep")], [{"square": 0}, {"square": 1}])
        self.assertIn("finished", self.ok("status", "s.sweep").stdout)
        verified = self.sweepd("verify", "s.sweep")
        self.assertEqual(verified.status, 4)
        self.assertIn("gave points other ids and seeds", verified.stderr)

    def test_it_is_archived_with_a_word_why_and_nothing_of_it_is_lost_or_mixed(self):
        before = {record["id"] for record in self.records("s.sweep")}
        run = self.ok("run", "s.yaml")
        self.assertIn("gave points other ids and seeds", run.stderr)
        lines = (self.folder / "s.sweep/archive.identity-1.0.ndjson").read_text().splitlines()
        self.assertEqual([json.loads(line)["params"]["n"] for line in lines], [0, 1, 2])
        self.assertFalse((self.folder / "s.sweep/archive.0.ndjson").exists())
        self.assertFalse(before & {record["id"] for record in self.records("s.sweep")})
        self.ok("run", "s.yaml", "-o", "alone")
        self.assertEqual(self.merged_bytes("s.sweep"), self.merged_bytes("alone"))
        self.ok("verify", "s.sweep")


if __name__ == "__main__":
    frame.main()
