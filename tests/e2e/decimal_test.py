#!/usr/bin/env python3
"""Ranges and linspaces of decimal numbers hold what a person would have written, as Python's fractions count it."""
import random
from fractions import Fraction

import frame

FINEST = [-12, -12, -34]  # the last digit of an axis's numbers may have this place


def spelled(number, random):
    """An exact decimal number as a literal, in one of the ways people write it."""
    digits, exponent = abs(number), 0
    while digits.denominator > 1:
        digits, exponent = digits * 10, exponent - 1
    digits, sign = str(digits.numerator), "-" if number < 0 else random.choice(["", "", "+"])
    way = random.randrange(3)
    if way == 0 and exponent < 0:
        return sign + digits + random.choice("eE") + str(exponent)
    if way == 1:  # 1.2345e-3
        exponent += len(digits) - 1
        return sign + digits[0] + "." + (digits[1:] or "0") + f"e{exponent:+d}"
    if exponent >= 0:
        return sign + digits
    digits = digits.rjust(1 - exponent, "0")
    whole, fraction = digits[:exponent], digits[exponent:]
    return sign + (random.choice(["", "0"]) if whole == "0" else whole) + "." + fraction + random.choice(["", "", "00"])


def some_decimal(random, finest):
    digits = random.randrange(10 ** random.randint(1, random.choice([2, 4, 17])))
    return random.choice([-1, 1]) * digits * Fraction(10) ** random.randint(finest, finest + 12)


def some_range(random):
    """The literals of a range, and its values."""
    finest = random.choice(FINEST)
    start, step = some_decimal(random, finest), some_decimal(random, finest) or Fraction(1, 10)
    steps = random.randint(1, 12)
    stop = start + steps * step + random.choice([0, 0, 1, -1]) * abs(step) / 10
    count = -((start - stop) // step)  # rounded up
    return [spelled(number, random) for number in (start, stop, step)], [start + i * step for i in range(count)]


def some_linspace(random):
    finest, count = random.choice(FINEST), random.randint(1, 12)
    start, stop = some_decimal(random, finest), some_decimal(random, finest)
    values = [start + i * (stop - start) / max(1, count - 1) for i in range(count)]
    return [spelled(start, random), spelled(stop, random), str(count)], values


class Decimals(frame.SweepTest):
    def values_of(self, axes):
        """What a run of the axes, each given as its text, has for x."""
        parts = "".join(f"    - grid: {{darts: [1], x: {axis}}}\n" for axis in axes)
        self.write("sweep.yaml", f"task: pi\nparameters:\n  concat:\n{parts}")
        self.ok("run", "sweep.yaml", "--fresh")
        return [record["params"]["x"] for record in self.merged("sweep.sweep")["results"]]

    def assert_axes(self, kind, make):
        chance = random.Random(kind)
        made = [make(chance) for _ in range(900)]
        made = [(literals, values) for literals, values in made if values]
        axes = [f"{{{kind}: [{', '.join(literals)}]}}" for literals, _ in made]
        values = iter(self.values_of(axes))
        for axis, (literals, expected) in zip(axes, made):
            is_integral = kind == "range" and all(literal.lstrip("+-").isdigit() for literal in literals)
            # The quotient of two integers is the nearest double.
            expected = [int(n) if is_integral else n.numerator / n.denominator for n in expected]
            self.assertEqual([next(values) for _ in expected], expected, axis)
        self.assertEqual(list(values), [])

    def test_ranges_of_any_literals_are_exact_in_number_and_value(self):
        self.assert_axes("range", some_range)

    def test_linspaces_of_any_literals_are_rounded_once(self):
        self.assert_axes("linspace", some_linspace)

    def test_a_point_is_found_by_the_value_that_a_person_would_write(self):
        self.write("sweep.yaml", "task: {command: [echo, 'at {x}'], result: text}\n"
                                 "parameters: {grid: {x: {range: [0, 1, 0.1]}}}\n")
        self.ok("run", "sweep.yaml")
        for written in ("0.6", ".6", "6e-1"):
            found = self.ok("results", "sweep.sweep", "--where", f"x={written}", "--format", "csv").stdout
            self.assertEqual(found.splitlines()[1].split(",")[3:], ["0.6", "at 0.6"], written)

    def test_an_axis_and_the_list_of_its_values_are_the_same_points(self):
        for axis in ("{range: [0, 1, 0.1]}", "{linspace: [0, 0.9, 10]}", "{range: [0.0, 0.95, .10]}",
                     "[0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9]"):
            self.write("sweep.yaml", f"task: {{shell: 'echo $x >> log'}}\nparameters: {{grid: {{x: {axis}}}}}\n")
            self.ok("run", "sweep.yaml")
        self.assertEqual(len((self.folder / "log").read_text().splitlines()), 10)

    def test_integers_stay_integers_and_one_decimal_makes_all_of_them_floats(self):
        self.assertEqual(str(self.values_of(["{range: [0, 30, 10]}", "{range: [0, 3, 1.0]}", "{range: [0x10, 17, 0.5]}",
                                             "{range: [3.]}"])),
                         "[0, 10, 20, 0.0, 1.0, 2.0, 16.0, 16.5, 0.0, 1.0, 2.0]")


if __name__ == "__main__":
    frame.main()
