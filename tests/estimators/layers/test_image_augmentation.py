from __future__ import annotations

import keras
import numpy as np
import pytest

from estimators.layers import ImageAugmentation


def augmented(images, **how):
    """Images of shape (n, height, width) or (n, height, width, channels), as training sees them."""
    layer = ImageAugmentation(images.shape[1:], seed=0, **how)
    rows = np.float32(images.reshape(len(images), -1))
    return np.asarray(layer(rows, training=True)).reshape(images.shape)


NUMBERED = np.arange(12.0).reshape(3, 4)


def shifted(image, down, right):
    """What is `down` rows below and `right` columns beside each pixel, the edge repeated."""
    height, width = image.shape[:2]
    rows = np.clip(np.arange(height) + down, 0, height - 1)
    columns = np.clip(np.arange(width) + right, 0, width - 1)
    return image[rows][:, columns]


class TestShift:
    def test_every_shift_is_drawn_and_no_other(self):
        images = np.repeat(NUMBERED[None], 900, axis=0)
        expected = {
            shifted(NUMBERED, down, right).tobytes()
            for down in range(-2, 3)
            for right in range(-2, 3)
        }
        found, counts = np.unique(
            [one.astype(float).tobytes() for one in augmented(images, random_shift=2)],
            return_counts=True,
        )
        assert set(found) == expected
        assert counts.max() < 4 * 900 / 25

    def test_channels_move_together(self):
        image = np.stack([NUMBERED, NUMBERED + 100], axis=-1)
        moved = augmented(np.repeat(image[None], 50, axis=0), random_shift=1)
        np.testing.assert_array_equal(moved[..., 1] - moved[..., 0], 100)
        assert len(np.unique(moved[..., 0].reshape(50, -1), axis=0)) > 5


class TestFlip:
    def test_half_of_the_images_are_mirrored_left_to_right(self):
        images = augmented(np.repeat(NUMBERED[None], 1000, axis=0), random_flip=True)
        mirrored = (images == NUMBERED[:, ::-1]).all(axis=(1, 2))
        same = (images == NUMBERED).all(axis=(1, 2))
        assert (mirrored | same).all()
        assert mirrored.mean() == pytest.approx(0.5, abs=0.05)


class TestErasing:
    IMAGES = np.random.default_rng(0).normal(size=(2000, 20, 20))

    def test_one_rectangle_takes_the_value_of_a_pixel(self):
        erased = augmented(self.IMAGES, random_erasing=1.0)
        changed = ~np.isclose(erased, self.IMAGES)
        for image, before, is_changed in zip(erased[:50], self.IMAGES, changed, strict=False):
            rows, columns = (
                np.nonzero(is_changed.any(axis=1))[0],
                np.nonzero(is_changed.any(axis=0))[0],
            )
            inside = image[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
            assert np.ptp(inside) == 0
            assert np.isclose(inside[0, 0], before).any()

    def test_its_share(self):
        """From 2 to 33 % of the area, all alike, but that pixels are counted whole."""
        shares = (~np.isclose(augmented(self.IMAGES, random_erasing=1.0), self.IMAGES)).mean(
            axis=(1, 2)
        )
        assert shares.mean() == pytest.approx((0.02 + 0.33) / 2, abs=0.01)
        assert shares.max() < 0.40

    def test_probability(self):
        erased = augmented(self.IMAGES, random_erasing=0.25)
        changed = (erased != np.float32(self.IMAGES)).any(axis=(1, 2))
        assert changed.mean() == pytest.approx(0.25, abs=0.03)


def test_prediction_changes_nothing():
    rows = np.float32(NUMBERED.reshape(1, -1))
    layer = ImageAugmentation((3, 4), random_shift=2, random_flip=True, random_erasing=1.0, seed=0)
    np.testing.assert_array_equal(layer(rows), rows)


def test_none_is_a_square():
    rows = np.arange(9.0, dtype="float32")[None].repeat(40, axis=0)
    moved = np.asarray(ImageAugmentation(random_shift=1, seed=0)(rows, training=True))
    assert shifted(rows[0].reshape(3, 3), 1, 0).ravel().tolist() in moved.tolist()


@pytest.mark.parametrize(
    ("shape", "told"),
    [
        ((3, 5), r"image_shape=\(3, 5\) does not fit 12 features"),
        (None, "a square with one channel"),
    ],
)
def test_a_shape_that_does_not_fit(shape, told):
    with pytest.raises(ValueError, match=told):
        ImageAugmentation(shape, random_shift=1)(np.zeros((1, 12), "float32"))


def test_saved_and_loaded_safely(tmp_path):
    layer = ImageAugmentation(
        (2, 2, 3), random_shift=1, random_flip=True, random_erasing=0.5, seed=4
    )
    keras.Sequential([keras.Input((12,)), layer]).save(tmp_path / "network.keras")
    loaded = keras.saving.load_model(tmp_path / "network.keras", safe_mode=True).layers[0]
    assert type(loaded) is ImageAugmentation
    assert loaded.get_config()["image_shape"] in ((2, 2, 3), [2, 2, 3])
    assert (loaded.random_shift, loaded.random_flip, loaded.random_erasing) == (1, True, 0.5)
