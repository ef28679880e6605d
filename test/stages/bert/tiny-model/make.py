"""Makes the classifier that tests run: every word votes for labels, and the votes are summed. Needs the Python package `onnx`.

    python make.py        writes model.onnx, tokenizer.json, tokenizer_config.json and model.json beside itself
"""

import json
from pathlib import Path

import numpy as np
from onnx import TensorProto, checker, helper, numpy_helper, save

FOLDER = Path(__file__).parent
LABELS = ["instance.failure", "messaging.connection", "capacity.allocation"]
VOTES = {
    "[PAD]": [0, 0, 0], "[UNK]": [0, 0, 0], "[CLS]": [0, 0, 0], "[SEP]": [0, 0, 0],
    "instance": [3, 0, 1], "failed": [2, 1, 0], "spawn": [2, 0, 0],
    "rabbit": [0, 4, 0], "unreachable": [0, 2, 0], "connection": [0, 2, 0],
    "claim": [0, 0, 4], "memory": [0, 0, 2],
}

embedding = np.array(list(VOTES.values()), dtype=np.float32)
nodes = [
    helper.make_node("Gather", ["votes", "input_ids"], ["words"]),
    helper.make_node("Cast", ["attention_mask"], ["mask"], to=TensorProto.FLOAT),
    helper.make_node("Unsqueeze", ["mask", "last"], ["column"]),
    helper.make_node("Mul", ["words", "column"], ["kept"]),
    helper.make_node("ReduceSum", ["kept", "middle"], ["pooled"], keepdims=0),
    helper.make_node("Identity", ["pooled"], ["logits"]),
]
ids = lambda name: helper.make_tensor_value_info(name, TensorProto.INT64, ["batch", "tokens"])
rows = lambda name: helper.make_tensor_value_info(name, TensorProto.FLOAT, ["batch", len(LABELS)])
constants = [
    numpy_helper.from_array(embedding, "votes"),
    numpy_helper.from_array(np.array([2], dtype=np.int64), "last"),
    numpy_helper.from_array(np.array([1], dtype=np.int64), "middle"),
]
graph = helper.make_graph(nodes, "tiny", [ids("input_ids"), ids("attention_mask")], [rows("logits"), rows("pooled")], constants)
model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
checker.check_model(model)
save(model, FOLDER / "model.onnx")

special = lambda token: {"id": token, "ids": [list(VOTES).index(token)], "tokens": [token]}
template = lambda *parts: [{"Sequence": {"id": p, "type_id": 0}} if len(p) == 1 else {"SpecialToken": {"id": p, "type_id": 0}} for p in parts]
tokenizer = {
    "version": "1.0",
    "truncation": None,
    "padding": None,
    "added_tokens": [],
    "normalizer": {"type": "BertNormalizer", "clean_text": True, "handle_chinese_chars": True, "strip_accents": None, "lowercase": True},
    "pre_tokenizer": {"type": "BertPreTokenizer"},
    "post_processor": {
        "type": "TemplateProcessing",
        "single": template("[CLS]", "A", "[SEP]"),
        "pair": template("[CLS]", "A", "[SEP]", "B", "[SEP]"),
        "special_tokens": {token: special(token) for token in ("[CLS]", "[SEP]")},
    },
    "decoder": {"type": "WordPiece", "prefix": "##", "cleanup": True},
    "model": {
        "type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##", "max_input_chars_per_word": 100,
        "vocab": {token: i for i, token in enumerate(VOTES)},
    },
}
about = {"name": "tiny", "version": "1", "labels": LABELS, "temperature": 1.0, "min_confidence": 0.8, "max_tokens": 32}
config = {"tokenizer_class": "BertTokenizer", "do_lower_case": True, "model_max_length": 32}
for name, value in (("tokenizer.json", tokenizer), ("tokenizer_config.json", config), ("model.json", about)):
    (FOLDER / name).write_text(json.dumps(value, indent=2) + "\n")
