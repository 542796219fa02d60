"""One record, one reading: whatever a command prints as its result, results.json as Python reads it, results.csv, `reduce`
and `sweepd results` agree on it; what has two readings is no result."""
import csv
import io
import json
import math

import frame

LARGE = 10 ** 320


class Readings(frame.SweepTest):
    def run_output(self, output, fields=("a",)):
        """A sweep of one point whose command prints `output`."""
        self.write("out.txt", output)
        self.write("s.yaml", frame.as_yaml({
            "task": {"shell": "cat " + str(self.folder / "out.txt"), "result": "json"},
            "parameters": [{"i": 1}], "output": {"formats": ["json", "csv"]},
            "reduce": {"by": [], "fields": {field: ["sum", "count"] for field in fields}}}))
        return self.sweepd("run", "s.yaml", "--fresh")

    def readings(self, field):
        """The number of a field, as each reader has it."""
        record = self.merged("s.sweep")["results"][0]
        row, = csv.DictReader(io.StringIO((self.folder / "s.sweep/results.csv").read_text()))
        printed, = csv.DictReader(io.StringIO(self.ok("results", "s.sweep", "--format", "csv").stdout))
        listed, = json.loads(self.ok("results", "s.sweep", "--format", "json").stdout)
        lines, = self.records("s.sweep")
        reduced = self.merged("s.sweep")["reduced"][0]["fields"][field]["sum"]
        return [float(value) for value in (record["result"][field], row[field], printed[field],
                                           listed["result"][field], lines["result"][field], reduced)]

    def assert_one_reading(self, output, expected, field="a"):
        run = self.run_output(output)
        self.assertEqual(run.status, 0, run)
        for value in self.readings(field):
            self.assertTrue(value == expected or math.isnan(value) and math.isnan(expected),
                            f"{output[:100]!r}: {self.readings(field)}, expected {expected}")

    def assert_no_result(self, output, word):
        run = self.run_output(output)
        self.assertEqual(run.status, 1, f"{output!r}: {run}")
        error = self.merged("s.sweep")["results"][0]["error"]
        self.assertEqual(error["kind"], "result")
        self.assertIn(word, error["message"])

    def test_a_name_that_stands_twice_in_an_object_is_no_result(self):
        for output in ('{"a":1,"a":2}', '{"a":1,"a":1}', '{"a":1,"b":2,"a":3}', '{"a":1,"\\u0061":2}', '{"":1,"":2}',
                       '{"a":{"x":1,"x":2}}', '[{"a":1,"a":2}]', '{"a":[{"b":{"c":1,"c":2}}]}',
                       '{"\\ud83d\\ude00":1,"\U0001f600":2}', '{"\\ud800":1,"\\ud801":2}', '{"\\/":1,"/":2}',
                       'a line before\n{"a":1,"a":2}\n', '{\n"a": 1,\n"a": 2\n}\n',
                       "{" + ",".join(f'"k{i}":{i}' for i in range(1000)) + ',"k500":1}'):
            self.assert_no_result(output, "stands twice")

    def test_equal_names_in_different_objects_are_fine(self):
        self.assert_one_reading('{"a":5,"b":{"a":1},"c":[{"a":2},{"a":3}]}', 5)

    def test_names_that_differ_in_case_or_in_their_number_of_accents_are_different(self):
        self.assert_one_reading('{"a":5,"A":6,"\u00e1":7,"a\u0301":8,"a ":9}', 5)

    def test_numbers_have_one_value(self):
        for output, expected in (("1", 1), ("1.0", 1), ("-0", 0), ("-0.0", 0), ("1e2", 100), ("1E+2", 100), ("1e400", math.inf),
                                 ("-1e400", -math.inf), ("1e-400", 0), ("NaN", math.nan), ("-Infinity", -math.inf),
                                 ("9007199254740993", 9007199254740992), ("18446744073709551616", 2.0 ** 64),
                                 ("123456789012345678901234567890", 123456789012345678901234567890),
                                 (f"{LARGE}e-300", 1e20), (f"{LARGE}e-5", math.inf), (f"-{LARGE}e-5", -math.inf),
                                 ("0." + "0" * 400 + "1e300", 1e-101), ("0." + "0" * 400 + "1e+1", 0),
                                 ("0." + "0" * 400 + "1e500", 1e99), ("0.0e999", 0), ("4.9e-324", 5e-324), ("2e-324", 0)):
            self.assert_one_reading('{"a":' + output + "}", float(expected))

    def test_an_escaped_name_is_the_name(self):
        self.assert_one_reading('{"\\u0061":5}', 5)

    def test_a_result_that_is_no_object_is_the_field_result(self):
        self.assertEqual(self.run_output("7", fields=["result"]).status, 0)
        self.assertEqual(self.merged("s.sweep")["reduced"][0]["fields"]["result"]["sum"], 7)
        self.assertIn("result\n0,", (self.folder / "s.sweep/results.csv").read_text())

    def test_text_is_the_same_for_all_readers(self):
        self.assertEqual(self.run_output('{"a":"x\\ud800y\\u0000\\n\\"\U0001f600","b":1}', fields=["b"]).status, 0)
        text = self.merged("s.sweep")["results"][0]["result"]["a"]
        self.assertEqual(text, 'x\ufffdy\0\n"\U0001f600')
        row = (self.folder / "s.sweep/results.csv").read_bytes().decode()
        self.assertIn('"x\ufffdy\0\n""\U0001f600"', row)

    def test_what_is_no_json_is_no_result(self):
        for output in ('{"a":1} x', '{"a":1}{"a":2}', "{'a':1}", '{"a":1,}', '{"a":01}', '{"a":.5}', '{"a":0x1}',
                       b'{"a":"\xff"}', b'{"\xed\xa0\x80":1}', "[" * 200 + "]" * 200, "tru", "", "\n", '{"a":1'):
            self.assert_no_result(output, "")

    def test_an_object_that_was_cut_off_is_not_taken_for_its_last_line(self):
        for output in ('{"a":1,\n"b":\n2', '[1,\n2,\n3', 'log\n{"a":1,\n"b":\n2', '10%\r[1,\n2', '{"a":\n{"b":1}', '[\n"x"'):
            self.assert_no_result(output, "standard output is not JSON")

    def test_lines_before_the_value_that_ends_the_output_do_not_matter(self):
        for output in ('\ufeff{"a":5}', '10%\r100%\r{"a":5}', 'log\r\n{\r\n  "a": 5\r\n}\r\n', 'step 1\nstep 2\n{\n  "a": 5,\n  "b": [\n    1\n  ]\n}\n',
                       '[12:01] step 1\n{"a":5}', '{"a":1}\n{"a":5}', '{not json\n{"a":5}\n\n', '[\n]\n{"a":5}', '"\n{"a":5}'):
            self.assert_one_reading(output, 5)


if __name__ == "__main__":
    frame.main()
