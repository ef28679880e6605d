"""Exports a classifier to ONNX (fp32) and int8, and writes the model folder.

usage: export.py --work WORK --checkpoint WORK/NAME.pt --out FOLDER
"""
import argparse
import json
import os
import shutil

import torch

from encoder import Classifier, bert
from labels import LABELS

VERSION = "2"
# Answers from the first 48 pieces are as right as from the 64 of the training (61.0 and 61.2 % on the projects left out, 61.1 both on the real lines),
# and sooner there.
ANSWER_TOKENS = 48


def load(work, checkpoint):
    state = torch.load(checkpoint)
    origin = json.load(open(os.path.join(work, "tokenizer.json.origin")))
    model = Classifier(bert(state["layers"], len(origin), state["hidden"]), len(LABELS), state["wide"])
    model.load_state_dict(state["model"])
    return model.eval(), state


def export(model, path):
    ids = torch.randint(20, 500, (2, 16))
    mask = torch.ones_like(ids)
    mask[1, 10:] = 0
    torch.onnx.export(model, (ids, mask), path, input_names=["input_ids", "attention_mask"], output_names=["logits", "pooled"], opset_version=17, dynamo=False,
                      dynamic_axes={"input_ids": {0: "batch", 1: "tokens"}, "attention_mask": {0: "batch", 1: "tokens"}, "logits": {0: "batch"}, "pooled": {0: "batch"}})


def quantize(source, target, hidden):
    """int8 weights per channel, activations measured as they come. Attention and normalisation are fused first: a third of the operators, and of the time."""
    from onnxruntime.quantization import QuantType, quantize_dynamic
    from onnxruntime.transformers import optimizer

    fused = optimizer.optimize_model(source, model_type="bert", num_heads=hidden // 32, hidden_size=hidden, opt_level=0, use_gpu=False)
    fused.save_model_to_file(target + ".fused")
    # Fused operators are unknown to the shape inference: all that they give is float.
    quantize_dynamic(target + ".fused", target, per_channel=True, reduce_range=False, weight_type=QuantType.QInt8, extra_options={"DefaultTensorType": 1})
    os.unlink(target + ".fused")


def write_folder(work, out, calibration, max_tokens=ANSWER_TOKENS):
    shutil.copy(os.path.join(work, "tokenizer.json"), out)
    json.dump({"tokenizer_class": "BertTokenizer", "do_lower_case": True, "model_max_length": max_tokens, "pad_token": "[PAD]", "unk_token": "[UNK]", "cls_token": "[CLS]",
               "sep_token": "[SEP]", "mask_token": "[MASK]"}, open(os.path.join(out, "tokenizer_config.json"), "w"), indent=2)
    json.dump({"name": "bert-openstack", "version": VERSION, "labels": LABELS, **calibration, "max_tokens": max_tokens,
               "inputs": ["input_ids", "attention_mask"], "outputs": {"logits": "logits", "pooled": "pooled"}}, open(os.path.join(out, "model.json"), "w"), indent=2)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--work", required=True)
    parser.add_argument("--checkpoint", required=True)
    parser.add_argument("--out", required=True)
    parser.add_argument("--calibration")
    args = parser.parse_args()
    torch.set_num_threads(1)
    os.makedirs(args.out, exist_ok=True)
    model, state = load(args.work, args.checkpoint)
    fp32 = args.checkpoint.removesuffix(".pt") + ".fp32.onnx"
    export(model, fp32)
    quantize(fp32, os.path.join(args.out, "model.onnx"), state["hidden"])
    calibration = json.load(open(args.calibration)) if args.calibration else {"temperature": 1.0, "min_confidence": 0.7}
    write_folder(args.work, args.out, {k: calibration[k] for k in ("temperature", "min_confidence")})
    print({f: os.path.getsize(os.path.join(args.out, f)) for f in os.listdir(args.out)}, "fp32", os.path.getsize(fp32))


if __name__ == "__main__":
    main()
