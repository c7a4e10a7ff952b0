#!/usr/bin/env bash
# The Django example, live: `make run`, or `make run PORT=8001`.
#
# A local Pusher (`pusher-mock serve`) runs beside it, which browsers connect to with pusher-js from
# npm. MOCK_PORT names its port; any free one otherwise. With MEMORY=1 there is none: the mock is in
# the example's own process, and pages are not live.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../examples/django_app"

readonly python=$PWD/../../.venv/bin/python
readonly port=${PORT:-8000}
readonly url=http://127.0.0.1:$port/

# Asked before anything is migrated, and answered with the remedy rather than a traceback.
"$python" - "$port" <<'PYTHON'
import socket
import sys

port = sys.argv[1]
if not port.isdecimal() or not 0 < int(port) < 65536:
    sys.exit(f"PORT={port} is no port: use a number from 1 to 65535, as in `make run PORT=8001`")
with socket.socket() as probe:
    probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        probe.bind(("127.0.0.1", int(port)))
    except OSError as error:
        sys.exit(f"port {port} cannot be had ({error.strerror}): choose another, `make run PORT=8001`")
PYTHON

get_pusher_js() { # unless it is here, as the lock file has it
    if [ node_modules/.package-lock.json -nt package-lock.json ]; then
        return
    elif ! command -v npm >/dev/null; then
        echo "npm is not installed, and pusher-js comes from it: pages will not be live." >&2
    elif ! npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >&2; then
        echo "npm could not fetch pusher-js: pages will not be live." >&2
    fi
}

prepare() {
    "$python" manage.py migrate --noinput --verbosity 0
    "$python" manage.py seed_demo
}

export USE_MOCKS=true PYTHONUNBUFFERED=1

if [ -n "${MEMORY:-}" ] && [ "$MEMORY" != 0 ]; then
    unset PUSHER_MOCK_URL
    prepare
    echo
    echo "The example runs on $url with USE_MOCKS=true: no account, no credentials."
    echo "The mock is in its memory, and pages are not live. Ctrl-C stops it."
    echo
    # --noreload: one process, so one mock; the reloader would start a second.
    exec "$python" manage.py runserver --noreload "127.0.0.1:$port"
fi

get_pusher_js

started=()
folder=$(mktemp -d)

finish() {
    trap - EXIT
    trap '' INT TERM HUP
    local one waiting turns=100
    for one in ${started[@]+"${started[@]}"}; do
        kill "$one" 2>/dev/null || true
    done
    # The reloader may lock itself up when it is told twice.
    for one in ${started[@]+"${started[@]}"}; do
        while waiting=$((turns--)) && [ "$waiting" -gt 0 ] && kill -0 "$one" 2>/dev/null; do
            sleep 0.1
        done
        kill -KILL "$one" 2>/dev/null || true
    done
    wait
    rm -rf "$folder"
}
trap finish EXIT
# Once is enough: `make` passes on what its whole group has been sent.
trap "trap '' INT TERM HUP; exit 0" INT
trap "trap '' INT TERM HUP; exit 143" TERM HUP

# It says its address when it answers; a pipe, so that nothing here has to look again and again.
mkfifo "$folder/said"
"$python" -m pusher_mock.cli serve --port "${MOCK_PORT:-0}" --print-env \
    --webhook "${url}pusher/webhook" >"$folder/said" &
started+=($!)
exec 3<"$folder/said"
PUSHER_MOCK_URL=
while [ -z "$PUSHER_MOCK_URL" ]; do
    read -r line <&3 || exit 1 # it has said on standard error why it ended
    case $line in PUSHER_MOCK_URL=*) PUSHER_MOCK_URL=${line#*=} ;; esac
done
# The server has one app, the documented one; whatever else the environment or `.env` says is for the
# real Pusher.
export PUSHER_MOCK_URL PUSHER_APP_ID=1 PUSHER_KEY=mock-pusher-key PUSHER_SECRET=mock-pusher-secret

prepare
echo
echo "The example runs on $url with USE_MOCKS=true: no account, no credentials."
echo "Its Pusher is $PUSHER_MOCK_URL: open two windows, as two people. Ctrl-C stops both."
echo
# In the background, so that signals are heard meanwhile; `<&0` keeps the terminal for `breakpoint()`.
"$python" manage.py runserver "127.0.0.1:$port" <&0 &
started+=($!)
wait "${started[1]}"
