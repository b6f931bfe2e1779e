from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.pipeline import make_pipeline

from pipelines.preprocessing import ChannelScaler, SequenceImputer

NAN = np.nan
# Two sequences of two channels; the second ends after two steps.
SEQUENCES = np.array(
    [[[1.0, 10.0], [2.0, 20.0], [3.0, 30.0]], [[4.0, 40.0], [5.0, 50.0], [NAN, NAN]]]
)


class TestChannelScaler:
    def test_a_channel_has_one_mean_and_deviation_over_rows_and_steps(self):
        scaled = ChannelScaler().fit_transform(SEQUENCES)
        expected = (np.arange(1, 6) - 3) / np.sqrt(2)
        for channel in (0, 1):
            np.testing.assert_allclose(scaled[:, :, channel].ravel()[:5], expected, rtol=1e-6)
        assert scaled.dtype == np.float32

    def test_robust_by_hand(self):
        scaled = ChannelScaler("robust").fit_transform(SEQUENCES)
        assert scaled[0, :, 0].tolist() == [-1.0, -0.5, 0.0]

    @pytest.mark.parametrize(
        "method", ["standard", "robust", "robust_clip", "quantile", "minmax", "none", None]
    )
    def test_padding_counts_nowhere_and_stays(self, method):
        longer = np.pad(SEQUENCES, [(0, 0), (0, 4), (0, 0)], constant_values=NAN)
        scaled = ChannelScaler(method).fit_transform(SEQUENCES)
        np.testing.assert_array_equal(ChannelScaler(method).fit_transform(longer)[:, :3], scaled)
        np.testing.assert_array_equal(np.isnan(scaled), np.isnan(SEQUENCES))

    def test_flat_is_the_same(self):
        flat = SEQUENCES.reshape(2, -1)
        scaler = ChannelScaler(n_channels=2)
        expected = ChannelScaler().fit_transform(SEQUENCES).reshape(2, -1)
        np.testing.assert_array_equal(scaler.fit_transform(flat), expected)
        table = pd.DataFrame(flat, columns=list("abcdef"))
        assert scaler.fit(table).get_feature_names_out().tolist() == list("abcdef")
        np.testing.assert_array_equal(scaler.transform(table), expected)

    def test_what_was_learned_is_used(self):
        scaler = ChannelScaler("minmax").fit(SEQUENCES)
        assert scaler.transform(SEQUENCES[:1] + 4)[0, 0].tolist() == pytest.approx([1.0, 0.1])

    def test_a_gap_is_none_of_its_business(self):
        gap = SEQUENCES.copy()
        gap[0, 1, 0] = NAN
        with pytest.raises(ValueError, match="Input X contains NaN"):
            ChannelScaler().fit(gap)
        made = make_pipeline(SequenceImputer(), ChannelScaler()).fit_transform(gap)
        assert np.isnan(made).sum() == 2

    @pytest.mark.parametrize(
        ("scaler", "X", "message"),
        [
            (ChannelScaler(), SEQUENCES.reshape(2, -1), "flat table need n_channels"),
            (ChannelScaler(n_channels=4), SEQUENCES.reshape(2, -1), "no whole number of steps"),
            (ChannelScaler(n_channels=3), SEQUENCES, "X has 2 channels, but n_channels=3"),
            (ChannelScaler("pixels"), SEQUENCES, "The 'method' parameter of ChannelScaler"),
            (ChannelScaler(n_channels=0), SEQUENCES, "The 'n_channels' parameter"),
        ],
    )
    def test_refused(self, scaler, X, message):
        with pytest.raises(ValueError, match=message):
            scaler.fit(X)

    def test_it_is_cloned_with_its_parameters(self):
        params = clone(ChannelScaler("robust", n_channels=2)).get_params()
        assert params == {"method": "robust", "n_channels": 2}


class TestSequenceImputer:
    def test_by_hand(self):
        gaps = np.array([[[NAN, 1.0], [2.0, NAN], [NAN, NAN], [4.0, 5.0], [NAN, NAN]]])
        filled = SequenceImputer().fit_transform(gaps)
        np.testing.assert_array_equal(filled[0, :, 0], [3.0, 2.0, 2.0, 4.0, NAN])
        np.testing.assert_array_equal(filled[0, :, 1], [1.0, 1.0, 1.0, 5.0, NAN])

    def test_nothing_to_fill(self):
        np.testing.assert_array_equal(SequenceImputer().fit_transform(SEQUENCES), SEQUENCES)

    def test_the_median_is_that_of_the_rows_trained_on(self):
        imputer = SequenceImputer(n_channels=1).fit([[1.0, 2.0, 9.0]])
        assert imputer.transform([[NAN, 7.0, NAN]])[0, :2].tolist() == [2.0, 7.0]

    def test_a_channel_without_a_value(self):
        X = np.array([[[1.0, NAN], [2.0, NAN]]])
        assert SequenceImputer().fit_transform(X)[0, :, 1].tolist() == [0.0, 0.0]
