#!/usr/bin/env python3
"""Asks Pillow what CropResizer and Decode must answer.

    python3 resnet/imageio/testdata/make_goldens.py

writes beside this file

resize.json  crops that CropResizer must equal, byte for byte. The pictures come
             from the formula in pattern(), which resize_test.go has as well, so
             only the answers are kept: the SHA-256 of each crop, and the start of
             its middle row for a person who hunts a difference.
augment.json variations of pattern() that Variation.Apply must equal, byte for byte, as SHA-256.
decode.json  tiny files of every format and kind, each with the RGB bytes that
             Pillow makes of it, laid on white and turned upright.
"""
import base64
import hashlib
import io
import json
import math
import os

from PIL import Image, ImageEnhance, ImageOps, __version__

# width, height, short side, crop
CASES = [
    # A photo made smaller, both ways round, and a large one.
    (640, 480, 256, 224), (480, 640, 256, 224), (2500, 1900, 256, 224),
    # Sizes whose scale is no round number, and those next to the target.
    (641, 479, 256, 224), (257, 258, 256, 224), (255, 257, 256, 224), (256, 256, 256, 224),
    (256, 300, 256, 224), (333, 256, 256, 224),
    # Made larger.
    (100, 75, 256, 224), (31, 57, 256, 224), (8, 8, 256, 224), (2, 3, 256, 224), (1, 1, 256, 224),
    # Long and thin.
    (1, 300, 256, 224), (300, 1, 256, 224), (1, 5000, 16, 14), (5000, 1, 16, 14), (3, 2000, 32, 28),
    (2000, 40, 32, 28), (40, 2000, 32, 28),
    # Halves that round to even: 5·(10/4) = 12.5, 7·(10/4) = 17.5; odd crops; no margin at all.
    (4, 5, 10, 9), (7, 4, 10, 9), (99, 101, 33, 25), (101, 99, 32, 31), (77, 51, 28, 28), (1900, 1700, 1, 1),
]


