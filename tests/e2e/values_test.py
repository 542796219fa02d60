#!/usr/bin/env python3
"""A parameter's value reaches a command unchanged, whatever is in it, and is never run."""
import json

import frame

NASTY = [
    "two words", "  spaces around  ", "", "'", '"', "it's \"quoted\"", "$(touch x)", "`touch x`", "; touch x", "| touch x",
    "> x", "&& touch x", "$HOME", "*", "~", "-n", "--help", "\\", "\\n", "%s", "{k}", "{{value}}", "a\nb\n", "tab\there",
    "naïve café 日本語 🎯", "\u202e", "#", "a: b", "null", "1", "true", "\x01", "a" * 5000,
]

SHOW = "import json, os, sys; print(json.dumps([sys.argv[1:], os.environ.get('value'), os.environ['SWEEPD_PARAMS']]))"


class Values(frame.SweepTest):
    def argument_sweep(self, parameters):
        return self.write("sweep.yaml", frame.as_yaml({
            "task": {"command": ["/usr/bin/python3", "-c", SHOW, "{value}", "--value={value};{{}}"], "result": "json"},
            "parameters": parameters,
        }))

    def assert_arrived(self, directory, values):
        records = self.merged(directory)["results"]
        self.assertEqual([record["params"]["value"] for record in records], values)
        for record, value in zip(records, values):
            arguments, variable, params = record["result"]
            self.assertEqual(arguments, [value, f"--value={value};{{}}"])
            self.assertEqual(json.loads(params), record["params"])
        self.assertNotIn("x", [path.name for path in self.folder.rglob("*")])

    def test_arguments_arrive_unchanged_from_a_yaml_file(self):
        self.argument_sweep({"grid": {"value": NASTY}})
        self.ok("run", "sweep.yaml")
        self.assert_arrived("sweep.sweep", NASTY)

    def test_arguments_arrive_unchanged_from_lines_of_json(self):
        self.write("points.ndjson", "".join(json.dumps({"value": value}) + "\n" for value in NASTY))
        self.argument_sweep({"file": "points.ndjson"})
        self.ok("run", "sweep.yaml")
        self.assert_arrived("sweep.sweep", NASTY)

    def test_arguments_arrive_unchanged_from_a_csv_file(self):
        texts = [value for value in NASTY if value not in ("", "null", "~", "1", "true")]  # these would be other types
        self.write("points.csv", "value\n" + "".join('"' + text.replace('"', '""') + '"\n' for text in texts))
        self.argument_sweep({"file": "points.csv"})
        self.ok("run", "sweep.yaml")
        self.assert_arrived("sweep.sweep", texts)

    def test_variables_arrive_unchanged_in_a_shell_command(self):
        self.write("sweep.yaml", frame.as_yaml({
            "task": {"shell": "/usr/bin/python3 -c \"$show\" \"$value\"", "result": "json"},
            "parameters": {"grid": {"show": [SHOW], "value": NASTY}},
        }))
        self.ok("run", "sweep.yaml")
        for record, value in zip(self.merged("sweep.sweep")["results"], NASTY):
            arguments, variable, _ = record["result"]
            self.assertEqual((arguments, variable), ([value], value))
        self.assertNotIn("x", self.names_here())

    def test_text_results_come_back_unchanged(self):
        self.write("sweep.yaml", frame.as_yaml({
            "task": {"command": ["/usr/bin/printf", "%s", "<{value}>"], "result": "text"},
            "parameters": {"grid": {"value": NASTY}},
        }))
        self.ok("run", "sweep.yaml")
        self.assertEqual([record["result"] for record in self.merged("sweep.sweep")["results"]],
                         [f"<{value}>" for value in NASTY])

    def test_types_follow_yaml_1_2_and_numbers_are_passed_on_as_written_in_json(self):
        self.write("sweep.yaml", f"""
task:
  command: [/usr/bin/python3, -c, {json.dumps(SHOW)}, "{{value}}", "--value={{value}};{{{{}}}}"]
  result: json
parameters:
  - {{value: 1}}
  - {{value: 1.0}}
  - {{value: 1e3}}
  - {{value: 0.1}}
  - {{value: true}}
  - {{value: null}}
  - {{value: no}}
  - {{value: on}}
  - {{value: "1"}}
  - {{value: 9223372036854775807}}
  - {{value: 12:30}}
""")
        self.ok("run", "sweep.yaml")
        records = self.merged("sweep.sweep")["results"]
        values = [record["params"]["value"] for record in records]
        expected = [1, 1.0, 1000.0, 0.1, True, None, "no", "on", "1", 9223372036854775807, "12:30"]
        self.assertEqual([(type(value), value) for value in values], [(type(value), value) for value in expected])
        self.assertEqual([record["result"][0][0] for record in records],
                         ["1", "1.0", "1e3", "0.1", "true", "null", "no", "on", "1", "9223372036854775807", "12:30"])

    def test_standard_input_is_empty_and_no_descriptor_leaks(self):
        show = "import json, os, sys; print(json.dumps([sys.stdin.read(), sorted(map(int, os.listdir('/proc/self/fd')))]))"
        self.write("sweep.yaml", frame.as_yaml({
            "task": {"command": ["/usr/bin/python3", "-c", show], "result": "json"}, "parameters": [{"a": 1}, {"a": 2}],
        }))
        self.ok("run", "sweep.yaml")
        for record in self.merged("sweep.sweep")["results"]:
            standard_input, descriptors = record["result"]
            self.assertEqual(standard_input, "")
            # 0, 1, 2, the listing's own, and the one by which the command ends with its worker (group_guard.h).
            self.assertLessEqual(len([each for each in descriptors if each < 40]), 4, descriptors)
            self.assertLessEqual(len(descriptors), 5, descriptors)
            self.assertEqual(descriptors[:3], [0, 1, 2])


if __name__ == "__main__":
    frame.main()
