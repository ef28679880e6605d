"""A model folder with a network of the reference system's size (DistilBERT: six layers of 768) and random weights: it says nothing, and takes as long.

usage: reference.py --base PACKAGE/model --out WORK/models/reference
"""
import argparse
import json
import os
import shutil

from encoder import Classifier, bert
from export import export
from labels import LABELS


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--base", required=True)
    parser.add_argument("--out", required=True)
    args = parser.parse_args()
    os.makedirs(args.out, exist_ok=True)
    tokenizer = json.load(open(os.path.join(args.base, "tokenizer.json"), encoding="utf8"))
    export(Classifier(bert(6, len(tokenizer["model"]["vocab"]), 768), len(LABELS), False).eval(), os.path.join(args.out, "model.onnx"))
    shutil.copy(os.path.join(args.base, "tokenizer.json"), args.out)
    json.dump({"tokenizer_class": "BertTokenizer", "do_lower_case": True, "model_max_length": 256}, open(os.path.join(args.out, "tokenizer_config.json"), "w"))
    json.dump({"name": "reference", "version": "1", "labels": LABELS, "max_tokens": 256}, open(os.path.join(args.out, "model.json"), "w"))


if __name__ == "__main__":
    main()
