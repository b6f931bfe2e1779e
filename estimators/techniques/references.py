"""Papers that several techniques are from."""

from __future__ import annotations

from estimators.techniques.technique import Reference

__all__ = ["HOLZMULLER_2024", "HOWARD_2018", "KINGMA_2015", "YOSINSKI_2014"]

HOLZMULLER_2024 = Reference(
    "Holzmuller2024", "Holzmüller et al. 2024", "https://arxiv.org/abs/2407.04491"
)

HOWARD_2018 = Reference("Howard2018", "Howard and Ruder 2018", "https://arxiv.org/abs/1801.06146")

KINGMA_2015 = Reference("Kingma2015", "Kingma and Ba 2015", "https://arxiv.org/abs/1412.6980")

YOSINSKI_2014 = Reference("Yosinski2014", "Yosinski et al. 2014", "https://arxiv.org/abs/1411.1792")
