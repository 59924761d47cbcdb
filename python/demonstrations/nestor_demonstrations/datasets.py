"""The public data files the models are trained on: where they come from, and proof that they are the right ones."""

import hashlib
import os
import tempfile
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path

from nestor import DataError


@dataclass(frozen=True)
class DataFile:
    """One file: its name in the data folder, its public origin, its digest and the names of its columns."""

    name: str
    url: str
    sha256: str
    columns: tuple[str, ...]
    header: bool = True
    separator: str = ","

    def check(self, content: bytes, place: str) -> bytes:
        """Return `content` if it has the expected digest; raise DataError, naming file, origin and digest, if not."""
        actual = hashlib.sha256(content).hexdigest()
        if actual != self.sha256:
            raise DataError(f"{place}: sha256 is {actual}, expected {self.sha256} (origin: {self.url})")
        return content

    def read(self, folder: Path) -> bytes:
        """Return the bytes of the file in `folder`, checked for digest and columns; raise DataError otherwise."""
        path = folder / self.name
        try:
            content = self.check(path.read_bytes(), str(path))
        except FileNotFoundError:
            raise DataError(
                f"{path}: no such file; get it from {self.url} (sha256 {self.sha256}) "
                f"or run: python -m nestor_demonstrations fetch <model> --data {folder}"
            ) from None
        self.check_columns(content, str(path))
        return content

    def check_columns(self, content: bytes, place: str) -> None:
        """Raise DataError unless the first line has the columns' names (or, without a header, their number)."""
        first = tuple(content.decode("utf-8").splitlines()[0].split(self.separator))
        if first != self.columns if self.header else len(first) != len(self.columns):
            raise DataError(f"{place}: columns are {list(first)}, expected {list(self.columns)} (origin: {self.url})")

    def fetch(self, folder: Path, url: str | None = None) -> Path:
        """Download the file into `folder` (from `url` or its origin); a wrong digest leaves nothing behind.

        A file that is already there with the right digest is kept. Raises DataError when the download fails.
        """
        target = folder / self.name
        if target.exists() and hashlib.sha256(target.read_bytes()).hexdigest() == self.sha256:
            return target
        source = url or self.url
        try:
            with urllib.request.urlopen(source, timeout=60) as reply:
                content = self.check(reply.read(), source)
        except (urllib.error.URLError, TimeoutError) as error:
            raise DataError(f"{source}: download of {self.name} failed: {error}") from error
        folder.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=folder, prefix=f".{self.name}.")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
            os.chmod(temporary, 0o644)
            os.replace(temporary, target)
        except BaseException:
            os.unlink(temporary)
            raise
        return target


HR_TURNOVER = DataFile(
    name="hr-turnover.csv",
    url="https://raw.githubusercontent.com/MaartenGr/ML-API/master/notebooks/data.csv",
    sha256="107fa61085542fe3ca9b16cba3a64ea095d89a958b6c606e55ce93b72af26d12",
    columns=(
        "satisfaction_level",
        "last_evaluation",
        "number_project",
        "average_montly_hours",
        "time_spend_company",
        "Work_accident",
        "left",
        "promotion_last_5years",
        "sales",
        "salary",
    ),
)

PIMA = DataFile(
    name="pima-indians-diabetes.csv",
    url="https://raw.githubusercontent.com/jbrownlee/Datasets/master/pima-indians-diabetes.data.csv",
    sha256="6bfe5d0f379d17a0e0819b996407e3c09bf80febd4287f2ed212190dfff154af",
    columns=(
        "times_pregnant",
        "glucose",
        "blood_pressure",
        "skin_fold_thick",
        "serum_insuling",
        "mass_index",
        "diabetes_pedigree",
        "age",
        "class",
    ),
    header=False,
)

_SST2 = "https://raw.githubusercontent.com/clairett/pytorch-sentiment-classification/master/data/SST2"
SST2_TRAIN = DataFile(
    name="sst2-train.tsv",
    url=f"{_SST2}/train.tsv",
    sha256="ec192f833a64da08f475488a77b0d0b47db47acd0f458bd18433fc793b569920",
    columns=("text", "class"),
    header=False,
    separator="\t",
)
SST2_DEV = DataFile(
    name="sst2-dev.tsv",
    url=f"{_SST2}/dev.tsv",
    sha256="eddea6b39e601dd4e7a672b53cc40fdf6019fa80522f351206c24340ca5d9359",
    columns=("text", "class"),
    header=False,
    separator="\t",
)
