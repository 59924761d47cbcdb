"""A small convolutional text classifier in PyTorch: embedding, windows of words, their masked mean, one score."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import torch

from .frames import Frame, column
from .text_encoders import FIRST_TERM, PADDING, UNKNOWN, Tokens

__all__ = ["PADDING", "UNKNOWN", "Shape", "TextClassifier", "TextNet", "vocabulary"]

CHUNK = 256

# A token is a stem before one or two common endings, the endings, "n't", "'s" and the like, any other word, "!" or "?".
# Only constructs that Python and JavaScript (flags gu) read alike; the bound on endings keeps the search linear.
ENDINGS = "ing|ings|ed|ly|es|s|er|ers|est|ness|ful|less|able|ment|ments|ion|ions|ity|ous|ive|y|e"
PATTERN = (
    rf"(?<![a-z0-9])[a-z]{{3,}}?(?=(?:{ENDINGS}){{1,2}}(?![a-z0-9]))"
    r"|[a-z]+(?=n't)|n't|'(?:s|re|ve|ll|d|m)|[a-z0-9]+|[!?]"
)


@dataclass(frozen=True)
class Shape:
    """The sizes of a net: members that vote, and for each its embedding width and filters; widths of the windows;
    how many tokens are read, and the pattern of a token."""

    members: int = 4
    embedding: int = 24
    filters: int = 32
    windows: tuple[int, ...] = (1, 2, 3)
    maximum_tokens: int = 64
    pattern: str = PATTERN


class TextNet(torch.nn.Module):
    """ids [n, L] int64, 0 = padding -> raw score [n, 1], the mean of the members'; padding never changes a score."""

    def __init__(self, terms: int, shape: Shape, dropout: float = 0.5) -> None:
        super().__init__()
        members, width = shape.members, shape.filters * len(shape.windows)
        self.embedding = torch.nn.Embedding(terms + FIRST_TERM, members * shape.embedding, padding_idx=PADDING)
        self.windows = torch.nn.ModuleList(
            torch.nn.Conv1d(members * shape.embedding, members * shape.filters, size, padding=size - 1, groups=members)
            for size in shape.windows
        )
        self.weight = torch.nn.Parameter(torch.empty(members, width).uniform_(-1, 1) / width**0.5)
        self.bias = torch.nn.Parameter(torch.zeros(members))
        self.dropout = torch.nn.Dropout(dropout)

    def member_scores(self, ids: torch.Tensor) -> torch.Tensor:
        """Return each member's raw score [n, members]; they share nothing, so each is trained on its own."""
        mask = (ids != PADDING).to(torch.float32).unsqueeze(1)  # [n, 1, L]
        words = self.dropout(self.embedding(ids).transpose(1, 2) * mask)  # [n, members * embedding, L]
        means = []
        for window in self.windows:
            assert isinstance(window, torch.nn.Conv1d)
            size = window.kernel_size[0]
            # A window counts if it touches a word: a text of l words has l + size - 1 of them, whatever the padding.
            touched = torch.nn.functional.max_pool1d(
                torch.nn.functional.pad(mask, (size - 1, size - 1)), size, stride=1
            )
            mean = (torch.relu(window(words)) * touched).sum(2) / touched.sum(2)
            means.append(mean.unflatten(1, (len(self.bias), -1)))  # [n, members, filters]
        return (self.dropout(torch.cat(means, dim=2)) * self.weight).sum(2) + self.bias

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        """Return the raw scores [n, 1]."""
        return self.member_scores(ids).mean(1, keepdim=True)


class TextClassifier:
    """A net with its vocabulary: answers texts. Class 1 is the one the score speaks for."""

    def __init__(self, terms: Sequence[str], shape: Shape, net: TextNet | None = None) -> None:
        self.terms, self.shape = list(terms), shape
        self.net = net or TextNet(len(self.terms), shape)

    def encoder(self, input_: str) -> Tokens:
        """Return the encoder of the net's ids."""
        return Tokens(input_, self.terms, self.shape.pattern, self.shape.maximum_tokens)

    def raw(self, texts: Sequence[str]) -> np.ndarray:
        """Return the raw scores `[n, 1]`, float32."""
        encoder = self.encoder("text")
        self.net.eval()
        parts = []
        with torch.no_grad():
            for start in range(0, len(texts), CHUNK):
                ids = encoder.encode(Frame({"text": column(texts[start : start + CHUNK])}))["ids"]
                parts.append(self.net(torch.from_numpy(ids)).numpy())
        return np.concatenate(parts)


def vocabulary(texts: Iterable[str], shape: Shape) -> list[str]:
    """Return every token of the texts, sorted: the terms of a classifier that is trained on them."""
    tokens = Tokens("text", [], shape.pattern, shape.maximum_tokens).tokens
    return sorted({token for text in texts for token in tokens(text)})
