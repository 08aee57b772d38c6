"""Customer segments, lifetime value, retention and service priorities.

Every room of the library is a sub-package that loads when it is first touched::

    import custvalue

    orders = custvalue.datasets.load_cdnow()
"""

from __future__ import annotations

import importlib
from pathlib import Path
from types import ModuleType
from typing import Any

from custvalue._version import __version__

_ROOMS = (
    "datasets",
    "factors",
    "lifetime",
    "plotting",
    "retention",
    "segmentation",
    "service",
    "transactions",
    "workflow",
)

__all__ = [
    "__version__",
    "datasets",
    "exceptions",
    "factors",
    "lifetime",
    "load",
    "plotting",
    "retention",
    "segmentation",
    "service",
    "transactions",
    "workflow",
]


def load(path: str | Path) -> Any:
    """Read an estimator that was saved with its ``save`` method.

    The file is JSON; nothing that it holds is executed. A class name is looked up among the public
    names of the library and nowhere else.

    Parameters
    ----------
    path : str or pathlib.Path
        File written by ``estimator.save(path)``.

    Returns
    -------
    estimator
        An estimator with the same parameters and fitted attributes as the one saved.

    Raises
    ------
    custvalue.exceptions.PersistenceError
        If the file is not such a document, or was written in a format, for a class or with a
        parameter that this version does not know.

    Examples
    --------
    >>> import tempfile, pathlib, custvalue
    >>> from custvalue.lifetime import BetaGeoNBD
    >>> model = BetaGeoNBD.from_params({"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426})
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder, "model.json")
    ...     model.save(path)
    ...     custvalue.load(path).params_["alpha"]
    np.float64(4.414)
    """
    from custvalue._estimator.reading import read_estimator

    return read_estimator(Path(path), _public_class)


def _public_class(name: str) -> type | None:
    """Return the public class of that name, or None."""
    for room in _ROOMS:
        module = importlib.import_module(f"custvalue.{room}")
        found = getattr(module, name, None) if name in module.__all__ else None
        if isinstance(found, type):
            return found
    return None


def __getattr__(name: str) -> ModuleType:
    if name in _ROOMS or name == "exceptions":
        return importlib.import_module(f"custvalue.{name}")
    raise AttributeError(f"module 'custvalue' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
