#!/bin/sh
# The hospital from its policy to what a compliance officer asks for: lineage, the mark, a signature, a proof of
# privacy and a report, in one folder.
#
#     sh examples/hospital/run.sh [FOLDER]
set -eu
here=$(cd "$(dirname "$0")" && pwd)
out=${1:-hospital-output}
faasera=${FAASERA:-$here/../../.venv/bin/faasera}
[ -x "$faasera" ] || faasera=faasera
mkdir -p "$out"
out=$(cd "$out" && pwd)

echo "1. Generate: every run tells OpenLineage what it made of what; here into a file."
OPENLINEAGE__TRANSPORT__TYPE=file \
OPENLINEAGE__TRANSPORT__LOG_FILE_PATH="$out/lineage.jsonl" \
OPENLINEAGE__TRANSPORT__APPEND=true \
    "$faasera" generate "$here/policy.json" --out "$out/data" --format parquet --overwrite --check

echo "2. Sign: the manifest names the hash of every file, and who vouches for it."
[ -f "$out/signing.key" ] || "$faasera" manifest keygen "$out/signing.key"
"$faasera" manifest sign "$out/data" --key "$out/signing.key"
"$faasera" manifest verify "$out/data" --public-key "$out/signing.key.pub"

echo "3. Describe: for data catalogues, and for data science."
"$faasera" manifest "$out/data" --as dcat -o "$out/dcat.json"
"$faasera" manifest "$out/data" --as croissant -o "$out/data/croissant.json"

echo "4. Compare with real records. This hospital has none: another seed stands in for them, half of it unused."
"$faasera" generate "$here/policy.json" --out "$out/records" --seed 2024 --overwrite --tables patients,staff >/dev/null
"$faasera" generate "$here/policy.json" --out "$out/unused" --seed 2025 --overwrite --tables patients,staff >/dev/null
"$faasera" privacy "$out/data" --against "$out/records" --holdout "$out/unused" --json > "$out/privacy.json"
"$faasera" privacy "$out/data" --against "$out/records" --holdout "$out/unused"

echo "5. Report: one page to hand around."
"$faasera" report "$out/data" --policy "$here/policy.json" --privacy "$out/privacy.json" -o "$out/report.html"
