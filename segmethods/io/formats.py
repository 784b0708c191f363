"""What a file is by its first bytes or its name, and what to do with one that isn't read here."""

from __future__ import annotations

import re

from segmethods.core.messages import ImageError, Message

SAVE = Message("Save it as PNG, JPEG, WebP, TIFF, BMP or GIF and try again.")
DEVELOP = Message("Develop it with the camera's own program or darktable, and save that as TIFF or JPEG.")
PHONE = Message("Save it as JPEG, on an iPhone by Settings, Camera, Formats, Most Compatible; or install pi-heif here.")
SLICE = Message("Export one slice as PNG or 16-bit TIFF, with Fiji or 3D Slicer for one.")
FROM_ARRAY = Message("Save the array as PNG or TIFF, such as with imageio.imwrite.")
FROM_ARRAYS = Message("Save its array as .npy, with numpy.save, where it is a mask; else as PNG or TIFF.")
FRAME = Message("Save one frame of it as PNG.")
TEXT = Message("Save it in UTF-8.")
UNPACK = Message("Unpack it and choose a picture in it.")
FETCH = Message("It only stands for the picture. Fetch that, with git lfs pull or from where the link leads.")

_AT_START = (
    (b"%PDF", "PDF", SAVE),
    (b"%!PS", "PostScript", SAVE),
    (b"8BPS", "Photoshop", SAVE),
    (b"gimp xcf", "GIMP", SAVE),
    (b"\x00\x00\x01\x00", "icon", SAVE),
    (b"icns", "icon", SAVE),
    (b"\x00\x00\x00\x0cjP", "JPEG 2000", SAVE),
    (b"\xff\x4f\xff\x51", "JPEG 2000", SAVE),
    (b"\x00\x00\x00\x0cJXL ", "JPEG XL", SAVE),
    (b"\xff\x0a", "JPEG XL", SAVE),
    (b"<svg", "SVG", SAVE),
    (b"<?xml", "SVG or other XML", SAVE),
    (b"v/1\x01", "OpenEXR", SAVE),
    (b"#?RADIANCE", "Radiance HDR", SAVE),
    (b"#?RGBE", "Radiance HDR", SAVE),
    (b"qoif", "QOI", SAVE),
    (b"DDS ", "DDS", SAVE),
    (b"FUJIFILMCCD-RAW", "camera raw", DEVELOP),
    (b"IIRO", "camera raw", DEVELOP),
    (b"IIRS", "camera raw", DEVELOP),
    (b"MMOR", "camera raw", DEVELOP),
    (b"IIU\x00", "camera raw", DEVELOP),
    (b"FOVb", "camera raw", DEVELOP),
    (b"\x00MRM", "camera raw", DEVELOP),
    (b"II\x1a\x00\x00\x00HEAPCCDR", "camera raw", DEVELOP),
    (b"\x93NUMPY", "NumPy (.npy)", FROM_ARRAY),
    (b"\x89HDF", "HDF5", FROM_ARRAY),
    (b"MATLAB", "MATLAB", FROM_ARRAY),
    (b"SIMPLE  =", "FITS", FROM_ARRAY),
    (b"NRRD", "NRRD", SLICE),
    (b"ObjectType =", "MetaImage", SLICE),
    (b"ZISRAWFILE", "CZI", SLICE),
    (b"\xda\xce\xbe\x0a", "ND2", SLICE),
    (b"\x1aE\xdf\xa3", "video", FRAME),
    (b"\x1f\x8b", "gzip", UNPACK),
    (b"PK\x03\x04", "ZIP", UNPACK),
    (b"Rar!", "RAR", UNPACK),
    (b"7z\xbc\xaf", "7-Zip", UNPACK),
    (b"\xff\xfe", "text in UTF-16", TEXT),
    (b"\xfe\xff", "text in UTF-16", TEXT),
    (b"version https://git-lfs", "Git LFS pointer", FETCH),
    (b"<!DOCTYPE html", "web page", FETCH),
    (b"<!doctype html", "web page", FETCH),
    (b"<html", "web page", FETCH),
)

_BRANDS = (
    (rb"hei[cxmsf]|hev[cxms]|mif1|msf1", "HEIC", PHONE),
    (rb"avi[fs]", "AVIF", SAVE),
    (rb"crx ", "camera raw", DEVELOP),
    (rb"mp4.|isom|iso\d|qt  |M4V |3g..|avc1", "video", FRAME),
)

RAW_NAMES = tuple(
    ".3fr .arw .cr2 .cr3 .crw .dcr .dng .erf .fff .iiq .kdc .mef .mos .mrw .nef .nrw .orf .pef .raf .raw .rw2 .rwl "
    ".sr2 .srf .srw .x3f".split()
)
"""How the names of cameras' raw files end."""

UNREAD = Message("{name} has the format {kind}, which is not read here. {way}").template

