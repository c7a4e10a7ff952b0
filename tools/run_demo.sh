#!/usr/bin/env bash
# The Django example on the mock: `make run`, or `make run PORT=8001`.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../examples/django_app"

readonly python=$PWD/../../.venv/bin/python
readonly port=${PORT:-8000}

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

export USE_MOCKS=true PYTHONUNBUFFERED=1
"$python" manage.py migrate --noinput --verbosity 0
"$python" manage.py seed_demo
echo
echo "The example runs on http://127.0.0.1:$port/ with USE_MOCKS=true: no account, no credentials."
echo "Ctrl-C stops it."
echo
# --noreload: one process, so one mock; the reloader would start a second.
exec "$python" manage.py runserver --noreload "127.0.0.1:$port"
