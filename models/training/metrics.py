"""Numbers of a model's answers: accuracy, macro-F1, calibration, coverage."""
import numpy as np

from labels import INDEX, LABELS


def softmax(logits, temperature=1.0):
    z = logits / temperature
    z = z - z.max(1, keepdims=True)
    e = np.exp(z)
    return e / e.sum(1, keepdims=True)


def negative_log_likelihood(logits, labels, temperature):
    return float(-np.log(softmax(logits, temperature)[np.arange(len(labels)), labels] + 1e-12).mean())


def temperature_of(logits, labels):
    grid = np.exp(np.linspace(np.log(0.1), np.log(5), 80))
    return float(grid[np.argmin([negative_log_likelihood(logits, labels, t) for t in grid])])


def reliability(probability, right, bins=10):
    """Rows of (confidence from, number, mean confidence, share right) and the expected calibration error."""
    table, error = [], 0.0
    for b in range(bins):
        at = (probability > b / bins) & (probability <= (b + 1) / bins)
        if at.sum() == 0:
            continue
        table.append([b / bins, int(at.sum()), round(float(probability[at].mean()), 3), round(float(right[at].mean()), 3)])
        error += at.mean() * abs(probability[at].mean() - right[at].mean())
    return table, float(error)


def threshold_for(probability, right, aim):
    """The lowest confidence above which the share of right answers reaches the aim, and the share that is answered."""
    order = np.argsort(-probability)
    share = np.cumsum(right[order]) / np.arange(1, len(order) + 1)
    good = np.nonzero(share >= aim)[0]
    good = good[good >= 30]
    if len(good) == 0:
        return 1.0, 0.0
    return float(probability[order[good[-1]]]), float((good[-1] + 1) / len(order))


def measures(logits, rows, temperature=1.0, threshold=None):
    label = np.array([INDEX[r["label"]] for r in rows])
    second = np.array([INDEX.get(r["alt"], -1) for r in rows])
    probability = softmax(logits, temperature)
    order = np.argsort(-probability, 1)
    first = order[:, 0]
    right, either = first == label, (first == label) | (first == second)
    top2 = right | (order[:, 1] == label)
    scores = []
    for c in range(len(LABELS)):
        real, said = (label == c).sum(), (first == c).sum()
        if real:
            scores.append(2 * ((label == c) & (first == c)).sum() / (real + said))
    confidence = probability.max(1)
    table, error = reliability(confidence, right)
    out = dict(n=len(rows), top1=right.mean(), top1_or_second=either.mean(), top2=top2.mean(), macro_f1=float(np.mean(scores)), ece=error,
               ece_or_second=reliability(confidence, either)[1])
    if threshold is not None:
        at = confidence >= threshold
        out |= dict(coverage=at.mean(), answered_right=right[at].mean() if at.any() else 0, answered_right_or_second=either[at].mean() if at.any() else 0)
    return {k: round(float(v), 4) for k, v in out.items()}, table
