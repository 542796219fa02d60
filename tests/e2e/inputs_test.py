#!/usr/bin/env python3
"""Ways to write sweep files and points: what they mean, and what is said of those that mean nothing."""
import json
import math

import frame

SPECIAL = ["🧪", "é", "\u2028", "\u0085", "\x7f", "\ufeff", "\t", "a\nb", "\"", "\\", "~", "null", "1", "<<", "# x", "{x}"]


class Inputs(frame.SweepTest):
    def points(self, *arguments, file="s.yaml"):
        """The parameters of all points, as results.json has them."""
        self.ok("run", file, "--fresh", *arguments)
        return [record["params"] for record in self.merged("s.sweep")["results"]]

    def write_sweep(self, parameters, command=("true",)):
        self.write("s.yaml", frame.as_yaml({"task": {"command": list(command)}, "parameters": parameters}))

    def assert_refused(self, place, *words):
        check = self.sweepd("check", "s.yaml")
        self.assertEqual(check.status, 2, check)
        self.assertIn(f"sweepd: error: {place}:", check.stderr)
        for word in words:
            self.assertIn(word, check.stderr)


class Json(Inputs):
    def test_a_sweep_file_that_json_dumps_wrote_is_read(self):
        sweep = {"task": {"command": ["printf", "%s", "{s}"], "result": "text"}, "parameters": [{"s": text} for text in SPECIAL]}
        for name in ("s.yaml", "s.json"):
            for text in (json.dumps(sweep), json.dumps(sweep, indent="\t"), json.dumps(sweep, ensure_ascii=False, indent=2),
                         "\ufeff" + json.dumps(sweep), "#!/usr/bin/env -S sweepd run\n#SBATCH -n 1\n" + json.dumps(sweep)):
                self.write(name, text)
                self.assertEqual(self.points(file=name), [{"s": text} for text in SPECIAL])
                printed = [record["result"] for record in self.merged("s.sweep")["results"]]
                self.assertEqual(printed, [text.strip(" \t\n") for text in SPECIAL])

    def test_points_that_json_dumps_wrote_are_read_in_files_of_any_name(self):
        points = [{"s": text, "n": 1.5} for text in SPECIAL]
        for name in ("p.yaml", "p.yml", "p.json"):
            self.write_sweep({"file": name})
            for text in (json.dumps(points), json.dumps(points, indent="\t")):
                self.write(name, text)
                self.assertEqual(self.points(), points)

    def test_numbers_that_json_has_not_are_refused_wherever_json_stands(self):
        for values in [math.nan], [[1, -math.inf]]:
            self.write("s.yaml", json.dumps({"task": {"command": ["true"]}, "parameters": {"grid": {"x": values}}}))
            for name in "p.yaml", "p.json", "p.ndjson":
                self.write(name, json.dumps([{"x": values[0]}] if name != "p.ndjson" else {"x": values[0]}))
                self.write(name + ".yaml", f"task: {{command: [echo]}}\nparameters: {{file: {name}}}\n")
                self.assertEqual(self.sweepd("check", name + ".yaml").status, 2, name)
            checked = self.sweepd("check", "s.yaml")
            self.assertEqual(checked.status, 2)
            self.assertIn("s.yaml:1:", checked.stderr)

    def test_an_error_in_json_is_told_with_its_place(self):
        self.write("s.yaml", '{"task": "pi",\n\t"x-a": "\\ud83e\\uddea",\n\t"parameters": {"grid": {"darts": [1, 2,]}}}')
        self.assert_refused("s.yaml:3:40", "nothing follows this comma; remove it")
        self.write("s.yaml", '{"task": "pi",\n\t"parameters": {"grid": {"dart": [1]}}}')
        self.assert_refused("s.yaml:1:10", "darts")
        self.write("s.yaml", json.dumps({"task": "pi", "parameters": [{"darts": 1, "s": "\udcff"}]}))
        self.assert_refused("s.yaml:1:49", "half of a character")

    def test_a_json_sweep_file_is_carried_on_by_the_same_command(self):
        self.write("s.json", json.dumps({"task": {"command": ["true", "{s}"]}, "parameters": [{"s": "🧪"}]}, indent="\t"))
        for start in ("fork", "spawn"):
            self.ok("run", "s.json", "--fresh", "--start", start)
            self.assertIn("nothing to run", str(self.ok("run", "s.json")))
        self.ok("verify", "s.sweep")



