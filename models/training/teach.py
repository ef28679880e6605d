"""A teacher's answers for every labelled text and every text of the continued pre-training: WORK/NAME.teacher.npz, for finetune.py --teacher.

usage: teach.py --work WORK --name l6 [--checkpoint WORK/l6.both.pt] [--threads 1]
`known` says which labelled texts the teacher was itself trained on, or could have been: those of the held-out parts a student must not take from it.
"""
import argparse
import os

import numpy as np
import torch

from encoder import tokenizer_of
from export import load
from finetune import predict, read

HELD_OUT = ("test", "twin", "cloud", "ship")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--work", required=True)
    parser.add_argument("--name", required=True)
    parser.add_argument("--checkpoint")
    parser.add_argument("--threads", type=int, default=1)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    rows = read(args.work)
    tokenizer = tokenizer_of(args.work)
    model, _ = load(args.work, args.checkpoint or os.path.join(args.work, f"{args.name}.both.pt"))
    known = np.array([r["part"] not in HELD_OUT for r in rows])
    out = np.zeros((len(rows), model.head.out_features), dtype="float32")
    at = np.nonzero(known)[0]
    out[at] = predict(model, tokenizer, [rows[i]["text"] for i in at])
    texts = open(os.path.join(args.work, "mlm.txt"), encoding="utf8").read().splitlines()
    unlabelled = predict(model, tokenizer, texts)
    np.savez(os.path.join(args.work, f"{args.name}.teacher.npz"), rows=out.astype("float16"), known=known, unlabelled=unlabelled.astype("float16"))


if __name__ == "__main__":
    main()
