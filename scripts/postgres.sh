#!/usr/bin/env bash
# Runs a command with a PostgreSQL of its own: made in a temporary folder, on loopback, ended and removed with the command.
# The command finds it in DATABASE_URL. Needs Debian's package postgresql.
set -euo pipefail
bin="$(ls -d /usr/lib/postgresql/*/bin 2> /dev/null | sort -V | tail -n 1)"
if [ -z "$bin" ]; then
  echo "PostgreSQL is not installed, so nothing is run on it: apt-get install postgresql" >&2
  [ -n "${DATALAB_CI:-}" ] && exit 1
  exit 0
fi
folder="$(mktemp -d)"
port="${PGPORT:-$((20000 + RANDOM % 20000))}"
as=()
if [ "$(id -u)" = 0 ]; then # a server does not run as root
  as=(runuser -u postgres --)
  chown postgres "$folder"
fi
stop() {
  "${as[@]}" "$bin/pg_ctl" -D "$folder/data" -m immediate stop > /dev/null 2>&1 || true
  rm -rf "$folder"
}
trap stop EXIT
"${as[@]}" "$bin/initdb" -D "$folder/data" -U datalab -A trust --no-sync > /dev/null
"${as[@]}" "$bin/pg_ctl" -D "$folder/data" -w -l "$folder/log" \
  -o "-p $port -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off -c full_page_writes=off" start > /dev/null
DATABASE_URL="postgresql://datalab@127.0.0.1:$port/postgres" "$@"
