#!/usr/bin/env bash
# The real clients that the tests drive: Node with its packages, and Chromium. Quick when they are
# there.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source tools/apt.sh

if ! command -v node >/dev/null || ! command -v npm >/dev/null; then
    apt_install nodejs npm || true
    if ! command -v npm >/dev/null; then
        echo "setup: the tests need Node 20 and npm; install them" >&2
        exit 1
    fi
fi

if ! command -v chromium >/dev/null && ! command -v google-chrome >/dev/null; then
    apt_install chromium || true
    if ! command -v chromium >/dev/null; then
        echo "setup: the tests need Chromium; install it (on Debian: apt-get install chromium)" >&2
        exit 1
    fi
fi

.venv/bin/python -c 'from tests.node.runner import install; install()'
.venv/bin/python -c 'from tests.scenarios.example import get_pusher_js; get_pusher_js()'
