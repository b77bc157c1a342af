"""Sheets as people hand them in: on tables, under open lids, of any colour, in any light."""

from __future__ import annotations

from random import Random

from PIL import Image, ImageChops, ImageDraw, ImageFilter

PICTURE = (1_700, 2_338)
SHEET = (1_240, 1_754)


def sheet(
    size: tuple[int, int] = SHEET, paper: int = 245, ink: int | None = 40, stroke: int = 3, lines: int = 14
) -> Image.Image:
    """A sheet with lines of scribble, or blank without ink."""
    image = Image.new("L", size, paper)
    if ink is None:
        return image
    pen = ImageDraw.Draw(image)
    random = Random(7)
    step = size[1] // (lines + 6)
    for line in range(3, lines + 3):
        row, column = step * line, size[0] // 8
        while column < size[0] * 3 // 4:
            wide = random.randint(8, 22)
            pen.line(
                [(column, row), (column + wide // 2, row - random.randint(8, 20)), (column + wide, row)],
                fill=ink,
                width=stroke,
            )
            column += wide + random.choice((4, 4, 14))
    return image


def on_table(
    image: Image.Image,
    table: int | Image.Image,
    *,
    picture: tuple[int, int] = PICTURE,
    share: float = 0.5,
    angle: float = 0,
    at: tuple[float, float] = (0.5, 0.5),
) -> Image.Image:
    """A sheet turned by some degrees that covers a share of a picture of a table."""
    scene = Image.new("L", picture, table) if isinstance(table, int) else table.resize(picture)
    scale = (share * picture[0] * picture[1] / (image.width * image.height)) ** 0.5
    small = image.resize((round(image.width * scale), round(image.height * scale)))
    mask = Image.new("L", small.size, 255).rotate(angle, expand=True, resample=Image.Resampling.BICUBIC)
    turned = small.rotate(angle, expand=True, resample=Image.Resampling.BICUBIC)
    left, top = (
        round((whole - part) * place) for whole, part, place in zip(picture, turned.size, at, strict=True)
    )
    scene.paste(turned, (left, top), mask)
    return scene


def wood(level: int = 70) -> Image.Image:
    """A table of wood with its grain."""
    random = Random(3)
    grain = Image.new("L", (60, 400))
    grain.putdata([level + random.randint(-18, 18) for _ in range(60 * 400)])
    return grain.filter(ImageFilter.BoxBlur(1)).resize(PICTURE, Image.Resampling.BICUBIC)


def lit_from_one_side(image: Image.Image, least: float = 0.65) -> Image.Image:
    """The picture, its far side in less light."""
    light = Image.linear_gradient("L").point([round(255 * least + each * (1 - least)) for each in range(256)])
    return ImageChops.multiply(image, light.resize(image.size))


def noisy(image: Image.Image, spread: int = 8) -> Image.Image:
    """The picture with the noise of a telephone's camera."""
    chance = Image.frombytes("L", image.size, Random(5).randbytes(image.width * image.height))
    noise = chance.point([128 + (each - 128) * spread // 64 for each in range(256)])
    return ImageChops.add(image, noise, 1, -128)
