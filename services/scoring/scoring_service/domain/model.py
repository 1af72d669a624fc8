"""RFM models that can be computed."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Model:
    name: str
    window_days: int


MODELS = {model.name: model for model in (Model("default", 365),)}
