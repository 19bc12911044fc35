"""The part of Magento's sample data that recordings show or stand beside: SKUs, names, prices.

Bags, fitness gear and watches keep the ids they have in the recorded shop.
"""

from __future__ import annotations

from dataclasses import dataclass

GEAR, COLLECTIONS, BAGS, FITNESS, WATCHES, TRAINING = 3, 7, 4, 5, 6, 9
HOODIES, TEES, SHORTS = 15, 25, 28

SIMPLE: tuple[tuple[str, str, int, tuple[int, ...]], ...] = (
    ("24-MB01", "Joust Duffle Bag", 34, (GEAR, BAGS)),
    ("24-MB04", "Strive Shoulder Pack", 32, (GEAR, COLLECTIONS, BAGS)),
    ("24-MB03", "Crown Summit Backpack", 38, (GEAR, BAGS)),
    ("24-MB05", "Wayfarer Messenger Bag", 45, (GEAR, BAGS)),
    ("24-MB06", "Rival Field Messenger", 45, (GEAR, BAGS)),
    ("24-MB02", "Fusion Backpack", 59, (GEAR, BAGS)),
    ("24-UB02", "Impulse Duffle", 74, (GEAR, BAGS)),
    ("24-WB01", "Voyage Yoga Bag", 32, (GEAR, BAGS)),
    ("24-WB02", "Compete Track Tote", 32, (GEAR, BAGS)),
    ("24-WB05", "Savvy Shoulder Tote", 24, (GEAR, BAGS)),
    ("24-WB06", "Endeavor Daytrip Backpack", 33, (GEAR, BAGS)),
    ("24-WB03", "Driven Backpack", 36, (GEAR, BAGS)),
    ("24-WB07", "Overnight Duffle", 45, (GEAR, BAGS)),
    ("24-WB04", "Push It Messenger Bag", 45, (GEAR, BAGS)),
    ("24-UG06", "Affirm Water Bottle", 7, (GEAR, FITNESS)),
    ("24-UG07", "Dual Handle Cardio Ball", 12, (GEAR, FITNESS)),
    ("24-UG04", "Zing Jump Rope", 12, (GEAR, FITNESS)),
    ("24-UG02", "Pursuit Lumaflex Tone Band", 16, (GEAR, FITNESS)),
    ("24-UG05", "Go-Get'r Pushup Grips", 19, (GEAR, FITNESS)),
    ("24-UG01", "Quest Lumaflex Band", 19, (GEAR, FITNESS)),
    ("24-WG084", "Sprite Foam Yoga Brick", 5, (GEAR, FITNESS)),
    ("24-WG088", "Sprite Foam Roller", 19, (GEAR, FITNESS)),
    ("24-UG03", "Harmony Lumaflex Strength Band Kit", 22, (GEAR, FITNESS)),
    ("24-MG04", "Aim Analog Watch", 45, (GEAR, WATCHES)),
    ("24-MG01", "Endurance Watch", 49, (GEAR, WATCHES)),
    ("24-MG03", "Summit Watch", 54, (GEAR, WATCHES)),
    ("24-MG05", "Cruise Dual Analog Watch", 55, (GEAR, WATCHES)),
    ("24-MG02", "Dash Digital Watch", 92, (GEAR, WATCHES)),
    ("24-WG09", "Luma Analog Watch", 43, (GEAR, WATCHES)),
    ("24-WG01", "Bolo Sport Watch", 49, (GEAR, WATCHES)),
    ("24-WG03", "Clamber Watch", 54, (GEAR, WATCHES)),
    ("24-WG02", "Didi Sport Watch", 92, (GEAR, WATCHES)),
    ("24-WG085", "Sprite Yoga Strap 6 foot", 14, (GEAR, FITNESS)),
    ("24-WG086", "Sprite Yoga Strap 8 foot", 17, (GEAR, FITNESS)),
    ("24-WG087", "Sprite Yoga Strap 10 foot", 21, (GEAR, FITNESS)),
    ("24-WG081-gray", "Sprite Stasis Ball 55 cm", 23, (GEAR, FITNESS)),
    ("24-WG081-pink", "Sprite Stasis Ball 55 cm", 23, (GEAR, FITNESS)),
    ("24-WG081-blue", "Sprite Stasis Ball 55 cm", 23, (GEAR, FITNESS)),
    ("24-WG082-gray", "Sprite Stasis Ball 65 cm", 27, (GEAR, FITNESS)),
    ("24-WG082-pink", "Sprite Stasis Ball 65 cm", 27, (GEAR, FITNESS)),
    ("24-WG082-blue", "Sprite Stasis Ball 65 cm", 27, (GEAR, FITNESS)),
    ("24-WG083-gray", "Sprite Stasis Ball 75 cm", 32, (GEAR, FITNESS)),
    ("24-WG083-pink", "Sprite Stasis Ball 75 cm", 32, (GEAR, FITNESS)),
    ("24-WG083-blue", "Sprite Stasis Ball 75 cm", 32, (GEAR, FITNESS)),
)
"""SKU, name, price, categories; ids count from 1."""

