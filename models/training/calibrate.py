"""Temperature of a model's confidence, and the confidence from which an answer counts: WORK/NAME.json, for export.py.

usage: calibrate.py --work WORK --name l2w256.int8
Needs WORK/NAME.pred.npz of a model of the split. The model of all statements is shipped with the split model's choices: it has seen every project, so that
nothing is left that could judge it.
"""
import argparse
import json
import os

import numpy as np

from finetune import read
from labels import INDEX
from metrics import softmax, temperature_of, threshold_for

AIM = 0.97


def judges(rows):
    """Row numbers for choosing: one rendering per statement of the calibration part and of every second group of the test part."""
    seen, out = set(), []
    for i, r in enumerate(rows):
        fit = r["part"] == "calib" or (r["part"] == "test" and r["group"] % 2 == 0)
        if fit and r["level"] != "DEBUG" and r["statement"] >= 0 and r["statement"] not in seen:
            seen.add(r["statement"])
            out.append(i)
    return out


def chosen(rows, logits):
    """(temperature, threshold) for the logits of `rows`, both of the same order."""
    at = judges(rows)
    labels = np.array([INDEX[rows[i]["label"]] for i in at])
    second = np.array([INDEX.get(rows[i]["alt"], -1) for i in at])
    temperature = temperature_of(logits[at], labels)
    probability = softmax(logits[at], temperature)
    first = probability.argmax(1)
    # A second label is as defensible as the first: an answer that gives it is not wrong.
    threshold, _ = threshold_for(probability.max(1), (first == labels) | (first == second), AIM)
    return temperature, min(threshold, 0.98)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--work", required=True)
    parser.add_argument("--name", required=True)
    args = parser.parse_args()
    temperature, threshold = chosen(read(args.work), np.load(os.path.join(args.work, f"{args.name}.pred.npz"))["rows"])
    choice = dict(temperature=round(temperature, 4), min_confidence=round(threshold, 3))
    print(choice)
    json.dump(choice, open(os.path.join(args.work, f"{args.name}.json"), "w"))


if __name__ == "__main__":
    main()
