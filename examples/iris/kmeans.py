#!/usr/bin/env python3
"""Groups the rows of a CSV file into k clusters by k-means and prints what came out as one JSON object.

    kmeans.py --k 3 --seed 1 iris.csv

All columns but the last (the species, which is not looked at) are coordinates. The seed comes from --seed or, run by
sweepd, from SWEEPD_SEED. Needs nothing but Python 3. Lloyd's algorithm from k rows chosen at random.
"""
import argparse
import csv
import json
import math
import os
import random


def squared(a, b):
    return math.fsum((x - y) ** 2 for x, y in zip(a, b))


def mean(rows):
    return [math.fsum(column) / len(rows) for column in zip(*rows)]


def members(rows, labels, cluster):
    return [row for row, label in zip(rows, labels) if label == cluster]


def lloyd(rows, k, rng):
    """Cluster number of each row, and how many rounds it took. A cluster that lost all its rows keeps its centre."""
    centres, labels, rounds = rng.sample(rows, k), None, 0
    while True:
        new = [min(range(k), key=lambda c: squared(row, centres[c])) for row in rows]
        if new == labels:
            return labels, rounds
        labels, rounds = new, rounds + 1
        centres = [mean(members(rows, labels, c) or [centres[c]]) for c in range(k)]


def silhouette(rows, labels, k):
    """Mean over the rows of (b - a) / max(a, b): a the mean distance to the own cluster, b to the nearest other one
    (Rousseeuw 1987); 0 for a row alone in its cluster."""
    widths = []
    for row, label in zip(rows, labels):
        sums, sizes = [0.0] * k, [0] * k
        for other, other_label in zip(rows, labels):
            sums[other_label] += math.dist(row, other)
            sizes[other_label] += 1
        if sizes[label] > 1:
            a = sums[label] / (sizes[label] - 1)
            b = min(sums[c] / sizes[c] for c in range(k) if c != label and sizes[c])
            widths.append((b - a) / max(a, b))
    return math.fsum(widths) / len(rows)


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--k", type=int, required=True, help="how many clusters, 2 or more")
    options.add_argument("--seed", type=int, default=int(os.environ.get("SWEEPD_SEED", "0")))
    options.add_argument("file")
    args = options.parse_args()
    with open(args.file, newline="") as file:
        rows = [[float(x) for x in row[:-1]] for row in list(csv.reader(file))[1:]]
    labels, rounds = lloyd(rows, args.k, random.Random(args.seed))
    groups = [members(rows, labels, c) for c in sorted(set(labels))]
    inertia = math.fsum(squared(row, mean(group)) for group in groups for row in group)
    scatter = math.fsum(squared(row, mean(rows)) for row in rows)
    print(json.dumps({
        "inertia": inertia,
        "variance_ratio": (scatter - inertia) / (args.k - 1) / (inertia / (len(rows) - args.k)),
        "silhouette": silhouette(rows, labels, args.k),
        "iterations": rounds,
        "sizes": sorted((len(group) for group in groups), reverse=True),
        "labels": " ".join(map(str, labels)),
    }))


if __name__ == "__main__":
    main()