def pattern(width, height):
    """Noise in red, edges in green, a slope in blue."""
    out = bytearray()
    for y in range(height):
        for x in range(width):
            out += bytes(((x * x + 3 * y * y + 5 * x * y) >> 3 & 255,
                          255 if (x // 5 + y // 3) % 2 else 0,
                          (2 * x + y) & 255))
    return bytes(out)


def preprocess(im, short, crop):
    """As the network's reference does it."""
    s = short / min(im.size)
    im = im.resize((round(im.width * s), round(im.height * s)), Image.BILINEAR)
    left, top = (im.width - crop) // 2, (im.height - crop) // 2
    return im.crop((left, top, left + crop, top + crop))


def resize_goldens():
    cases = []
    for width, height, short, crop in CASES:
        im = Image.frombytes("RGB", (width, height), pattern(width, height))
        out = preprocess(im, short, crop).tobytes()
        middle = 3 * crop * (crop // 2)
        cases.append({"width": width, "height": height, "short": short, "crop": crop,
                      "sha256": hashlib.sha256(out).hexdigest(), "middle": out[middle:middle + 3 * min(crop, 16)].hex()})
    return cases


# x, y, width, height, flip, brightness, contrast, saturation
VARIATIONS = [
    (0, 0, 56, 56, False, 1, 1, 1), (0, 0, 56, 56, True, 1, 1, 1), (3, 7, 41, 30, False, 1, 1, 1), (0, 20, 56, 13, True, 1, 1, 1),
    (55, 55, 1, 1, False, 1, 1, 1), (10, 0, 20, 56, False, 1, 1, 1),
    # Factors that float32 holds exactly, below 1 and above.
    (0, 0, 56, 56, False, 0.75, 1, 1), (0, 0, 56, 56, False, 1.375, 1, 1), (0, 0, 56, 56, False, 1, 0.5, 1), (0, 0, 56, 56, False, 1, 1.625, 1),
    (0, 0, 56, 56, False, 1, 1, 0.25), (0, 0, 56, 56, False, 1, 1, 1.75), (5, 6, 33, 44, True, 0.875, 1.25, 0.625), (1, 2, 50, 48, True, 1.25, 0.75, 1.5),
]


def augment_goldens():
    cases = []
    for x, y, width, height, flip, brightness, contrast, saturation in VARIATIONS:
        im = Image.frombytes("RGB", (56, 56), pattern(56, 56)).crop((x, y, x + width, y + height)).resize((56, 56), Image.BILINEAR)
        if flip:
            im = im.transpose(Image.FLIP_LEFT_RIGHT)
        im = ImageEnhance.Brightness(im).enhance(brightness)
        im = ImageEnhance.Contrast(im).enhance(contrast)
        out = ImageEnhance.Color(im).enhance(saturation).tobytes()
        cases.append({"x": x, "y": y, "width": width, "height": height, "flip": flip, "brightness": brightness, "contrast": contrast,
                      "saturation": saturation, "sha256": hashlib.sha256(out).hexdigest(), "start": out[:24].hex()})
    return cases


def picture(mode="RGB", width=13, height=9):
    """A soft picture with a different colour in each corner."""
    im = Image.new("RGBA", (width, height))
    for y in range(height):
        for x in range(width):
            u, v = x / (width - 1), y / (height - 1)
            im.putpixel((x, y), (round(255 * u), round(255 * v), round(127 + 127 * math.cos(4 * u * v)),
                                 round(255 * min(1, 1.5 * (1 - u) + 0.2)) if mode in ("RGBA", "LA", "PA") else 255))
    if mode == "P":
        return im.convert("RGB").quantize(16)
    return im.convert(mode) if mode in ("RGBA", "LA") else im.convert("RGB").convert(mode)


def flatten(im):
    """RGB bytes of the first frame, upright, on white."""
    im.seek(0)
    if im.format != "TIFF":  # which Pillow turns itself
        im = ImageOps.exif_transpose(im)
    if im.mode.startswith("I;16") or im.mode == "I":  # Pillow would clip instead of scaling
        im = Image.frombytes("L", im.size, bytes(v >> 8 for v in im.getdata()))
    if im.mode in ("RGBA", "LA", "PA") or "transparency" in im.info:
        white = Image.new("RGBA", im.size, "white")
        im = Image.alpha_composite(white, im.convert("RGBA"))
    return im.convert("RGB")


def decode_goldens():
    cases = []

    def add(name, im, fmt, tolerance=0, **options):
        f = io.BytesIO()
        im.save(f, fmt, **options)
        with Image.open(io.BytesIO(f.getvalue())) as again:
            out = flatten(again)
        cases.append({"name": name, "format": {"WEBP": "WebP"}.get(fmt, fmt), "tolerance": tolerance,
                      "width": out.width, "height": out.height,
                      "file": base64.b64encode(f.getvalue()).decode(),
                      "rgb": base64.b64encode(out.tobytes()).decode()})

    # Two decoders' inverse cosine transforms and colour conversions round
    # differently: up to 3 levels.
    for name, sampling in (("4:4:4", 0), ("4:2:2", 1), ("4:2:0", 2)):
        add("JPEG " + name, picture(), "JPEG", 3, quality=90, subsampling=sampling)
    add("JPEG progressive", picture(), "JPEG", 3, quality=90, progressive=True)
    add("JPEG grey", picture("L"), "JPEG", 3, quality=90)
    add("JPEG CMYK", picture("CMYK"), "JPEG", 3, quality=90)
    add("JPEG one pixel", picture(width=2, height=2).crop((0, 0, 1, 1)), "JPEG", 3)
    # Layers of transparency are blended with 8 bits there and 16 here: 1 level.
    add("PNG RGB", picture(), "PNG")
    add("PNG RGBA", picture("RGBA"), "PNG", 1)
    add("PNG palette", picture("P"), "PNG")
    add("PNG palette, one colour transparent", picture("P"), "PNG", transparency=3)
    add("PNG grey", picture("L"), "PNG")
    add("PNG grey with alpha", picture("LA"), "PNG", 1)
    add("PNG black and white", picture("1"), "PNG")
    add("PNG 16 bits", Image.frombytes("I;16", (5, 3), bytes(range(30))), "PNG")
    add("GIF", picture("P"), "GIF")
    add("GIF, one colour transparent", picture("P"), "GIF", transparency=3)
    add("GIF animated", picture("P"), "GIF", save_all=True, append_images=[picture("P").rotate(180)])
    add("WebP lossy", picture(), "WEBP", 2, quality=80)
    add("WebP lossy with alpha", picture("RGBA"), "WEBP", 2, quality=80)
    add("WebP lossless", picture(), "WEBP", lossless=True)
    add("WebP lossless with alpha", picture("RGBA"), "WEBP", 1, lossless=True)
    add("WebP animated", picture(), "WEBP", 2, save_all=True, append_images=[picture().rotate(180)])
    add("WebP animated with alpha", picture("RGBA"), "WEBP", 2, save_all=True, append_images=[picture("RGBA").rotate(180)])
    add("WebP animated lossless", picture(), "WEBP", lossless=True, save_all=True, append_images=[picture().rotate(180)])
    add("BMP", picture(), "BMP")
    add("BMP palette", picture("P"), "BMP")
    add("BMP grey", picture("L"), "BMP")
    add("TIFF", picture(), "TIFF")
    add("TIFF LZW", picture(), "TIFF", compression="tiff_lzw")
    add("TIFF deflate with alpha", picture("RGBA"), "TIFF", 1, compression="tiff_adobe_deflate")
    add("TIFF grey", picture("L"), "TIFF")
    add("TIFF palette", picture("P"), "TIFF")
    add("TIFF fax", picture("1"), "TIFF", compression="group4", tiffinfo={262: 0})
    add("TIFF 16 bits", Image.frombytes("I;16", (5, 3), bytes(range(30))), "TIFF")

    for orientation in range(1, 9):
        exif = Image.Exif()
        exif[0x0112] = orientation
        add("PNG orientation %d" % orientation, picture(width=5, height=3), "PNG", exif=exif)
    exif = Image.Exif()
    exif[0x0112] = 6
    add("JPEG orientation 6", picture(), "JPEG", 3, quality=90, exif=exif)
    add("WebP orientation 6", picture(), "WEBP", lossless=True, exif=exif)
    add("TIFF orientation 6", picture(), "TIFF", tiffinfo={274: 6})
    return cases


def write(name, cases):
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), name)
    with open(path, "w") as f:
        f.write('{"madeBy": "Pillow %s", "cases": [\n' % __version__)
        f.write(",\n".join(json.dumps(c) for c in cases))
        f.write("\n]}\n")


def main():
    Image.MAX_IMAGE_PIXELS = None
    write("resize.json", resize_goldens())
    write("augment.json", augment_goldens())
    write("decode.json", decode_goldens())


if __name__ == "__main__":
    main()
