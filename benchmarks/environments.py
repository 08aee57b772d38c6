"""Which Python runs a library: this one, or one made for a rival that is not installed here."""

from __future__ import annotations

import subprocess
import sys
import venv
from pathlib import Path

HERE = Path(__file__).resolve().parent
ENVIRONMENTS = HERE / ".envs"


def python_for(library: str) -> Path:
    """Return a Python that can import the library, making an environment for it if need be."""
    if imports(Path(sys.executable), library):
        return Path(sys.executable)
    python = ENVIRONMENTS / library / "bin" / "python"
    if not imports(python, library):
        make_environment(library)
    return python


def imports(python: Path, library: str) -> bool:
    """Return whether this Python can import the library."""
    if not python.exists():
        return False
    command = [str(python), "-c", f"import {library}"]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def make_environment(library: str) -> None:
    """Create the environment of a rival from its pinned requirements."""
    folder, requirements = ENVIRONMENTS / library, HERE / f"requirements-{library}.txt"
    print(f"making an environment for {library} from {requirements.name}", file=sys.stderr)
    venv.create(folder, with_pip=True, clear=True)
    pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet"]
    subprocess.run([*pip, "--requirement", str(requirements)], check=True)
