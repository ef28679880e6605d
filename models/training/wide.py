"""The linear layer over hashed pieces, pairs and triples, fitted apart from the encoder (together, it would learn the training wordings first and leave
the encoder little to learn), and the floor: TF-IDF of words and characters with logistic regression.

usage: wide.py --work WORK [--floor]
Writes WORK/wide.split.npy (the table), its bias, and WORK/wide.split.pred.npz; or WORK/floor.pred.npz.
"""
import argparse
import collections
import json
import os

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_union

from encoder import BUCKETS, tokenizer_of
from finetune import SECOND, chosen, read
from labels import INDEX, LABELS


def features(tokenizer, texts):
    """The same buckets as Classifier.buckets, one row for a text, each bucket 1 / sqrt(number of them)."""
    indptr, where, value = [0], [], []
    for encoding in tokenizer.encode_batch(texts):
        one = np.array(encoding.ids, dtype="int64")
        two = np.concatenate([[0], one[:-1]])
        three = np.concatenate([[0], two[:-1]])
        found = np.concatenate([one % BUCKETS, (one * 31337 + two * 7919 + 13) % BUCKETS, (one * 31337 + two * 7919 + three * 104729 + 29) % BUCKETS])
        where.append(found)
        value.append(np.full(len(found), 1 / np.sqrt(len(found)), dtype="float32"))
        indptr.append(indptr[-1] + len(found))
    matrix = csr_matrix((np.concatenate(value), np.concatenate(where), indptr), shape=(len(texts), BUCKETS))
    matrix.sum_duplicates()
    return matrix


def training(rows, indices):
    """Row numbers, labels and weights: a statement counts as one whatever its renderings, a second label as part of it."""
    many = collections.Counter(rows[i]["statement"] for i in indices if rows[i]["statement"] >= 0)
    which, label, weight = [], [], []
    for i in indices:
        r = rows[i]
        w = r["weight"] / (many[r["statement"]] ** 0.8 if r["statement"] >= 0 else 4)
        second = r["alt"] in INDEX
        which.append(i), label.append(INDEX[r["label"]]), weight.append(w * (1 - SECOND if second else 1))
        if second:
            which.append(i), label.append(INDEX[r["alt"]]), weight.append(w * SECOND)
    return np.array(which), np.array(label), np.array(weight)


def fit(matrix, which, label, weight, c, iterations):
    model = LogisticRegression(C=c, max_iter=iterations, tol=1e-3)
    model.fit(matrix[which], label, sample_weight=weight)
    coefficients = np.zeros((len(LABELS), matrix.shape[1]), dtype="float32")
    intercept = np.full(len(LABELS), -10.0, dtype="float32")
    coefficients[model.classes_] = model.coef_
    intercept[model.classes_] = model.intercept_
    return coefficients, intercept


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--work", required=True)
    parser.add_argument("--floor", action="store_true")
    args = parser.parse_args()
    rows = read(args.work)
    lines = [json.loads(line) for line in open(os.path.join(args.work, "lines.jsonl"), encoding="utf8")]
    texts, asked = [r["text"] for r in rows], [r["text"] for r in lines]
    indices = chosen(rows, "split")
    which, label, weight = training(rows, indices)
    if args.floor:
        union = make_union(TfidfVectorizer(ngram_range=(1, 3), sublinear_tf=True, min_df=2), TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 5), sublinear_tf=True, min_df=4, max_features=120000))
        first = {}
        for i in indices:
            first.setdefault(rows[i]["statement"] if rows[i]["statement"] >= 0 else (rows[i]["label"], i % 40), i)
        keep = np.isin(which, np.array(sorted(first.values())))
        union.fit([texts[i] for i in sorted(first.values())])
        matrix, ask = union.transform(texts), union.transform(asked)
        which, label, weight = which[keep], label[keep], np.ones(keep.sum())
        coefficients, intercept = fit(matrix, which, label, weight, 8, 40)
        name = "floor"
    else:
        tokenizer = tokenizer_of(args.work)
        matrix, ask = features(tokenizer, texts), features(tokenizer, asked)
        # How seldom a bucket is: folded into the table, so that the graph only adds.
        seldom = np.log(len(indices) / (1 + np.asarray((matrix[indices] > 0).sum(0)).ravel())).clip(0.3).astype("float32")
        for m in (matrix, ask):
            m.data *= seldom[m.indices]
        coefficients, intercept = fit(matrix, which, label, weight, 3, 60)
        np.save(os.path.join(args.work, "wide.split.npy"), (coefficients * seldom).T)
        np.save(os.path.join(args.work, "wide.split.bias.npy"), intercept)
        name = "wide.split"
    logits, real = matrix @ coefficients.T + intercept, ask @ coefficients.T + intercept
    np.savez(os.path.join(args.work, f"{name}.pred.npz"), rows=logits.astype("float32"), lines=real.astype("float32"))
    for part in ("calib", "test"):
        at = [i for i, r in enumerate(rows) if r["part"] == part]
        print(name, part, round(float(np.mean([LABELS[logits[i].argmax()] == rows[i]["label"] for i in at])), 4))
    print(name, "lines", round(float(np.mean([LABELS[g] == r["label"] for g, r in zip(real.argmax(1), lines)])), 4),
          "or second", round(float(np.mean([LABELS[g] in (r["label"], r["alt"]) for g, r in zip(real.argmax(1), lines)])), 4))


if __name__ == "__main__":
    main()
