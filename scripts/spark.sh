#!/usr/bin/env bash
# Installs PySpark beside what is in .venv, from its own hashed lock. Java comes from the operating system.
set -euo pipefail
if ! command -v java > /dev/null && [ ! -x "${JAVA_HOME:-/nowhere}/bin/java" ]; then
  echo "Java is not installed, so nothing is run on Spark: apt-get install openjdk-17-jre-headless" >&2
  [ -n "${DATALAB_CI:-}" ] && exit 1
fi
if [ -x .tools/bin/uv ]; then
  .tools/bin/uv pip install -q --python .venv/bin/python --require-hashes -r requirements-spark.lock
else
  .venv/bin/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements-spark.lock
fi
touch .venv/.spark
