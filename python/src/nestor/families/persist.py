"""scikit-learn estimators in skops' format: no code in the file, and the same bytes for the same estimator."""

import io
import re
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import skops.io
from skops.io.exceptions import UnsupportedTypeException

from ..errors import NestorError, UnsupportedModel, first_line

FILE = "estimator.skops"
# What skops does not trust by itself: types of the libraries that estimators come from, two that hold data only, and a
# function with arguments, which names its function.
LIBRARIES = ("sklearn", "lightgbm", "xgboost")
TRUSTED = ("collections.OrderedDict", "numpy.dtype", "functools.partial")
# The first moment a zip file can name.
EPOCH = (1980, 1, 1, 0, 0, 0)


def dumps(estimator: Any) -> bytes:
    """Return the estimator's bytes.

    skops names objects by their memory addresses and stamps the archive with the time; both are replaced here, the
    addresses by numbers in order of appearance. Raises UnsupportedModel for what skops cannot keep.
    """
    try:
        saved = skops.io.dumps(estimator)
    except UnsupportedTypeException as error:
        raise UnsupportedModel(
            f"{type(estimator).__name__} cannot be kept in a file that runs no code: {first_line(error)}"
        ) from error
    with zipfile.ZipFile(io.BytesIO(saved)) as archive:
        contents = {name: archive.read(name) for name in archive.namelist()}
    schema = contents.pop("schema.json").decode()
    numbers: dict[str, str] = {}
    for address in re.findall(r'"__id__": (\d+)', schema):
        numbers.setdefault(address, str(len(numbers) + 1))
    pattern = re.compile(r'("__id__": |"file": ")(\d+)')
    schema = pattern.sub(lambda match: match[1] + numbers.get(match[2], match[2]), schema)
    named = {re.sub(r"^\d+", lambda match: numbers.get(match[0], match[0]), name): c for name, c in contents.items()}
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in sorted({**named, "schema.json": schema.encode()}.items()):
            archive.writestr(zipfile.ZipInfo(name, EPOCH), content, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def load(folder: Path, manifest: dict[str, Any]) -> Any:
    """Return the estimator of an artifact folder; raises NestorError for foreign types, and for what is not read here.

    Another version of a library may lack a class, or an attribute, that the estimator has.
    """
    try:
        return loads((folder / FILE).read_bytes())
    except NestorError:
        raise
    except Exception as error:  # whatever a library stumbles over
        written = " ".join(f"{name}=={version}" for name, version in manifest["training"]["libraries"].items())
        raise NestorError(
            f"{folder / FILE} cannot be opened with the libraries that are installed ({first_line(error)}); "
            f"it was written with others: pip install {written}"
        ) from error


def loads(content: bytes, trusted: Sequence[str] = ()) -> Any:
    """Return the estimator of skops' bytes; `trusted` are types that the caller trusts beside those named above.

    Raises NestorError, naming them, for other types.
    """
    named = skops.io.get_untrusted_types(data=content)
    known = [n for n in named if n in TRUSTED or n in trusted or n.split(".")[0] in LIBRARIES]
    if strange := [name for name in named if name not in known]:
        raise NestorError(
            f"the file holds types that may run code: {strange[:10]}; if you trust them, open it yourself: "
            f"estimator = skops.io.load(path, trusted={named[:10]})"
        )
    return skops.io.loads(content, trusted=known)
