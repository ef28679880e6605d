"""Texts for the model, from the shared data folder: labelled.jsonl and mlm.txt in the work folder.

usage: texts.py --data ../shared/data --work WORK
The masking is the agent's own: everything goes through dist/models/training/mask.js (run `npm run build` first).
"""
import argparse
import collections
import importlib.util
import json
import lzma
import os
import random
import re
import shutil
import subprocess
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
RENDERINGS = 6
LOG_SETS = ("charmed-ussuri-2022", "devstack-ci-2013-2017", "osp7-kilo-2015")

# Projects that the split model never sees: all domains are in it, and no project of them is named in another one's logger.
TEST_PROJECTS = frozenset(
    "glance glance_store manila heat designate zun ironic-inspector barbican keystonemiddleware placement aodh masakari "
    "networking-generic-switch oslo.db".split()
)

# Statements that name neither object, operation nor cause: the quoted exception decides (TAXONOMY.md, rule 3).
QUOTES_CAUSE = re.compile(
    r"^(exception (during|in|while) (message|rpc) handling|unexpected (error|exception)( occurred)?( serving api| in api method)?|http exception thrown|caught error"
    r"|unhandled (error|exception)|internal error|an? (error|exception) (occurred|was raised)|got (an )?exception|returning exception"
    r"|placement api unexpected error|task failed|error|exception|fault thrown)[^a-z%{]*([:%{(].*)?$",
    re.I,
)

# What an exception says for certain, by its class name.
EXCEPTION_LABELS = [
    (r"MessagingTimeout|MessageDeliveryFailure|RPCVersionCap|RpcTimeout|RemoteError$|InvalidRPC|NoSuchMethod$|UnsupportedVersion", "messaging.rpc"),
    (r"^DB(?!Instance)|OperationalError|DBError|Deadlock|IntegrityError|InterfaceError", "database.error"),
    (r"OverQuota|QuotaExceeded|QuotaError|LimitExceeded|TooManyInstances|Quota.*Exceed", "capacity.quota"),
    (r"NoValidHost|NoValidBackend|NoMoreFixedIps|InsufficientResources|ComputeResourcesUnavailable|NoMoreNetworks|IpAddressGenerationFailure|NoNetworkAvailable", "capacity.shortage"),
    (r"NotAuthorized|Unauthorized|Forbidden|AuthenticationFailed|NotAuthenticated|PolicyNotAuthorized|AdminRequired|InvalidToken", "auth.failure"),
    (r"ConnectFailure|ConnectionFailed|EndpointNotFound|ServiceUnavailable$|ConnectTimeout|GlanceConnectionFailed|CinderConnectionFailed|PlacementAPIConnectFailure", "dependency.failure"),
    (r"PortBindingFailed|VirtualInterface.*Exception|PortNotFound|PortInUse|PortBindingError", "network.port"),
    (r"StorageBackend|VolumeBackendAPIException", "storage.backend_error"),
    (r"ConfigurationError|InvalidConfiguration|MissingConfig|ConfigFile|NoSuchOptError|RequiredOptError|InvalidFlavor|InvalidExtraSpec", "configuration.error"),
]
HTTP_STATUS = re.compile(r"(?:status|http)(?: :)? ([1-5]\d\d)\b")
WEAK_DEBUG = 0.35
# The cloud whose lines no split model sees: by the first folder of a labelled line's file, and by the name of its log set.
TEST_CLOUD = ("hotsos-sosreport", "charmed-ussuri-2022")


def label_of_exception(name):
    for pattern, label in EXCEPTION_LABELS:
        if re.search(pattern, name):
            return label
    return None


def label_of_status(status):
    if status in (401, 403):
        return "auth.failure"
    return "api.request" if status < 400 else "api.client_error" if status < 500 else "api.server_error"


def jsonl(path):
    handle = lzma.open(path, "rt", encoding="utf8") if path.endswith(".xz") else open(path, encoding="utf8")
    with handle:
        return [json.loads(line) for line in handle]


def mask(rows):
    """The model's texts of {logger, level, message, errorType?, errorMessage?} objects, by the agent's own program."""
    lines = "\n".join(json.dumps({k: r[k] for k in ("logger", "level", "message", "errorType", "errorMessage") if k in r}) for r in rows)
    done = subprocess.run(["node", os.path.join(ROOT, "dist/models/training/mask.js")], input=lines, capture_output=True, text=True, check=True)
    return [json.loads(line) for line in done.stdout.split("\n") if line]


