"""What the catalogue is made of: sixty single articles, then ranges in sizes and colours."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from itertools import product

LENGTH = "Length"
"""Variants along this axis cost more step by step."""

FIXED = {"B2B-1029": -11, "B2B-1032": 388, "B2B-1056": -7}
"""Recorded stock, by SKU."""

FIRST_ARTICLES: tuple[tuple[str, str, int, str], ...] = (
    ("Cordless drill 18 V", "129.90", 19, "power-tools"),
    ("Cordless impact driver 18 V", "139.50", 19, "power-tools"),
    ("Hammer drill 800 W", "94.20", 19, "power-tools"),
    ("Rotary hammer SDS-plus", "189.00", 19, "power-tools"),
    ("Angle grinder 125 mm", "59.95", 19, "power-tools"),
    ("Angle grinder 230 mm", "112.40", 19, "power-tools"),
    ("Jigsaw 650 W", "79.30", 19, "power-tools"),
    ("Random orbit sander 150 mm", "88.15", 19, "power-tools"),
    ("Belt sander 75 x 533 mm", "104.60", 19, "power-tools"),
    ("Heat gun 2000 W", "42.75", 19, "power-tools"),
    ("Claw hammer 450 g", "17.80", 19, "hand-tools"),
    ("Sledgehammer 5 kg", "38.90", 19, "hand-tools"),
    ("Combination pliers 180 mm", "14.65", 19, "hand-tools"),
    ("Side cutters 160 mm", "13.20", 19, "hand-tools"),
    ("Water pump pliers 250 mm", "19.45", 19, "hand-tools"),
    ("Spirit level 60 cm", "24.10", 19, "hand-tools"),
    ("Tape measure 5 m", "7.85", 19, "hand-tools"),
    ("Utility knife 18 mm", "4.35", 19, "hand-tools"),
    ("Hex key set 9 pieces", "11.90", 19, "hand-tools"),
    ("Screwdriver set 6 pieces", "21.60", 19, "hand-tools"),
    ("Socket set 1/2 inch 24 pieces", "84.50", 19, "hand-tools"),
    ("Torque wrench 40-200 Nm", "96.30", 19, "hand-tools"),
    ("Toolbox 50 cm", "28.40", 19, "storage"),
    ("Workbench 150 cm", "319.00", 19, "storage"),
    ("HSS drill bit set 19 pieces", "32.80", 19, "drilling"),
    ("Masonry drill bit set 5 pieces", "12.70", 19, "drilling"),
    ("Cutting disc 125 mm (25)", "27.45", 19, "drilling"),
    ("Diamond blade 125 mm", "23.95", 19, "drilling"),
    ("Circular saw 190 mm", "74.86", 19, "power-tools"),
    ("Nitrile gloves S (100)", "9.35", 19, "gloves"),
    ("Nitrile gloves M (100)", "9.35", 19, "gloves"),
    ("Nitrile gloves L (100)", "9.35", 19, "gloves"),
    ("Nitrile gloves XL (100)", "9.35", 19, "gloves"),
    ("Safety helmet white", "12.40", 19, "protection"),
    ("Safety goggles clear", "5.60", 19, "protection"),
    ("Ear defenders 28 dB", "16.75", 19, "protection"),
    ("Ear plugs (200 pairs)", "21.90", 19, "protection"),
    ("Dust mask FFP2 (20)", "15.30", 19, "protection"),
    ("Dust mask FFP3 (10)", "18.85", 19, "protection"),
    ("High-visibility vest orange", "6.20", 19, "workwear"),
    ("Chipboard screws 4 x 40 (500)", "11.25", 19, "screws"),
    ("Chipboard screws 5 x 60 (200)", "10.40", 19, "screws"),
    ("Drywall screws 3.5 x 35 (1000)", "13.95", 19, "screws"),
    ("Hexagon bolts M8 x 40 (100)", "14.10", 19, "bolts"),
    ("Hexagon nuts M8 (200)", "6.85", 19, "bolts"),
    ("Washers M8 (500)", "5.95", 19, "bolts"),
    ("Wall plugs 8 mm (100)", "4.75", 19, "anchors"),
    ("Injection mortar 300 ml", "9.80", 19, "anchors"),
    ("Cable ties 200 mm (100)", "3.45", 19, "electrical"),
    ("Extension lead 25 m", "36.50", 19, "electrical"),
    ("Cable drum 50 m", "79.90", 19, "electrical"),
    ("LED work light 30 W", "33.20", 19, "electrical"),
    ("Packing tape 66 m (6)", "8.95", 19, "storage"),
    ("Stretch film 500 mm", "7.60", 19, "storage"),
    ("Degreaser 1 l", "2.95", 19, "chemicals"),
    ("Degreaser 10 l", "11.09", 19, "chemicals"),
    ("Penetrating oil 400 ml", "5.15", 19, "chemicals"),
    ("Hand cleaner 3 l", "12.85", 19, "hygiene"),
    ("Drinking water 12 x 0.7 l", "4.10", 7, "pantry"),
    ("Coffee beans 1 kg", "11.65", 7, "pantry"),
)
"""Name, net euros, tax rate, category."""


@dataclass(frozen=True, slots=True)
class Range:
    """Articles that differ in size; with ``axes``, each of them is sold in variants."""

    name: str
    net: str
    """Euros for the first label; later ones cost more."""
    category: str
    labels: tuple[str, ...] = ("",)
    axes: tuple[tuple[str, tuple[str, ...]], ...] = ()
    dearer: frozenset[str] = frozenset()
    """Option values that make a variant cost 15 % more than its parent."""
    tax_rate: int = 19

    def combinations(self) -> list[tuple[tuple[str, str], ...]]:
        names = [name for name, _ in self.axes]
        chosen = product(*(values for _, values in self.axes))
        return [tuple(zip(names, values, strict=True)) for values in chosen]

    def factor(self, chosen: tuple[tuple[str, str], ...]) -> Decimal:
        """How many times its parent's price a variant costs; 1: it has no price of its own."""
        if any(value in self.dearer for _, value in chosen):
            return Decimal("1.15")
        steps = dict(self.axes).get(LENGTH, ())
        return 1 + Decimal(steps.index(dict(chosen)[LENGTH])) / 8 if steps else Decimal(1)


