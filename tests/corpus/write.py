"""``python tests/corpus/write.py [PACK] >tests/corpus/huawei-ims.jsonl`` writes the corpus of a pack anew."""

from __future__ import annotations

import sys

import imagefit
from imagefit.analysis.verify.corpus import corpus_lines

for line in corpus_lines(imagefit.load_pack(sys.argv[1] if len(sys.argv) > 1 else None)):
    sys.stdout.buffer.write(line.encode() + b"\n")
