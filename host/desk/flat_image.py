"""Converting an image of any mode to black and white, grey or RGB in 8 bits, on white, without losing ink.

How samples of more than 8 bits are scaled, and when a colour marked as transparent is white, is
Project-defined.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, cast

if TYPE_CHECKING:
    from PIL.Image import Image

BITS: Final = "bits"
"""The key under which an image's `info` has the bits per sample of its file."""

_DEEP: Final = ("I", "F")
_DEPTHS: Final = (8, 10, 12, 14)
_FULL: Final = 65_535
_HALF: Final = 128
_CONTRAST: Final = 40
_INK_SHARE: Final = 0.0005


def on_white(image: Image) -> Image:
    """Return the image in mode 1, L or RGB, with transparent parts white.

    Samples of 16 bits are scaled to 8. An alpha channel that hides everything is ignored. A dark colour that
    is marked as transparent stays, unless half of the image has it: it may be the ink.
    """
    flat = _flatten(image)
    if flat is image:
        flat = image.copy()
    flat.info.pop("transparency", None)
    return flat


def _flatten(image: Image) -> Image:
    key = image.info.get("transparency")
    if image.mode.startswith(_DEEP):
        return _in_eight_bits(image, key)
    if image.mode in ("1", "L"):
        return image if key is None else _grey_without(image, key)
    if image.mode == "RGB":
        # Pillow returns 8 of 16 bits and would compare them with the lower half of the colour.
        exact = isinstance(key, tuple) and image.info.get(BITS, 8) == 8
        return _on_white_by_alpha(image, one_colour=True) if exact else image
    if image.mode == "P" and key is None and not (image.palette and image.palette.mode == "RGBA"):
        return image.convert("RGB")
    if image.mode == "La":
        return _on_white_by_alpha(image.convert("LA"))
    if image.mode in ("LA", "PA", "P", "RGBA", "RGBa"):
        return _on_white_by_alpha(image, one_colour=isinstance(key, int))
    return image.convert("RGB")


def _on_white_by_alpha(image: Image, one_colour: bool = False) -> Image:
    from PIL import Image

    clear = image.convert("RGBA")
    alpha = clear.getchannel("A")
    seen = clear.convert("RGB")
    if alpha.getextrema() == (0, 0):
        return seen
    if one_colour:
        hidden = alpha.point([255 if level == 0 else 0 for level in range(256)])
        tones = seen.convert("L").histogram(hidden)
        if sum(tones[:_HALF]) and not _is_ground(sum(tones), image):
            return seen
    return Image.alpha_composite(Image.new("RGBA", clear.size, "white"), clear).convert("RGB")


def _is_ground(points: int, image: Image) -> bool:
    return points * 2 >= image.width * image.height


def _grey_without(image: Image, key: object) -> Image:
    """Return a grey image with the level that is marked as transparent made white."""
    if not isinstance(key, int):
        return image
    grey = image.convert("L")
    bits = image.info.get(BITS, 8)
    level = key * 255 // ((1 << bits) - 1) if image.mode == "L" and bits < 8 else key
    if not 0 <= level <= 255 or (level < _HALF and not _is_ground(grey.histogram()[level], image)):
        return image
    return grey.point([255 if each == level else each for each in range(256)])


def _in_eight_bits(image: Image, key: object) -> Image:
    """Return a grey image of deeper samples in 8 bits, scaled by the range that they use."""
    deep = image if image.mode == "F" else image.convert("I")
    low, high = cast("tuple[float, float]", deep.getextrema())
    if image.mode == "F" and low >= 0 and high <= 1:
        return _stretch(image, 0, 1)
    if low < 0 or high > _FULL:
        return _stretch(deep, low, high)
    whole = deep.convert("I")
    grey = _scale(whole, _FULL)
    for bits in _DEPTHS:
        if high < 1 << bits:
            used = _scale(whole, (1 << bits) - 1)
            grey = used if _has_ink_on_paper(used.histogram()) else grey
            break
    if isinstance(key, int):
        hidden = whole.point([255 if each == key else 0 for each in range(_FULL + 1)], "L")
        if key > _FULL // 2 or _is_ground(hidden.histogram()[255], image):
            grey.paste(255, mask=hidden)
    return grey


def _scale(deep: Image, full: int) -> Image:
    return deep.point([min((each * 255 + full // 2) // full, 255) for each in range(_FULL + 1)], "L")


def _stretch(deep: Image, low: float, high: float) -> Image:
    scale = 255 / max(high - low, 1e-9)
    return deep.convert("F").point(lambda each: each * scale + (0.5 - low * scale)).convert("L")


def _has_ink_on_paper(tones: list[int]) -> bool:
    """Return whether a scan that would be black by 16 bits has ink on light paper by the bits that it
    uses."""
    total = sum(tones)
    passed, paper = 0, 255
    while paper > 0 and (passed + tones[paper]) * 4 < total:
        passed += tones[paper]
        paper -= 1
    return paper >= _HALF and sum(tones[: paper - _CONTRAST]) >= _INK_SHARE * total
