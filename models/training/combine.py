"""Puts the fitted wide layer beside the encoder, chooses its share and the temperature on held-out parts, and the confidence from which an answer counts.

usage: combine.py --work WORK --name l3 --part split|all [--from-split]
Needs WORK/NAME.pt, WORK/NAME.pred.npz, WORK/wide.PART.npy. Writes WORK/NAME.both.pt and WORK/NAME.both.json. With --from-split, share, temperature
and threshold are those of the split model, whose held-out projects are a fair judge: the model of all statements has seen every project.
"""
import argparse
import json
import os

import numpy as np
import torch

from encoder import Classifier, bert
from finetune import read
from labels import INDEX, LABELS
from metrics import negative_log_likelihood, softmax, temperature_of, threshold_for

AIM = 0.97


def judges(rows, part="split"):
    """Row numbers for choosing: one rendering per statement of the calibration part and of every second group of the test part."""
    seen, out = set(), []
    for i, r in enumerate(rows):
        fit = r["part"] == "calib" or (r["part"] == "test" and r["group"] % 2 == 0)
        if fit and r["level"] != "DEBUG" and r["statement"] >= 0 and r["statement"] not in seen:
            seen.add(r["statement"])
            out.append(i)
    return out


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--work", required=True)
    parser.add_argument("--name", required=True)
    parser.add_argument("--part", default="split")
    parser.add_argument("--from-split", help="name of the split model whose choices are used")
    args = parser.parse_args()
    path = lambda name: os.path.join(args.work, name)  # noqa: E731
    bias = np.load(path(f"wide.{args.part}.bias.npy"))
    if args.from_split:
        choice = json.load(open(path(f"{args.from_split}.both.json")))
    else:
        rows = read(args.work)
        at = judges(rows)
        labels = np.array([INDEX[rows[i]["label"]] for i in at])
        second = np.array([INDEX.get(rows[i]["alt"], -1) for i in at])
        deep = np.load(path(f"{args.name}.pred.npz"))["rows"][at]
        wide = np.load(path("wide.split.pred.npz"))["rows"][at]
        best = None
        for share in (0, 0.15, 0.3, 0.45, 0.6, 0.8, 1.0, 1.3):
            both = deep + share * wide
            t = temperature_of(both, labels)
            score = negative_log_likelihood(both, labels, t)
            print(f"share {share}: T {t:.2f} nll {score:.4f} top-1 {(both.argmax(1) == labels).mean():.4f}")
            if best is None or score < best[0]:
                best = (score, share, t, both)
        _, share, t, both = best
        probability = softmax(both, t)
        first = probability.argmax(1)
        # A second label is as defensible as the first: an answer that gives it is not wrong.
        right = (first == labels) | (first == second)
        threshold, coverage = threshold_for(probability.max(1), right, AIM)
        strict, strict_coverage = threshold_for(probability.max(1), first == labels, AIM)
        choice = dict(share=share, temperature=round(t, 4), min_confidence=round(min(threshold, 0.98), 3), coverage_at_choice=coverage, strict=[strict, strict_coverage])
        print(choice)
    state = torch.load(path(f"{args.name}.pt"))
    origin = json.load(open(path("tokenizer.json.origin")))
    model = Classifier(bert(state["layers"], len(origin), state["hidden"]), len(LABELS), choice["share"] > 0)
    model.load_state_dict(state["model"], strict=False)
    if choice["share"] > 0:
        model.wide.weight.data = torch.from_numpy(np.load(path(f"wide.{args.part}.npy")) * choice["share"]).float().contiguous()
        model.head.bias.data += torch.from_numpy(bias * choice["share"])
    torch.save(dict(model=model.state_dict(), layers=state["layers"], hidden=state["hidden"], wide=choice["share"] > 0, part=args.part), path(f"{args.name}.both.pt"))
    json.dump(choice, open(path(f"{args.name}.both.json"), "w"))


if __name__ == "__main__":
    main()
