#!/bin/sh
# AWS Lambda as a zip file: sh deploy/aws-lambda/build_zip.sh [REQUIREMENT] [ZIP]
# The function's handler is faasera.frontends.cloud.aws.handler, its runtime the Python that runs this.
set -eu
requirement=${1:-faasera}
zip=${2:-faasera-lambda.zip}
python=${PYTHON:-python3}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"$python" -m pip install -q --disable-pip-version-check --target "$folder" "$requirement"
# What a function never reads: 250 MB is the most that Lambda unpacks.
find "$folder" \( -name tests -o -name __pycache__ -o -name include \) -type d -prune -exec rm -rf {} +
find "$folder" \( -name '*.pyi' -o -name '*.pxd' -o -name '*.pyx' \) -delete
rm -rf "$folder/bin"
rm -f "$folder"/pyarrow/libarrow_flight.so.* "$folder"/pyarrow/libarrow_python_flight.so.* "$folder"/pyarrow/_flight*.so
"$python" - "$folder" "$zip" <<'PYTHON'
import sys
import zipfile
from pathlib import Path

folder, target = Path(sys.argv[1]), sys.argv[2]
with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    for path in files:
        archive.write(path, path.relative_to(folder))
size = sum(path.stat().st_size for path in files)
print(f"{target}: {Path(target).stat().st_size / 1e6:.0f} MB, unpacked {size / 1e6:.0f} MB (limit 250 MB)")
PYTHON
