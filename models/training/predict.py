"""Answers of a model for the labelled texts and the real lines, in PyTorch or ONNX: WORK/NAME.pred.npz.

usage: predict.py --work WORK --name NAME [--checkpoint WORK/NAME.pt | --onnx FILE]
"""
import argparse
import json
import os

import numpy as np
import torch

from batches import padded
from encoder import tokenizer_of
from export import ANSWER_TOKENS, load
from finetune import predict, read
from labels import LABELS
from texts import LOG_SETS


def asked(work):
    with open(os.path.join(work, "lines.jsonl"), encoding="utf8") as handle:
        return [json.loads(line) for line in handle]


def predict_onnx(path, tokenizer, texts, size=64):
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    rows = [e.ids for e in tokenizer.encode_batch(texts)]
    order = sorted(range(len(rows)), key=lambda i: len(rows[i]))
    out = np.zeros((len(rows), len(LABELS)), dtype="float32")
    for start in range(0, len(order), size):
        chunk = order[start : start + size]
        ids, mask = padded([rows[i] for i in chunk])
        out[chunk] = session.run(["logits"], {"input_ids": ids.numpy(), "attention_mask": mask.numpy()})[0]
    return out


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--work", required=True)
    parser.add_argument("--name", required=True)
    parser.add_argument("--checkpoint")
    parser.add_argument("--onnx")
    args = parser.parse_args()
    torch.set_num_threads(1)
    rows, lines = read(args.work), asked(args.work)
    tokenizer = tokenizer_of(args.work)
    # As the agent asks.
    tokenizer.enable_truncation(ANSWER_TOKENS)
    # Only what the numbers are made of, one rendering of each statement: all texts would take minutes.
    seen, keep = set(), []
    for i, r in enumerate(rows):
        asked_for = r["part"] in ("calib", "test", "cloud") or r["project"] in LOG_SETS
        if asked_for and r["level"] != "DEBUG" and r["statement"] not in seen:
            seen.add(r["statement"])
            keep.append(i)
    out = np.zeros((len(rows), len(LABELS)), dtype="float32")
    if args.onnx:
        out[keep] = predict_onnx(args.onnx, tokenizer, [rows[i]["text"] for i in keep])
        real = predict_onnx(args.onnx, tokenizer, [r["text"] for r in lines])
    else:
        model, _ = load(args.work, args.checkpoint or os.path.join(args.work, f"{args.name}.pt"))
        out[keep] = predict(model, tokenizer, [rows[i]["text"] for i in keep])
        real = predict(model, tokenizer, [r["text"] for r in lines])
    np.savez(os.path.join(args.work, f"{args.name}.pred.npz"), rows=out, lines=real)


if __name__ == "__main__":
    main()
