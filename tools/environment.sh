#!/bin/sh
# Builds .venv in the project's root from uv.lock. Usage: tools/environment.sh run|serve|test|bench
#   run    what the program needs          (make inspect)
#   serve  and what the service needs      (make demo, make serve)
#   test   and what tests and checks need  (make test, make check)
#   bench  and what measurements need      (make bench)
# Groups that are there already are kept, so that a later "run" does not take the tests' tools away.
set -eu

UV_VERSION=0.13.9
cd "$(dirname "$0")/.."
unset VIRTUAL_ENV UV_PROJECT_ENVIRONMENT
export UV_PYTHON_DOWNLOADS=never

fail() {
    echo "himozuke: $1" >&2
    exit 2
}

is_new_enough() {
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1
}

find_python() {
    for name in ${PYTHON:-python3 python3.14 python3.13 python3.12 python3.11}; do
        if command -v "$name" >/dev/null 2>&1 && is_new_enough "$name"; then
            echo "$name"
            return
        fi
    done
    fail "no Python 3.11 or newer found on PATH; install one, or name it: make PYTHON=/path/to/python3.12 …"
}

make_environment() {
    python=$(find_python)
    "$python" -c 'import ensurepip, venv' >/dev/null 2>&1 ||
        fail "$python cannot make environments; on Debian and Ubuntu install its venv package: apt-get install python3-venv"
    echo "himozuke: building .venv with $("$python" --version)" >&2
    "$python" -m venv --clear .venv
}

case "${1:-}" in
    run) groups=--no-default-groups ;;
    serve) groups="--no-default-groups --extra server" ;;
    test) groups="--extra server" ;;
    bench) groups="--extra server --group bench" ;;
    *) fail "say which environment: run, serve, test or bench" ;;
esac

if ! { [ -x .venv/bin/python ] && is_new_enough .venv/bin/python; }; then
    make_environment
fi
if [ "$(.venv/bin/uv --version 2>/dev/null | cut -d' ' -f2)" != "$UV_VERSION" ]; then
    .venv/bin/python -m pip install --quiet --disable-pip-version-check "uv==$UV_VERSION" ||
        fail "uv $UV_VERSION could not be installed; is the package index reachable?"
fi
# shellcheck disable=SC2086  # no word or two words
.venv/bin/uv sync --quiet --frozen --inexact --python .venv/bin/python $groups ||
    fail "the packages of uv.lock could not be installed; is the package index reachable?"