_NAMES = (
    ((".dcm", ".dicom", ".ima"), "DICOM", SLICE),
    ((".nii", ".nii.gz", ".img", ".hdr", ".mha", ".mhd", ".mgz"), "medical volume", SLICE),
    ((".tga",), "TGA", SAVE),
    ((".svs", ".ndpi", ".mrxs", ".vsi", ".scn"), "slide scan", Message("Export a part of it as PNG or TIFF.")),
    ((".lif", ".lsm", ".oib", ".oif"), "microscope file", SLICE),
    ((".heic", ".heif", ".hif"), "HEIC", PHONE),
    ((".avi", ".mov", ".mp4", ".mkv", ".webm"), "video", FRAME),
    (RAW_NAMES, "camera raw", DEVELOP),
)

_IMAGES = (b"\x89PNG", b"\xff\xd8\xff", b"RIFF", b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+", b"BM", b"GIF8")


def is_heic(data: bytes) -> bool:
    """Whether a file is a phone's HEIC picture."""
    return data[4:8] == b"ftyp" and _find_brand(data) == ("HEIC", PHONE)


def is_lossy_webp(data: bytes) -> bool:
    """Whether this is a WebP file whose pixels aren't kept as they were, by its chunks."""
    at = 12 if data[:4] == b"RIFF" and data[8:12] == b"WEBP" else len(data)
    while at + 8 <= len(data):
        kind, size = data[at : at + 4], int.from_bytes(data[at + 4 : at + 8], "little")
        if kind in (b"VP8 ", b"VP8L"):
            return kind == b"VP8 "
        at += 24 if kind == b"ANMF" else 8 + size + size % 2  # a frame of a film holds chunks of its own
    return False


def is_avif(data: bytes) -> bool:
    """Whether a file is an AVIF picture."""
    return data[4:8] == b"ftyp" and _find_brand(data) == ("AVIF", SAVE)


def raw_refusal(name: str) -> ImageError:
    """The answer to a camera's raw file."""
    return _refusal(name, "camera raw", DEVELOP)


def refuse_format(data: bytes, name: str) -> ImageError:
    """The answer to bytes that no reader takes: what they are, and the way out."""
    found = _recognise(data, name)
    if found:
        return _refusal(name, *found)
    if data.startswith(_IMAGES):
        return ImageError("{name} is damaged or of a rare kind. Save it as an ordinary PNG and try again.", name=name)
    return ImageError("{name} is not a picture. Choose a PNG, JPEG, WebP, TIFF, BMP or GIF file.", name=name)


def _recognise(data: bytes, name: str) -> tuple[str, Message] | None:
    if data[:4] == b"II*\x00" and data[8:10] == b"CR":
        return "camera raw", DEVELOP
    if data[128:132] == b"DICM":
        return "DICOM", SLICE
    if data[344:347] in (b"n+1", b"ni1") or (data.startswith(b"\x1f\x8b") and name.lower().endswith(".nii.gz")):
        return "NIfTI", SLICE
    if data[:4] == b"RIFF" and data[8:12] == b"AVI ":
        return "video", FRAME
    if re.match(rb"P[1-7fF]\s", data):
        return "PNM", SAVE
    if data[4:8] == b"ftyp" and (found := _find_brand(data)):
        return found
    if data.startswith(b"PK\x03\x04") and _first_member(data).endswith(b".npy"):
        return "NumPy (.npz)", FROM_ARRAYS
    bare = data[:200].removeprefix(b"\xef\xbb\xbf").lstrip()
    for start, kind, way in _AT_START:
        if data.startswith(start) or bare.startswith(start):
            return kind, way
    return None if data.startswith(_IMAGES) else recognise_name(name)


def _first_member(data: bytes) -> bytes:
    """The name of the first file in a ZIP."""
    return data[30 : 30 + int.from_bytes(data[26:28], "little")]


def _find_brand(data: bytes) -> tuple[str, Message] | None:
    """The kind that the major brand of an ISO file says, or else one that it is compatible with."""
    length = min(int.from_bytes(data[:4], "big"), 200)
    brands = [data[8:12], *(data[at : at + 4] for at in range(16, length, 4))]
    if brands[0] in (b"mif1", b"msf1") and any(re.match(rb"avi[fs]", brand) for brand in brands[1:]):
        return "AVIF", SAVE
    for brand in brands:
        for pattern, kind, way in _BRANDS:
            if re.fullmatch(pattern, brand, re.DOTALL):
                return kind, way
    return None


def recognise_name(name: str) -> tuple[str, Message] | None:
    """What a file that isn't read is by its name, and the way out."""
    return next(((kind, way) for endings, kind, way in _NAMES if name.lower().endswith(endings)), None)


def _refusal(name: str, kind: str, way: Message) -> ImageError:
    return ImageError(UNREAD, name=name, kind=kind, way=way)
