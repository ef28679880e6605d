"""Serves a GGUF file by llama.cpp's own server, OpenAI-compatible, on a free port of the loopback, until standard input ends.

Usage: llama_server.py PACKAGES MODEL NAME [API_KEY]; PACKAGES is a folder with xllamacpp in it. The first line of standard output is the address.
"""

import sys

packages, model, name, *keys = sys.argv[1:]
sys.path.insert(0, packages)

import xllamacpp  # noqa: E402

params = xllamacpp.CommonParams()
params.model.path = model
params.model_alias = {name}
params.hostnames = ["127.0.0.1"]
params.port = 0
params.api_keys = keys
params.n_ctx = 8192
params.n_parallel = 1
params.cpuparams.n_threads = 2
params.cpuparams_batch.n_threads = 2
# What is asked again must be answered again in the same way: what is left of another request would change the last digits.
params.cache_idle_slots = False
# It serves what it is asked, and fetches nothing.
params.offline = True
params.ui = False

server = xllamacpp.Server(params)
print(server.listening_address, flush=True)
sys.stdin.buffer.read()
