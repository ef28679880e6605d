"""Puts the linear layer over hashed pieces beside the encoder, its share chosen on held-out parts: the teacher.

usage: combine.py --work WORK --name l6
Needs WORK/NAME.pt, WORK/NAME.pred.npz and WORK/wide.split.*, by wide.py. Writes WORK/NAME.both.pt.
"""
import argparse
import json
import os

import numpy as np
import torch

from calibrate import judges
from encoder import Classifier, bert
from finetune import read
from labels import INDEX, LABELS
from metrics import negative_log_likelihood, temperature_of

SHARES = (0, 0.15, 0.3, 0.45, 0.6, 0.8, 1.0, 1.3)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--work", required=True)
    parser.add_argument("--name", required=True)
    args = parser.parse_args()
    path = lambda name: os.path.join(args.work, name)  # noqa: E731
    rows = read(args.work)
    at = judges(rows)
    labels = np.array([INDEX[rows[i]["label"]] for i in at])
    deep = np.load(path(f"{args.name}.pred.npz"))["rows"][at]
    wide = np.load(path("wide.split.pred.npz"))["rows"][at]
    scores = {}
    for share in SHARES:
        both = deep + share * wide
        t = temperature_of(both, labels)
        scores[share] = negative_log_likelihood(both, labels, t)
        print(f"share {share}: T {t:.2f} nll {scores[share]:.4f} top-1 {(both.argmax(1) == labels).mean():.4f}")
    share = min(scores, key=scores.get)
    state = torch.load(path(f"{args.name}.pt"))
    origin = json.load(open(path("tokenizer.json.origin")))
    model = Classifier(bert(state["layers"], len(origin), state["hidden"]), len(LABELS), share > 0)
    model.load_state_dict(state["model"], strict=False)
    if share > 0:
        model.wide.weight.data = torch.from_numpy(np.load(path("wide.split.npy")) * share).float().contiguous()
        model.head.bias.data += torch.from_numpy(np.load(path("wide.split.bias.npy")) * share)
    torch.save(dict(model=model.state_dict(), layers=state["layers"], hidden=state["hidden"], wide=share > 0, part="split"), path(f"{args.name}.both.pt"))


if __name__ == "__main__":
    main()
