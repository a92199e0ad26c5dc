#!/usr/bin/env bash
# Makes .venv from the hashed lock. uv lives in an environment of its own (.tools), because `uv pip sync` removes what the
# lock does not name; where uv cannot be had, pip installs the same lock, slower.
set -euo pipefail
python="${1:-python3}"
cd "$(dirname "$0")/.."
"$python" - <<'PY'
import sys
if sys.version_info < (3, 11):
    sys.exit(f"justice-data-lab needs Python 3.11 or newer. This is {sys.version.split()[0]}. "
             "Install a newer one and say: make demo PYTHON=python3.12")
PY
echo "Setting up (once; about half a minute) ..."
[ -x .tools/bin/python ] || "$python" -m venv .tools
if .tools/bin/pip install -q --disable-pip-version-check --require-hashes -r requirements-uv.lock; then
  .tools/bin/uv venv -q --clear --python "$python" .venv
  # Compiled once here, so that no command compiles its imports again where writing bytecode is switched off.
  .tools/bin/uv pip sync -q --compile-bytecode --python .venv/bin/python --require-hashes requirements.lock
else
  "$python" -m venv --clear .venv
  .venv/bin/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements.lock
fi
site="$(.venv/bin/python -c 'import site; print(site.getsitepackages()[0])')"
printf '%s\n' "$PWD/src" > "$site/datalab.pth"
cat > .venv/bin/datalab <<SH
#!$PWD/.venv/bin/python
from datalab.cli import main

main()
SH
chmod +x .venv/bin/datalab
.venv/bin/python -m compileall -q src  # as an installed package is, for the same reason
touch .venv/.ready