OTHERS: tuple[tuple[str, str, int | None, str, tuple[int, ...]], ...] = (
    ("24-WG085_Group", "Set of Sprite Yoga Straps", None, "grouped", (GEAR, FITNESS)),
    ("24-WG080", "Sprite Yoga Companion Kit", None, "bundle", (GEAR, FITNESS)),
    ("240-LV04", "Beginner's Yoga", 6, "downloadable", (TRAINING,)),
    ("240-LV05", "LifeLong Fitness IV", 14, "downloadable", (TRAINING,)),
    ("240-LV06", "Yoga Adventure", 22, "downloadable", (TRAINING,)),
    ("240-LV07", "Solo Power Circuit", 14, "downloadable", (TRAINING,)),
    ("240-LV08", "Advanced Pilates & Yoga (Strength)", 18, "downloadable", (TRAINING,)),
    ("240-LV09", "Luma Yoga For Life", 0, "downloadable", (TRAINING,)),
)
"""SKU, name, price, kind, categories; ids go on where :data:`SIMPLE` ends."""


@dataclass(frozen=True, slots=True)
class Family:
    """A configurable whose children, with the lower ids, come before it."""

    sku: str
    name: str
    price: int
    sizes: tuple[str, ...]
    colours: tuple[str, ...]
    category: int


HOODIE = Family(
    "MH01",
    "Chaz Kangeroo Hoodie",
    52,
    ("XS", "S", "M", "L", "XL"),
    ("Black", "Gray", "Orange"),
    HOODIES,
)
SHORT = Family(
    "WSH12",
    "Erika Running Short",
    45,
    ("28", "29", "30", "31", "32"),
    ("Green", "Purple", "Red"),
    SHORTS,
)
TOP = Family(
    "WS03",
    "Iris Workout Top",
    29,
    ("XS", "S", "M", "L", "XL"),
    ("Blue", "Green", "Red"),
    TEES,
)
TEE = Family(
    "WS08",
    "Minerva LumaTech&trade; V-Tee",
    32,
    ("XS", "S", "M", "L", "XL"),
    ("Black", "Blue", "Red"),
    TEES,
)
LAST = (TOP, TEE, SHORT)
"""The recorded shop ends with the shorts (recorded: paging.json #1); the sample orders are of
the others (recorded: orders.json #15)."""

COLOUR, SIZE, LENGTH = "93", "142", "150"
"""Attribute ids."""
LABELS = {COLOUR: "Color", SIZE: "Size", LENGTH: "Length"}
VALUES: dict[str, tuple[int, tuple[str, ...]]] = {
    COLOUR: (
        49,
        (
            "Black",
            "Blue",
            "Brown",
            "Gray",
            "Green",
            "Lavender",
            "Multi",
            "Orange",
            "Purple",
            "Red",
            "White",
            "Yellow",
            "Navy",
            "Grey",
        ),
    ),
    SIZE: (166, ("XS", "S", "M", "L", "XL", "28", "29", "30", "31", "32", "XXL", "3XL")),
    LENGTH: (400, ()),
}
"""The first value index of each attribute and its labels in order; others follow from 500 on."""

TOP_CATEGORIES: tuple[tuple[int, int, str, int, int], ...] = (
    (4, GEAR, "Bags", 1, 3),
    (5, GEAR, "Fitness Equipment", 2, 3),
    (6, GEAR, "Watches", 3, 3),
    (12, 11, "Tops", 1, 3),
    (HOODIES, 12, "Hoodies & Sweatshirts", 2, 4),
    (21, 20, "Tops", 1, 3),
    (TEES, 21, "Tees", 3, 4),
    (22, 20, "Bottoms", 2, 3),
    (SHORTS, 22, "Shorts", 2, 4),
)
"""Id, parent, name, position, level of categories below the recorded ones."""
