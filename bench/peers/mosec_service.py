"""mosec (Rust in front, one Python worker) with the turnover model of LightGBM, in its fastest form.

msgspec reads, checks and writes JSON; rows that wait together share one call of the model, up to MAX_BATCH_SIZE. It records
nothing, which is in its favour.
"""

import os
from typing import Annotated, Literal

import lightgbm
import msgspec
import numpy as np
from mosec import Server, ValidationError, Worker
from msgspec import Meta

MAX_BATCH_SIZE = int(os.environ["MAX_BATCH_SIZE"])
NUMBERS = ("satisfaction_level", "last_evaluation", "number_project", "average_montly_hours", "time_spend_company",
           "Work_accident", "promotion_last_5years")  # fmt: skip
Sales = Literal["IT", "RandD", "accounting", "hr", "management", "marketing", "product_mng", "sales", "support",
                "technical"]  # fmt: skip
Share = Annotated[float, Meta(ge=0, le=1)]


class Employee(msgspec.Struct, forbid_unknown_fields=True):
    """The nine inputs, with the bounds that Nestor checks too."""

    satisfaction_level: Share
    last_evaluation: Share
    number_project: Annotated[int, Meta(ge=0, le=100)]
    average_montly_hours: Annotated[int, Meta(ge=0, le=744)]
    time_spend_company: Annotated[int, Meta(ge=0, le=100)]
    Work_accident: Annotated[int, Meta(ge=0, le=1)]
    promotion_last_5years: Annotated[int, Meta(ge=0, le=1)]
    sales: Sales
    salary: Literal["high", "low", "medium"]


class Turnover(Worker):
    """Answers one row as Nestor's POST /predict does."""

    def __init__(self) -> None:
        """Load the model."""
        super().__init__()
        self.booster = lightgbm.Booster(model_file=os.environ["MODEL_FILE"])
        self.columns = {
            name: index for index, name in enumerate(self.booster.feature_name())
        }
        self.decoder = msgspec.json.Decoder(Employee)
        self.encoder = msgspec.json.Encoder()

    def deserialize(self, data: bytes) -> Employee:
        """Read and check one row."""
        try:
            return self.decoder.decode(data)
        except msgspec.MsgspecError as error:
            raise ValidationError(str(error)) from error

    def serialize(self, data: dict[str, int]) -> bytes:
        """Write one answer."""
        return self.encoder.encode(data)

    def forward(
        self, data: Employee | list[Employee]
    ) -> dict[str, int] | list[dict[str, int]]:
        """Answer the rows that came together; mosec gives a single row where no more may."""
        rows = data if MAX_BATCH_SIZE > 1 else [data]
        tensor = np.zeros((len(rows), len(self.columns)))
        for index, row in enumerate(rows):
            tensor[index, : len(NUMBERS)] = [getattr(row, name) for name in NUMBERS]
            tensor[index, self.columns[f"sales_{row.sales}"]] = 1
            tensor[index, self.columns[f"salary_{row.salary}"]] = 1
        shares = self.booster.predict(tensor, num_threads=1)
        answers = [{"prediction": int(share > 0.5)} for share in shares]
        return answers if MAX_BATCH_SIZE > 1 else answers[0]


if __name__ == "__main__":
    server = Server()
    server.append_worker(
        Turnover,
        num=1,
        max_batch_size=MAX_BATCH_SIZE,
        max_wait_time=1,
        route="/predict",
    )
    server.run()
