#!/bin/sh
# Print the path of the Python that the virtual environment is to be made from.
#
# Looked at: $PYTHON, the usual names in every folder of PATH, then the versions that pyenv keeps. A candidate counts
# only if it runs (a pyenv shim may not), is CPython 3.12 or later, and can make a virtual environment (Debian ships
# `venv` apart). $PYTHON wins if it counts; among the others 3.13 is preferred, then 3.12, then whatever is left.
set -u

# Prints "RANK PATH", or nothing for an interpreter that will not do. The path is that of the base interpreter: the
# new environment must not stand on another one, which may be the very environment that it replaces.
probe='
import sys, sysconfig, venv, ensurepip
version = sys.version_info[:2]
if sys.implementation.name == "cpython" and version >= (3, 12):
    rank = {(3, 13): 1, (3, 12): 2}.get(version, 3)
    free_threaded = bool(sysconfig.get_config_var("Py_GIL_DISABLED"))  # few packages have wheels for these
    print(rank + 3 * free_threaded, getattr(sys, "_base_executable", None) or sys.executable)
'

examine() {
    "$1" -I -c "$probe" </dev/null 2>/dev/null
}

# The bodies in round brackets are subshells: what they set stays in them.
candidates_on_path() (
    set -f
    IFS=:
    for name in python3.13 python3.12 python3.14 python3 python; do
        for folder in $PATH; do
            echo "${folder:-.}/$name"
        done
    done
)

candidates_of_pyenv() (
    for root in "$(pyenv root 2>/dev/null)" "${PYENV_ROOT:-}" "${HOME:-}/.pyenv"; do
        for candidate in "$root"/versions/*/bin/python3; do
            echo "$candidate"
        done
    done
)

examine_each() {
    while IFS= read -r candidate; do
        if [ -f "$candidate" ] && [ -x "$candidate" ]; then
            examine "$candidate"
        fi
    done
}

first_of_lowest_rank() {
    awk 'NR == 1 || $1 < rank { rank = $1; line = $0 } END { print line }'
}

chosen=
if [ -n "${PYTHON:-}" ]; then
    chosen=$(examine "$PYTHON")
fi
if [ -z "$chosen" ]; then
    chosen=$({ candidates_on_path; candidates_of_pyenv; } | examine_each | first_of_lowest_rank)
    if [ -z "$chosen" ]; then
        echo "No usable Python 3.12 or later was found on PATH or among the pyenv versions: install one that has the" \
            "venv module, or name it with 'make PYTHON=/path/to/python3'." >&2
        exit 1
    fi
    if [ -n "${PYTHON:-}" ]; then
        echo "PYTHON=$PYTHON is not a usable Python 3.12 or later; taking ${chosen#* } instead." >&2
    fi
fi
echo "${chosen#* }"
