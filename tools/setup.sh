#!/usr/bin/env bash
# Makes .venv what requirements/dev.txt and pyproject.toml ask for. Quick when nothing changed:
# a stamp in .venv holds a digest of everything the installation came from.
#
# PYTHON names the interpreter to build with (default python3, then any newer one found).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

source tools/apt.sh

readonly venv=.venv
readonly stamp=$venv/.stamp

digest() {
    # The place counts too: scripts and the editable install hold absolute paths.
    { pwd -P; cat requirements/dev.txt pyproject.toml tools/setup.sh; } | sha256sum | cut -d' ' -f1
}

usable() { # is $1 a Python that the package runs on?
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}

find_python() {
    local candidate
    for candidate in "${PYTHON:-python3}" python3.13 python3.12 python3.11 python3.14; do
        if usable "$candidate"; then
            echo "$candidate"
            return
        fi
    done
    return 1
}

make_venv() {
    local python version
    if ! python=$(find_python); then
        apt_install python3 python3-venv || true
        if ! python=$(find_python); then
            echo "setup: Python 3.11 or newer is needed; name one with PYTHON=/path/to/python3" >&2
            exit 1
        fi
    fi
    # Debian ships Python without ensurepip, which venv needs.
    if ! "$python" -c 'import ensurepip' 2>/dev/null; then
        version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
        if ! apt_install "python$version-venv"; then
            echo "setup: $python cannot make virtual environments; install python$version-venv" >&2
            exit 1
        fi
    fi
    rm -rf "$venv"
    "$python" -m venv "$venv"
}

wanted=$(digest)
if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$wanted" ] && usable "$venv/bin/python"; then
    exit 0
fi

# A copied or moved tree: the scripts of its .venv start the interpreter of the old place.
if [ -e "$venv" ] && ! grep -qF "$(pwd -P)/$venv" "$venv/bin/pip" 2>/dev/null; then
    rm -rf "$venv"
fi
usable "$venv/bin/python" || make_venv

echo "setup: installing into $venv (once; a minute or so)" >&2
export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore PIP_NO_INPUT=1
"$venv/bin/python" -m pip install --quiet --use-pep517 --require-hashes -r requirements/dev.txt
# What builds the package is pinned above as well, so nothing unpinned is fetched for it.
"$venv/bin/python" -m pip install --quiet --no-deps --no-build-isolation -e .
echo "$wanted" >"$stamp"
