#!/bin/sh
# Makes .venv from nothing but a Python with venv: fetches uv, then installs exactly what uv.lock says.
# `make env` calls this when uv.lock or a pyproject.toml is newer than the environment.
set -eu

UV_VERSION=0.13.9
TOOLS=.cache/uv-bootstrap
WANTED='import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))'

fail() {
    printf 'error: %s\n  cure: %s\n' "$1" "$2" >&2
    exit 1
}

find_python() {
    for candidate in ${PYTHON:-} python3 python3.13 python3.12 python3.11 python; do
        if command -v "$candidate" >/dev/null 2>&1 && "$candidate" -c "$WANTED" 2>/dev/null; then
            command -v "$candidate"
            return
        fi
    done
    fail "Waypost needs Python 3.11, 3.12 or 3.13; python3 is $(python3 --version 2>&1 || true)" \
        "install one (Debian: apt-get install python3 python3-venv), or say which: make PYTHON=/path/to/python3.12"
}

install_uv() {
    if [ "$("$TOOLS/bin/uv" --version 2>/dev/null | cut -d' ' -f2)" = "$UV_VERSION" ]; then
        return
    fi
    rm -rf "$TOOLS"
    mkdir -p "$(dirname "$TOOLS")"
    "$1" -m venv "$TOOLS" || fail "$1 cannot make virtual environments" "Debian: apt-get install python3-venv"
    "$TOOLS/bin/python" -m pip install --quiet --disable-pip-version-check "uv==$UV_VERSION" ||
        fail "uv $UV_VERSION could not be downloaded" "check the network, or set PIP_INDEX_URL to a mirror of PyPI"
}

# The lock file names PyPI's own file addresses. With a mirror, the same versions and hashes are taken from there.
mirror=${UV_DEFAULT_INDEX:-${UV_INDEX_URL:-${PIP_INDEX_URL:-}}}

install_packages() {
    uv=$TOOLS/bin/uv
    if [ -z "$mirror" ]; then
        "$uv" sync --quiet --frozen --all-packages --python "$1"
        return
    fi
    [ -x .venv/bin/python ] || "$uv" venv --quiet --python "$1" .venv
    "$uv" export --quiet --frozen --all-packages --output-file .cache/requirements.txt >/dev/null
    "$uv" pip sync --quiet --python .venv/bin/python --default-index "$mirror" .cache/requirements.txt
}

python=$(find_python)
install_uv "$python"
echo "installing packages into .venv"
install_packages "$python" || fail "the packages could not be installed" "see above; behind a mirror, set PIP_INDEX_URL"
touch .venv/.installed