class Formats(Inputs):
    def test_cells_may_have_any_character_between_them(self):
        for name, separator, written in (("p.tsv", None, "\t"), ("p.csv", ";", ";"), ("p.txt", "|", "|"), ("p.dat", "·", "·"), ("p", " ", " ")):
            self.write(name, f"# made by hand\nx{written}y\n1{written}\"a{written}b\"\n# 5\" wide\n\"#2\"{written}#z\n")
            self.write_sweep({"file": name, **({"separator": separator} if separator else {})}, ["echo", "{x}", "{y}"])
            self.assertEqual(self.points(), [{"x": 1, "y": f"a{written}b"}, {"x": "#2", "y": "#z"}])

    def test_a_separator_of_two_characters_is_told_with_its_place(self):
        self.write("p.csv", "x;;y\n1;;2\n")
        for separator in (";;", "\\t", "", "tab"):
            self.write("s.yaml", f"task: {{command: [echo, '{{x}}']}}\nparameters:\n  file: p.csv\n  separator: '{separator}'\n")
            self.assert_refused("s.yaml:4:14", "must be the one character between cells")
            self.assertEqual(self.sweepd("run", "s.yaml").status, 2)

    def test_a_file_with_another_separator_is_told_what_to_write(self):
        self.write("p.csv", "x;y\n1;2\n")
        self.write_sweep({"file": "p.csv"})
        self.assert_refused("p.csv:1:1", "the header has no comma, but ';'", 'separator: ";" beside the file')

    def test_lines_arrive_as_they_are(self):
        lines = ["a b", " 1 ", "", "# no comment", "007", "\"q\"", "null", "{x}", "$(x)", "é🧪", "last"]
        self.write("p.txt", "\r\n".join(lines))
        self.write("s.yaml", frame.as_yaml({"task": {"command": ["printf", "%s", "<{line}>"], "result": "text"},
                                            "parameters": {"file": "p.txt"}}))
        self.assertEqual(self.points(), [{"line": line} for line in lines])
        self.assertEqual([record["result"] for record in self.merged("s.sweep")["results"]], [f"<{line}>" for line in lines])



class Globs(Inputs):
    FILES = ["b.csv", "a.csv", "B.csv", "10.csv", "9.csv", "é.csv", "a b;$(x).csv", "sub/deep/z.csv"]

    def setUp(self):
        super().setUp()
        for name in self.FILES:
            self.write(f"data/{name}", name + "\n")

    def write_cat(self, parameters, folder="."):
        self.write(f"{folder}/s.yaml", frame.as_yaml({"task": {"command": ["cat", "{file}"], "result": "text"}, "parameters": parameters}))

    def found(self, *arguments):
        """The paths, after a look at what the commands read."""
        self.ok("run", "s.yaml", "--fresh", *arguments)
        results = self.merged("s.sweep")["results"]
        for record in results:
            self.assertTrue(("/" + record["params"]["file"]).endswith("/" + record["result"]), record)
        return [record["params"]["file"] for record in results]

    def test_commands_get_paths_that_they_find_in_order_of_bytes(self):
        top = sorted((f"data/{name}" for name in self.FILES if "/" not in name), key=str.encode)
        for start in ("fork", "spawn"):
            self.write_cat({"glob": "data/*.csv"})
            self.assertEqual(self.found("--start", start), top)
        self.write_cat({"glob": "data/**/*.csv"})
        self.assertEqual(self.found(), sorted([*top, "data/sub/deep/z.csv"], key=str.encode))
        self.write_cat({"glob": f"{self.folder}/data/[ab].csv"})
        self.assertEqual(self.found(), [f"{self.folder}/data/a.csv", f"{self.folder}/data/b.csv"])

    def test_the_folder_is_that_of_the_sweep_file(self):
        self.write_cat({"glob": "../data/?.csv"}, "elsewhere")
        self.ok("run", "elsewhere/s.yaml")
        results = self.merged("elsewhere/s.sweep")["results"]
        self.assertEqual([record["params"]["file"] for record in results], [f"../data/{name}.csv" for name in ("9", "B", "a", "b", "é")])
        self.assertEqual([record["status"] for record in results], ["ok"] * 5)

    def test_what_a_sweep_leaves_is_none_of_its_inputs(self):
        for start in ("fork", "spawn"):
            self.write("s.yaml", frame.as_yaml({"task": {"command": ["ls", "-d", "{file}"], "result": "text"}, "parameters": {"glob": "**"}}))
            before = self.points("--start", start)
            self.assertIn("nothing to run", str(self.ok("run", "s.yaml", "--start", start)))
            self.assertEqual(self.points("--start", start), before)
            self.ok("verify", "s.sweep")

    def test_a_new_file_is_one_more_point(self):
        self.write_cat({"glob": "data/[ab].csv"})
        self.ok("run", "s.yaml")
        ids = {record["params"]["file"]: record["id"] for record in self.merged("s.sweep")["results"]}
        self.write("data/[ab].csv", "[ab].csv\n")
        self.write_cat({"glob": "data/*[ab]*.csv"})
        self.ok("run", "s.yaml")
        after = {record["params"]["file"]: record["id"] for record in self.merged("s.sweep")["results"]}
        self.assertIn("data/[ab].csv", after)
        self.assertEqual({file: after[file] for file in ids}, ids)

    def test_a_glob_that_finds_nothing_is_told_before_anything_runs(self):
        for pattern in ("data/*.none", "none/*.csv", "~/*.csv", "data/*.{csv,tsv}", "data/a.csv/*"):
            self.write("s.yaml", f"task: {{command: [cat, '{{file}}']}}\nparameters:\n  glob: '{pattern}'\n")
            self.assert_refused("s.yaml:3:9", f"nothing matches '{pattern}'")
            self.assertEqual(self.sweepd("run", "s.yaml").status, 2)
            self.assertFalse((self.folder / "s.sweep").exists())

    def test_a_name_that_is_no_utf_8_is_told(self):
        with open(bytes(self.folder) + b"/data/\xff.csv", "w", encoding="utf-8"):
            pass
        self.write_cat({"glob": "data/*.csv"})
        self.assert_refused("s.yaml:1", "data/\\xff.csv", "is no UTF-8")


if __name__ == "__main__":
    frame.main()
