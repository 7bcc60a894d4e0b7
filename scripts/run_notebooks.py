"""Run the notebooks from top to bottom and store them as they ran, without traces of this machine.

Run from the root of the checkout after a notebook or what it shows has changed; takes a few minutes:
``python scripts/run_notebooks.py [NAME.ipynb ...] [--study OUT --mirror DIR]``. With the folder of a full study,
notebooks/02_hitchhiker_study.ipynb shows that one.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

import nbformat
from nbclient import NotebookClient

FOLDER = Path("notebooks")
TIMEOUT_S = 1200
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


def run(path: Path, further_parameters: str = "") -> None:
    """Execute a notebook in an empty folder and write it back with its outputs.

    Lines are added to the end of its parameters while it runs, and are not stored.
    """
    notebook = nbformat.read(path, as_version=4)
    (parameters,) = (cell for cell in notebook.cells if "parameters" in cell.metadata.get("tags", []))
    stored = parameters.source
    parameters.source = f"{stored}\n{further_parameters}"
    with tempfile.TemporaryDirectory() as folder:
        NotebookClient(
            notebook,
            timeout=TIMEOUT_S,
            kernel_name="python3",
            record_timing=False,
            resources={"metadata": {"path": folder}},
        ).execute()
    parameters.source = stored
    notebook.metadata = nbformat.from_dict(METADATA)
    nbformat.write(notebook, path)
    print(f"Ran {path}")


def main() -> None:
    """Run the notebooks that were named, or all of them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="files in notebooks/; default: all")
    parser.add_argument("--study", type=Path, help="folder of a full study, for the notebook about it")
    parser.add_argument(
        "--mirror", type=Path, help="folder with copies of the public data sets, for the same"
    )
    arguments = parser.parse_args()
    given = {"study_folder": arguments.study, "mirror": arguments.mirror}
    lines = [f"{name} = {str(path.absolute())!r}" for name, path in given.items() if path is not None]
    names = arguments.names or sorted(path.name for path in FOLDER.glob("*.ipynb"))
    for name in names:
        run(FOLDER / name, "\n".join(lines))


if __name__ == "__main__":
    main()
