"""Three sets of the archive of time series classification, one of each sort."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from pipelines.data.dataset import Dataset
from pipelines.data.download import PublishedFile, read_published
from pipelines.data.folder import DataHome, data_folder
from pipelines.data.ts_file import join_parts, parse_ts

__all__ = ["TIME_SERIES", "load_time_series"]

ARCHIVE = "https://www.timeseriesclassification.com/aeon-toolkit"
# The same files, as the toolkit that reads the archive has them for its tests.
TOOLKIT = "https://github.com/aeon-toolkit/aeon/raw/v1.6.0/aeon/datasets/data"

TIME_SERIES = MappingProxyType(
    {
        "italy_power_demand": "ItalyPowerDemand",
        "japanese_vowels": "JapaneseVowels",
        "basic_motions": "BasicMotions",
    }
)
"""What the archive calls them, by name."""

SHA256 = MappingProxyType(
    {
        "ItalyPowerDemand_TRAIN.ts": (
            "341269cb7e6cef96846b30e774580beec79addb93848ba360145219115a74b7c"
        ),
        "ItalyPowerDemand_TEST.ts": (
            "26122451f87dd0387ef90b18bc8a86c041371b8a1c068004922b939971247144"
        ),
        "JapaneseVowels_TRAIN.ts": (
            "68a430eabd919cc77f40b1f5f3bc0dcafacc1486bca9260785aeb7d262cc78cd"
        ),
        "JapaneseVowels_TEST.ts": (
            "b3d41d6a0ca3bcad3afb9ca7d4365382aa51341e2e58bae2a574babdda5b9462"
        ),
        "BasicMotions_TRAIN.ts": (
            "8dc43cc6306cb679c888c01e26f91772ac4441a916da43bac8b79734a538b9d6"
        ),
        "BasicMotions_TEST.ts": (
            "79213102bc6fca1a398ad98ce1185dff0208fa3d1465e687f48288946b0ff8dc"
        ),
    }
)


def _published(title: str) -> tuple[PublishedFile, ...]:
    names = (f"{title}_TRAIN.ts", f"{title}_TEST.ts")
    return tuple(
        PublishedFile(name, (f"{ARCHIVE}/{title}.zip", f"{TOOLKIT}/{title}/{name}"), SHA256[name])
        for name in names
    )


FILES: Mapping[str, tuple[PublishedFile, ...]] = MappingProxyType(
    {name: _published(title) for name, title in TIME_SERIES.items()}
)
"""Of each set the file to learn from and the one to test on."""


def load_time_series(name: str, data_home: DataHome = None) -> Dataset:
    """Load a set of the archive, with its official test set.

    Parameters
    ----------
    name : {"italy_power_demand", "japanese_vowels", "basic_motions"}
        - "italy_power_demand": electricity by hour of a day in winter or summer; 1,096 sequences of
          24 steps;
        - "japanese_vowels": which of nine men speaks [2]_; 640 sequences of 7 to 29 steps and 12
          channels;
        - "basic_motions": what the wearer of a watch does; 80 sequences of 100 steps and 6 channels.
    data_home : path-like, default=None
        scikit-learn's data home. The two ``.ts`` files are read from its folder
        ``time_series``, else downloaded there from the archive. Every file is checked against a
        SHA-256.

    Returns
    -------
    Dataset

    Raises
    ------
    InputError
        If the files are neither there nor can be downloaded, or if one is not the published one.

    References
    ----------
    .. [1] A. Bagnall et al., "The UEA Multivariate Time Series Classification Archive, 2018",
       https://arxiv.org/abs/1811.00075
    .. [2] M. Kudo, J. Toyama and M. Shimbo, "Multidimensional Curve Classification Using
       Passing-Through Regions", Pattern Recognition Letters, 20:1103-1111, 1999.
    """
    title = TIME_SERIES[name]
    contents = read_published(title, FILES[name], data_folder(data_home) / "time_series")
    parts = [parse_ts(content.decode("utf-8"), title) for content in contents]
    return join_parts(parts, name=name, source=f"{ARCHIVE}/{title}.zip")