def _numbers(*values: float) -> tuple[str, ...]:
    return tuple(f"{value:g}" for value in values)


def _lengths(*values: int) -> tuple[tuple[str, tuple[str, ...]], ...]:
    return ((LENGTH, tuple(f"{value} mm" for value in values)),)


_METRIC = ("M4", "M5", "M6", "M8", "M10", "M12", "M16", "M20")
_LENGTHS = _lengths(16, 20, 25, 30, 40, 50, 60, 80, 100)
_CLOTHES = ("S", "M", "L", "XL", "XXL")
_LARGE = frozenset({"XXL", "3XL"})
_SHOES = tuple(str(size) for size in range(38, 48))
_COLOURS = ("Navy", "Grey", "Black")

RANGES: tuple[Range, ...] = (
    Range(
        "HSS-G drill bit {} mm", "1.15", "drilling", _numbers(*(size / 2 for size in range(2, 27)))
    ),
    Range(
        "HSS-Co drill bit {} mm", "2.45", "drilling", _numbers(*(size / 2 for size in range(2, 27)))
    ),
    Range("Combination spanner {} mm", "3.85", "hand-tools", _numbers(*range(6, 33))),
    Range("Ratchet spanner {} mm", "9.20", "hand-tools", _numbers(*range(8, 20))),
    Range("Socket 1/2 inch {} mm", "3.10", "hand-tools", _numbers(*range(10, 33))),
    Range("Screwdriver slotted {} mm", "4.05", "hand-tools", _numbers(3, 4, 5.5, 6.5, 8, 10)),
    Range("Screwdriver Torx T{}", "4.90", "hand-tools", _numbers(8, 10, 15, 20, 25, 27, 30, 40)),
    Range("Bit 1/4 inch Torx T{} (10)", "6.70", "hand-tools", _numbers(10, 15, 20, 25, 30, 40)),
    Range("Clamp {} mm", "6.40", "hand-tools", _numbers(120, 160, 200, 250, 300, 400, 600)),
    Range(
        "Work jacket Profi",
        "54.90",
        "workwear",
        axes=(("Size", _CLOTHES), ("Colour", _COLOURS)),
        dearer=_LARGE,
    ),
    Range("Safety shoe S3 Terra", "64.50", "footwear", axes=(("Size", _SHOES),)),
    Range("Assembly gloves Grip", "2.35", "gloves", axes=(("Size", ("7", "8", "9", "10", "11")),)),
    Range("Hexagon bolt DIN 933 {} zinc plated (100)", "4.20", "bolts", _METRIC, _LENGTHS),
    Range("Hexagon bolt DIN 933 {} stainless A2 (50)", "6.90", "bolts", _METRIC, _LENGTHS),
    Range("Hexagon nut DIN 934 {} zinc plated (200)", "2.80", "bolts", _METRIC),
    Range("Hexagon nut DIN 934 {} stainless A2 (100)", "4.10", "bolts", _METRIC),
    Range("Washer DIN 125 {} zinc plated (500)", "3.15", "bolts", _METRIC),
    Range("Lock nut DIN 985 {} (100)", "4.45", "bolts", _METRIC),
    Range("Threaded rod 1 m {}", "1.10", "bolts", _METRIC),
    Range(
        "Chipboard screw {} countersunk (200)",
        "3.60",
        "screws",
        _numbers(3, 3.5, 4, 4.5, 5, 6),
        _LENGTHS,
    ),
    Range(
        "Wood construction screw {} washer head (50)",
        "9.80",
        "screws",
        _numbers(6, 8, 10),
        _lengths(80, 100, 120, 140, 160, 180, 200, 240),
    ),
    Range(
        "Self-drilling screw {} (250)",
        "7.40",
        "screws",
        _numbers(3.5, 4.2, 4.8, 5.5),
        _lengths(13, 16, 19, 25, 32, 38),
    ),
    Range("Wall plug {} mm nylon (100)", "2.20", "anchors", _numbers(5, 6, 8, 10, 12, 14)),
    Range(
        "Bolt anchor {} zinc plated (25)",
        "11.80",
        "anchors",
        ("M6", "M8", "M10", "M12", "M16"),
        _lengths(60, 80, 100, 120, 140),
    ),
    Range(
        "Work trousers Profi",
        "46.20",
        "workwear",
        axes=(("Size", ("46", "48", "50", "52", "54", "56", "58")), ("Colour", _COLOURS)),
    ),
    Range(
        "Polo shirt Team",
        "14.80",
        "workwear",
        axes=(("Size", (*_CLOTHES, "3XL")), ("Colour", ("Navy", "Grey", "Red", "White"))),
        dearer=_LARGE,
    ),
    Range("Safety boot S3 Alpin", "89.00", "footwear", axes=(("Size", _SHOES),)),
    Range(
        "Safety helmet Dome",
        "13.60",
        "protection",
        axes=(("Colour", ("White", "Yellow", "Blue", "Red", "Orange")),),
    ),
    Range(
        "Cut-resistant gloves level D",
        "7.95",
        "gloves",
        axes=(("Size", ("7", "8", "9", "10", "11")),),
    ),
    Range(
        "SDS-plus drill bit {} mm",
        "3.30",
        "drilling",
        _numbers(5, 6, 8, 10, 12, 14, 16),
        _lengths(110, 160, 210, 260),
    ),
    Range("Saw blade for wood {} mm", "14.70", "drilling", _numbers(160, 190, 210, 250, 300)),
    Range("Flap disc 125 mm grit {} (10)", "16.40", "drilling", _numbers(40, 60, 80, 120)),
    Range(
        "Sanding sheet 230 x 280 mm grit {} (50)",
        "12.30",
        "drilling",
        _numbers(40, 60, 80, 100, 120, 150, 180, 240),
    ),
    Range("Cordless screwdriver {} V", "119.00", "power-tools", _numbers(10.8, 12, 18)),
    Range("Battery pack 18 V {} Ah", "48.00", "power-tools", _numbers(2, 4, 5, 8)),
    Range("Wet and dry vacuum {} l", "109.00", "power-tools", _numbers(20, 30, 50)),
    Range(
        "Cable ties black {} mm (100)",
        "1.60",
        "electrical",
        _numbers(2.5, 3.6, 4.8, 7.6),
        _lengths(100, 140, 200, 250, 300, 370),
    ),
    Range(
        "Installation cable NYM-J 3 x {} mm², 50 m", "31.50", "electrical", _numbers(1.5, 2.5, 4)
    ),
    Range("LED tube {} cm", "5.90", "electrical", _numbers(60, 90, 120, 150)),
    Range(
        "Stacking box {} mm",
        "2.75",
        "storage",
        _numbers(200, 300, 400, 600),
        _lengths(150, 200, 300, 400),
    ),
    Range(
        "Folding carton {} mm (25)",
        "11.20",
        "storage",
        _numbers(200, 300, 400, 500, 600),
        _lengths(150, 200, 300, 400),
    ),
    Range("Multi-surface cleaner {} l", "3.70", "chemicals", _numbers(1, 5, 10, 20)),
    Range("Universal lubricant spray {} ml", "4.60", "chemicals", _numbers(200, 300, 400, 500)),
    Range("Industrial wipes roll {} sheets", "8.20", "hygiene", _numbers(200, 500, 1000)),
    Range("Refuse sacks {} l (25)", "4.30", "hygiene", _numbers(60, 70, 120, 240)),
    Range("Mineral water crate {} x 0.7 l", "3.90", "pantry", _numbers(6, 12), tax_rate=7),
    Range("Tea selection {} bags", "5.60", "pantry", _numbers(60, 120, 180), tax_rate=7),
    Range(
        "Handbook of electrical installation, volume {}",
        "38.50",
        "pantry",
        _numbers(1, 2, 3),
        tax_rate=7,
    ),
)
