#!/usr/bin/env python3
"""The JSON Schema of sweep files and sweepd's own reader judge the same files, good and bad, alike."""
import json
import math
import os
import pathlib
import re
import subprocess
import unittest

import frame

try:
    import jsonschema
    import yaml
except ImportError as missing:
    frame.skip_all(f"needs python3-jsonschema and python3-yaml: {missing}")

ROOT = pathlib.Path(__file__).resolve().parents[2]
CORPUS = ROOT / "tests" / "configs" / "corpus"


class CoreSchemaLoader(yaml.CSafeLoader):
    """PyYAML with the types of YAML 1.2's core schema instead of YAML 1.1's."""

    yaml_implicit_resolvers = {}


def construct_int(loader, node):
    text = loader.construct_scalar(node)
    return int(text, 0) if re.match(r"0[xo]", text) else int(text)


def construct_float(loader, node):
    text = loader.construct_scalar(node).lower()
    special = {".inf": math.inf, "+.inf": math.inf, "-.inf": -math.inf, ".nan": math.nan}
    return special[text] if text in special else float(text)


TAG = "tag:yaml.org,2002:"
for name, pattern in {
    "null": r"(~|null|Null|NULL|)$",
    "bool": r"(true|True|TRUE|false|False|FALSE)$",
    "int": r"([-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+)$",
    "float": r"([-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN))$",
    "merge": r"<<$",
}.items():
    CoreSchemaLoader.add_implicit_resolver(TAG + name, re.compile(pattern), None)
CoreSchemaLoader.add_constructor(TAG + "int", construct_int)
CoreSchemaLoader.add_constructor(TAG + "float", construct_float)


def load(path):
    return yaml.load(path.read_bytes(), CoreSchemaLoader)


def corpus(folder):
    files = sorted((CORPUS / folder).glob("*.yaml"))
    assert files, folder
    return files


def described(node, path, problems):
    """Every key that a person can write must say what it is."""
    for key, value in node.get("properties", {}).items():
        target = value
        if "$ref" in value and "description" not in value:
            target = SCHEMA["$defs"][value["$ref"].rsplit("/", 1)[1]]
        if not target.get("description") or not target.get("title"):
            problems.append(path + "/" + key)
    for value in node.values():
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, dict):
                described(child, path, problems)
    for key, value in {**node.get("properties", {}), **node.get("$defs", {})}.items():
        if isinstance(value, dict):
            described(value, path + "/" + key, problems)


SCHEMA = json.loads((ROOT / "configs" / "sweep.schema.json").read_text())


class SchemaTest(unittest.TestCase):
    def setUp(self):
        self.validator = jsonschema.Draft202012Validator(SCHEMA)

    def test_the_schema_is_a_valid_schema(self):
        jsonschema.Draft202012Validator.check_schema(SCHEMA)

    def test_every_key_is_described(self):
        problems = []
        described(SCHEMA, "", problems)
        self.assertEqual(problems, [])

    def test_objects_with_keys_of_their_own_allow_no_others(self):
        def walk(node):
            if isinstance(node, dict):
                if "properties" in node:
                    self.assertIs(node.get("additionalProperties"), False, list(node["properties"]))
                for value in node.values():
                    walk(value)
            elif isinstance(node, list):
                for value in node:
                    walk(value)

        walk(SCHEMA)

    def test_good_files_are_valid(self):
        for path in corpus("good"):
            with self.subTest(path.name):
                self.validator.validate(load(path))

    def test_files_of_bad_structure_are_not_valid(self):
        for path in corpus("bad-structure"):
            with self.subTest(path.name):
                self.assertFalse(self.validator.is_valid(load(path)))

    def test_what_only_the_meaning_makes_bad_is_valid(self):
        for path in corpus("bad-meaning"):
            with self.subTest(path.name):
                self.validator.validate(load(path))


@unittest.skipUnless(os.path.exists(frame.SWEEPD), f"there is no {frame.SWEEPD}")
class CheckTest(unittest.TestCase):
    def check(self, path):
        run = subprocess.run([frame.SWEEPD, "check", str(path)], capture_output=True, text=True)
        return run.returncode, run.stderr

    def test_good_files_pass(self):
        for path in corpus("good"):
            with self.subTest(path.name):
                self.assertEqual(self.check(path), (0, ""))

    def test_bad_files_fail_with_the_file_named(self):
        for folder in ("bad-structure", "bad-meaning", "bad-yaml"):
            for path in corpus(folder):
                with self.subTest(f"{folder}/{path.name}"):
                    status, errors = self.check(path)
                    self.assertEqual(status, 2, errors)
                    self.assertIn(path.name, errors)


if __name__ == "__main__":
    frame.main()