def renderer(data):
    path = os.path.join(os.path.dirname(os.path.abspath(data)), "tools", "render.py")
    spec = importlib.util.spec_from_file_location("render", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    exceptions = jsonl(os.path.join(data, "exceptions.jsonl.xz"))
    return module.Renderer(11, exceptions), exceptions


def fill(render, statement):
    d = dict(statement)
    d.setdefault("module", d["logger"])
    try:
        return str(render.fill(d))
    except Exception:  # noqa: BLE001 - a template that cannot be filled is read as it stands
        return d["template"]


def groups(texts):
    """Near duplicates: statements whose words (without values) are alike, by cosine >= 0.8 of TF-IDF; a group number for each."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    matrix = TfidfVectorizer(token_pattern=r"[a-z]{2,}", ngram_range=(1, 2), sublinear_tf=True).fit_transform(texts)
    parent = list(range(len(texts)))

    def find(i):
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    seen = {}
    for i, text in enumerate(texts):
        key = " ".join(re.findall(r"[a-z]{2,}", text))
        parent[find(i)] = find(seen.setdefault(key, i))
    transposed = matrix.T.tocsr()
    for start in range(0, matrix.shape[0], 500):
        near = (matrix[start : start + 500] @ transposed).tocoo()
        for i, j, value in zip(near.row, near.col, near.data):
            if value >= 0.8 and start + i < j:
                parent[find(start + i)] = find(j)
    return [find(i) for i in range(len(texts))]


def rows_of(render, statement, known, rng):
    """Renderings of one labelled statement: message, exception if one is appended, and the label that the filled text has."""
    more = known.get((statement["logger"], statement["template"]), {})
    d = {**more, **statement, "module": more.get("module", statement["logger"])}
    quotes = bool(QUOTES_CAUSE.match(statement["template"]))
    has_values = "%" in d["template"] or "{" in d["template"]
    level = d["level"]
    throws = level in ("WARNING", "ERROR", "CRITICAL") and (d.get("in_except") or d.get("traceback"))
    out = []
    for i in range(RENDERINGS if has_values or throws or quotes else 1):
        message = fill(render, d)
        row = dict(logger=d["logger"], level=level, message=message, label=d["label"], alt=d["alt"])
        if (throws and i % 2 == 0) or (quotes and level in ("WARNING", "ERROR", "CRITICAL") and i > 1):
            name, text = render.exception(d["project"], d)
            row["message"] = f"{message}: {name}: {text}"
            row["errorType"], row["errorMessage"] = name, text.split("\n")[0]
            cause = label_of_exception(name.split(".")[-1]) if quotes else None
            if cause is not None:
                row["alt"], row["label"] = row["label"], cause
        if d["label"] == "api.request" or quotes:
            status = re.search(r"(?:status|HTTP|status_code|code)[:= ]+([1-5]\d\d)\b", row["message"])
            if status and d["label"] == "api.request":
                row["label"] = label_of_status(int(status.group(1)))
                row["alt"] = None
        out.append(row)
    return out


def synthetic(render, exceptions, rng):
    """Rule 3 statements with each exception that is certain, and access lines by status."""
    out = []
    wrappers = [
        ("oslo_messaging.rpc.server", "ERROR", "Exception during message handling: %s"),
        ("oslo_messaging.rpc.server", "ERROR", "Exception during message handling"),
        ("nova.api.openstack.wsgi", "ERROR", "Unexpected exception in API method"),
        ("cinder.api.middleware.fault", "ERROR", "Caught error: %s"),
        ("oslo_service.periodic_task", "ERROR", "Error during periodic task: %s"),
        ("root", "CRITICAL", "Unhandled error"),
        ("nova", "CRITICAL", "Unhandled error: %s"),
    ]
    for e in exceptions:
        cause = label_of_exception(e["class"])
        if cause is None or len(e["msg_fmt"]) > 300:
            continue
        text = fill(render, dict(template=e["msg_fmt"], project=e["project"], module=e["module"], logger=e["module"]))
        for logger, level, template in rng.sample(wrappers, 3):
            name = e["module"] + "." + e["class"]
            message = template.replace("%s", text)
            if "%s" not in template or rng.random() < 0.5:
                message = f"{message}: {name}: {text}"
            out.append(dict(logger=logger, level=level, message=message, errorType=name, errorMessage=text, label=cause, alt=None, project=e["project"]))
    for project, logger in [("nova", "nova.osapi_compute.wsgi.server"), ("nova", "nova.metadata.wsgi.server"), ("neutron", "neutron.wsgi"), ("cinder", "eventlet.wsgi.server"),
                            ("heat", "eventlet.wsgi.server"), ("nova", "nova.api.openstack.requestlog"), ("placement", "placement.requestlog")]:
        for status in (200, 201, 202, 204, 300, 304, 400, 401, 403, 404, 409, 413, 500, 502, 503, 504):
            for form in range(3):
                a = render.access(project)
                verb, path = a["request_line"].split()[:2]
                message = [
                    f'{a["client_ip"]} "{a["request_line"]}" status: {status}  len: {a["body_length"]} time: {a["wall_seconds"]:.7f}',
                    f'{a["client_ip"]} - - [02/Mar/2026 10:11:12] "{a["request_line"]}" {status} {a["body_length"]} {a["wall_seconds"]:.6f}',
                    f'{a["client_ip"]} "{verb} {path}" status: {status} len: {a["body_length"]} microversion: 2.96 time: {a["wall_seconds"]:.6f}',
                ][form]
                out.append(dict(logger=logger, level="INFO", message=message, label=label_of_status(status), alt=None, project="oslo.service"))
    return out


def judged_records():
    """What readers said of records of the real logs, by (set, file, line)."""
    rows = jsonl(os.path.join(ROOT, "test", "bench", "judged.ndjson"))
    return {(r["set"], r["file"], r["line"]): r for r in rows}


def log_texts(data):
    """Distinct model texts of the real logs whose licence allows training, and the judged records among them; LogHub is not among them."""
    texts = set()
    judged = judged_records()
    found = []
    for name in LOG_SETS:
        folder = os.path.join(data, "logs", name)
        for file in sorted(os.listdir(folder)):
            path = os.path.join(folder, file)
            raw = lzma.open(path).read() if file.endswith(".xz") else open(path, "rb").read()
            bare = file.removesuffix(".xz")
            # The agent knows the program by the file's name: what is before the last `__` are folders.
            folder_of = tempfile.mkdtemp(prefix="trilog-training-")
            plain = os.path.join(folder_of, bare.split("__")[-1])
            with open(plain, "wb") as handle:
                handle.write(raw[:20_000_000])
            line_of = {0: 0}
            for number, match in enumerate(re.finditer(b"\n", raw)):
                line_of[match.end()] = number + 1
            try:
                done = subprocess.run(["node", os.path.join(ROOT, "dist/src/main.js"), "parse", plain], capture_output=True, text=True, check=True)
                rows = []
                for line in filter(None, done.stdout.split("\n")):
                    r = json.loads(line)
                    log, error = r.get("log", {}), r.get("error") or {}
                    row = dict(logger=log.get("logger") or r.get("service", {}).get("name") or "", level=log.get("level") or "", message=(r.get("message") or "")[:4000])
                    if error.get("type"):
                        row["errorType"], row["errorMessage"] = error["type"], error.get("message", "")
                    rows.append(row)
                    said = judged.get((name, bare, line_of.get(log.get("offset"))))
                    if said:
                        found.append(row | dict(label=said["label"], alt=said["alt"], cloud=name))
                if rows:
                    texts.update(mask(rows))
            finally:
                shutil.rmtree(folder_of)
    return sorted(texts), found


def said_of_records(lines, judged, first):
    """Labelled real lines (but LogHub's), judged records and the rules' examples. Those of the test cloud and the examples, which were written with all
    these at hand, are for the model of everything only. Each counts as a statement of its own, numbered from `first`."""
    examples = subprocess.run(["node", os.path.join(ROOT, "dist/models/training/examples.js")], capture_output=True, text=True, check=True)
    rows = [dict(r, cloud=r["file"].split("/")[0]) for r in lines if "loghub" not in r["file"].lower()] + judged
    rows += [dict(json.loads(line), alt=None, cloud="rules") for line in examples.stdout.splitlines()]
    seen = set()
    for number, (row, text) in enumerate(zip(rows, mask(rows))):
        part = "ship" if row["cloud"] == "rules" else "cloud" if row["cloud"] in TEST_CLOUD else "train"
        if (text, row["label"]) in seen:
            continue
        seen.add((text, row["label"]))
        yield dict(text=text, label=row["label"], alt=row["alt"], project=row["cloud"], level=row["level"], statement=first + number, group=-1, part=part, shipcalib=False, weight=1.0)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", default=os.environ.get("TRILOG_DATA", os.path.join(os.path.dirname(ROOT), "shared", "data")))
    parser.add_argument("--work", required=True)
    args = parser.parse_args()
    os.makedirs(args.work, exist_ok=True)
    rng = random.Random(5)
    render, exceptions = renderer(args.data)
    templates = jsonl(os.path.join(args.data, "templates.jsonl.xz"))
    older = jsonl(os.path.join(args.data, "templates-old-releases.jsonl.xz"))
    known = {(t["logger"], t["template"]): t for t in templates}
    statements = jsonl(os.path.join(args.data, "labels", "statements.jsonl"))

    rows = []
    for number, s in enumerate(statements):
        for row in rows_of(render, s, known, rng):
            row.update(project=s["project"], statement=number, weight=WEAK_DEBUG if s["level"] == "DEBUG" else 1.0)
            rows.append(row)
    for row in synthetic(render, exceptions, rng):
        row.update(statement=-1, weight=0.5)
        rows.append(row)
    for row, text in zip(rows, mask(rows)):
        row["text"] = text

    plain = [re.sub(r"%(\(\w+\))?[^a-zA-Z%]*[a-zA-Z]|\{[^}]*\}", " ", s["template"]).lower() for s in statements]
    group = groups(plain)
    test_groups = {g for g, s in zip(group, statements) if s["project"] in TEST_PROJECTS}
    sizes = collections.Counter(group)
    calib = {g for g in sizes if random.Random(int(g)).random() < 0.07 and sizes[g] < 20}
    seen = set()
    counts = collections.Counter()
    with open(os.path.join(args.work, "labelled.jsonl"), "w", encoding="utf8") as out:
        for row in rows:
            s = row["statement"]
            g = group[s] if s >= 0 else -1
            part = "test" if row["project"] in TEST_PROJECTS else "twin" if g in test_groups else "calib" if g in calib else "train"
            if s < 0 and part == "test":
                part = "twin"
            key = (row["text"], row["label"], part)
            if key in seen:
                continue
            seen.add(key)
            counts[part] += 1
            out.write(json.dumps(dict(text=row["text"], label=row["label"], alt=row["alt"], project=row["project"], level=row["level"], statement=s, group=int(g),
                                      part=part, shipcalib=g in calib, weight=row["weight"])) + "\n")
    lines = jsonl(os.path.join(args.data, "labels", "lines.jsonl"))
    logs, judged = log_texts(args.data)
    with open(os.path.join(args.work, "labelled.jsonl"), "a", encoding="utf8") as out:
        for row in said_of_records(lines, judged, len(statements)):
            counts[row["part"]] += 1
            out.write(json.dumps(row) + "\n")
    with open(os.path.join(args.work, "lines.jsonl"), "w", encoding="utf8") as out:
        for row, text in zip(lines, mask(lines)):
            out.write(json.dumps(dict(text=text, label=row["label"], alt=row["alt"], file=row["file"], level=row["level"])) + "\n")

    more = []
    for t in templates + older:
        more.append(dict(logger=t["logger"], level=t["level"], message=fill(render, t)))
    for e in exceptions:
        more.append(dict(logger="", level="", message=f'{e["class"]}: ' + fill(render, dict(template=e["msg_fmt"], project=e["project"], module=e["module"], logger=e["module"]))))
    texts = set(mask(more)) | {r["text"] for r in rows if r["statement"] >= 0 and rng.random() < 0.3}
    texts |= set(logs)
    texts = sorted(t for t in texts if len(t) > 12)
    rng.shuffle(texts)
    with open(os.path.join(args.work, "mlm.txt"), "w", encoding="utf8") as out:
        out.write("\n".join(texts) + "\n")
    print(json.dumps(dict(parts=counts, statements=len(statements), mlm=len(texts), from_logs=len(logs), lines=len(lines))))


if __name__ == "__main__":
    main()
