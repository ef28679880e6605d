"""The model: a small BERT whose vocabulary is cut to the domain, mean pooling, and a linear layer; beside it a linear layer over hashed pieces."""
import json
import os

import torch
from torch import nn
from transformers import BertConfig, BertModel

PLACEHOLDERS = "<id> <num> <ip> <mac> <time> <path> <url> <email> <host> <str> <data> <secret> <word>".split()
# A placeholder begins as the mean of the words that mean it.
SEEDS = {"<id>": "id", "<num>": "number", "<ip>": "address ip", "<mac>": "mac address", "<time>": "time date", "<path>": "path file", "<url>": "url http",
         "<email>": "email", "<host>": "host server", "<str>": "name string", "<data>": "data list", "<secret>": "secret password", "<word>": "word"}
HIDDEN = 384
BUCKETS = 1 << 17
MAX_TOKENS = 64
KEEP_COMMON = 6000


def cut_tokenizer(source, texts, target):
    """A tokenizer.json with the pieces that the texts use, the common ones, and the placeholders. Returns the old id of every new one (-1: new)."""
    from tokenizers import Tokenizer

    old = Tokenizer.from_file(source)
    old.no_truncation()
    old.no_padding()
    used = set()
    for encoding in old.encode_batch(texts, add_special_tokens=False):
        used.update(encoding.ids)
    spec = json.load(open(source, encoding="utf8"))
    vocab = spec["model"]["vocab"]
    names = {v: k for k, v in vocab.items()}
    special = [vocab[t] for t in ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")]
    common = [i for i in range(len(vocab)) if not names[i].startswith("[unused") and i < 999 + KEEP_COMMON]
    kept = special + sorted((used | set(common) | {i for i in names if len(names[i].removeprefix("##")) == 1}) - set(special))
    kept = [i for i in kept if names[i].isascii() or i in used]
    new = {}
    origin = []
    for i in kept[:5]:
        new[names[i]] = len(origin)
        origin.append(i)
    for p in PLACEHOLDERS:
        new[p] = len(origin)
        origin.append(-1)
    for i in kept[5:]:
        new[names[i]] = len(origin)
        origin.append(i)
    spec["model"]["vocab"] = new
    spec["truncation"] = None
    spec["padding"] = None
    added = [dict(id=new[t], content=t, single_word=False, lstrip=False, rstrip=False, normalized=False, special=True) for t in ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")]
    added += [dict(id=new[t], content=t, single_word=False, lstrip=False, rstrip=False, normalized=False, special=False) for t in PLACEHOLDERS]
    spec["added_tokens"] = added
    spec["post_processor"] = {
        "type": "TemplateProcessing",
        "single": [{"SpecialToken": {"id": "[CLS]", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}, {"SpecialToken": {"id": "[SEP]", "type_id": 0}}],
        "pair": [{"SpecialToken": {"id": "[CLS]", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}, {"SpecialToken": {"id": "[SEP]", "type_id": 0}},
                 {"Sequence": {"id": "B", "type_id": 1}}, {"SpecialToken": {"id": "[SEP]", "type_id": 1}}],
        "special_tokens": {t: {"id": t, "ids": [new[t]], "tokens": [t]} for t in ("[CLS]", "[SEP]")},
    }
    with open(target, "w", encoding="utf8") as out:
        json.dump(spec, out, ensure_ascii=False)
    return origin


def autocast():
    """bfloat16 where the processor multiplies it; elsewhere it is emulated, and ten times as slow as float32."""
    flags = open("/proc/cpuinfo", encoding="utf8").read() if os.path.exists("/proc/cpuinfo") else ""
    return torch.autocast("cpu", dtype=torch.bfloat16, enabled="avx512_bf16" in flags or "amx_bf16" in flags)


def tokenizer_of(folder):
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(os.path.join(folder, "tokenizer.json"))
    tokenizer.enable_truncation(MAX_TOKENS)
    return tokenizer


def bert(layers, vocabulary, hidden=HIDDEN):
    """Heads of 32 and four times as wide inside, as the base has them."""
    return BertModel(BertConfig(vocab_size=vocabulary, hidden_size=hidden, num_hidden_layers=layers, num_attention_heads=hidden // 32, intermediate_size=4 * hidden,
                                max_position_embeddings=512, attn_implementation="eager"), add_pooling_layer=False)


def narrowed(state, layers, vocabulary, hidden):
    """A narrower encoder whose embeddings are the main components of a wider one's; its layers begin anew."""
    model = bert(layers, vocabulary, hidden)
    words = state["embeddings.word_embeddings.weight"].float()
    centre = words.mean(0)
    _, _, directions = torch.linalg.svd(words - centre, full_matrices=False)
    basis = directions[:hidden].T
    with torch.no_grad():
        model.embeddings.word_embeddings.weight.copy_((words - centre) @ basis)
        for name in ("position_embeddings", "token_type_embeddings"):
            getattr(model.embeddings, name).weight.copy_(state[f"embeddings.{name}.weight"].float() @ basis)
    return model


def pretrained(base, origin, source, layers):
    """The base encoder with the given layers and the cut vocabulary."""
    from safetensors.torch import load_file

    weights = {k.removeprefix("bert."): v.float() for k, v in load_file(os.path.join(base, "model.fp16.safetensors")).items()}
    names = json.load(open(source, encoding="utf8"))["model"]["vocab"]
    words = weights["embeddings.word_embeddings.weight"]
    table = torch.empty(len(origin), HIDDEN)
    for new, old in enumerate(origin):
        if old >= 0:
            table[new] = words[old]
    for number, p in enumerate(PLACEHOLDERS):
        table[5 + number] = words[[names[w] for w in SEEDS[p].split() if w in names]].mean(0)
    model = bert(len(layers), len(origin))
    state = {"embeddings.word_embeddings.weight": table}
    for key, value in weights.items():
        parts = key.split(".")
        if key.startswith("encoder.layer."):
            if int(parts[2]) in layers:
                parts[2] = str(layers.index(int(parts[2])))
                state[".".join(parts)] = value
        elif key.startswith("embeddings.") and "word_embeddings" not in key and "position_ids" not in key:
            state[key] = value
    missing, unexpected = model.load_state_dict(state, strict=False)
    assert not unexpected and all("position_ids" in m for m in missing), (missing, unexpected)
    return model


class Classifier(nn.Module):
    """Encoder, mean pooling and linear layer. `wide` adds a linear layer over hashed single pieces, pairs and triples, which sees exact wordings."""

    def __init__(self, encoder, labels, wide):
        super().__init__()
        self.encoder = encoder
        self.drop = nn.Dropout(0.1)
        self.head = nn.Linear(encoder.config.hidden_size, labels)
        self.wide = nn.Embedding(BUCKETS, labels) if wide else None
        if wide:
            nn.init.zeros_(self.wide.weight)

    def buckets(self, ids, mask):
        """Hash buckets of pieces, pairs and triples [batch, 3 * tokens] and which of them count. Products stay exact in 64 bits."""
        one = ids
        two = torch.cat([ids[:, :1] * 0, ids[:, :-1]], 1)
        three = torch.cat([ids[:, :1] * 0, two[:, :-1]], 1)
        pairs = (one * 31337 + two * 7919 + 13) % BUCKETS
        triples = (one * 31337 + two * 7919 + three * 104729 + 29) % BUCKETS
        # 0..12k are the pieces themselves.
        return torch.cat([one % BUCKETS, pairs, triples], 1), torch.cat([mask, mask, mask], 1)

    def pooled(self, ids, mask):
        hidden = self.encoder(input_ids=ids, attention_mask=mask).last_hidden_state
        weight = mask.unsqueeze(-1).to(hidden.dtype)
        return (hidden * weight).sum(1) / weight.sum(1)

    def wide_logits(self, ids, mask):
        where, counts = self.buckets(ids, mask)
        weight = counts.unsqueeze(-1).to(self.wide.weight.dtype)
        return (self.wide(where) * weight).sum(1) / weight.sum(1).sqrt()

    def forward(self, input_ids, attention_mask):
        pooled = self.pooled(input_ids, attention_mask)
        logits = self.head(self.drop(pooled)).float()
        if self.wide is not None:
            logits = logits + self.wide_logits(input_ids, attention_mask)
        return logits, pooled
